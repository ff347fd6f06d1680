"""Captures judged by a trained model alone: its findings, and a row for everything that it scored."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oddwire import native
from oddwire.engine.analysis import Analysis, analyze
from oddwire.engine.learned_judge import Learned
from oddwire.engine.settings import Settings
from oddwire.engine.trained import Trained
from oddwire.errors import UsageError
from oddwire.learning.discoveries import discovery_rates
from oddwire.records.unit import Unit
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from oddwire.features.units.gather import Member

__all__ = ["Detection", "detect", "scored_rows"]

NS = 1_000_000_000
HOST_FIGURES = ("sent_to", "from_ports", "to_ports", "length_mean_out", "length_max_out", "packets_out")
PAIR_FIGURES = ("contacts", "payload_out", "payload_in", "rhythm", "interval", "strange")


@dataclass(frozen=True, kw_only=True)
class Detection:
    """What a model found, the threshold it found it by, and all it scored."""

    analysis: Analysis
    trained: Trained
    threshold: float | None
    budget: float | None
    rows: "pl.DataFrame"


def detect(
    capture: Capture,
    settings: Settings,
    progress: native.Progress | None = None,
    *,
    keep_rows: bool = False,
    hashes: bool = False,
) -> Detection:
    """Judge captures by the model that the settings name, and by nothing else."""
    if settings.model is None:
        raise UsageError("no model is named", hint="add --model PATH")
    only = replace(settings, only=frozenset({Learned.name}), off=frozenset())
    judges: list[Learned] = []

    def noticed(made: object) -> None:
        if isinstance(made, Learned):
            made.keep = made.keep or keep_rows
            judges.append(made)

    found = analyze(capture, only, progress, hashes=hashes, notice=noticed)
    judge = judges[0]
    promised = judge.severity > min(type(judge.severity))
    return Detection(
        analysis=found,
        trained=judge.trained,
        threshold=judge.threshold,
        budget=judge.trained.budget(settings.budget) if promised else None,
        rows=scored_rows(judge.scored, judge.threshold),
    )


def scored_rows(scored: "Sequence[tuple[Member, pl.DataFrame]]", threshold: float | None) -> "pl.DataFrame":
    """Return one row a judged unit, the oddest first: who, when, `anomaly_score` and `anomaly_flag`."""
    import polars as pl

    parts = []
    for member, table in scored:
        figures = HOST_FIGURES if member.unit is Unit.HOSTS else PAIR_FIGURES
        ends = [name for name in ("peer", "port", "protocol") if name in table.columns]
        end = pl.col("end") if "end" in table.columns else pl.col("window") + member.span_ns
        parts.append(
            table.select(
                pl.lit(member.name).alias("unit"),
                pl.from_epoch("window", time_unit="ns").dt.replace_time_zone("UTC").alias("start"),
                pl.from_epoch(end, time_unit="ns").dt.replace_time_zone("UTC").alias("end"),
                pl.col("host").alias("src_ip"),
                *ends,
                pl.col("surprise").alias("anomaly_score"),
                "p_value",
                (pl.col("surprise") >= (float("inf") if threshold is None else threshold)).alias(
                    "anomaly_flag"
                ),
                *(name for name in figures if name in table.columns),
            )
        )
    if not parts:
        return pl.DataFrame(
            schema={"unit": pl.String, "anomaly_score": pl.Float64, "anomaly_flag": pl.Boolean}
        )
    rows = pl.concat(parts, how="diagonal")
    # By what share of false ones the rows at least as odd would be mixed, were all of them flagged.
    adjusted = pl.Series("p_adjusted", discovery_rates(rows["p_value"].fill_null(1.0).to_numpy()))
    return rows.insert_column(rows.columns.index("p_value") + 1, adjusted).sort(
        "anomaly_score", "start", "src_ip", descending=[True, False, False], nulls_last=True
    )
