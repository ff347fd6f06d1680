"""Marks and what was watched: the oddest rows, bounded; hours, gaps and hosts; both come back from arrays."""

import numpy as np
import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.learning.exposure import HOUR_NS, Exposure
from oddwire.learning.marks import Marks, key_of
from tests.unit.streams import BEGIN_NS, MINUTE_NS, rows, stream, watched


def windows(minutes: list[int], hosts: int = 1) -> pl.DataFrame:
    return pl.concat(
        rows([f"10.0.0.{host}"] * len(minutes), minutes, [0.0] * len(minutes)) for host in range(hosts)
    )


def test_only_rows_above_the_floor_are_kept() -> None:
    table = rows(["a", "b", "c", "d"], [1, 2, 3, 4], [1.0, -5.0, float("nan"), -1.0])
    marks = Marks.of(table, exposure=watched(1), floor=-2)
    assert sorted(marks.surprise) == [-1.0, 1.0]
    assert set(marks.subjects) == {key_of("a"), key_of("d")}


def test_of_too_many_rows_the_oddest_are_kept_and_the_floor_says_so() -> None:
    odd = [float(number // 2) for number in range(100)]
    table = rows(["a"] * 100, list(range(100)), odd)
    marks = Marks.of(table, exposure=watched(1), most=11)
    # Rows that are equally odd go or stay together, so that what is kept is complete above the floor.
    assert sorted(marks.surprise) == odd[-10:]
    assert 44 < marks.floor <= 45


def test_marks_hang_on_no_order_of_rows() -> None:
    table = rows(["b", "a", "b", "a"], [4, 3, 2, 1], [1.0, 2.0, 3.0, 4.0])
    first = Marks.of(table, exposure=watched(1)).save()
    other = Marks.of(table.reverse(), exposure=watched(1)).save()
    assert all(first[name].tolist() == other[name].tolist() for name in first)


def test_marks_are_joined_as_if_they_had_been_one() -> None:
    one, two = rows(["a", "b"], [1, 2], [1.0, 2.0]), rows(["a"], [3], [0.5], member="odd_flow")
    seen = watched(1)
    apart = Marks.joined([Marks.of(one, exposure=seen), Marks.of(two, exposure=seen)])
    together = Marks.of(pl.concat([one, two]), exposure=seen)
    assert {name: array.tolist() for name, array in apart.save().items()} == {
        name: array.tolist() for name, array in together.save().items()
    }
    assert Marks.joined([apart, apart], most=2).size <= 2
    with pytest.raises(UsageError, match="no marks"):
        Marks.joined([])


def test_what_is_saved_comes_back_and_names_nobody() -> None:
    marks = stream(days=7, a_day=5, seed=1)
    saved = marks.save()
    assert all(array.dtype.kind in "if" for array in saved.values())
    again = Marks.load(saved).save()
    assert all(saved[name].tobytes() == again[name].tobytes() for name in saved)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("surprise", np.array([0.0])),
        ("surprise", np.array([[-9.0, 0.0]])),
        ("surprise", np.array([-9.0, 0.0])),
        ("end_ns", np.array([0, 0])),
        ("floor", np.array([])),
        ("floor", np.array([np.nan])),
        ("hours", np.array([3, 2])),
        ("hours", np.array([], dtype=np.int64)),
        ("seconds", np.array([1.0])),
        ("hosts", np.array(["a"])),
    ],
)
def test_damaged_arrays_are_refused(name: str, value: np.ndarray) -> None:
    saved = Marks.of(rows(["a", "b"], [1, 2], [1.0, 2.0]), exposure=watched(1)).save()
    assert Marks.load(saved).size == 2
    with pytest.raises(UsageError, match="damaged"):
        Marks.load(saved | {name: value})
    with pytest.raises(UsageError, match="damaged"):
        Marks.load({key: array for key, array in saved.items() if key != name})


def test_hours_are_watched_by_the_second() -> None:
    seen = Exposure.of(windows(list(range(30, 90)), hosts=3), window_ns=MINUTE_NS)
    assert (seen.hours - BEGIN_NS // HOUR_NS).tolist() == [0, 1]
    assert seen.seconds.tolist() == [1_800, 1_800]
    assert seen.hosts.tolist() == [3, 3]
    assert seen.days == pytest.approx(1 / 24)
    assert seen.host_hours == 6


def test_a_short_silence_was_watched_and_a_long_one_was_not() -> None:
    short = Exposure.of(windows([0, 60, 119]), window_ns=MINUTE_NS)
    long = Exposure.of(windows([0, 59, 600, 659]), window_ns=MINUTE_NS)
    assert short.days * 24 == pytest.approx(2)
    assert short.gap_hours == 0
    assert long.days * 24 == pytest.approx(2)
    assert long.gap_hours == 9


def test_parts_of_a_day_are_told() -> None:
    days, parts = Exposure.of(windows(list(range(1_440 + 720))), window_ns=MINUTE_NS).by_day()
    assert np.diff(days).tolist() == [1]
    assert parts.tolist() == [1.0, 0.5]


def test_captures_after_each_other_add_up() -> None:
    first = Exposure.of(windows(list(range(90))), window_ns=MINUTE_NS)
    second = Exposure.of(windows(list(range(90, 180)), hosts=2), window_ns=MINUTE_NS)
    both = first.joined(second)
    assert both.seconds.tolist() == [3_600, 3_600, 3_600]
    assert both.hosts.tolist() == [1, 2, 2]


def test_a_table_without_rows_and_centuries_are_refused() -> None:
    with pytest.raises(UsageError, match="no window"):
        Exposure.of(windows([]), window_ns=MINUTE_NS)
    with pytest.raises(UsageError, match="ten years"):
        Exposure.of(windows([0]), window_ns=4 * 10**17)
