"""The run of the judges: what is complete is shown once and in order, and one that fails is left out."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from oddwire.base.window import Window
from oddwire.engine.judging import Judging
from oddwire.records.evidence import Evidence
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Cadence
from oddwire.testing.windows import WINDOW_NS, Tables, arp_frame, hosts_named, talk_frame
from tests.unit.judges import SECOND, Judge, Other, evidence

# A time at which a window begins.
T = 1_710_062_400 * SECOND


class Hourly(Judge):
    """Judges whole windows."""

    name = "hourly"
    cadence = Cadence.WINDOW


def tables(*ticks: int, ended: tuple[int, ...] = (), arp: tuple[int, ...] = (), **talks: Any) -> Tables:
    """Return a span: rows in ticks counted from the beginning, numbered in the order they came."""
    return {
        "talks": talk_frame(tick=[T + tick * TICK_NS for tick in ticks], src=range(len(ticks)), **talks),
        "ended": talk_frame(tick=[T + tick * TICK_NS for tick in ended]),
        "arp": arp_frame(tick=[T + tick * TICK_NS for tick in arp]),
    }


def judging(*judges: Judge) -> Judging:
    return Judging(detectors=judges, hosts=hosts_named(str), window_ns=WINDOW_NS)


def ticks(window: Window, table: str = "talks") -> list[int]:
    return [(tick - T) // TICK_NS for tick in getattr(window, table)["tick"].to_list()]


def test_what_is_not_complete_is_held_back() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(0, 1, 2), T + 2 * TICK_NS)
    run.see(tables(2, 3), T + 3 * TICK_NS)
    run.see(tables(4), None)
    assert [ticks(window) for window in judge.shown] == [[0, 1], [2, 2], [3, 4]]


def test_windows_join_without_gaps() -> None:
    judge = Judge()
    run = judging(judge)
    for tick in range(4):
        run.see(tables(tick), T + (tick + 1) * TICK_NS)
    edges = [(window.start_ns, window.end_ns) for window in judge.shown]
    assert all(end == start for (_, end), (start, _) in pairwise(edges))


def test_rows_come_in_the_order_of_their_ticks_and_else_as_they_came() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(2, 0, 1), T)
    run.see(tables(1, 0), None)
    assert ticks(judge.shown[0]) == [0, 0, 1, 1, 2]
    assert judge.shown[0].talks["src"].to_list() == [1, 1, 2, 0, 0]


def test_nothing_new_is_complete_and_nothing_is_shown() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(0), T + TICK_NS)
    run.see(tables(1), T + TICK_NS)
    assert [ticks(window) for window in judge.shown] == [[0]]


def test_windows_in_which_nothing_happened_are_not_shown() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(0), T + 3 * TICK_NS)
    run.see(tables(), T + 9 * TICK_NS)
    run.see(tables(arp=(9,)), None)
    assert [(ticks(window), ticks(window, "arp")) for window in judge.shown] == [([0], []), ([], [9])]


def test_a_conversation_that_ended_long_ago_belongs_to_the_first_tick_not_yet_shown() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(0, 1), T + 2 * TICK_NS)
    run.see(tables(2, 3, ended=(0, 3)), None)
    assert ticks(judge.shown[-1], "ended") == [2, 3]


def test_judges_of_windows_see_whole_windows() -> None:
    of_ticks, of_windows = Judge(), Hourly()
    run = judging(of_ticks, of_windows)
    run.see(tables(0, 11), T + 12 * TICK_NS)
    run.see(tables(12, 13), T + 14 * TICK_NS)
    run.see(tables(24), T + 25 * TICK_NS)
    run.see(tables(25), None)
    assert [ticks(window) for window in of_windows.shown] == [[0, 11], [12, 13], [24, 25]]
    assert [ticks(window) for window in of_ticks.shown] == [[0, 11], [12, 13], [24], [25]]


def failing(_: Window) -> list[Evidence]:
    raise ValueError("no such thing")


def test_one_that_fails_is_reported_once_and_left_out_while_others_go_on() -> None:
    bad, good = Judge(failing), Other(lambda window: [evidence(1, at_ns=window.end_ns)])
    run = judging(bad, good)
    said = [run.see(tables(tick), T + (tick + 1) * TICK_NS) for tick in range(3)]
    assert [[judge.name for judge, _ in one] for one in said] == [["other"]] * 3
    assert [(one.detector, one.message) for one in run.failures] == [("judge", "ValueError: no such thing")]
    assert len(bad.shown) == 1
    assert len(good.shown) == 3


class HalfWay(Judge):
    """Says one thing, and fails."""

    def observe(self, window: Window) -> Iterator[Evidence]:
        yield evidence(1)
        raise ValueError(window.start_ns)


def test_of_one_that_fails_half_way_nothing_is_taken() -> None:
    run = judging(HalfWay())
    assert run.see(tables(0), None) == []
    assert len(run.failures) == 1


def test_what_is_said_comes_in_order() -> None:
    late = Judge(lambda _: [evidence(9), evidence(3, part="b"), evidence(3, part="a")])
    early = Other(lambda _: [evidence(1), evidence(3)])
    said = judging(early, late).see(tables(0), None)
    told = [(judge.name, one.at_ns // SECOND, one.part) for judge, one in said]
    assert told == [
        ("other", 1, ""),
        ("judge", 3, "a"),
        ("judge", 3, "b"),
        ("other", 3, ""),
        ("judge", 9, ""),
    ]


@pytest.mark.parametrize(("answered", "expected"), [(0, [0, 1]), (1, [0, 1]), (2, [1]), (9, [])])
def test_captures_of_one_direction_are_told_by_their_conversations(
    answered: int, expected: list[int]
) -> None:
    counts = [0] * (8 - answered) + [5] * answered if answered < 9 else [5] * 8
    judge = Judge()
    talks = tables(
        *([0] * 8 + [1] * 8),
        protocol=6,
        packets_out=5,
        payload_out=100,
        packets_in=[*counts, *([0] * 8 if answered < 9 else [5] * 8)],
    )
    judging(judge).see(talks, None)
    assert [(tick - T) // TICK_NS for tick in sorted(judge.shown[0].quality.one_sided)] == expected


def test_few_conversations_tell_nothing_of_directions() -> None:
    judge = Judge()
    judging(judge).see(tables(0, 0, 0, protocol=6, packets_out=5, payload_out=100), None)
    assert judge.shown[0].quality.one_sided == frozenset()


def test_only_what_somebody_reads_is_held() -> None:
    judge = Judge()
    run = judging(judge)
    run.see(tables(0), None)
    held = set(judge.shown[0].talks.columns)
    assert {"tick", "src", "dst", "born"} <= held
    assert "length_squares_out" not in held
