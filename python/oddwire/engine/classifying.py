"""Trained classifiers at work: kept in a file, asked for labels, judged on other rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oddwire import native
from oddwire.engine.labelled_rows import Rows, frames_of, labelled_rows
from oddwire.engine.trained_classifier import Trained
from oddwire.errors import UsageError
from oddwire.learning.classification.classifier import UNKNOWN, UNSURE, Classifier
from oddwire.learning.classification.conformal import Coverage, checked_alpha, coverage_of
from oddwire.learning.classification.leaks import fingerprints, repeated
from oddwire.learning.classification.metrics import Figures, figures

__all__ = ["Judged", "Predicted", "evaluate_classifier", "keep_classifier", "load_classifier", "predict"]

TASK = "classification"
FORMAT = 1
# Columns that say which row it is, put before what is said of it.
WHOSE = ("flow_id", "start", "src_ip", "src_port", "dst_ip", "dst_port", "transport")


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """How many rows of which label were found, and how many are like no class, or like several."""

    rows: int
    labels: Mapping[str, int]
    unknown: int
    unsure: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """How good a classifier is on labelled rows that it may never have seen."""

    figures: Figures
    coverage: Coverage
    unseen: Mapping[str, int]
    # Of the rows of classes that were never learned, the share with an empty set.
    unseen_unknown: float
    # The share of rows that are equal to one that was learned from.
    repeated: float
    remarks: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "figures": self.figures.to_dict(),
            "coverage": asdict(self.coverage),
            "classes_never_learned": dict(self.unseen),
            "never_learned_unknown": self.unseen_unknown,
            "rows_also_learned": self.repeated,
            "remarks": list(self.remarks),
        }


def keep_classifier(found: Trained, path: Path) -> None:
    """Write a classifier with what is known of it."""
    from oddwire.learning.model_files import write_model

    manifest = {
        "type": found.recipe.type,
        "task": TASK,
        "classification": {"format": FORMAT, **found.classifier.values()},
        "training": found.to_dict(),
    }
    write_model(path, manifest, found.classifier.parts())


def load_classifier(path: Path, jobs: int = 1) -> Classifier:
    """Read a classifier; refuses a model of another task."""
    from oddwire.learning.model_files import read_model

    model = read_model(path)
    manifest = model.manifest
    if manifest.get("task") != TASK:
        raise UsageError("this model is no classifier", where=str(path), hint="see `oddwire model inspect`")
    told = manifest.get("classification")
    if not isinstance(told, Mapping) or told.get("format") != FORMAT:
        raise UsageError("this classifier is of another version", where=str(path), hint="train it again")
    return Classifier.of(str(manifest.get("type")), told, model.parts, jobs)


def predict(
    classifier: Classifier,
    inputs: Sequence[Path],
    output: Path | None,
    *,
    file_format: str | None = None,
    alpha: float | None = None,
    progress: Callable[[str, int, int], object] | None = None,
) -> Predicted:
    """Say of every row of tables or captures what it is, in the order of the rows; write it where asked."""
    import polars as pl

    if alpha is not None:
        checked_alpha(alpha)
    if not inputs:
        raise UsageError("no file is named", hint="name tables or captures")
    said: list[pl.DataFrame] = []
    rows = 0
    for at, path in enumerate(inputs):
        for frame in frames_of(path):
            answers = classifier.predicted(frame, alpha)
            whose = frame.select(name for name in WHOSE if name in frame.columns)
            number = pl.int_range(rows, rows + len(frame), eager=True).alias("row")
            said.append(pl.concat([number.to_frame(), whose, answers], how="horizontal"))
            rows += len(frame)
        if progress is not None:
            progress("classifying", at + 1, len(inputs))
    if not said:
        raise UsageError("there is no row to classify", hint="check the files")
    table = pl.concat(said, how="diagonal_relaxed")
    if output is not None:
        ending = file_format or output.suffix.lstrip(".") or "csv"
        native.write_stream(table, output, ending)
    counted = table["label"].value_counts().sort("count", "label", descending=[True, False])
    return Predicted(
        rows=rows,
        labels=dict(zip(counted["label"].to_list(), counted["count"].to_list(), strict=True)),
        unknown=int((table["verdict"] == UNKNOWN).sum()),
        unsure=int((table["verdict"] == UNSURE).sum()),
    )


def evaluate_classifier(classifier: Classifier, rows: Rows, alpha: float | None = None) -> Judged:
    """Judge a classifier on labelled rows."""
    alpha = classifier.alpha if alpha is None else checked_alpha(alpha)
    source = labelled_rows(rows)
    truth = source.classes
    if not len(truth):
        raise UsageError(f"no {source.of} with a label", hint="check the labels and the files")
    matrix = classifier.preparation.matrix(source.table)
    chances = classifier.chances_of(matrix)
    places = classifier.places(truth)
    foreign = places == len(classifier.classes)
    sets = classifier.sets_of(matrix, chances, alpha)
    unseen = [one for one in truth.tolist() if one not in classifier.classes]
    remarks = list(source.remarks)
    equal = repeated(classifier.seen, fingerprints(matrix))
    if unseen:
        named = ", ".join(f"'{one}'" for one in sorted(set(unseen)))
        remarks.append(f"{len(unseen):,} rows are of classes that were never learned: {named}")
    return Judged(
        figures=figures(truth, classifier.labels(chances), classifier.classes, chances),
        coverage=coverage_of(sets, places, classifier.classes, alpha),
        unseen={label: unseen.count(label) for label in sorted(set(unseen))},
        unseen_unknown=float((sets[foreign].sum(axis=1) == 0).mean()) if unseen else 0.0,
        repeated=equal,
        remarks=remarks,
    )
