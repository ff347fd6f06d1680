"""Sessions inside sessions, from host to host, are told; jump hosts and jobs of many hosts are not."""

from itertools import pairwise
from pathlib import Path

import pytest

from oddwire.detectors.lateral import Lateral
from oddwire.engine import analysis
from oddwire.engine.settings import Settings
from oddwire.records.finding import Finding
from oddwire.records.kinds import Severity
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.sessions import tcp_session

BEGIN = 1_710_062_400.0
HOSTS = [f"10.0.0.{last}" for last in (7, 21, 22, 23, 24, 25)]


def found(path: Path, packets: list[Timed], judge: Lateral, rows: int = 65_536) -> list[Finding]:
    capture = path / "made.pcap"
    write_pcap(capture, packets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "SPAN_ROWS", rows)
        patch.setattr(Settings, "detectors", lambda _: [judge])
        patch.setattr(analysis, "judges_of", lambda *_: [])
        seen = analysis.analyze(Capture(inputs=(str(capture),)))
    assert not seen.failures
    return list(seen.findings)


def chain(hops: int, *, port: int = 22, pushes: bool = False, seconds: float = 300) -> list[Timed]:
    """Each session begins 20 s after the one before, and all but short ones go on together."""
    packets: list[Timed] = []
    for at, (client, server) in enumerate(pairwise(HOSTS[: hops + 1])):
        start = BEGIN + 20 * at
        turns = int(seconds / 2)
        if pushes:
            packets += tcp_session(client, 40_000, server, 445, [(100_000, 300)], start=start - 5)
        packets += tcp_session(client, 50_000, server, port, [(40, 90)] * turns, start=start, rtt=2.0)
    return packets


def test_a_chain_of_sessions_is_told_of_its_first_host(tmp_path: Path) -> None:
    [one] = found(tmp_path, chain(5), Lateral())
    assert (one.subject.ip, one.severity, one.target_count) == (HOSTS[0], Severity.MEDIUM, 5)


def test_three_hops_are_enough_where_files_went_before(tmp_path: Path) -> None:
    [one] = found(tmp_path, chain(3, port=3_389, pushes=True), Lateral())
    assert (one.subject.ip, one.facts["pushed"]) == (HOSTS[0], True)


@pytest.mark.parametrize(("hops", "seconds"), [(2, 300), (3, 300), (5, 15)])
def test_jump_hosts_and_short_jobs_are_not(tmp_path: Path, hops: int, seconds: float) -> None:
    assert found(tmp_path, chain(hops, seconds=seconds), Lateral()) == []


def test_how_ticks_are_cut_changes_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, chain(5), Lateral()) == found(tmp_path, chain(5), Lateral(), rows=1)


def test_what_is_saved_is_remembered(tmp_path: Path) -> None:
    judge, other, both = Lateral(), Lateral(), Lateral()
    found(tmp_path, chain(5), judge)
    other.load(judge.save())
    both.merge(judge.save())
    assert other.save() == judge.save() == both.save()
    other.merge(judge.save())
    assert other.save()["hops"] == judge.save()["hops"]
