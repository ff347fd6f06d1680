"""Without a model: hosts and flows that stand out from the rest of the same capture, never above `low`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from oddwire.base.detector import Detector, Page, State
from oddwire.base.window import Hosts, Window
from oddwire.engine.learned_judge import PROTOCOLS, nine_values, score_of
from oddwire.engine.models import model_named
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, MINUTES, Gatherer, Member, gather_need
from oddwire.features.units.schema import scales_of
from oddwire.features.units.telling import kind_of, title_of
from oddwire.learning.contexts import context_of
from oddwire.learning.matrices import feature_names, matrix_of
from oddwire.learning.reasons import Usual, reasons_of
from oddwire.records.evidence import Evidence, Fact, Party, Selector, Target
from oddwire.records.kinds import Cadence, Kind, Scope, Severity
from oddwire.records.unit import Unit

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Outliers"]

# With fewer rows nothing stands out from the others: there are no others.
LEAST_ROWS = 200
MOST_ROWS = 300_000
# Of each unit so many subjects are named at most, and only beyond Tukey's far fence.
MOST_NAMED = 3
FENCE = 3.0
# Without a past, the first of everything is new and no port is known: that says when a capture begins.
PAST = ("port_use", "new_inside")


class Outliers(Detector):
    """Fits the histogram score on the capture itself and names the few rows that stand far out."""

    name = "outliers"
    kind = Kind.ODD_HOST
    kinds = (Kind.ODD_HOST, Kind.ODD_FLOW)
    cadence = Cadence.WINDOW
    scope = Scope.NETWORK
    needs: ClassVar[frozenset[str]] = gather_need((MINUTES, FLOWS))
    page = Page(
        sees=(
            "A host's minute, or a flow, that stands far out from all others of the same capture by the "
            "histogram score; at most three hosts of each."
        ),
        matters="Where no model was trained, it is where to look once the rules have nothing more to say.",
        wrong_when=(
            "Something always stands out: the one server among clients, the one download of the day. It is "
            "fitted on the traffic that it judges, so it is never more than low. `oddwire train` learns "
            "what is normal."
        ),
        example="10.0.0.8 stands out in this capture: 812.0 MiB sent outside, usually at most 3.1 MiB",
    )

    def __init__(self, hosts: Hosts) -> None:
        super().__init__()
        self.gatherer = Gatherer(hosts, (MINUTES, FLOWS), Familiar())
        self.held: dict[Member, list[pl.DataFrame]] = {MINUTES: [], FLOWS: []}
        self.rows = 0

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Hold what hosts and flows did; of very long captures only the beginning."""
        if self.rows < MOST_ROWS:
            for member, table in self.gatherer.add(window):
                self.held[member].append(table)
                self.rows += table.height
        yield from ()

    def finish(self) -> Iterator[Evidence]:
        """Say what stands out, now that all was seen."""
        import polars as pl

        for member, parts in self.held.items():
            if parts and sum(part.height for part in parts) >= LEAST_ROWS:
                yield from self._far_out(member, pl.concat(parts).drop(PAST, strict=False))

    def _far_out(self, member: Member, table: "pl.DataFrame") -> Iterator[Evidence]:
        import polars as pl

        scales = scales_of(member.unit)
        model = model_named("histogram")(scales=scales)
        model.fit(table)
        scored = table.with_columns(model.score(table).alias("surprise"))
        low, high = (float(scored["surprise"].quantile(share) or 0.0) for share in (0.25, 0.75))
        odd = (
            scored.filter(pl.col("surprise") > high + FENCE * max(high - low, 1.0))
            .sort("surprise", "window", "host", descending=[True, False, False], maintain_order=True)
            .unique("host", keep="first", maintain_order=True)
            .head(MOST_NAMED)
        )
        if odd.is_empty():
            return
        names = feature_names(table)
        matrix = matrix_of(table, names, scales)
        everybody, own = context_of(table, matrix, ""), context_of(table, matrix, "host")
        rows = odd.drop("surprise")
        usual = Usual.of(rows, names, scales, own=own, everybody=everybody)
        reasons = reasons_of(rows, names, usual, lambda one: model.score(one).to_numpy())
        for row, why in zip(rows.iter_rows(named=True), reasons, strict=True):
            least = odd.filter(pl.col("host") == row["host"])["surprise"][0]
            rarer = int((scored["surprise"] >= least).sum()) / scored.height
            yield self._evidence(member, row, rarer, tuple(why))

    def _evidence(self, member: Member, row: dict[str, Any], rarer: float, why: tuple[Any, ...]) -> Evidence:
        start_ns = int(row["window"])
        end_ns = int(row.get("end", start_ns + member.span_ns - 1))
        is_host = member.unit is Unit.HOSTS
        facts: dict[str, Fact] = {"unit": member.name, "share_as_odd": round(rarer, 6)}
        title = title_of(member, row, why).replace("is unlike what was learned", "stands out in this capture")
        return Evidence(
            kind=kind_of(member),
            subject=Party(ip=row["host"]),
            title=title,
            score=score_of(0.0) * (1.0 - rarer),
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=end_ns + 1,
            part=f"{member.name} {row.get('peer', '')} {start_ns}",
            severity=Severity.LOW,
            targets=()
            if is_host
            else (
                Target(
                    ip=row["peer"],
                    port=row["port"] or None,
                    proto=PROTOCOLS.get(row["protocol"], str(row["protocol"])),
                ),
            ),
            target_count=0 if is_host else 1,
            facts={**facts, **(nine_values(row) if is_host else {})},
            reasons=why,
            selectors=(
                Selector(
                    a=row["host"],
                    b=None if is_host else row["peer"],
                    from_ns=start_ns,
                    until_ns=end_ns,
                    protocol=None if is_host else row["protocol"],
                ),
            ),
        )

    def save(self) -> State:
        """Return nothing: it judges a capture as a whole."""
        return {}

    def load(self, state: State) -> None:
        """Take nothing."""

    def merge(self, other: State) -> None:
        """Take nothing."""
