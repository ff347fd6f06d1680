"""The isolation forest as a model of ours."""

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import IsolationForest as Theirs

from oddwire.base.model import Saved
from oddwire.errors import ModelError, UsageError
from oddwire.learning.array_files import packed
from oddwire.learning.scaling import Scaling
from oddwire.models.isolation_forest import IsolationForest
from oddwire.records.unit import Scale


def office(rows: int = 400, *, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    sent = random.lognormal(8, 1, rows)
    return pl.DataFrame(
        {
            "host": [f"10.0.0.{row % 9}" for row in range(rows)],
            "bytes": sent,
            "answered": pl.Series(random.uniform(0.8, 1, rows)).set(pl.Series(sent < 700), None),
            "ports": random.poisson(3, rows),
        }
    )


def trained(**options: int) -> IsolationForest:
    model = IsolationForest(**{"trees": 40, **options}, scales={"bytes": Scale.LOG, "ports": Scale.LOG})
    model.fit(office())
    return model


def test_what_is_odd_scores_higher() -> None:
    odd = pl.DataFrame({"host": ["x"], "bytes": [1e9], "answered": [0.0], "ports": [900]})
    model = trained()
    ordinary = model.score(office(seed=1))
    assert model.score(odd)[0] > float(ordinary.max())  # type: ignore[arg-type]  # a series of numbers has one
    assert ordinary.dtype == pl.Float64
    assert ordinary.len() == 400


def test_it_says_what_scikit_learn_says() -> None:
    known, asked = office(), office(seed=3)
    scaling = Scaling.fit(known, scales={"bytes": Scale.LOG, "ports": Scale.LOG})
    theirs = Theirs(n_estimators=40, max_samples=256, random_state=5).fit(scaling.matrix(known))
    wanted = -theirs.score_samples(scaling.matrix(asked))
    np.testing.assert_allclose(trained(seed=5).score(asked).to_numpy(), wanted, rtol=0, atol=1e-6)


def test_one_seed_gives_the_same_bytes_and_another_does_not() -> None:
    once, again, other = trained(seed=3).save(), trained(seed=3, jobs=2).save(), trained(seed=4).save()
    assert once.values == again.values
    assert packed(once.arrays) == packed(again.arrays)
    assert packed(once.arrays) != packed(other.arrays)


def test_what_is_loaded_scores_the_same() -> None:
    model, again = trained(), IsolationForest()
    again.load(model.save())
    asked = office(seed=2)
    assert again.score(asked).equals(model.score(asked))
    assert (again.trees, again.samples, again.seed) == (40, 256, 0)
    assert again.save().values == model.save().values


def test_a_row_alone_scores_as_among_others() -> None:
    """Nothing is learned from what is scored."""
    model, asked = trained(), office(60, seed=2)
    alone = [model.score(asked[row])[0] for row in range(60)]
    assert alone == model.score(asked).to_list()


def test_few_rows_are_enough_and_none_are_not() -> None:
    model = IsolationForest(trees=3)
    model.fit(office(2))
    assert model.score(office(5)).is_finite().all()
    with pytest.raises(UsageError, match="nothing to learn from"):
        model.fit(office(0))
    with pytest.raises(UsageError, match="needs trees"):
        IsolationForest(trees=0).fit(office(9))
    for use in (lambda: IsolationForest().score(office(1)), lambda: IsolationForest().save()):
        with pytest.raises(UsageError, match="learned nothing"):
            use()


def test_a_strangers_model_is_refused() -> None:
    saved = trained().save()
    wider = Scaling.fit(office().with_columns(more=1.0)).save()
    for spoilt in (
        Saved(),
        Saved(values=saved.values),
        Saved(values={**saved.values, "seed": "0"}, arrays=saved.arrays),
        Saved(values=saved.values, arrays={**saved.arrays, **wider}),
        Saved(values=saved.values, arrays={**saved.arrays, "forest.link": np.array("mean")}),
    ):
        model = IsolationForest()
        with pytest.raises(ModelError):
            model.load(spoilt)
        with pytest.raises(UsageError, match="learned nothing"):
            model.score(office(1))
