"""The rules of the product as a contestant: its detectors, thresholds and episodes, nothing learned."""

from typing import TYPE_CHECKING, ClassVar

from oddwire.engine.episodes import Episodes
from oddwire.engine.judging import Judging
from oddwire.engine.settings import Settings
from oddwire.testing.contest.contestant import SCORED, Contestant
from oddwire.testing.windows import WINDOW_NS

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["Rules"]

# The severity comes first: within one the detector's own score orders.
A_SEVERITY = 10.0


class Rules(Contestant):
    """Findings of the rule detectors, ordered by severity, then by their own score."""

    about: ClassVar[str] = "the rule detectors alone, ordered by severity"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn nothing: rules are rules."""

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return one row a finding."""
        import polars as pl

        settings = Settings()
        detectors = settings.detectors()
        judging = Judging(detectors=detectors, hosts=stretch.hosts, window_ns=WINDOW_NS)
        episodes = Episodes(window_ns=WINDOW_NS)
        for tables, complete_ns in stretch.spans():
            for judge, evidence in judging.see(tables, complete_ns):
                severity = evidence.severity or settings.severities[evidence.kind]
                episodes.add(type(judge), evidence, severity)
        self.failures = [f"{one.detector}: {one.message}" for one in judging.failures]
        rows = [
            (
                one.subject.ip or one.subject.mac,
                one.start_ns,
                one.end_ns,
                one.detected_ns,
                A_SEVERITY * int(one.severity) + one.score,
            )
            for one in episodes.findings()
        ]
        schema = {name: getattr(pl, dtype) for name, dtype in SCORED.items()}
        return pl.DataFrame(rows, schema=schema, orient="row").drop_nulls("subject")
