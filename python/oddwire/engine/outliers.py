"""Without a model: hosts and flows that stand out from the rest of the same capture, never above `low`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Detector, Page, State
from oddwire.base.window import Hosts, Window
from oddwire.engine.capture_rows import CAPTURE_NEED, CaptureRows
from oddwire.engine.learned_judge import PROTOCOLS, nine_values
from oddwire.features.units.gather import FLOWS, MINUTES, Member
from oddwire.features.units.schema import scales_of
from oddwire.features.units.telling import kind_of, title_of
from oddwire.learning.contexts import context_of
from oddwire.learning.density import Density
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
# Of each unit so many subjects are named at most, and only beyond Tukey's far fence.
MOST_NAMED = 3
FENCE = 3.0
# Below what any rule says of the same severity.
MOST_SCORE = 0.2


class Outliers(Detector):
    """Fits the histogram score on the capture itself and names the few rows that stand far out."""

    name = "outliers"
    kind = Kind.ODD_HOST
    kinds = (Kind.ODD_HOST, Kind.ODD_FLOW)
    cadence = Cadence.WINDOW
    scope = Scope.NETWORK
    needs = CAPTURE_NEED
    page = Page(
        sees=(
            "A host's minute, or a conversation, that stands far out from all others of the same capture by "
            "how rare its figures are; at most three hosts of each. It needs 200 minutes or conversations, "
            "and judges only where no model does."
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
        self.rows = CaptureRows(hosts)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Hold what hosts and flows did."""
        self.rows.add(window)
        yield from ()

    def finish(self) -> Iterator[Evidence]:
        """Say what stands out, now that all was seen."""
        for member in (MINUTES, FLOWS):
            table = self.rows.table(member)
            if table is not None and table.height >= LEAST_ROWS:
                yield from self._far_out(member, table)

    def _far_out(self, member: Member, table: "pl.DataFrame") -> Iterator[Evidence]:
        import polars as pl

        scales, names = scales_of(member.unit), feature_names(table)
        matrix = matrix_of(table, names, scales)
        density = Density.of(matrix)
        scored = table.with_columns(pl.Series("surprise", density.score(matrix)))
        odd = _beyond_the_fence(scored)
        if odd.is_empty():
            return
        rows = odd.drop("surprise")
        theirs = table["host"].is_in(odd["host"].to_list())
        own = context_of(table.filter(theirs), matrix[theirs.to_numpy()], "host")
        usual = Usual.of(rows, names, scales, own=own, everybody=context_of(table, matrix, ""))
        reasons = reasons_of(rows, names, usual, lambda one: density.score(matrix_of(one, names, scales)))
        for row, least, why in zip(rows.iter_rows(named=True), odd["surprise"], reasons, strict=True):
            rarer = int((scored["surprise"] >= least).sum()) / scored.height
            yield self._evidence(member, row, rarer, why)

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
            score=round(MOST_SCORE * (1.0 - rarer), 6),
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
                    port=None if is_host else row["port"] or None,
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


def _beyond_the_fence(scored: "pl.DataFrame") -> "pl.DataFrame":
    """Return the oddest row of each of the few hosts that have rows far beyond most of the others."""
    import polars as pl

    low, high = (float(scored["surprise"].quantile(share) or 0.0) for share in (0.25, 0.75))
    return (
        scored.filter(pl.col("surprise") > high + FENCE * max(high - low, 1.0))
        .sort("surprise", "window", "host", descending=[True, False, False], maintain_order=True)
        .unique("host", keep="first", maintain_order=True)
        .head(MOST_NAMED)
    )
