"""`train --update`: ordinary weeks are learned, what was flagged never, and small steps lead nowhere."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from oddwire.cli import main
from oddwire.engine import remembering
from oddwire.engine.calibrating import checks_of
from oddwire.engine.drifting import PART
from oddwire.engine.remembering import MEMORY, USE, Use, memories_of, memory_parts, newest
from oddwire.engine.settings import Settings
from oddwire.engine.trained import Trained
from oddwire.engine.updated import ANCHOR, Updated, updated
from oddwire.engine.updating import Wish, flagged_by, update
from oddwire.errors import ModelError, OddwireError, UsageError
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import HOURS, PAIRS
from oddwire.features.units.keys import hash_of, mixed
from oddwire.features.units.past import hours_with_past, pairs_with_past, without_keys
from oddwire.learning.updating import STEP as STEP_LIMIT
from oddwire.learning.updating import Flagged
from oddwire.records.evidence import Party, Target
from oddwire.sources.files import read
from oddwire.testing.capture import write_pcap
from oddwire.testing.sessions import tcp_session
from tests.unit.learned_weeks import (
    DAY_NS,
    HOSTS,
    HOUR_NS,
    MONDAY_NS,
    RECIPE,
    Tables,
    pair_rows,
    trained,
    week,
)

NEW_PLACE = "203.0.113.9"


def at(day: int, hour: int = 0) -> int:
    return MONDAY_NS + day * DAY_NS + hour * HOUR_NS


@cache
def ordinary() -> Updated:
    return updated(trained(), week(9, 4), [], RECIPE)


def remembered(model: Trained) -> Tables:
    return memories_of(model.kept)


def knows(familiar: Familiar, host: str, place: str) -> bool:
    key = mixed(*(np.array([hash_of(one)], dtype=np.uint64) for one in (host, place)))
    return not familiar.strange(key)[0]


def seen_by(model: Trained, tables: Tables) -> Tables:
    """Return the tables as the model's judge is told them."""
    pairs = pairs_with_past(tables[PAIRS], model.familiar.fresh())
    return {HOURS: hours_with_past(tables[HOURS], pairs), PAIRS: without_keys(pairs)}


def test_an_update_with_ordinary_days_keeps_the_promise() -> None:
    made = ordinary()
    assert made.trained.marks is not None
    # Four days of training calibrate, and two of the update.
    assert made.trained.marks.days == pytest.approx(6.0, abs=0.1)
    (check,) = checks_of(made.trained, seen_by(made.trained, week(13, 6)), [5.0])
    assert check.kept
    assert check.measured is not None
    assert check.measured.alarms > 0
    assert made.guarded.held_hosts == ()


def test_old_rows_are_learned_on_and_new_ones_are_a_quarter() -> None:
    told = remembered(ordinary().trained)[HOURS]
    fitted = told.filter(pl.col(USE) == Use.FITTED)
    new = fitted.filter(pl.col("window") >= at(9))
    old = 5 * 24 * len(HOSTS)
    assert fitted.height - new.height == old
    assert 0.8 * old / 3 < new.height <= old / 3
    assert ordinary().trained.parts[0].rows == fitted.height


def test_no_row_is_both_fitted_and_calibrating() -> None:
    for table in remembered(ordinary().trained).values():
        ends = [name for name in ("window", "host", "peer", "port") if name in table.columns]
        assert table.select(ends).is_unique().all()
        assert table.filter(pl.col(USE) == Use.CALIBRATING, pl.col("window") >= at(9))["window"].min() == at(
            11
        )


def with_visit(tables: Tables, host: str, day: int, hour: int, place: str = NEW_PLACE) -> Tables:
    """Return the tables with a visit of one host to a place of its own."""
    visit = pair_rows(at(day, hour), (host,), place, np.array([900.0]), np.array([2]))
    return tables | {PAIRS: pl.concat([tables[PAIRS], visit]).sort("window", maintain_order=True)}


def test_a_new_service_is_familiar_afterwards() -> None:
    tables = week(9, 4)
    visitors = HOSTS[2:8]
    for number, host in enumerate(visitors):
        tables = with_visit(tables, host, 9 + number % 4, 13)
    made = updated(trained(), tables, [], RECIPE).trained
    assert not any(knows(trained().familiar, host, NEW_PLACE) for host in HOSTS)
    now = [host for host in HOSTS if knows(made.familiar, host, NEW_PLACE)]
    assert set(now) <= set(visitors)
    assert len(now) >= 4
    place = mixed(*(np.array([one], dtype=np.uint64) for one in (hash_of(NEW_PLACE), 443 | 6 << 16)))
    assert made.familiar.hosts_of(place).tolist() == [len(now)]
    # What was familiar stays, and is counted once.
    usual = mixed(*(np.array([one], dtype=np.uint64) for one in (hash_of("198.51.0.7"), 443 | 6 << 16)))
    assert made.familiar.hosts_of(usual).tolist() == [len(HOSTS)]


@pytest.mark.parametrize("day", [9, 12])
def test_what_a_rule_flagged_is_in_nothing(day: int) -> None:
    tables = with_visit(week(9, 4), HOSTS[2], day, 12)
    found = [Flagged(host=HOSTS[2], start_ns=at(day, 12), end_ns=at(day, 12) + 60)]
    made = updated(trained(), tables, found, RECIPE)
    assert not knows(made.trained.familiar, HOSTS[2], NEW_PLACE)
    for table in remembered(made.trained).values():
        # The hour itself, and those an hour before and after.
        near = table.filter(pl.col("window").is_between(at(day, 11), at(day, 13)))
        assert set(near["host"]) == set(HOSTS) - {HOSTS[2]}
    those = tables[PAIRS].filter(host=HOSTS[2], window=at(day, 12)).height
    assert made.left_out["finding"] == 1 + those


def test_what_the_model_flagged_is_not_fitted_but_still_calibrates() -> None:
    tables = week(9, 4)
    burst = pl.col("window").is_in([at(9, 12), at(12, 12)]) & (pl.col("host") == HOSTS[2])
    tables[HOURS] = tables[HOURS].with_columns(
        pl.when(burst).then(pl.col(name) * 1000).otherwise(pl.col(name)).alias(name)
        for name in ("packets_out", "payload_out_outside")
    )
    tables = with_visit(with_visit(tables, HOSTS[2], 9, 12), HOSTS[2], 12, 12)
    made = updated(trained(), tables, [], RECIPE)
    mine = remembered(made.trained)[HOURS].filter(burst)
    assert mine["window"].to_list() == [at(12, 12)]
    assert mine[USE].to_list() == [Use.CALIBRATING]
    assert not knows(made.trained.familiar, HOSTS[2], NEW_PLACE)
    assert made.alarms >= 2


def test_a_network_that_became_another_is_refused() -> None:
    with pytest.raises(UsageError, match="is under attack") as refused:
        updated(trained(), week(9, 4, factor=60.0), [], RECIPE)
    assert "oddwire drift" in str(refused.value)


def test_what_rules_explain_is_no_sign_of_another_network() -> None:
    tables = week(9, 4, factor=60.0)
    calm = week(9, 4)
    is_late = pl.col("window") >= at(10)
    tables = {
        one: pl.concat([table.filter(~is_late), calm[one].filter(is_late)]) for one, table in tables.items()
    }
    with pytest.raises(UsageError, match="is under attack"):
        updated(trained(), tables, [], RECIPE)
    found = [Flagged(host=host, start_ns=at(9), end_ns=at(10)) for host in HOSTS]
    assert updated(trained(), tables, found, RECIPE).alarms < 20


def test_many_small_steps_are_stopped_by_the_anchor() -> None:
    model, said, steps = trained(5), "", []
    for step in range(20):
        # Nothing in it is odd: all hosts come nearer to the same ordinary size, and stay there.
        tables = week(5 + 3 * step, 3, same=min((step + 1) * 0.15, 1.0))
        try:
            made = updated(model, tables, [], RECIPE)
        except UsageError as refused:
            said = str(refused)
            break
        steps.append(made.guarded.moved)
        model = replace(made.trained, digest="0" * 64)
    assert "the first training" in said
    assert len(steps) > 4
    assert max(steps) <= STEP_LIMIT


def test_the_first_training_stays_the_anchor() -> None:
    first = trained()
    twice = updated(ordinary().trained, week(13, 4), [], RECIPE).trained
    for name, array in first.kept[PART].items():
        assert np.array_equal(twice.kept[ANCHOR][name], array)
    assert any(not np.array_equal(twice.kept[PART][name], array) for name, array in first.kept[PART].items())


def test_two_updates_are_the_same_bytes(tmp_path: Path) -> None:
    again = updated(trained(), week(9, 4), [], RECIPE).trained
    for name, model in (("a", ordinary().trained), ("b", again)):
        model.save(tmp_path / f"{name}.oddwire")
    assert (tmp_path / "a.oddwire").read_bytes() == (tmp_path / "b.oddwire").read_bytes()
    loaded = Trained.load(tmp_path / "a.oddwire")
    assert memories_of(loaded.kept).keys() == {HOURS, PAIRS}
    assert not memories_of(Trained.load(tmp_path / "a.oddwire", memory=False).kept)


def _other_features(model: Trained) -> Trained:
    tables = memories_of(model.kept)
    tables[HOURS] = tables[HOURS].rename({"begun": "ports"})
    return replace(model, kept={**model.kept, **memory_parts(tables)})


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (lambda one: replace(one, kept={PART: one.kept[PART]}), "remembers nothing"),
        (lambda one: replace(one, marks=None), "too little traffic"),
        (_other_features, "other features"),
    ],
)
def test_models_that_cannot_learn_on_say_so(spoiled: Callable[[Trained], Trained], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        updated(spoiled(trained()), week(9, 4), [], RECIPE)


def test_nothing_but_flagged_traffic_is_refused() -> None:
    found = [Flagged(host=host, start_ns=at(9), end_ns=at(13)) for host in HOSTS]
    with pytest.raises(UsageError, match="all of it was flagged"):
        updated(trained(), week(9, 4), found, RECIPE)


def spoil(**given: Any) -> dict[str, dict[str, np.ndarray]]:
    name = f"{MEMORY}pairs-hour"
    arrays = dict(trained().kept[name])
    for key, change in given.items():
        arrays[key] = change(arrays[key])
    return {name: arrays}


@pytest.mark.parametrize(
    "kept",
    [
        spoil(features=lambda one: one[:-1]),
        spoil(features=lambda one: one.astype(np.float64)),
        spoil(host=lambda one: one + len(HOSTS)),
        spoil(host=lambda one: one - 1),
        spoil(window=lambda one: one.astype(np.float64)),
        spoil(use=lambda one: one + 5),
        {f"{MEMORY}pairs-hour": {}},
    ],
)
def test_a_damaged_memory_is_refused(kept: dict[str, dict[str, np.ndarray]]) -> None:
    with pytest.raises(ModelError, match="does not fit together"):
        memories_of(kept)


def test_memory_comes_back_as_it_was() -> None:
    for member, table in remembered(trained()).items():
        assert memories_of(memory_parts({member: table}))[member].equals(table)
    assert remembered(trained())[PAIRS]["hours_of_day"].null_count() == 0
    assert remembered(trained())[PAIRS]["strange"].null_count() > 0


def test_memory_is_bounded_and_calibrates_from_one_time_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST_FITTED", 1_000)
    monkeypatch.setattr(remembering, "MOST_CALIBRATING", 500)
    kept = newest(remembered(trained()))
    for table in kept.values():
        assert 900 < table.filter(pl.col(USE) == Use.FITTED).height <= 1_000
        assert table.filter(pl.col(USE) == Use.CALIBRATING).height <= 500
    begins = {
        member: table.filter(pl.col(USE) == Use.CALIBRATING)["window"].min() for member, table in kept.items()
    }
    assert begins[HOURS] == begins[PAIRS]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    trained().save(tmp_path / "office")
    return tmp_path / "office"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(seed=6), "--seed 5"),
        (Wish(type="boxplot"), "--model-type histogram"),
        (Wish(members=("hosts-hour",)), "--units hosts-hour,pairs-hour"),
        (Wish(trees=7), "--trees 100"),
        (Wish(contamination=0.5), "--contamination 0.01"),
        (Wish(type="nonsense"), "no type of model"),
    ],
)
def test_what_contradicts_the_model_is_refused(saved: Path, wish: Wish, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        update(read("nothing.pcap"), wish, saved, Settings())


def test_streams_and_missing_models_are_refused(saved: Path, tmp_path: Path) -> None:
    agreeing = Wish(type="histogram", members=("pairs-hour", "hosts-hour"), seed=5)
    with pytest.raises(UsageError, match="reads its captures twice"):
        update(read("-"), agreeing, saved, Settings())
    with pytest.raises(ModelError):
        update(read("nothing.pcap"), Wish(), tmp_path / "none", Settings())
    trained().save(tmp_path / "bare")
    replace(trained(), facts={}).save(tmp_path / "bare")
    with pytest.raises(OddwireError, match="how it was trained"):
        update(read("nothing.pcap"), Wish(), tmp_path / "bare", Settings())


def found(subject: str | None, *targets: str | None) -> Any:  # as much of a finding as is asked
    return SimpleNamespace(
        subject=Party(ip=subject), targets=tuple(Target(ip=one) for one in targets), start_ns=1, end_ns=2
    )


def test_both_ends_of_a_finding_are_flagged() -> None:
    told = flagged_by([found("10.0.0.1", "10.0.0.2", None, "10.0.0.1"), found(None)])
    assert [one.host for one in told] == ["10.0.0.1", "10.0.0.2"]
    assert told[0] == Flagged(host="10.0.0.1", start_ns=1, end_ns=2)


def captured(path: Path, *, start: float, hours: int) -> Path:
    """Write some hours in which hosts ask a server inside and two outside, when they like."""
    dice, packets = np.random.default_rng(hours), []
    for host in range(6):
        for begin in start + dice.uniform(0, hours * 3_600 - 60, 10 * hours):
            server = ("10.0.0.250", "198.51.100.7", "203.0.113.80")[dice.integers(3)]
            exchange = (int(dice.integers(100, 900)), int(dice.integers(500, 5_000)))
            port = int(dice.integers(40_000, 60_000))
            packets += tcp_session(f"10.0.0.{host + 1}", port, server, 443, [exchange], start=begin)
    write_pcap(path, packets)
    return path


def said_by(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main([*words])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out + err


def test_the_command_updates_a_model_once_with_each_capture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = captured(tmp_path / "first.pcap", start=1_700_000_000, hours=21)
    later = captured(tmp_path / "later.pcap", start=1_700_000_000 + 86_400, hours=6)
    model = str(tmp_path / "office.oddwire")
    making = ("--model", model, "--model-type", "histogram", "--seed", "3")
    assert said_by(capsys, "train", str(first), *making)[0] == 0
    code, said = said_by(capsys, "train", "--update", str(later), "--model", model)
    assert (code, "row" in said) == (0, True), said
    (entry,) = Trained.load(Path(model)).facts["updates"]
    assert entry["training"]["inputs"][0]["name"] == "later.pcap"
    assert entry["rows"] > 100
    code, said = said_by(capsys, "train", "--update", str(later), "--model", model)
    assert code == 2
    assert "learned this capture already" in said
    code, said = said_by(capsys, "train", "--update", str(first), "--model", model, "--seed", "4")
    assert "--seed 3" in said
    assert said_by(capsys, "detect", str(later), "--model", model)[0] == 0
