"""Floods of TCP packets that belong to no connection: ACK, RST, FIN, PSH, XMAS, NULL, all flags at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window
from oddwire.features.onslaught import ONE_WAY_NEED, grouped, one_way, spread
from oddwire.features.reflectors import answers
from oddwire.features.surges import Surge, SurgeDetector, Telling, told, who_and_whom
from oddwire.features.tries import FIRST_EPHEMERAL
from oddwire.records.evidence import Evidence, Reason, Selector
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["AckFlood"]

TCP = 6
FEW_SOURCES = 2
# Packets of a flood are alike: their lengths deviate by a smaller share of the mean.
ALIKE, VERY_ALIKE = 0.15, 0.02
MOST_A_FLOW = 4
SINGLES = 0.9
FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg")


@dataclass(frozen=True, kw_only=True)
class AckFloodParameters(Parameters):
    """When TCP packets out of the blue are a flood."""

    packets: int = parameter(300, "packets to one victim within two ticks", "packets")
    rate: float = parameter(60.0, "least rate of them", "packets/s")
    flows: int = parameter(100, "flows that they belong to", "flows")
    flows_one_sided: int = parameter(1_500, "the same where the capture shows one direction only", "flows")
    per_port: float = parameter(8.0, "packets a port, below which it is a scan", "packets")
    sources: int = parameter(50, "sources from which on it is no scan", "sources")
    steady_packets: int = parameter(2_000, "packets of few flows that never shook hands", "packets")
    steady_flows: int = parameter(20, "flows that these belong to", "flows")


class AckFlood(SurgeDetector):
    """Counts, for each victim, the TCP packets that no handshake came before and nobody answered."""

    name = "ack_flood"
    kind = Kind.ACK_FLOOD
    scope = Scope.VICTIM
    needs = ONE_WAY_NEED
    attack = ("T1498.001",)
    parameters = AckFloodParameters
    page = Page(
        sees=(
            "Many TCP packets to one host that belong to no connection, of any flags but a plain "
            "SYN: they come from "
            "many flows or hosts, are alike, and get a reset or nothing for an answer."
        ),
        matters="A firewall or host looks each of them up in vain; at a high rate it does nothing else.",
        wrong_when=(
            "A capture that begins in the middle and holds one direction only shows half "
            "conversations; they are "
            "told apart by their varied lengths, which may fail for a very busy server."
        ),
        example="203.0.113.5 got 48,200 ACK packets of no connection in 9.8 s from at least 12,000 sources",
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up what came out of the blue in each tick, and judge whom it came to."""
        rows = _blue(window)
        for group in grouped(window, rows, least=self.settings.packets // 3, sums=("refused", *FLAGS)):
            surge = self.surges.see(f"{group['victim_name']}|{group['sender_name']}", group)
            is_one_sided = group["tick"] in window.quality.one_sided
            surge.is_raised = surge.is_raised or self._is_flood(group, surge, is_one_sided=is_one_sided)
            if surge.is_raised:
                yield _evidence(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge, *, is_one_sided: bool) -> bool:
        wanted = self.settings
        packets, flows, unlike = group["packets"], group["flows"], spread(dict(group))
        if surge.packets < wanted.packets or surge.rate < wanted.rate or self._is_scan(group):
            return False
        if _oddness(group) > packets // 2:
            return True
        alike = unlike < ALIKE or group["singles"] >= SINGLES * flows
        if flows >= wanted.flows and packets <= MOST_A_FLOW * flows:
            is_answered = group["refused"] >= packets // 2
            return (alike or is_answered) and (not is_one_sided or flows >= wanted.flows_one_sided)
        if surge.packets < wanted.steady_packets or is_one_sided:
            return False
        is_refused = group["refused"] >= packets // 2
        return is_refused or (flows >= wanted.steady_flows and unlike < VERY_ALIKE)

    def _is_scan(self, group: Mapping[str, Any]) -> bool:
        """Say whether it is a scan, or what comes back of one: one packet a port."""
        packets = group["packets"]
        if group["senders"] >= self.settings.sources and packets <= MOST_A_FLOW * group["senders"]:
            return False
        back = group["rst"] + group["syn"] > packets // 2 and group["ack"] > packets // 2
        is_client = max(group["some_ports"]) >= FIRST_EPHEMERAL
        if back and is_client and group["senders"] <= FEW_SOURCES:
            return bool(packets < self.settings.per_port * group["sports"])
        return bool(packets < self.settings.per_port * group["dports"])


def _blue(window: Window) -> "pl.DataFrame":
    """Return the TCP flows of no connection, without those that a service answered to a forged address."""
    import polars as pl

    # Without ports they are later fragments, whose flags nobody sees.
    has_ports = (pl.col("sport") > 0) | (pl.col("dport") > 0)
    rows = window.view(one_way).filter((pl.col("protocol") == TCP) & has_ports)
    half_shaken = (pl.col("syn") > 0) & (pl.col("packets") > pl.col("syn") + pl.col("rst"))
    rows = rows.filter(~half_shaken)
    if rows.is_empty():
        return rows
    return rows.join(answers(rows), on=["tick", "victim", "sport"], how="anti", maintain_order="left")


def _oddness(group: Mapping[str, Any]) -> int:
    """Return how many packets have flags that no connection shows: no ACK, or SYN and FIN together."""
    without = group["packets"] - group["ack"] - group["rst"]
    together = min(group["syn"], group["fin"])
    return int(max(without, together, 0))


def _flags(group: Mapping[str, Any]) -> str:
    """Return what such packets are called."""
    most = group["packets"] // 2
    has = [flag for flag in FLAGS if group[flag] > most]
    if not has:
        return "flagless TCP packet" if sum(group[flag] for flag in FLAGS) <= most else "TCP packet"
    if {"fin", "syn", "rst"} <= set(has):
        return "all-flags TCP packet"
    return f"{'-'.join(flag.upper() for flag in has)} packet"


def _evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    who, victim = who_and_whom(group, surge)
    source, flags = group["sender_name"], _flags(group)
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    amount = f"{count_text(surge.packets, flags)} of no connection in {span}"
    title = f"{source} sent {victim} {amount}" if source else f"{victim} got {amount} from {who}"
    return told(
        group,
        surge,
        Telling(
            kind=Kind.ACK_FLOOD,
            title=title,
            typical=(0.0, 2.0),
            facts={"flags": flags, "refused": group["refused"]},
            selectors=(
                Selector(
                    a=source or None,
                    b=victim,
                    from_ns=surge.start_ns,
                    until_ns=surge.end_ns,
                    both=False,
                    protocol=TCP,
                    port=surge.ports[0] if len(surge.ports) == 1 else None,
                ),
            ),
            reasons=(
                Reason(
                    feature="unexpected_per_second",
                    value=round(surge.rate, 1),
                    typical=(0.0, 2.0),
                    weight=0.6,
                ),
                Reason(
                    feature="flows_without_handshake",
                    value=float(surge.flows),
                    typical=(0.0, 20.0),
                    weight=0.4,
                ),
            ),
        ),
    )
