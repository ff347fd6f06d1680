"""What a user wants of a classifier, in the user's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from oddwire.engine.classifier_training import Wish
from oddwire.engine.labelled_rows import Rows
from oddwire.learning.classification.estimators import GRIDS, Recipe, Value, checked, grid_values
from oddwire.learning.classification.preparation import Encoding
from oddwire.learning.classification.splits import Split

__all__ = ["ALPHA", "wish_of"]

# A share of rows that may be called unlike their own class where nothing is said.
ALPHA = 0.05


def wish_of(given: Mapping[str, Any]) -> Wish:
    """Return the wish that options describe."""
    model_type, seed = given["model_type"], given["seed"]
    parameters: dict[str, Value] = {}
    for option, name in (("trees", "n_estimators"), ("max_depth", "max_depth")):
        if given[option] is not None:
            parameters[name] = checked(model_type, name, given[option])
    return Wish(
        rows=Rows(
            inputs=given["inputs"],
            label_column=given["label_column"],
            labels=given["labels"],
            most=given["max_rows"],
            seed=seed,
        ),
        recipe=Recipe(
            type=model_type,
            seed=seed,
            jobs=given["jobs"],
            balanced=given["imbalance"] == "balanced",
            parameters=parameters,
        ),
        split=Split(given["split"]),
        test_size=given["test_size"],
        keep=given["keep"],
        drop=given["drop"],
        encoding=Encoding(given["encoding"]),
        time_column=given["time_column"],
        host_column=given["host_column"],
        folds=given["folds"],
        grid=_grid(model_type, parameters, grid=given["grid"], texts=given["grid_param"]),
        alpha=ALPHA if given["alpha"] is None else given["alpha"],
        check_leak=given["check_leak"],
        single_columns=given["single_feature"],
        least_rows=given["least_rows"],
    )


def _grid(
    model_type: str, said: Mapping[str, Value], *, grid: bool, texts: Sequence[str]
) -> Mapping[str, Sequence[Value]] | None:
    """Return what is searched: what was named, else the usual, without what was fixed by an option."""
    if texts:
        return grid_values(model_type, texts)
    if not grid:
        return None
    return {name: values for name, values in GRIDS[model_type].items() if name not in said}
