"""A trained model as one of the judges: units that are odder than its budget allows become evidence."""

import sys
from collections.abc import Iterator
from math import floor, inf, nextafter
from typing import TYPE_CHECKING, Any, ClassVar

from oddwire.base.detector import Detector, Page, State
from oddwire.base.window import Hosts, Window
from oddwire.engine.trained import Part, Trained
from oddwire.features.units.gather import Gatherer, Member, gather_need
from oddwire.features.units.schema import scales_of
from oddwire.features.units.telling import kind_of, title_of
from oddwire.learning.reasons import Usual, reasons_of
from oddwire.records.evidence import Evidence, Fact, Party, Reason, Selector, Target
from oddwire.records.kinds import Cadence, Kind, Scope, Severity
from oddwire.records.unit import Unit

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Learned", "nine_values"]

MINUTE_NS = 60 * 1_000_000_000
DAY_NS = 24 * 60 * MINUTE_NS
# A model that names more subjects a day than ten times its budget, and than so many, is of another network.
TOO_MANY, LEAST_MANY = 10, 50
# Rows of one hour, or of one minute, that are explained one by one; were there more, they would say the same.
MOST_EXPLAINED = 200
# So many rows are put back to what is usual at a time, in as many versions as they have features.
PIECE = 200
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


class Learned(Detector):
    """Compares hosts and pairs with what a model learned of them.

    Wrong when the network has changed since training: a new server, a migration, a new habit.
    """

    name = "model"
    kind = Kind.ODD_HOST
    kinds = (Kind.ODD_HOST, Kind.ODD_FLOW)
    cadence = Cadence.WINDOW
    scope = Scope.NETWORK
    needs: ClassVar[frozenset[str]] = frozenset()
    page = Page(
        sees=(
            "A host, or a host with one partner, is less like the past than the budget of alarms allows. It "
            "judges where a trained model is named; what its budget allows is medium, and an alarm."
        ),
        matters="What no rule describes still differs from every ordinary day.",
        wrong_when=(
            "The network has changed since training: a new server, a migration, a new habit. "
            "`oddwire drift` says so, and `oddwire train --update` learns it."
        ),
        example="10.0.0.21 is unlike what was learned in an hour: 2 GiB sent outside, usually at most 3 MiB",
    )

    def __init__(
        self,
        trained: Trained,
        hosts: Hosts,
        *,
        threshold: float | None,
        severity: Severity,
        share: float = 0.0,
        budget: float = 0.0,
        keep: bool = False,
    ) -> None:
        super().__init__()
        # A share of all rows is what it is, whoever they are of.
        self.most_a_day = max(round(TOO_MANY * budget), LEAST_MANY) if threshold is not None else sys.maxsize
        self.trained = trained
        # Without a threshold the oddest share of all rows is named, which is known in the end.
        self.threshold = threshold
        self.share = share
        # What no ordinary traffic was held against is a hint, and no alarm.
        self.severity = severity if trained.marks is not None else Severity.LOW
        self.parts = {part.member: part for part in trained.parts}
        self.needs = gather_need(self.parts)  # type: ignore[misc]  # those of this model
        self.gatherer = Gatherer(hosts, self.parts, trained.familiar.fresh())
        self.keep = keep or threshold is None
        # All that was scored, where it is wanted: tables with their surprise.
        self.scored: list[tuple[Member, pl.DataFrame]] = []
        # Whom it named on each day, so that a model of another network does not name everybody.
        self.named: dict[tuple[Member, int], set[str]] = {}
        self.left_out = 0
        # What each host did in the hour that was judged last, in nine figures.
        self.nine: dict[str, dict[str, Fact]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Judge the units that are complete."""
        yield from self._judged(self.gatherer.add(window))

    def finish(self) -> Iterator[Evidence]:
        """Judge the hour that was not over when the input ended, and all where only the end can tell."""
        yield from self._judged(self.gatherer.finish())
        if self.threshold is None and self.scored:
            import polars as pl

            self.threshold = _of_share(pl.concat([table["surprise"] for _, table in self.scored]), self.share)
            for member, table in self.scored:
                yield from self._odd(member, table)

    def _judged(self, made: "list[tuple[Member, pl.DataFrame]]") -> Iterator[Evidence]:
        import polars as pl

        for member, table in made:
            part = self.parts[member]
            told = table.with_columns(pl.Series("surprise", part.surprise(table)))
            if self.keep:
                p_values = pl.Series("p_value", part.p_values(table), dtype=pl.Float64)
                self.scored.append((member, told.with_columns(p_values)))
            if self.threshold is not None:
                yield from self._odd(member, told)

    def _odd(self, member: Member, told: "pl.DataFrame") -> Iterator[Evidence]:
        """Return evidence of the rows that are too odd, the oddest first."""
        import polars as pl

        part = self.parts[member]
        odd = told.filter(pl.col("surprise") >= self.threshold).sort(
            "surprise", "window", "host", descending=[True, False, False], maintain_order=True
        )
        if member.unit is Unit.HOSTS and member.span_ns > MINUTE_NS:
            self.nine = {row["host"]: nine_values(row) for row in told.iter_rows(named=True)}
        odd = self._bounded(member, odd)
        if odd.is_empty():
            return
        for rows in _few_at_a_time(odd):
            surprises = rows["surprise"].to_list()
            rows = rows.drop("surprise")  # noqa: PLW2901  # the same without it
            explained = rows.filter("explained")
            reasons = iter(_reasons(part, explained))
            p_values = part.p_values(rows)
            for row, surprise, p_value in zip(rows.iter_rows(named=True), surprises, p_values, strict=True):
                why = next(reasons) if row["explained"] else ()
                yield self._evidence(part, row, surprise, p_value, why)

    def _bounded(self, member: Member, odd: "pl.DataFrame") -> "pl.DataFrame":
        """Return rows of the first so many subjects of each day, in the order of time; count the others."""
        import polars as pl

        keys = odd.select("window", "host").unique().sort("window", "host")
        kept = []
        for window, host in keys.iter_rows():
            named = self.named.setdefault((member, window // DAY_NS), set())
            if host in named or len(named) < self.most_a_day:
                named.add(host)
                kept.append((window, host))
        if len(kept) == keys.height:
            return odd
        few = pl.DataFrame(kept, schema=keys.schema, orient="row")
        left = odd.join(few, on=["window", "host"], how="semi", maintain_order="left")
        self.left_out += odd.height - left.height
        return left

    def _evidence(
        self,
        part: Part,
        row: dict[str, Any],
        surprise: float,
        p_value: float | None,
        reasons: tuple[Reason, ...],
    ) -> Evidence:
        member = part.member
        start_ns = int(row["window"])
        end_ns = int(row.get("end", start_ns + member.span_ns - 1))
        facts: dict[str, Fact] = {"unit": member.name, "surprise": round(surprise, 3)}
        targets: tuple[Target, ...] = ()
        selector = Selector(a=row["host"], b=None, from_ns=start_ns, until_ns=end_ns)
        if member.unit is Unit.HOSTS:
            facts |= nine_values(row)
        else:
            proto = PROTOCOLS.get(row["protocol"], str(row["protocol"]))
            facts |= self.nine.get(row["host"], {})
            targets = (Target(ip=row["peer"], port=row["port"] or None, proto=proto),)
            selector = Selector(
                a=row["host"], b=row["peer"], from_ns=start_ns, until_ns=end_ns, protocol=row["protocol"]
            )
        return Evidence(
            kind=kind_of(member),
            subject=Party(ip=row["host"]),
            title=title_of(member, row, reasons),
            score=score_of(surprise),
            p_value=p_value,
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=end_ns + 1,
            part=f"{member.name} {row.get('peer', '')} {start_ns}",
            severity=self.severity,
            targets=targets,
            target_count=len(targets),
            facts=facts,
            reasons=reasons,
            selectors=(selector,),
        )

    def save(self) -> State:
        """Return nothing yet: what is held is at most an hour, and is seen again when the input is."""
        return {}

    def load(self, state: State) -> None:
        """Take nothing."""

    def merge(self, other: State) -> None:
        """Take nothing."""


def _reasons(part: Part, rows: "pl.DataFrame") -> list[tuple[Reason, ...]]:
    scales = scales_of(part.member.unit)
    usual = Usual.of(rows, part.names, scales, own=part.usual, everybody=part.everybody)
    return reasons_of(rows, part.names, usual, lambda one: part.model.score(one).to_numpy())


def _few_at_a_time(odd: "pl.DataFrame") -> "Iterator[pl.DataFrame]":
    """Yield odd rows, the oddest first, with `explained`: which are, however the traffic was cut.

    That is told minute by minute, in which a host's row or a flow is complete.
    """
    import polars as pl

    when = pl.col("end" if "end" in odd.columns else "window") // MINUTE_NS
    told = odd.with_columns((pl.int_range(pl.len()).over(when) < MOST_EXPLAINED).alias("explained"))
    for start in range(0, told.height, PIECE):
        yield told[start : start + PIECE]


def _of_share(surprise: "pl.Series", share: float) -> float:
    """Return the lowest threshold that at most a share of all rows reach; equal ones are named together."""
    most = floor(share * surprise.len() + 1e-9)
    falling = surprise.sort(descending=True)
    if most >= falling.len():
        return float(falling[-1])
    reached = falling.filter(falling > falling[most])
    return float(reached[-1]) if reached.len() else nextafter(float(falling[0]), inf)


def score_of(surprise: float) -> float:
    """Return a surprise as a score from 0 to 1: a half for once a day, near 1 for once in years."""
    return round(1.0 - 0.5 * float(10.0 ** (-max(surprise, 0.0) / 4)), 4)


def nine_values(row: dict[str, Any]) -> dict[str, Fact]:
    """Return the figures that describe what a host did: destinations, ports, lengths, packets and ratios."""
    packets, hosts = int(row["packets_out"]), int(row["sent_to"])
    from_ports, to_ports = int(row["from_ports"]), int(row["to_ports"])
    return {
        "unique_dst_ips": hosts,
        "unique_src_ports": from_ports,
        "unique_dst_ports": to_ports,
        "length_mean": round(float(row["length_mean_out"]), 1),
        "length_max": int(row["length_max_out"]),
        "packets": packets,
        "port_ratio": round(from_ports / to_ports, 3) if to_ports else None,
        "packets_per_dst": round(packets / hosts, 2) if hosts else None,
    }
