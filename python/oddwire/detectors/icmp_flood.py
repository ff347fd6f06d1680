"""ICMP floods: echo requests, unasked replies, errors and IPv6 neighbour messages by the thousand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.onslaught import grouped
from oddwire.features.surges import Surge, SurgeDetector, Telling, told, who_and_whom
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import bytes_text, count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IcmpFlood"]

ICMP, ICMP6 = 1, 58
REPLIES = {(ICMP, 0), (ICMP6, 129)}
ERRORS = {(ICMP, 3), (ICMP, 4), (ICMP, 11), (ICMP, 12), (ICMP6, 1), (ICMP6, 2), (ICMP6, 3), (ICMP6, 4)}
# What neighbours say to groups: it is counted by the hardware that it came from.
NEIGHBOURLY = {130: "MLD query", 131: "MLD report", 132: "MLD done", 133: "router solicitation",
               134: "router advertisement", 135: "neighbour solicitation", 136: "neighbour advertisement",
               143: "MLD report"}  # fmt: skip
NAMES = {(ICMP, 8): "echo request", (ICMP6, 128): "echo request", (ICMP, 0): "unasked echo reply",
         (ICMP6, 129): "unasked echo reply", (ICMP, 3): "unreachable message",
         (ICMP, 13): "timestamp request", (ICMP6, 134): "router advertisement",
         (ICMP, 17): "address mask request"}  # fmt: skip
ROUTER = 134
LEAST_LOOKED_AT = 60
COLUMNS = "tick src dst protocol icmp_type first last"
SIDED = "packets bytes payload length_squares length_min length_max"


@dataclass(frozen=True, kw_only=True)
class IcmpFloodParameters(Parameters):
    """When ICMP messages are a flood."""

    packets: int = parameter(250, "messages to one victim within two ticks", "packets")
    rate: float = parameter(50.0, "least rate of them", "packets/s")
    large_packets: int = parameter(100, "the same where they are large", "packets")
    large_rate: float = parameter(20.0, "least rate of large ones", "packets/s")
    large_bytes: int = parameter(1_000, "mean payload from which on they are large", "bytes")
    error_rate: float = parameter(500.0, "least rate of error messages", "packets/s")
    repliers: int = parameter(5, "hosts that reply unasked", "hosts")
    forged: int = parameter(
        500, "hosts that reply once each, and replies a second, from which on they are forged", "hosts"
    )
    sources: int = parameter(
        50, "addresses behind one hardware address, or repeats, of neighbour messages", "addresses"
    )


class IcmpFlood(SurgeDetector):
    """Counts, for each victim, the ICMP messages of each type."""

    name = "icmp_flood"
    kind = Kind.ICMP_FLOOD
    scope = Scope.VICTIM
    needs = frozenset(
        {f"talks.{name}" for name in COLUMNS.split()}
        | {f"talks.{name}_{way}" for name in SIDED.split() for way in ("out", "in")}
        | {"talks.mac_out"}
    )
    attack = ("T1498.001",)
    parameters = IcmpFloodParameters
    page = Page(
        sees=(
            "Echo requests to one host at 50 a second or more, fewer where they are large, from "
            "one host or many; "
            "echo replies from many hosts that were not asked; error messages by the thousand; "
            "and one machine's "
            "flood of IPv6 router or neighbour messages."
        ),
        matters=(
            "It fills the line and the victim's processor; neighbour messages fill the tables of every host."
        ),
        wrong_when="Somebody measures a line with `ping -f`, or a monitor pings one host very fast.",
        example="10.0.0.9 sent 10.0.0.5 41,022 echo requests (55.8 MiB) in 12 s",
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up the messages of each tick, and judge whom they came to."""
        rows = _messages(window)
        if rows.is_empty():
            return
        said = [*self._at_victims(window, rows), *self._among_neighbours(window, rows)]
        yield from sorted(said, key=lambda one: (one.at_ns, one.subject.name, one.part))

    def _at_victims(self, window: Window, rows: "pl.DataFrame") -> Iterator[Evidence]:
        import polars as pl

        # Routers are few, so many that advertise themselves are invented, whatever hardware they name.
        is_plain = ~pl.col("icmp_type").is_in(list(NEIGHBOURLY)) | (pl.col("icmp_type") == ROUTER)
        plain = rows.filter((pl.col("protocol") == ICMP) | is_plain)
        for group in grouped(
            window,
            plain.with_columns(pl.col("mac").alias("cards")),
            least=LEAST_LOOKED_AT // 2,
            by=("victim", "protocol", "icmp_type"),
            counted=("cards",),
        ):
            key = f"{group['victim_name']}|{group['sender_name']}|{group['protocol']} {group['icmp_type']}"
            surge = self.surges.see(key, group)
            surge.is_raised = surge.is_raised or self._is_flood(group, surge, window)
            if surge.is_raised:
                yield _evidence(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge, window: Window) -> bool:
        wanted, what = self.settings, (group["protocol"], group["icmp_type"])
        if what == (ICMP6, ROUTER) and group["cards"] < wanted.sources:
            return False
        if what in ERRORS:
            is_much = surge.packets >= wanted.error_rate and surge.rate >= wanted.error_rate
            return bool(is_much and _sent(window, group) < group["packets"] // 4)
        if what in REPLIES and not self._is_unasked(group, surge):
            return False
        if surge.amount >= wanted.large_bytes * surge.packets:
            return bool(surge.packets >= wanted.large_packets and surge.rate >= wanted.large_rate)
        return bool(surge.packets >= wanted.packets and surge.rate >= wanted.rate)

    def _is_unasked(self, group: Mapping[str, Any], surge: Surge) -> bool:
        """Say whether replies are a flood: several from each host, or from more hosts than are ever asked."""
        wanted = self.settings
        if group["senders"] < wanted.repliers:
            return False
        forged = group["senders"] >= wanted.forged and surge.rate >= wanted.forged
        return bool(group["packets"] >= 3 * group["senders"] or forged)

    def _among_neighbours(self, window: Window, rows: "pl.DataFrame") -> Iterator[Evidence]:
        import polars as pl

        spoken = rows.filter(
            (pl.col("protocol") == ICMP6)
            & pl.col("icmp_type").is_in(list(NEIGHBOURLY))
            & pl.col("mac").is_not_null()
        )
        # The hardware is what they have in common, so it stands for the victim in the sums.
        spoken = spoken.with_columns(pl.col("victim").alias("group"))
        if spoken.is_empty():
            return
        groups = grouped(
            window, spoken, least=LEAST_LOOKED_AT, by=("mac", "icmp_type"), apart=False, counted=("group",)
        )
        for group in groups:
            surge = self.surges.see(f"{group['mac']}|{group['icmp_type']}", group)
            is_odd = group["senders"] >= self.settings.sources or group["packets"] >= 8 * group["group"]
            is_much = surge.packets >= self.settings.packets and surge.rate >= self.settings.rate
            surge.is_raised = surge.is_raised or (is_odd and is_much)
            if surge.is_raised:
                yield _neighbour_evidence(group, surge)


def _messages(window: Window) -> "pl.DataFrame":
    """Return the ICMP flows of ticks from sender to victim, where there are many."""
    import polars as pl

    rows = window.talks.lazy().filter(pl.col("protocol").is_in([ICMP, ICMP6]))
    many = pl.max_horizontal("packets_out", "packets_in")
    rows = rows.filter(many.sum().over("tick", "icmp_type") >= LEAST_LOOKED_AT)
    forth = pl.col("packets_out") > 0

    def side(out: str, back: str, name: str) -> "pl.Expr":
        return pl.when(forth).then(pl.col(out)).otherwise(pl.col(back)).alias(name)

    # A reply that comes with its request is no message of its own.
    is_reply = pl.col("icmp_type").is_in([0, 129])
    rows = rows.filter(~(is_reply & (pl.col("packets_out") > 0) & (pl.col("packets_in") > 0)))
    return rows.select(
        "tick",
        side("dst", "src", "victim"),
        side("src", "dst", "sender"),
        pl.lit(0).alias("sport"),
        pl.lit(0).alias("dport"),
        "protocol",
        "icmp_type",
        *(side(f"{name}_out", f"{name}_in", name) for name in SIDED.split()),
        pl.col("mac_out").alias("mac"),
        "first",
        "last",
    ).collect()


def _sent(window: Window, group: Mapping[str, Any]) -> int:
    """Return how many packets the victim sent in the tick, which errors might answer."""
    import polars as pl

    sent = window.talks.filter((pl.col("tick") == group["tick"]) & (pl.col("src") == group["victim"]))
    return int(sent["packets_out"].sum())


def _evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    who, victim = who_and_whom(group, surge)
    source, protocol, kind = group["sender_name"], group["protocol"], group["icmp_type"]
    name = NAMES.get((protocol, kind), f"ICMP message of type {kind}")
    many = name.replace("message of", "messages of").replace("reply", "replies")
    what = count_text(surge.packets, name, many if many != name else None)
    amount = f"{what} ({bytes_text(surge.amount)}) in {duration_text(max(surge.end_ns - surge.start_ns, 1))}"
    return told(
        group,
        surge,
        Telling(
            kind=Kind.ICMP_FLOOD,
            title=f"{source} sent {victim} {amount}" if source else f"{victim} got {amount} from {who}",
            typical=(0.0, 5.0),
            facts={"icmp_type": kind, "bytes": surge.amount},
            part=f"{protocol} {kind}",
            selectors=(
                Selector(
                    a=source or None,
                    b=victim,
                    from_ns=surge.start_ns,
                    until_ns=surge.end_ns,
                    both=False,
                    protocol=protocol,
                ),
            ),
        ),
    )


def _neighbour_evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    mac, name = mac_text(group["mac"]), NEIGHBOURLY[group["icmp_type"]]
    plural = name[:-1] + "ies" if name.endswith("ry") else name + "s"
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    return Evidence(
        kind=Kind.ICMP_FLOOD,
        subject=Party(mac=mac, ip=surge.names[0] if surge.senders == 1 else None),
        part=f"icmpv6 {group['icmp_type']}",
        title=(
            f"{mac} sent {count_text(surge.packets, name, plural)} in {span} from at least "
            f"{count_text(surge.senders, 'address', 'addresses')}"
        ),
        score=round(min(0.6 + 0.39 * surge.packets / (surge.packets + 2_000), 0.99), 4),
        start_ns=surge.start_ns,
        end_ns=surge.end_ns,
        at_ns=group["tick"] + TICK_NS,
        targets=(Target(ip=group["victim_name"], proto="icmpv6"),),
        target_count=group["group"],
        facts={
            "role": "source",
            "icmp_type": group["icmp_type"],
            "packets": surge.packets,
            "sources": surge.senders,
        },
        reasons=(
            Reason(feature="packets_per_second", value=round(surge.rate, 1), typical=(0.0, 2.0), weight=1.0),
        ),
        selectors=(
            Selector(
                a=mac, b=None, from_ns=surge.start_ns, until_ns=surge.end_ns, both=False, protocol=ICMP6
            ),
        ),
    )
