from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.learning.classification.splits import Division, Split, divided, folds, sampled, set_apart
from oddwire.learning.classification.when_and_whose import hosts_of, times_of

CLASSES = np.array(["a"] * 80 + ["b"] * 16 + ["c"] * 4, dtype=object)


def mixed(rows: int = 120) -> Division:
    """Return rows of two classes, in the order of time, of 12 hosts."""
    at = np.arange(rows)
    return Division(
        how=Split.HOST,
        classes=np.array(["a", "b", "a"], dtype=object)[at % 3],
        times=at,
        hosts=np.array([f"10.0.0.{one % 12}" for one in at]),
    )


def how(division: Division, split: Split) -> Division:
    return Division(how=split, classes=division.classes, times=division.times, hosts=division.hosts)


@pytest.mark.parametrize("split", list(Split))
def test_both_sides_are_all_rows_once(split: Split) -> None:
    learned, judged = divided(how(mixed(), split), 0.25)
    assert sorted([*learned.tolist(), *judged.tolist()]) == list(range(120))
    assert len(judged) == pytest.approx(30, abs=6)


def test_every_class_is_on_both_sides_in_its_share() -> None:
    learned, judged = divided(Division(how=Split.STRATIFIED, classes=CLASSES), 0.25)
    assert Counter(CLASSES[judged]) == {"a": 20, "b": 4, "c": 1}
    assert Counter(CLASSES[learned]) == {"a": 60, "b": 12, "c": 3}


def test_a_seed_decides_what_is_drawn() -> None:
    sides = [
        divided(Division(how=Split.STRATIFIED, classes=CLASSES, seed=seed), 0.25)[1].tolist()
        for seed in (1, 1, 2)
    ]
    assert sides[0] == sides[1] != sides[2]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["a", "a", "a"], "one class is not enough: 'a'"),
        (["a", "a", "b"], r"each class needs at least 2 rows, and 'b' \(1\) has fewer"),
    ],
)
def test_what_cannot_be_divided_within_classes_is_refused(classes: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        divided(Division(how=Split.STRATIFIED, classes=np.array(classes, dtype=object)), 0.3)


def test_a_class_of_one_row_is_learned_from_when_rows_are_set_apart() -> None:
    classes = np.array(["a"] * 10 + ["b"], dtype=object)
    learned, _ = set_apart(Division(how=Split.STRATIFIED, classes=classes), 0.3)
    assert 10 in learned.tolist()


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0])
def test_a_share_that_leaves_a_side_empty_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match="leaves one side empty"):
        divided(Division(how=Split.STRATIFIED, classes=CLASSES), share)


def test_the_latest_rows_judge_and_a_moment_is_not_cut() -> None:
    times = np.array([5, 1, 2, 3, 4, 5, 5, 5, 0, 1])
    classes = np.array(["a", "b"] * 5, dtype=object)
    learned, judged = divided(Division(how=Split.TIME, classes=classes, times=times), 0.1)
    assert times[judged].tolist() == [5, 5, 5, 5]
    assert times[learned].max() < 5


def test_no_host_is_on_both_sides() -> None:
    division = mixed()
    assert division.hosts is not None
    learned, judged = divided(division, 0.25)
    assert not set(division.hosts[learned]) & set(division.hosts[judged])
    assert set(division.classes[judged]) == {"a", "b"}


def test_a_single_moment_host_or_past_class_is_refused() -> None:
    classes = np.array(["a", "b"] * 5, dtype=object)
    with pytest.raises(UsageError, match="all rows are of one moment"):
        divided(Division(how=Split.TIME, classes=classes, times=np.ones(10)), 0.3)
    with pytest.raises(UsageError, match="1 hosts cannot be divided"):
        divided(Division(how=Split.HOST, classes=classes, hosts=np.array(["x"] * 10)), 0.3)
    with pytest.raises(UsageError, match="only one class to learn from"):
        divided(Division(how=Split.TIME, classes=np.sort(classes), times=np.arange(10)), 0.5)
    with pytest.raises(UsageError, match="--time-column"):
        divided(Division(how=Split.TIME, classes=classes), 0.3)


@pytest.mark.parametrize("split", [Split.STRATIFIED, Split.HOST])
def test_folds_judge_every_row_once(split: Split) -> None:
    division = how(mixed(), split)
    parts = list(folds(division, 4))
    assert sorted(np.concatenate([judged for _, judged in parts]).tolist()) == list(range(120))
    for learned, judged in parts:
        assert len(learned) + len(judged) == 120
        assert set(division.classes[judged]) == {"a", "b"}
        if split is Split.HOST and division.hosts is not None:
            assert not set(division.hosts[learned]) & set(division.hosts[judged])


def test_folds_by_time_learn_from_a_growing_past() -> None:
    parts = list(folds(how(mixed(), Split.TIME), 4))
    assert len(parts) == 4
    assert all(learned.max() < judged.min() for learned, judged in parts)
    assert all(len(one[0]) < len(other[0]) for one, other in pairwise(parts))


def test_a_sample_holds_so_many_rows_of_each_class() -> None:
    rows = sampled(CLASSES, 10, 1)
    assert Counter(CLASSES[rows]) == {"a": 10, "b": 10, "c": 4}
    assert rows.tolist() == sorted(rows.tolist())


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 2],
        ["2024-03-10 09:20:03", "2024-03-10 09:20:01", "2024-03-10 09:20:02"],
        ["3.5", "1.5", "2.5"],
        pl.Series([3, 1, 2]).cast(pl.Datetime("ns")),
    ],
)
def test_times_are_found_by_their_usual_name_and_read(values: object) -> None:
    times = times_of(pl.DataFrame({"Timestamp": values}), None)
    assert np.argsort(times).tolist() == [1, 2, 0]


def test_times_that_cannot_be_read_or_found_are_said() -> None:
    with pytest.raises(UsageError, match="column 'ts' does not say of every row when it was"):
        times_of(pl.DataFrame({"ts": ["yesterday", "today"]}), None)
    with pytest.raises(UsageError, match="does not say of every row"):
        times_of(pl.DataFrame({"ts": [1, None]}), None)
    with pytest.raises(UsageError, match="no column says when a row was"):
        times_of(pl.DataFrame({"x": [1]}), None)
    with pytest.raises(UsageError, match="no column named 'y'"):
        times_of(pl.DataFrame({"x": [1]}), "y")


def test_hosts_are_found_and_rows_of_nobody_are_one_hosts() -> None:
    assert hosts_of(pl.DataFrame({"Source IP": ["a", None, "b"]}), None).tolist() == ["a", "(none)", "b"]
