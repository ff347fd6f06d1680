"""UDP floods: datagrams by the thousand that the victim never asked for and does not answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window
from oddwire.features.onslaught import ONE_WAY_NEED, grouped, one_way, spread
from oddwire.features.reflectors import answers
from oddwire.features.surges import Surge, SurgeDetector, Telling, told, who_and_whom
from oddwire.records.evidence import Evidence, Reason, Selector
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["UdpFlood"]

TCP, UDP, ICMP = 6, 17, 1
UNREACHABLE = 3
# Of a tick and victim: how many UDP flows it answered, and how many ICMP errors it sent.
Replies: TypeAlias = Callable[[], Mapping[tuple[int, int], tuple[int, int]]]
ALIKE, VERY_ALIKE = 0.15, 0.02
# A scan sends each port next to nothing, hardly ever twice.
PROBE_BYTES, REPEATS = 200, 3
SHORT_BYTES = 250
# Ports that are spoken to and never answer: logs, traps, flow records, metrics.
COLLECTORS = frozenset(
    {
        161,
        162,
        514,
        2055,
        2056,
        4729,
        4739,
        5140,
        6343,
        6831,
        8089,
        8092,
        8094,
        8125,
        9555,
        9995,
        9996,
        10514,
        12201,
        25826,
    }
)
# Services whose questions alone, in a capture of one direction, look like a flood.
ASKED = frozenset({53, 123, 443, 500, 1812, 1813, 3478, 4500, 4789, 5060})
# IP protocols of tunnels and routers are ordinary from one host, not from many.
NAMES = {
    41: "IPv6 in IPv4",
    47: "GRE",
    50: "ESP",
    51: "AH",
    4: "IP in IP",
    132: "SCTP",
    TCP: "fragmented TCP",
}


@dataclass(frozen=True, kw_only=True)
class UdpFloodParameters(Parameters):
    """When datagrams that nobody asked for are a flood."""

    packets: int = parameter(300, "datagrams to one victim within two ticks", "datagrams")
    rate: float = parameter(100.0, "least rate of them", "datagrams/s")
    flows: int = parameter(150, "flows in a tick that they belong to", "flows")
    sources: int = parameter(20, "sources from which on it takes no more than that", "sources")
    lone_rate: float = parameter(200.0, "least rate where fewer sources send them", "datagrams/s")
    flow_rate: float = parameter(5_000.0, "least rate where they belong to few flows", "datagrams/s")
    asked_rate: float = parameter(
        1_000.0, "least rate to services and collectors that everybody asks", "datagrams/s"
    )
    answered: float = parameter(0.34, "flows answered by the victim for each that was not", "share")


class UdpFlood(SurgeDetector):
    """Counts, for each victim, the datagrams of flows that it did not answer."""

    name = "udp_flood"
    kind = Kind.UDP_FLOOD
    scope = Scope.VICTIM
    needs = ONE_WAY_NEED | {"talks.icmp_type"}
    attack = ("T1498.001",)
    parameters = UdpFloodParameters
    page = Page(
        sees=(
            "Many UDP datagrams to one host from many sources or ports, or to ports at random, "
            "that it does not "
            "answer; packets of other IP protocols (GRE, ESP) from many hosts; and single flows "
            "of thousands of "
            "short equal datagrams a second."
        ),
        matters="Such a flood fills the line or the victim's queues, and everybody else's packets are lost.",
        wrong_when=(
            "A collector of logs or metrics with many senders, or a busy server in a capture of "
            "one direction, may "
            "look the same; known ports of such services take a much higher rate."
        ),
        example=(
            "203.0.113.5 got 61,000 datagrams (52.3 MiB) in 4.9 s from at least 9,100 "
            "sources and answered none"
        ),
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up the unanswered datagrams of each tick, and judge whom they came to."""
        rows = _unasked(window)
        if rows.is_empty():
            return
        groups = grouped(
            window, rows, least=self.settings.packets // 3, by=("victim", "family"), sums=("fresh",)
        )
        # Asked for only where there is enough to judge.
        answered = cache(lambda: _answered(window, {group["victim"] for group in groups}))
        for group in groups:
            key = f"{group['victim_name']}|{group['sender_name']}|{group['family']}"
            surge = self.surges.see(key, group)
            one_sided = group["tick"] in window.quality.one_sided
            surge.is_raised = surge.is_raised or self._is_flood(group, surge, answered, one_sided=one_sided)
            if surge.is_raised:
                yield _evidence(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge, replies: Replies, *, one_sided: bool) -> bool:
        wanted = self.settings
        if surge.packets < wanted.packets or surge.rate < wanted.rate or _is_group(group["victim_name"]):
            return False
        if group["family"] != UDP:
            return bool(group["senders"] >= wanted.sources)
        if not (self._is_many(group, surge) or self._is_stream(group, surge, REPEATS)):
            return False
        answered, unreachable = replies().get((group["tick"], group["victim"]), (0, 0))
        if answered > wanted.answered * group["flows"]:
            return False
        if _to(group, COLLECTORS) or _to(group, ASKED):
            return surge.rate >= wanted.asked_rate * (4 if one_sided else 1) and self._is_many(group, surge)
        return self._is_many(group, surge) or self._is_stream(group, surge, unreachable)

    def _is_many(self, group: Mapping[str, Any], surge: Surge) -> bool:
        """Say whether they belong to many flows of few datagrams each."""
        wanted, flows = self.settings, group["flows"]
        if flows < wanted.flows or group["packets"] > 2 * REPEATS * flows or group["fresh"] < flows // 2:
            return False
        if group["senders"] >= wanted.sources:
            return True
        mean = group["payload"] / group["packets"]
        is_probing = (
            group["dports"] > flows // 2
            and mean < PROBE_BYTES
            and group["packets"] < REPEATS * group["dports"]
        )
        return surge.rate >= wanted.lone_rate and not is_probing

    def _is_stream(self, group: Mapping[str, Any], surge: Surge, unreachable: int) -> bool:
        """Say whether they belong to few flows of very many short datagrams, all alike."""
        if spread(dict(group)) > VERY_ALIKE or group["dports"] > max(REPEATS, group["flows"] // 8):
            return False
        mean = group["payload"] / group["packets"]
        is_short = mean <= SHORT_BYTES
        if surge.rate >= self.settings.flow_rate and is_short:
            return True
        return is_short and unreachable >= REPEATS and surge.rate >= self.settings.asked_rate


def _unasked(window: Window) -> "pl.DataFrame":
    """Return one-way flows of UDP, and of other IP protocols, that are not the answers of reflectors."""
    import polars as pl

    is_later_fragment = (pl.col("sport") == 0) & (pl.col("dport") == 0)
    rows = window.view(one_way).filter((pl.col("protocol") != TCP) | is_later_fragment)
    if rows.is_empty():
        return rows
    rows = rows.join(
        answers(rows.filter(pl.col("protocol") == UDP)),
        on=["tick", "victim", "sport", "protocol"],
        how="anti",
        maintain_order="left",
    )
    return rows.with_columns(
        pl.col("protocol").alias("family"),
        (pl.col("born") == pl.col("first")).cast(pl.UInt32).alias("fresh"),
    )


def _answered(window: Window, victims: set[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each tick and victim how many UDP flows had both directions, and its ICMP errors."""
    import polars as pl

    if not victims:
        return {}
    talks = window.talks.lazy()
    wanted = list(victims)
    both = talks.filter(
        (pl.col("protocol") == UDP) & (pl.col("packets_out") > 0) & (pl.col("packets_in") > 0)
    )
    # What the victim itself asked elsewhere says nothing of what came to it.
    found = both.filter(pl.col("dst").is_in(wanted)).group_by("tick", "dst").agg(pl.len()).collect()
    errors = talks.filter(
        (pl.col("protocol") == ICMP) & (pl.col("icmp_type") == UNREACHABLE) & pl.col("src").is_in(wanted)
    )
    said = errors.group_by("tick", "src").agg(pl.col("packets_out").sum()).collect()
    answered = {(tick, victim): (count, 0) for tick, victim, count in found.iter_rows()}
    for tick, victim, count in said.iter_rows():
        answered[tick, victim] = (answered.get((tick, victim), (0, 0))[0], count)
    return answered


def _to(group: Mapping[str, Any], ports: frozenset[int]) -> bool:
    """Say whether a group went to these ports alone."""
    return group["dports"] == len(group["some_ports"]) and ports >= set(group["some_ports"])


def _is_group(address: str) -> bool:
    """Say whether an address is that of everybody, or of a group that one joins."""
    try:
        return ip_address(address).is_multicast or address.endswith(".255")
    except ValueError:
        return True


def _evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    who, victim = who_and_whom(group, surge)
    source = group["sender_name"]
    proto = "UDP" if group["family"] == UDP else NAMES.get(group["family"], f"IP protocol {group['family']}")
    what = count_text(surge.packets, "datagram" if group["family"] == UDP else f"{proto} packet")
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    amount = f"{what} ({bytes_text(surge.amount)}) in {span}"
    return told(
        group,
        surge,
        Telling(
            kind=Kind.UDP_FLOOD,
            title=f"{source} sent {victim} {amount} that nobody asked for"
            if source
            else f"{victim} got {amount} from {who} and answered none",
            typical=(0.0, 50.0),
            facts={"proto": proto, "bytes": surge.amount},
            severity=Severity.MEDIUM if source and surge.packets > 40 * surge.flows else None,
            part=str(group["family"]),
            selectors=(
                Selector(
                    a=source or None,
                    b=victim,
                    from_ns=surge.start_ns,
                    until_ns=surge.end_ns,
                    both=False,
                    protocol=group["family"],
                    port=surge.ports[0] if len(surge.ports) == 1 and group["family"] == UDP else None,
                ),
            ),
            reasons=(
                Reason(
                    feature="unanswered_per_second",
                    value=round(surge.rate, 1),
                    typical=(0.0, 50.0),
                    weight=0.6,
                ),
                Reason(feature="flows", value=float(surge.flows), typical=(0.0, 60.0), weight=0.4),
            ),
        ),
    )
