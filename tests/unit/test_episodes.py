"""Episodes: one finding while something lasts, a linked one when it comes again, incidents of one host."""

import pytest

from oddwire.engine.episodes import Episodes
from oddwire.features.incidents import INCIDENT_GAP_NS, with_incidents
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Selector, Target
from oddwire.records.finding import Finding
from oddwire.records.kinds import Kind, Severity
from tests.unit.judges import HOST, SECOND, Judge, Other, evidence

MINUTE = 60


def findings(*said: Evidence, window_s: int = 60) -> list[Finding]:
    episodes = Episodes(window_ns=window_s * SECOND)
    for one in said:
        episodes.add(Judge, one, one.severity or Severity.MEDIUM)
    return episodes.findings()


@pytest.mark.parametrize(("window_s", "quiet_s"), [(60, 300), (10, 300), (150, 300), (200, 400)])
def test_an_episode_ends_after_two_windows_or_five_minutes(window_s: int, quiet_s: int) -> None:
    same = findings(evidence(100), evidence(100 + quiet_s), window_s=window_s)
    apart = findings(evidence(100), evidence(101 + quiet_s), window_s=window_s)
    assert len(same) == 1
    assert len(apart) == 2


def test_a_beacon_may_be_quiet_for_longer() -> None:
    first, later = (evidence(start, kind=Kind.BEACON) for start in (100, 100 + 3 * 3_600))
    assert len(findings(first, later)) == 1
    assert len(findings(first, evidence(101 + 3 * 3_600, kind=Kind.BEACON))) == 2


def test_quiet_counts_from_the_end_of_what_was_seen() -> None:
    assert len(findings(evidence(100, 900), evidence(1_150))) == 1


def test_an_episode_is_raised_once_and_then_updated() -> None:
    episodes = Episodes(window_ns=60 * SECOND)
    episodes.add(Judge, evidence(100, 110), Severity.LOW)
    (before,) = episodes.findings()
    episodes.add(Judge, evidence(90, 140, score=0.9), Severity.HIGH)
    (after,) = episodes.findings()
    assert before.id == after.id
    assert before.detected_ns == after.detected_ns == 110 * SECOND
    assert (after.start_ns, after.end_ns, after.updated_ns) == (90 * SECOND, 140 * SECOND, 140 * SECOND)
    assert (after.severity, after.score) == (Severity.HIGH, 0.9)


def test_severity_never_sinks() -> None:
    (found,) = findings(evidence(100, severity=Severity.HIGH), evidence(110, severity=Severity.LOW))
    assert found.severity is Severity.HIGH


def test_the_next_episode_is_linked_to_the_one_before() -> None:
    one, two, three = findings(evidence(100), evidence(1_000), evidence(2_000))
    assert [one.previous, two.previous, three.previous] == [None, one.id, two.id]
    assert len({one.id, two.id, three.id}) == 3


def test_ids_hang_on_who_what_and_when_alone() -> None:
    (first,) = findings(evidence(100))
    (grown,) = findings(evidence(100, title=f"{HOST} did more"), evidence(120, score=0.9))
    (later,) = findings(evidence(101))
    (another,) = findings(evidence(100, subject=Party(ip="10.0.0.6")))
    assert first.id == grown.id
    assert len({first.id, later.id, another.id}) == 3


def test_subjects_kinds_and_detectors_are_kept_apart() -> None:
    episodes = Episodes(window_ns=SECOND)
    for detector, said in (
        (Judge, evidence(100)),
        (Other, evidence(100)),
        (Judge, evidence(100, kind=Kind.HOST_SWEEP)),
        (Judge, evidence(100, subject=Party(ip="10.0.0.6"))),
        (Judge, evidence(100, subject=Party(mac="02:00:00:00:00:01"))),
    ):
        episodes.add(detector, said, Severity.MEDIUM)
    assert len({one.id for one in episodes.findings()}) == 5


def test_parts_make_one_finding_with_the_words_of_the_strongest() -> None:
    (found,) = findings(
        evidence(100, part="a", score=0.4, targets=(Target(ip="10.0.0.1"),), target_count=3),
        evidence(100, part="b", score=0.8, title=f"{HOST} did worse", target_count=2),
        evidence(105, part="a", score=0.5, targets=(Target(ip="10.0.0.2"),), target_count=4),
    )
    assert found.title == f"{HOST} did worse (and 1 more such case)"
    assert found.targets == (Target(ip="10.0.0.2"),)
    assert found.target_count == 6


def test_lists_are_bounded_and_what_covers_all_takes_the_place_of_many() -> None:
    said = [
        evidence(
            100 + number,
            part=str(number),
            targets=(Target(ip=f"10.1.0.{number}"),),
            target_count=1,
            selectors=(Selector(a=HOST, b=f"10.1.0.{number}", from_ns=number, until_ns=number + 5),),
        )
        for number in range(100)
    ]
    (found,) = findings(*said)
    assert len(found.targets) == MOST_TARGETS
    assert found.target_count == 100
    assert found.selectors == (Selector(a=HOST, b=None, from_ns=0, until_ns=104),)


def test_parts_beyond_the_bound_are_counted() -> None:
    (found,) = findings(*(evidence(100, part=str(number)) for number in range(300)))
    assert found.title.endswith("(and 299 more such cases)")


def test_findings_of_one_host_close_in_time_are_one_incident() -> None:
    gap_s = INCIDENT_GAP_NS // SECOND
    found = with_incidents(
        findings(
            evidence(100),
            evidence(100 + gap_s, kind=Kind.HOST_SWEEP),
            evidence(101 + 2 * gap_s, kind=Kind.LATERAL),
            evidence(120, subject=Party(ip="10.0.0.6")),
        )
    )
    incidents = {(one.kind, one.subject.ip): one.incident for one in found}
    together = incidents[Kind.PORT_SCAN, HOST]
    assert together is not None
    assert together == incidents[Kind.HOST_SWEEP, HOST]
    assert incidents[Kind.LATERAL, HOST] is None
    assert incidents[Kind.PORT_SCAN, "10.0.0.6"] is None


def test_context_alone_makes_no_incident() -> None:
    low = [evidence(100, severity=Severity.LOW, kind=kind) for kind in (Kind.NEW_HOST, Kind.BOGON)]
    assert {one.incident for one in with_incidents(findings(*low))} == {None}
    scan = evidence(130)
    assert len({one.incident for one in with_incidents(findings(*low, scan))} - {None}) == 1


def test_the_gravest_incident_comes_first_and_stays_together() -> None:
    found = with_incidents(
        findings(
            evidence(100, subject=Party(ip="10.0.0.7")),
            evidence(110, kind=Kind.NEW_HOST, severity=Severity.LOW),
            evidence(120, kind=Kind.EXPLOIT, severity=Severity.CRITICAL),
        )
    )
    assert [one.kind for one in found] == [Kind.EXPLOIT, Kind.NEW_HOST, Kind.PORT_SCAN]


def test_the_order_of_evidence_within_a_tick_changes_no_ranking() -> None:
    said = [evidence(100, kind=kind) for kind in (Kind.PORT_SCAN, Kind.HOST_SWEEP, Kind.LATERAL)]
    assert with_incidents(findings(*said)) == with_incidents(findings(*reversed(said)))


def test_a_part_that_is_told_again_is_counted_once_beyond_the_bound_too() -> None:
    said = [evidence(100, 110 + turn, part=f"host {number}") for turn in range(3) for number in range(300)]
    (found,) = findings(*said)
    assert "(and 299 more such cases)" in found.title
