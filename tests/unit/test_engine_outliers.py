"""What stands out by itself, where no model was trained."""

from functools import cache

import numpy as np
import polars as pl

from oddwire.engine.outliers import LEAST_ROWS, MOST_NAMED, Outliers
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Kind, Severity
from oddwire.testing.simulation.conversations import NS, conversations, joined
from oddwire.testing.simulation.tables import recording_of
from tests.unit.learned_office import TUESDAY, by_hours, flooded, shown


@cache
def said() -> tuple[Evidence, ...]:
    recording, _ = flooded()
    return tuple(shown(Outliers(recording.hosts), recording))


def test_a_few_hosts_and_flows_are_named_and_never_as_more_than_low() -> None:
    assert said()
    for kind in (Kind.ODD_HOST, Kind.ODD_FLOW):
        mine = [one.subject.ip for one in said() if one.kind is kind]
        assert len(mine) == len(set(mine)) <= MOST_NAMED
    assert {one.kind for one in said()} <= {Kind.ODD_HOST, Kind.ODD_FLOW}
    assert {one.severity for one in said()} == {Severity.LOW}
    assert all(0 <= one.score <= 0.5 for one in said())


def clicks(minutes: int) -> pl.DataFrame:
    """Return what six hosts do that are much alike: a page a minute."""
    random = np.random.default_rng(0)
    rows = 6 * minutes
    return conversations(
        start_ns=TUESDAY + np.arange(rows) // 6 * 60 * NS,
        duration_ns=NS,
        src=[f"10.20.30.{21 + row % 6}" for row in range(rows)],
        dst="9.9.9.9",
        src_port=40_000 + np.arange(rows) % 6,
        dst_port=443,
        payload_out=random.integers(400, 900, rows),
        payload_in=random.integers(4_000, 9_000, rows),
    )


def test_who_does_what_nobody_else_does_is_named_first() -> None:
    sent = conversations(
        start_ns=[TUESDAY + 30 * 60 * NS + row * NS // 2 for row in range(60)],
        duration_ns=5 * NS,
        src="10.20.30.23",
        dst=[f"9.8.7.{row}" for row in range(60)],
        src_port=[50_000 + row for row in range(60)],
        dst_port=8_443,
        payload_out=30_000_000,
        payload_in=100,
    )
    recording = recording_of(joined([clicks(60), sent]))
    (host,) = [one for one in shown(Outliers(recording.hosts), recording) if one.kind is Kind.ODD_HOST]
    assert host.subject.ip == "10.20.30.23"
    assert host.start_ns == TUESDAY + 30 * 60 * NS
    assert {reason.feature for reason in host.reasons} & {"payload_out_outside", "contacted_outside", "begun"}
    assert "stands out in this capture" in host.title


def test_reasons_are_parts_of_the_whole() -> None:
    assert all(sum(reason.weight for reason in one.reasons) <= 1 for one in said())
    assert any(one.reasons for one in said())


def test_two_runs_and_hours_one_by_one_say_the_same() -> None:
    recording, _ = flooded()
    assert tuple(shown(Outliers(recording.hosts), recording)) == said()
    assert tuple(shown(Outliers(recording.hosts), recording, list(by_hours(recording)))) == said()


def test_evidence_is_complete() -> None:
    for one in said():
        (selector,) = one.selectors
        assert selector.a == one.subject.ip
        assert one.start_ns == selector.from_ns <= selector.until_ns == one.end_ns < one.at_ns
        assert one.target_count == len(one.targets) == (0 if one.kind is Kind.ODD_HOST else 1)
        assert 0 < float(one.facts["share_as_odd"]) < 0.1  # type: ignore[arg-type]  # a number
        assert one.p_value is None


def test_of_too_little_nothing_is_said() -> None:
    enough = LEAST_ROWS // 6 + 1
    for minutes, is_enough in ((enough, True), (enough - 1, False)):
        sent = clicks(minutes).with_columns(
            pl.when(pl.int_range(pl.len()) == 7)
            .then(10**9)
            .otherwise(pl.col("payload_out"))
            .alias("payload_out")
        )
        recording = recording_of(sent)
        judge = Outliers(recording.hosts)
        assert bool(shown(judge, recording)) is is_enough


def test_where_all_are_alike_nobody_stands_out() -> None:
    """Not even who is first: without a past the first of everything is new."""
    # Each asks the next one, and the last one the first.
    next_one = [f"10.20.30.{21 + (row + 1) % 6}" for row in range(360)]
    ring = clicks(60).with_columns(payload_out=500, payload_in=5_000, dst=pl.Series(next_one))
    recording = recording_of(ring)
    judge = Outliers(recording.hosts)
    assert shown(judge, recording) == []
    assert recording.ended.height >= LEAST_ROWS
