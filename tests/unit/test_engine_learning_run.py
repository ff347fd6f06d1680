"""Training on tables of units: what is fitted, what calibrates, and what the past is meanwhile."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from oddwire.engine import learning_run
from oddwire.engine.learning_run import Recipe, _refreshes, exposure_of, learned
from oddwire.engine.trained import Part, Trained
from oddwire.errors import UsageError
from oddwire.features.units.gather import FLOWS, HOURS, MINUTES, PAIRS, Member
from oddwire.learning.array_files import packed
from tests.unit.unit_tables import HOSTS, HOUR_NS, START_NS, flows, host_minutes, pair_hours

LENGTH = 18
ALL = ("hosts-minute", "hosts-hour", "pairs-hour", "flows-each")
PLAIN = Recipe(type="histogram", members=ALL)
# A third of the traffic calibrates, from a full hour on.
SPLIT_NS = START_NS + 11 * HOUR_NS
Tables = dict[Member, pl.DataFrame]


def hours(length: int = LENGTH) -> pl.DataFrame:
    made = host_minutes(length * len(HOSTS))
    return made.with_columns((START_NS + pl.int_range(pl.len()) // len(HOSTS) * HOUR_NS).alias("window"))


def tables() -> Tables:
    minutes = host_minutes(LENGTH * 60 * len(HOSTS)).with_columns(new_inside=pl.lit(1.0, pl.Float32))
    return {MINUTES: minutes, HOURS: hours(), PAIRS: pair_hours(LENGTH), FLOWS: flows(LENGTH)}


def parts_of(trained: Trained) -> Mapping[str, Part]:
    return {part.member.name: part for part in trained.parts}


def test_every_unit_is_learned_and_calibrated_by_the_last_third() -> None:
    trained = learned(tables(), PLAIN)
    parts = parts_of(trained)
    assert sorted(parts) == sorted(ALL)
    assert parts["hosts-minute"].rows == 11 * 60 * len(HOSTS)
    assert all(part.tail is not None for part in trained.parts)
    assert trained.marks is not None
    assert trained.marks.days == pytest.approx(7 / 24)


def test_two_trainings_are_equal_byte_for_byte() -> None:
    once, again = (learned(tables(), Recipe(type="ensemble", trees=5, members=ALL)) for _ in range(2))
    for one, two in zip(once.parts, again.parts, strict=True):
        assert packed(one.arrays()) == packed(two.arrays())
    assert once.marks is not None
    assert again.marks is not None
    assert packed(once.marks.save()) == packed(again.marks.save())


def changed(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose calibration rows are all other ones: other sizes, and places on known ports."""
    late = pl.col("window") >= SPLIT_NS
    keys = [name for name in ("pair", "place_port", "key") if name in table.columns]
    sizes = [name for name in ("packets_out", "payload_out", "contacts") if name in table.columns]
    return table.with_columns(
        *(pl.when(late).then(pl.col(name) + 7).otherwise(pl.col(name)).alias(name) for name in keys),
        *(pl.when(late).then(pl.col(name) * 50).otherwise(pl.col(name)).alias(name) for name in sizes),
    )


@pytest.mark.parametrize("kind", ["ensemble", "isolation-forest"])
def test_what_is_fitted_never_saw_the_calibration(kind: str) -> None:
    recipe = Recipe(type=kind, members=ALL, trees=5)
    plain = parts_of(learned(tables(), recipe))
    other = parts_of(learned({member: changed(table) for member, table in tables().items()}, recipe))
    for name, part in plain.items():
        assert packed(part.model.save().arrays) == packed(other[name].model.save().arrays), name
        assert packed(part.usual.arrays()) == packed(other[name].usual.arrays()), name
        assert part.tail is not None
        assert other[name].tail is not None
        assert packed(part.tail.save()) != packed(other[name].tail.save()), name  # type: ignore[union-attr]


def fitted_tables(monkeypatch: pytest.MonkeyPatch, given: Tables) -> Tables:
    seen: Tables = {}
    fit = learning_run.fitted

    def noted(member: Member, table: pl.DataFrame, recipe: Recipe) -> Part:
        seen[member] = table
        return fit(member, table, recipe)

    monkeypatch.setattr(learning_run, "fitted", noted)
    learned(given, PLAIN)
    return seen


def test_in_the_first_quarter_nobody_knows_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = fitted_tables(monkeypatch, tables())
    asked = {
        MINUTES: ["new_inside"],
        HOURS: ["new_outside", "strange_out", "strange_in", "strange_contacts"],
        PAIRS: ["strange", "strange_to_all", "others", "port_use"],
        FLOWS: ["port_use"],
    }
    for member, names in asked.items():
        table = seen[member]
        first = table.filter(pl.col("window") < START_NS + 4 * HOUR_NS)
        later = table.filter(pl.col("window") >= START_NS + 5 * HOUR_NS)
        for name in names:
            assert first[name].null_count() == first.height > 0, (member.name, name)
            assert later[name].null_count() == 0 < later.height, (member.name, name)
        assert table["payload_out" if "payload_out" in table.columns else "packets_out"].null_count() == 0


def test_what_is_the_past_by_then_is_not_strange(monkeypatch: pytest.MonkeyPatch) -> None:
    later = fitted_tables(monkeypatch, tables())[PAIRS].filter(pl.col("window") >= START_NS + 5 * HOUR_NS)
    assert later["strange"].sum() == 0
    assert later["others"].unique().to_list() == [len(HOSTS)]


def test_what_was_used_in_training_is_familiar_in_the_end_and_nothing_else() -> None:
    familiar = learned(tables(), PLAIN).familiar
    pairs = pair_hours(LENGTH)
    used = pairs.filter(~pl.col("outside"))["key"].to_numpy()
    assert not familiar.first_service(used).any()
    assert familiar.first_service(used[:1] + np.uint64(1)).all()
    assert not familiar.strange(pairs["pair"].to_numpy()).any()
    assert familiar.strange(pairs["pair"].to_numpy() + np.uint64(1)).all()


def test_a_unit_that_calibration_never_met_is_left_out() -> None:
    """Its scores would stand uncalibrated beside the surprise of the others."""
    early = {**tables(), PAIRS: pair_hours(9)}
    trained = learned(early, PLAIN)
    assert "pairs-hour" not in parts_of(trained)
    assert all(part.tail is not None for part in trained.parts)


def test_units_with_few_rows_are_left_out() -> None:
    few = {**tables(), HOURS: hours().filter(pl.col("host") == "10.0.0.1")}
    assert sorted(parts_of(learned(few, PLAIN))) == ["flows-each", "hosts-minute", "pairs-hour"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "no traffic of local hosts"),
        ({FLOWS: flows(3)}, "no traffic of local hosts"),
        ({MINUTES: host_minutes(40)}, "too little traffic"),
        ({MINUTES: host_minutes(1)}, "too little traffic"),
        ({MINUTES: host_minutes(600).with_columns(window=pl.lit(START_NS))}, "too little traffic"),
    ],
)
def test_too_little_traffic_is_said(given: Tables, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        learned(given, Recipe(type="histogram"))


def test_a_short_training_promises_nothing_and_says_what_would() -> None:
    trained = learned({MINUTES: host_minutes(9 * 60 * len(HOSTS))}, Recipe(type="histogram"))
    with pytest.raises(UsageError, match="support no budget") as said:
        trained.promise(5.0)
    assert "6 hours" in (said.value.hint or "")


def test_an_unknown_unit_or_type_is_no_model() -> None:
    with pytest.raises(UsageError, match="no type of model 'magic'"):
        learned(tables(), Recipe(type="magic"))


def test_days_without_rows_are_no_steps_of_the_past() -> None:
    day = 86_400 * 1_000_000_000
    windows = pl.Series([0, day // 2, 3 * day, 20_000 * day, 20_001 * day])
    assert _refreshes(windows, 20_001 * day) == [day, 4 * day, 20_001 * day]
    assert _refreshes(pl.Series([0, 7, 90]), 100) == [25, 100]


def test_no_tables_are_no_time_that_was_watched() -> None:
    assert exposure_of({}) is None
