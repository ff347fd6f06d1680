"""A trained model as one of the judges: units that are odder than its budget allows become evidence."""

from collections.abc import Iterator
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
# Rows of one table that are explained one by one; were there more, they would say the same.
MOST_EXPLAINED = 200
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
        sees="A host, or a host with one partner, is less like the past than the budget of alarms allows.",
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
        self.most_a_day = max(round(TOO_MANY * budget), LEAST_MANY)
        self.trained = trained
        # Without a threshold the oddest share of all rows is named, which is known in the end.
        self.threshold = threshold
        self.share = share
        self.severity = severity
        self.parts = {part.member: part for part in trained.parts}
        self.needs = gather_need(self.parts)  # type: ignore[misc]  # those of this model
        self.gatherer = Gatherer(hosts, self.parts, trained.familiar.fresh())
        self.keep = keep or threshold is None
        # All that was scored, where it is wanted: tables with their surprise.
        self.scored: list[tuple[Member, pl.DataFrame]] = []
        # Whom it named on each day, so that a model of another network does not name everybody.
        self.named: dict[int, set[str]] = {}
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

            every = pl.concat([table["surprise"] for _, table in self.scored])
            self.threshold = float(every.quantile(1.0 - self.share, interpolation="higher") or 0.0)
            for member, table in self.scored:
                yield from self._odd(member, table)

    def _judged(self, made: "list[tuple[Member, pl.DataFrame]]") -> Iterator[Evidence]:
        import polars as pl

        for member, table in made:
            part = self.parts[member]
            told = table.with_columns(pl.Series("surprise", part.surprise(table)))
            if self.keep:
                self.scored.append((member, told))
            if self.threshold is not None:
                yield from self._odd(member, told)

    def _odd(self, member: Member, told: "pl.DataFrame") -> Iterator[Evidence]:
        """Return evidence of the rows that are too odd, the oddest first."""
        import polars as pl

        part = self.parts[member]
        odd = told.filter(pl.col("surprise") >= self.threshold).sort(
            "surprise", "window", "host", descending=[True, False, False]
        )
        if member.unit is Unit.HOSTS and member.span_ns > MINUTE_NS:
            self.nine = {row["host"]: nine_values(row) for row in told.iter_rows(named=True)}
        odd = self._bounded(member, odd)
        if odd.is_empty():
            return
        rows = odd.drop("surprise")
        few = rows.head(MOST_EXPLAINED)
        scales = scales_of(member.unit)
        usual = Usual.of(few, part.names, scales, own=part.usual, everybody=part.everybody)
        reasons = reasons_of(few, part.names, usual, lambda one: part.model.score(one).to_numpy())
        reasons += [()] * (rows.height - few.height)
        values = odd["surprise"].to_list()
        p_values = part.p_values(rows)
        for row, surprise, p_value, why in zip(
            rows.iter_rows(named=True), values, p_values, reasons, strict=True
        ):
            yield self._evidence(part, row, surprise, p_value, why)

    def _bounded(self, member: Member, odd: "pl.DataFrame") -> "pl.DataFrame":
        """Return the rows of no more subjects a day than ten times what was promised; count the others."""
        kept = []
        for host, window in odd.select("host", "window").iter_rows():
            names = self.named.setdefault(window // DAY_NS, set())
            name = f"{kind_of(member)} {host}"
            fits = name in names or len(names) < self.most_a_day
            if fits:
                names.add(name)
            kept.append(fits)
        self.left_out += kept.count(False)
        return odd.filter(kept)

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
