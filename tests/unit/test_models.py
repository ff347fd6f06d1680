"""What every type of model must hold, whatever it learns: one set of tests for all of them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from oddwire.base.model import Model, Saved
from oddwire.engine.models import all_models, model_named
from oddwire.errors import ModelError, UsageError
from oddwire.learning.array_files import packed
from oddwire.records.unit import Scale
from tests.unit.unit_tables import FEATURES, host_minutes, odd_row

SCALES = {"upload_share": Scale.PLAIN}
# A row of pairs has a peer, and is not held against its host's past.
SHAPES = ("hosts", "pairs")


def shaped(table: pl.DataFrame, shape: str) -> pl.DataFrame:
    return table if shape == "hosts" else table.with_columns(peer=pl.lit("10.0.0.99"))


def fitted(kind: type[Model], table: pl.DataFrame | None = None, *, seed: int = 0) -> Model:
    model = kind(scales=SCALES, trees=20, seed=seed)
    model.fit(host_minutes() if table is None else table)
    return model


def fresh(kind: type[Model]) -> Model:
    return kind(scales=SCALES)


@pytest.fixture(params=all_models(), ids=lambda one: one.type)
def kind(request: pytest.FixtureRequest) -> type[Model]:
    found: type[Model] = request.param
    return found


def test_models_are_found_by_their_names() -> None:
    names = [one.type for one in all_models()]
    assert names == sorted(names)
    assert {"boxplot", "ecod", "ensemble", "histogram", "isolation-forest"} <= set(names)
    assert model_named("isolation_forest").type == "isolation-forest"
    assert all(one.about for one in all_models())
    with pytest.raises(UsageError, match="no type of model 'ensembel'") as said:
        model_named("ensembel")
    assert said.value.hint == "did you mean 'ensemble'?"


@pytest.mark.parametrize("shape", SHAPES)
def test_one_seed_gives_one_model_byte_for_byte(kind: type[Model], shape: str) -> None:
    table = shaped(host_minutes(), shape)
    once, again = (fitted(kind, table, seed=3).save() for _ in range(2))
    assert once.values == again.values
    assert packed(once.arrays) == packed(again.arrays)
    assert packed(once.arrays) != packed(fitted(kind, shaped(host_minutes(seed=1), shape)).save().arrays)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_loaded_scores_the_same_and_is_saved_the_same(kind: type[Model], shape: str) -> None:
    model, again = fitted(kind, shaped(host_minutes(), shape)), fresh(kind)
    asked = shaped(pl.concat([host_minutes(seed=5), odd_row()]), shape)
    again.load(model.save())
    assert again.score(asked).equals(model.score(asked))
    assert again.save().values == model.save().values
    assert packed(again.save().arrays) == packed(model.save().arrays)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_oddest_row_gets_the_highest_score(kind: type[Model], shape: str) -> None:
    table = shaped(host_minutes(), shape)
    scores = fitted(kind, table).score(pl.concat([table, shaped(odd_row(), shape)]))
    assert scores.dtype == pl.Float64
    assert scores.is_finite().all()
    assert scores.arg_max() == table.height
    assert scores[-1] > scores[:-1].max()


def test_more_of_it_is_never_less_odd(kind: type[Model]) -> None:
    model = fitted(kind)
    each = [
        odd_row().with_columns(pl.lit(size, pl.Float32).alias("packets_out")) for size in (1e3, 1e4, 1e6, 1e9)
    ]
    scores = model.score(pl.concat(each)).to_list()
    assert scores == sorted(scores)


def test_the_order_of_rows_changes_no_score(kind: type[Model]) -> None:
    model, asked = fitted(kind), host_minutes(300, seed=2)
    order = np.random.default_rng(1).permutation(300)
    assert model.score(asked[order]).to_list() == model.score(asked)[order].to_list()
    assert [model.score(asked[row])[0] for row in range(20)] == model.score(asked[:20]).to_list()


def test_the_order_of_columns_changes_no_score(kind: type[Model]) -> None:
    model, asked = fitted(kind), host_minutes(50, seed=2)
    turned = asked.select(*reversed(asked.columns), more=pl.lit(1.0))
    assert model.score(turned).equals(model.score(asked))


def test_scoring_teaches_nothing(kind: type[Model]) -> None:
    model = fitted(kind)
    before = packed(model.save().arrays)
    first = model.score(odd_row())
    for _ in range(3):
        model.score(pl.concat([odd_row()] * 50))
    assert packed(model.save().arrays) == before
    assert model.score(odd_row()).equals(first)


def test_a_host_never_seen_is_scored_like_any_other(kind: type[Model]) -> None:
    asked = pl.concat([host_minutes(20), odd_row()]).with_columns(host=pl.lit("192.168.7.7"))
    scores = fitted(kind).score(asked)
    assert scores.is_finite().all()
    assert scores.arg_max() == 20


def test_no_row_is_no_score(kind: type[Model]) -> None:
    assert fitted(kind).score(host_minutes(600).clear()).to_list() == []


def test_unknown_values_alarm_nobody(kind: type[Model]) -> None:
    """A row of which nothing is known is not as odd as one of which the worst is known."""
    nothing = host_minutes(1).with_columns(pl.lit(None, pl.Float32).alias(name) for name in FEATURES)
    scores = fitted(kind).score(pl.concat([nothing, odd_row()]))
    assert scores.is_finite().all()
    assert scores[0] < scores[1]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_unknown(kind: type[Model], value: float | None) -> None:
    model = fitted(kind)
    unknown = host_minutes(5).with_columns(pl.lit(None, pl.Float32).alias("packets_out"))
    spoilt = unknown.with_columns(pl.lit(value, pl.Float32).alias("packets_out"))
    assert model.score(spoilt).equals(model.score(unknown))


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_what_was_always_the_same_and_no_longer_is_stands_out(kind: type[Model], value: float) -> None:
    constant = pl.lit(value, pl.Float32).alias("failed")
    model = fitted(kind, host_minutes().with_columns(constant))
    same = host_minutes(50, seed=9).with_columns(constant)
    before = model.score(same)
    after = model.score(same.with_columns(pl.lit(5_000.0, pl.Float32).alias("failed")))
    assert (after >= before).all()
    # Random cuts never fall into a column without width; all others must see it.
    assert (after > before).any() or kind.type == "isolation-forest"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_little_is_learned_without_a_trace(kind: type[Model], rows: int) -> None:
    model = fitted(kind, host_minutes(rows))
    assert model.score(pl.concat([host_minutes(4), odd_row()])).is_finite().all()


@pytest.mark.parametrize("spoilt", [None, float("nan")])
def test_a_column_that_nobody_knew_in_training_says_nothing(kind: type[Model], spoilt: float | None) -> None:
    unknown = pl.lit(spoilt, pl.Float32).alias("failed")
    model = fitted(kind, host_minutes().with_columns(unknown))
    assert model.score(host_minutes(5).with_columns(unknown)).is_finite().all()


@pytest.mark.parametrize("table", [host_minutes(9).clear(), host_minutes(9).select("window", "host")])
def test_nothing_to_learn_from_is_said(kind: type[Model], table: pl.DataFrame) -> None:
    with pytest.raises(UsageError, match="nothing to learn from"):
        fitted(kind, table)


def test_a_model_that_learned_nothing_says_so(kind: type[Model]) -> None:
    for use in (lambda: fresh(kind).score(host_minutes(1)), lambda: fresh(kind).save()):
        with pytest.raises(UsageError, match="learned nothing"):
            use()


def test_a_lacking_or_wrong_column_is_named(kind: type[Model]) -> None:
    model = fitted(kind)
    with pytest.raises(UsageError, match="payload_out_outside"):
        model.score(host_minutes(3).drop("payload_out_outside"))
    with pytest.raises(UsageError, match="no number"):
        model.score(host_minutes(3).with_columns(packets_out=pl.lit("many")))


def spoilt(array: np.ndarray) -> list[np.ndarray | None]:
    """Return what a stranger may put in place of an array: nothing, another kind, shape or length."""
    made: list[np.ndarray | None] = [None, array.astype("U8"), array[None]]
    if array.ndim:
        made.append(array[:-1])
    if array.dtype.kind == "f":
        made.append(np.full_like(array, np.nan))
    return made


def test_a_strangers_arrays_are_refused_or_work(kind: type[Model]) -> None:
    """Valid hashes prove that somebody wrote it, no more: nothing may end as an IndexError."""
    saved, refused = fitted(kind).save(), set()
    for name, array in saved.arrays.items():
        for one in spoilt(array):
            arrays = {**saved.arrays} if one is None else {**saved.arrays, name: one}
            if one is None:
                del arrays[name]
            model = fresh(kind)
            try:
                model.load(replace(saved, arrays=arrays))
                # Text that says the same numbers, or a forest with a tree less.
                assert model.score(host_minutes(3)).is_finite().all()
            except (ModelError, UsageError):
                refused.add(name)
    assert refused == set(saved.arrays)


@pytest.mark.parametrize(
    "features", [None, "packets_out", [], ["packets_out"], [*FEATURES[:-1], 7], [FEATURES[0]] * 5]
)
def test_features_that_do_not_fit_the_arrays_are_refused(features: object) -> None:
    for one in all_models():
        saved = fitted(one).save()
        if "features" in saved.values:
            with pytest.raises(ModelError):
                fresh(one).load(Saved(values={**saved.values, "features": features}, arrays=saved.arrays))
