"""A trained model as a file: the same bytes, the same scores, and nothing that does not fit."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pytest

from oddwire.engine.learning_run import Recipe, learned
from oddwire.engine.models import all_models
from oddwire.engine.trained import DEFAULT_BUDGET, Trained
from oddwire.errors import ModelError, UsageError
from oddwire.features.units.gather import MINUTES, PAIRS
from oddwire.learning.model_files import ModelFile, read_model
from tests.unit.unit_tables import HOSTS, host_minutes, pair_hours

HOURS = 30
TYPES = [one.type for one in all_models()]
Manifest: TypeAlias = dict[str, Any]
Parts: TypeAlias = dict[str, dict[str, np.ndarray]]
Change: TypeAlias = Callable[[Manifest, Parts], object]


@cache
def trained(kind: str = "ensemble") -> Trained:
    tables = {MINUTES: host_minutes(HOURS * 60 * len(HOSTS)), PAIRS: pair_hours(HOURS)}
    return learned(tables, Recipe(type=kind, trees=5, members=("hosts-minute", "pairs-hour")))


@pytest.fixture(params=TYPES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked() -> pl.DataFrame:
    return host_minutes(50, seed=4)


def files_of(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(path.iterdir())}


def test_two_savings_are_equal_and_so_is_what_was_read(kind: str, tmp_path: Path) -> None:
    trained(kind).save(tmp_path / "a")
    trained(kind).save(tmp_path / "b")
    again = Trained.load(tmp_path / "a")
    again.save(tmp_path / "c")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b") == files_of(tmp_path / "c")
    for name in ("a", "b"):
        trained(kind).save(tmp_path / f"{name}.oddwire")
    assert (tmp_path / "a.oddwire").read_bytes() == (tmp_path / "b.oddwire").read_bytes()
    assert Trained.load(tmp_path / "a.oddwire").digest == again.digest == read_model(tmp_path / "a").digest


def test_a_model_says_the_same_after_it_was_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "m.oddwire"
    trained(kind).save(path)
    again = Trained.load(path)
    assert again.type == kind
    for one, two in zip(trained(kind).parts, again.parts, strict=True):
        table = asked() if one.member is MINUTES else _with_past(pair_hours(2, seed=3))
        assert one.member == two.member
        assert one.names == two.names
        assert one.rows == two.rows
        assert two.surprise(table).tolist() == one.surprise(table).tolist()
        assert two.p_values(table) == one.p_values(table)
    assert again.promise(20.0) == trained(kind).promise(20.0)


def _with_past(pairs: pl.DataFrame) -> pl.DataFrame:
    told = ("hours_of_day", "others", "strange", "strange_to_all", "port_use")
    return pairs.with_columns(pl.lit(1.0, pl.Float32).alias(name) for name in told)


def test_the_budget_is_five_a_day_or_the_strictest_that_stands() -> None:
    model = trained("histogram")
    assert model.marks is not None
    assert model.budget(1.5) == 1.5
    assert model.budget(None) == pytest.approx(5 / model.marks.days)
    assert model.budget(None) > DEFAULT_BUDGET
    bare = Trained(type=model.type, parts=model.parts, familiar=model.familiar, marks=None)
    assert bare.budget(None) == DEFAULT_BUDGET
    with pytest.raises(ModelError, match="keeps no budget"):
        bare.promise(5.0)


def test_without_calibration_surprise_is_the_score_and_nothing_is_a_p_value() -> None:
    part = trained("histogram").parts[0]
    assert part.tail is not None
    bare = type(part)(**{name: getattr(part, name) for name in part.__dataclass_fields__ if name != "tail"})
    assert bare.surprise(asked()).tolist() == bare.model.score(asked()).to_list()
    assert bare.p_values(asked()) == [None] * 50
    assert all(one is not None and 0 < one <= 1 for one in part.p_values(asked()))


# What a stranger may write, with all hashes right.


@cache
def kept(kind: str) -> ModelFile:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m"
        trained(kind).save(path)
        return read_model(path)


def loaded(change: Change, kind: str = "ensemble") -> Trained:
    """Load what would be read where somebody changed the file, and wrote right hashes beside it."""
    file = kept(kind)
    manifest = deepcopy(dict(file.manifest))
    parts = {name: dict(arrays) for name, arrays in file.parts.items()}
    change(manifest, parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "oddwire.engine.trained.read_model",
            lambda _, **__: ModelFile(manifest=manifest, parts=parts),
        )
        return Trained.load(Path("m"))


def test_what_is_not_changed_is_read() -> None:
    assert len(loaded(lambda _, __: None).parts) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda said, _: said.update(unit_schema=99),
        lambda said, _: said.pop("unit_schema"),
        lambda said, _: said.update(type="magic"),
        lambda said, _: said.pop("type"),
        lambda said, _: said.update(type="histogram"),
        lambda said, _: said.update(members=[]),
        lambda said, _: said.update(members="hosts-minute"),
        lambda said, _: said.update(members=[{}]),
        lambda said, _: said.update(members=said["members"] * 2),
        lambda said, _: said.update(recipe="none"),
        lambda said, _: said.update(recipe={"contamination": 7}),
        lambda said, _: said.update(recipe={"contamination": None}),
        lambda said, _: said["members"][0].update(name="hosts-week"),
        lambda said, _: said["members"][0].update(name="hosts-hour"),
        lambda said, _: said["members"][0].update(name="pairs-hour"),
        lambda said, _: said["members"][0].update(features=["packets_out"]),
        lambda said, _: said["members"][0].update(features=["packets_out"] * 4),
        lambda said, _: said["members"][0].update(features=["a", "b", "c", "d", "e"]),
        lambda said, _: said["members"][0].update(rows="many"),
        lambda said, _: said["members"][0].update(calibrated=False),
        lambda said, _: said["members"][0].update(values=None),
        lambda said, _: said["members"][0]["values"].update(features=["a", "b", "c", "d", "e"]),
        lambda said, _: said["members"][1]["values"].update(own=True),
        lambda _, parts: parts.pop("familiar"),
        lambda _, parts: parts.pop("calibration"),
        lambda _, parts: parts.pop("pairs-hour"),
        lambda _, parts: parts["familiar"].pop("frozen"),
        lambda _, parts: parts["familiar"].update(frozen=parts["familiar"]["frozen"][::-1]),
        lambda _, parts: parts["familiar"].update(place_hosts=parts["familiar"]["place_hosts"][:1]),
        lambda _, parts: parts["familiar"].update(services=np.array(["x"])),
        lambda _, parts: parts["calibration"].pop("surprise"),
        lambda _, parts: parts["calibration"].update(hours=parts["calibration"]["hours"][:1]),
    ],
)
def test_a_manifest_and_parts_that_do_not_fit_are_refused(change: Change) -> None:
    with pytest.raises(ModelError) as said:
        loaded(change)
    assert said.value.where == "m"


def test_damaged_arrays_are_refused_or_do_no_harm(kind: str) -> None:
    """Each array of a part in turn: not there, without its last values, as text."""
    for name in trained(kind).parts[0].arrays():
        for damage in (None, "short", "text"):

            def change(_: Manifest, parts: Parts, name: str = name, damage: str | None = damage) -> None:
                array = parts["hosts-minute"].pop(name)
                if damage:
                    cut = array[..., :-1] if array.ndim else array[None]
                    parts["hosts-minute"][name] = cut if damage == "short" else array.astype("U6")

            try:
                again = loaded(change, kind)
            except ModelError:
                continue
            assert damage is not None, name
            assert np.isfinite(again.parts[0].surprise(asked())).all(), name


def test_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        Trained.load(tmp_path / "nowhere")
    with pytest.raises((ModelError, UsageError)):
        Trained.load(tmp_path)
