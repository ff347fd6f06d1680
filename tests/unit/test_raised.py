"""Alarms of marks are counted exactly as the engine makes findings of evidence."""

import numpy as np
import pytest

from oddwire.engine.episodes import LEAST_QUIET_NS as ENGINE_QUIET_NS
from oddwire.engine.episodes import Episodes
from oddwire.learning.marks import Marks
from oddwire.learning.raised import LEAST_QUIET_NS, quiet_after, raised
from oddwire.records.evidence import Evidence, Party
from oddwire.records.kinds import PERIODIC, Kind, Severity
from tests.unit.judges import Judge
from tests.unit.streams import BEGIN_NS, MINUTE_NS, rows, watched

ODD = (Kind.ODD_HOST, Kind.ODD_FLOW)


@pytest.mark.parametrize("window_s", [5, 60, 150, 151, 600])
def test_the_quiet_that_ends_an_alarm_is_the_engines(window_s: int) -> None:
    assert quiet_after(window_s * 10**9) == Episodes(window_ns=window_s * 10**9).quiet_ns
    assert LEAST_QUIET_NS == ENGINE_QUIET_NS
    assert not PERIODIC & set(ODD)


@pytest.mark.parametrize("seed", range(5))
def test_alarms_are_the_engines_findings(seed: int) -> None:
    chance = np.random.default_rng(seed)
    hosts = [f"10.0.0.{number}" for number in chance.integers(1, 5, 400)]
    minutes = np.sort(chance.integers(0, 3_000, 400))
    lengths = chance.choice([1, 1, 1, 9], 400) * MINUTE_NS
    episodes = Episodes(window_ns=MINUTE_NS)
    tables = []
    for kind in ODD:
        table = rows(hosts, minutes.tolist(), [1.0] * 400, member=kind)
        tables.append(table.with_columns(end_ns=table["start_ns"] + lengths))
        for host, start, length in zip(hosts, table["start_ns"], lengths, strict=True):
            one = Evidence(
                kind=kind,
                subject=Party(ip=host),
                targets=(),
                score=0.5,
                start_ns=start,
                end_ns=start + int(length),
                at_ns=start + int(length),
                title="",
            )
            episodes.add(Judge, one, Severity.LOW)
    marks = Marks.joined([Marks.of(table, exposure=watched(3)) for table in tables])
    alarms = raised(marks, threshold=0.0, quiet_ns=quiet_after(MINUTE_NS))
    found = episodes.findings()
    assert 20 < alarms.count < 700
    assert sorted(zip(alarms.start_ns.tolist(), alarms.end_ns.tolist(), strict=True)) == sorted(
        (one.start_ns, one.end_ns) for one in found
    )


def test_only_rows_at_the_threshold_count() -> None:
    table = rows(["a"] * 4, [0, 4, 8, 100], [1.0, 0.2, 3.0, 0.5])
    marks = Marks.of(table, exposure=watched(1))
    assert raised(marks, threshold=0.1).count == 2
    apart = raised(marks, threshold=1.0)
    assert ((apart.start_ns - BEGIN_NS) // MINUTE_NS).tolist() == [0, 8]
    assert apart.surprise.tolist() == [1.0, 3.0]
    assert raised(marks, threshold=4.0).count == 0


def test_a_long_row_covers_what_comes_inside_it() -> None:
    table = rows(["a", "a", "b"], [0, 30, 61], [1.0, 1.0, 1.0])
    ends = [BEGIN_NS + minute * MINUTE_NS for minute in (60, 31, 62)]
    marks = Marks.of(table.with_columns(end_ns=np.array(ends)), exposure=watched(1))
    assert raised(marks, threshold=0).count == 2
