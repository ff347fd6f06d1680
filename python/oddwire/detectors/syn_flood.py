"""SYN floods: connections begun and never finished, more than a service can keep in mind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window
from oddwire.features.onslaught import grouped
from oddwire.features.surges import Surge, SurgeDetector, Telling, told, who_and_whom
from oddwire.features.tries import SYN_A
from oddwire.records.evidence import Evidence, Reason, Selector
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SynFlood"]

TCP = 6
FEW = 4
COLUMNS = "tick src dst src_port dst_port protocol state first last born"
SIDED = "packets bytes payload length_squares syn rst"

# Clients of a service that went down: so many of them, SYN packets of each in a tick, and of each flow.
CROWD, CLIENTS, MORE_THAN_ONCE, IMPATIENT, REPEATS = 20, 1_000, 1.5, 15, 6
# Share of flows that are new where nobody repeats; what is too little and too short to tell.
MOSTLY, SUDDEN, SOON_NS = 0.7, 250, 4_000_000_000


@dataclass(frozen=True, kw_only=True)
class SynFloodParameters(Parameters):
    """When unfinished connections are a flood."""

    packets: int = parameter(200, "SYN packets to one victim within two ticks", "packets")
    rate: float = parameter(40.0, "least rate of them", "packets/s")
    half_open: float = parameter(0.25, "least share of new connections that were never finished", "share")
    per_port: float = parameter(8.0, "SYN packets a port, below which it is a scan", "packets")
    sources: int = parameter(50, "sources from which on it is no scan", "sources")
    refused: float = parameter(4.0, "how much more it takes where few hosts are only refused", "times")
    impatient: float = parameter(
        1_000.0, "least rate where many hosts each try a few times, as clients of a dead service", "packets/s"
    )


class SynFlood(SurgeDetector):
    """Counts, for each victim, the SYN packets of connections that stay half open."""

    name = "syn_flood"
    kind = Kind.SYN_FLOOD
    scope = Scope.VICTIM
    needs = frozenset(
        {f"talks.{name}" for name in COLUMNS.split()}
        | {f"talks.{name}_{way}" for name in SIDED.split() for way in ("out", "in")}
        | {"talks.length_min_out", "talks.length_max_out"}
    )
    attack = ("T1499.001",)
    parameters = SynFloodParameters
    page = Page(
        sees=(
            "Many SYN packets to few ports of one host whose senders never finish the handshake: from forged "
            "addresses, from many hosts, or from one. Any other flags beside SYN do not matter."
        ),
        matters="The victim keeps each half-open connection in mind until it has no room for real clients.",
        wrong_when=(
            "A load test, or many clients of a service that has just gone down, come close; so "
            "does a capture that "
            "holds SYN packets only."
        ),
        example=(
            "10.0.0.2 got 20,569 SYN packets in 25 s from at least 8,918 sources; hardly any was followed up"
        ),
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add up the half-open connections of each tick, and judge their victims."""
        least = self.settings.packets // 4
        for group in grouped(
            window, _half_open(window, least), least=least, sums=("refused", "finished", "fresh")
        ):
            surge = self.surges.see(f"{group['victim_name']}|{group['sender_name']}", group)
            surge.is_raised = surge.is_raised or self._is_flood(group, surge)
            if surge.is_raised:
                yield _evidence(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge) -> bool:
        wanted = self.settings
        much = wanted.refused if group["refused"] > group["packets"] // 2 and surge.senders <= FEW else 1.0
        if surge.packets < much * wanted.packets or surge.rate < much * wanted.rate:
            return False
        if group["packets"] < wanted.half_open * (group["packets"] + group["finished"]):
            return False
        if surge.rate < wanted.impatient and _is_impatience(group, surge):
            return False
        few_ports = group["packets"] >= wanted.per_port * group["dports"]
        return bool(
            few_ports or (group["senders"] >= wanted.sources and group["packets"] <= FEW * group["senders"])
        )


def _is_impatience(group: Mapping[str, Any], surge: Surge) -> bool:
    """Say whether these may be clients of a service that is down: they are refused, or repeat their SYN.

    Forged addresses never repeat one, and bots try far more often. What has just begun cannot be told yet.
    """
    each = group["packets"] / group["senders"]
    if not CROWD <= group["senders"] <= CLIENTS or each > IMPATIENT:
        return False
    repeats = group["packets"] / group["flows"]
    return bool(
        group["refused"] > group["packets"] // 2
        or MORE_THAN_ONCE <= repeats <= REPEATS
        or group["fresh"] < MOSTLY * group["flows"]
        or (surge.rate < SUDDEN and surge.end_ns - surge.start_ns < SOON_NS)
    )


def _half_open(window: Window, least: int) -> "pl.DataFrame":
    """Return the flows of which only SYN packets, and perhaps a reset, came in their tick."""
    import polars as pl

    asked = window.talks.lazy().filter((pl.col("protocol") == TCP) & (pl.col("state") & SYN_A != 0))
    is_half = (pl.col("packets_out") <= pl.col("syn_out") + pl.col("rst_out")) & (pl.col("payload_in") == 0)
    begun = asked.with_columns(is_half.alias("is_half"))
    # A victim's finished connections count against it, so they are added up beside.
    victims = (
        begun.group_by("tick", "dst")
        .agg(
            pl.col("syn_out").filter("is_half").sum().alias("much"),
            ((~pl.col("is_half")).sum() / pl.col("is_half").sum()).alias("finished"),
        )
        .filter(pl.col("much") >= least)
        .drop("much")
        .collect()
    )
    rows = begun.filter("is_half") if len(victims) else begun.head(0)
    rows = rows.join(victims.lazy(), on=["tick", "dst"], how="inner", maintain_order="left")
    return rows.select(
        "tick",
        pl.col("dst").alias("victim"),
        pl.col("src").alias("sender"),
        pl.col("src_port").alias("sport"),
        pl.col("dst_port").alias("dport"),
        "protocol",
        pl.col("syn_out").cast(pl.UInt64).alias("packets"),
        pl.col("bytes_out").alias("bytes"),
        pl.col("payload_out").alias("payload"),
        pl.col("length_squares_out").alias("length_squares"),
        pl.col("length_min_out").alias("length_min"),
        pl.col("length_max_out").alias("length_max"),
        pl.min_horizontal(pl.col("rst_in").cast(pl.UInt64), pl.col("syn_out").cast(pl.UInt64)).alias(
            "refused"
        ),
        "finished",
        (pl.col("born") == pl.col("first")).cast(pl.UInt32).alias("fresh"),
        "first",
        "last",
    ).collect()


def _evidence(group: Mapping[str, Any], surge: Surge) -> Evidence:
    who, victim = who_and_whom(group, surge)
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    amount = count_text(surge.packets, "SYN packet")
    source = group["sender_name"]
    title = (
        f"{source} sent {victim} {amount} in {span} and finished no handshake"
        if source
        else f"{victim} got {amount} in {span} from {who}; hardly any was followed up"
    )
    return told(
        group,
        surge,
        Telling(
            kind=Kind.SYN_FLOOD,
            title=title,
            typical=(0.0, 10.0),
            severity=Severity.MEDIUM if source and surge.rate < 100 else None,  # noqa: PLR2004  # a slow one
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
                Reason(feature="syn_per_second", value=round(surge.rate, 1), typical=(0.0, 10.0), weight=0.6),
                Reason(
                    feature="half_open_ratio",
                    value=round(group["packets"] / (group["packets"] + group["finished"]), 4),
                    typical=(0.0, 0.05),
                    weight=0.4,
                ),
            ),
        ),
    )
