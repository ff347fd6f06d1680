"""ARP floods: one machine, or a whole network, repeats the same ARP packets by the hundred."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.surges import Surge, SurgeDetector
from oddwire.records.evidence import ARP, MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ArpFlood"]

REPLY = 2
EVERYBODY = "ff:ff:ff:ff:ff:ff"
COLUMNS = "tick frame_src operation sender_mac sender target_mac target packets first last"


@dataclass(frozen=True, kw_only=True)
class ArpFloodParameters(Parameters):
    """When ARP packets are a flood."""

    packets: int = parameter(300, "ARP packets of one machine within two ticks", "packets")
    rate: float = parameter(60.0, "least rate of them", "packets/s")
    repeats: float = parameter(8.0, "equal requests a tick, below which it is a scan", "packets")
    reply_repeats: float = parameter(4.0, "equal replies a tick", "packets")
    forged: int = parameter(100, "hardware addresses that one machine claims in a tick", "addresses")
    network_packets: int = parameter(2_500, "ARP packets of the whole network within a tick", "packets")


class ArpFlood(SurgeDetector):
    """Counts ARP packets by the machine that sent them, and of the whole network."""

    name = "arp_flood"
    kind = Kind.ARP_FLOOD
    scope = Scope.NETWORK
    needs = frozenset(f"arp.{name}" for name in COLUMNS.split())
    attack = ("T1498.001",)
    parameters = ArpFloodParameters
    page = Page(
        sees=(
            "Hundreds of ARP packets within seconds that one machine repeats for few addresses, "
            "or sends in the name "
            "of ever new hardware addresses; or thousands in the whole network, as when cables form a loop."
        ),
        matters=(
            "Every host must look at each of them; tables of hosts and switches overflow and "
            "the network stalls."
        ),
        wrong_when=(
            "A broken driver or a loop between two ports does the same; then it is a fault, not an attack."
        ),
        example="02:00:0a:00:00:09 (10.0.0.9) sent 12,400 ARP requests for 1 address in 20 s",
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up the ARP packets of each tick, and judge who sent them."""
        if window.arp.is_empty():
            return
        said: dict[int, bool] = {}
        for group in _by_machine(window, self.settings.packets // 3):
            surge = self.surges.see(f"{group['mac']}|{group['operation']}", group)
            surge.is_raised = surge.is_raised or self._is_flood(group, surge)
            if surge.is_raised:
                said[group["tick"]] = True
                yield _evidence(group, surge)
        for group in _of_network(window, self.settings.network_packets):
            surge = self.surges.see("network", group)
            is_storm = group["packets"] >= self.settings.repeats * group["flows"]
            is_forged = (
                group["machines"] >= group["packets"] // 3 and group["targets"] <= group["packets"] // 3
            )
            surge.is_raised = surge.is_raised or is_storm or is_forged
            if surge.is_raised and group["tick"] not in said:
                yield _network_evidence(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge) -> bool:
        wanted = self.settings
        if surge.packets < wanted.packets or surge.rate < wanted.rate:
            return False
        repeats = wanted.reply_repeats if group["operation"] == REPLY else wanted.repeats
        return bool(group["packets"] >= repeats * group["flows"] or group["claims"] >= wanted.forged)


def _by_machine(window: Window, least: int) -> list[dict[str, Any]]:
    """Return the sums of each machine that sent many in a tick, requests and replies apart."""
    import polars as pl

    rows = window.arp.with_columns(pl.col("frame_src").fill_null(pl.col("sender_mac")).alias("machine"))
    keys = ["tick", "machine", "operation"]
    rows = rows.filter(pl.col("packets").sum().over(keys) >= least)
    return _named(window, _summed(rows, keys))


def _of_network(window: Window, least: int) -> list[dict[str, Any]]:
    """Return the sums of ticks in which the whole network sent very many."""
    import polars as pl

    rows = window.arp.with_columns(pl.col("frame_src").fill_null(pl.col("sender_mac")).alias("machine"))
    rows = rows.filter(pl.col("packets").sum().over("tick") >= least)
    return _named(window, _summed(rows, ["tick"]))


def _summed(rows: "pl.DataFrame", keys: list[str]) -> list[dict[str, Any]]:
    import polars as pl

    if rows.is_empty():
        return []
    return (
        rows.group_by(keys, maintain_order=True)
        .agg(
            pl.len().alias("flows"),
            pl.col("packets").sum(),
            pl.lit(0).alias("payload"),
            pl.col("sender").n_unique().alias("senders"),
            pl.col("sender_mac").n_unique().alias("claims"),
            pl.col("target").n_unique().alias("targets"),
            *([] if "machine" in keys else [pl.col("machine").n_unique().alias("machines")]),
            pl.col("sender").unique(maintain_order=True).head(MOST_TARGETS).alias("some_senders"),
            pl.col("target").unique(maintain_order=True).head(MOST_TARGETS).alias("some_targets"),
            pl.col("first").min(),
            pl.col("last").max(),
        )
        .sort("tick", maintain_order=True)
        .to_dicts()
    )


def _named(window: Window, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for group in groups:
        group["mac"] = mac_text(group.get("machine"))
        group["sender_names"] = window.hosts.names(group["some_senders"])
        group["target_names"] = window.hosts.names(group["some_targets"])
        group["some_ports"] = []
    return groups


def _evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    mac, is_reply = group["mac"], group["operation"] == REPLY
    ip = surge.names[0] if surge.senders == 1 else None
    what = count_text(
        surge.packets, "ARP reply" if is_reply else "ARP request", "ARP replies" if is_reply else None
    )
    whom = f"{'to' if is_reply else 'for'} {count_text(group['targets'], 'address', 'addresses')}"
    as_whom = f" in the name of {count_text(group['claims'], 'machine')}" if group["claims"] > 1 else ""
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    return Evidence(
        kind=Kind.ARP_FLOOD,
        subject=Party(ip=ip, mac=mac),
        part=str(group["operation"]),
        title=f"{mac}{f' ({ip})' if ip else ''} sent {what} {whom}{as_whom} in {span}",
        score=round(min(0.6 + 0.39 * surge.packets / (surge.packets + 2_000), 0.99), 4),
        start_ns=surge.start_ns,
        end_ns=surge.end_ns,
        at_ns=group["tick"] + TICK_NS,
        targets=tuple(Target(ip=name, proto="arp") for name in group["target_names"]),
        target_count=group["targets"],
        facts={
            "role": "source",
            "packets": surge.packets,
            "packets_per_second": round(surge.rate, 1),
            "addresses": group["targets"],
            "claimed_macs": group["claims"],
        },
        reasons=(
            Reason(feature="arp_per_second", value=round(surge.rate, 1), typical=(0.0, 3.0), weight=0.6),
            Reason(
                feature="repeats",
                value=round(group["packets"] / group["flows"], 1),
                typical=(1.0, 3.0),
                weight=0.4,
            ),
        ),
        selectors=(
            Selector(a=mac, b=None, from_ns=surge.start_ns, until_ns=surge.end_ns, both=False, protocol=ARP),
        ),
    )


def _network_evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    machines = group["machines"]
    return Evidence(
        kind=Kind.ARP_FLOOD,
        subject=Party(mac=EVERYBODY),
        title=(
            f"{count_text(machines, 'machine')} sent the network "
            f"{count_text(surge.packets, 'ARP packet')} in {span}"
        ),
        score=round(min(0.6 + 0.39 * surge.packets / (surge.packets + 10_000), 0.99), 4),
        severity=Severity.HIGH,
        start_ns=surge.start_ns,
        end_ns=surge.end_ns,
        at_ns=group["tick"] + TICK_NS,
        targets=tuple(Target(ip=name, proto="arp") for name in group["target_names"]),
        target_count=group["targets"],
        facts={
            "role": "victim",
            "packets": surge.packets,
            "machines": machines,
            "packets_per_second": round(surge.rate, 1),
        },
        reasons=(
            Reason(feature="arp_per_second", value=round(surge.rate, 1), typical=(0.0, 50.0), weight=1.0),
        ),
        selectors=(Selector(a=None, b=None, from_ns=surge.start_ns, until_ns=surge.end_ns, protocol=ARP),),
    )
