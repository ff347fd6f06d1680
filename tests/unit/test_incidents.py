"""Incidents: what belongs together is one story, in words, in its order; what does not stays alone."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oddwire.engine.episodes import Episodes
from oddwire.features.incidents import CHAIN_GAP_NS, incidents_of, with_incidents
from oddwire.records.evidence import Evidence, Party, Target
from oddwire.records.finding import Finding
from oddwire.records.incident import Incident
from oddwire.records.kinds import Kind, Severity
from tests.unit.judges import SECOND, Judge, evidence

A, B, C, OUTSIDE = "10.0.0.5", "10.0.0.9", "10.0.0.12", "203.0.113.7"


def did(kind: Kind, start_s: float, who: str, *to: str, **changed: Any) -> Evidence:
    """Return evidence that somebody did something to others for ten seconds."""
    targets = tuple(Target(ip=one) for one in to)
    return evidence(
        start_s,
        start_s + 10,
        kind=kind,
        subject=Party(ip=who),
        targets=targets,
        target_count=changed.pop("count", len(to)),
        part=",".join(to),
        **changed,
    )


def found(*said: Evidence) -> list[Finding]:
    episodes = Episodes(window_ns=60 * SECOND)
    for one in sorted(said, key=lambda one: one.start_ns):
        episodes.add(Judge, one, one.severity or Severity.MEDIUM)
    return with_incidents(episodes.findings())


def stories(*said: Evidence) -> list[Incident]:
    return incidents_of(found(*said))


def test_what_merely_stands_out_is_part_of_no_story_and_comes_last() -> None:
    ordered = found(
        did(Kind.ODD_HOST, 90, A, severity=Severity.LOW, score=0.9),
        did(Kind.HOST_SWEEP, 100, A, B, C),
        did(Kind.TOP_TALKER, 120, OUTSIDE, severity=Severity.LOW, score=0.1),
        did(Kind.ODD_FLOW, 130, A, B, severity=Severity.LOW, score=0.9),
    )
    assert [one.kind for one in ordered[:2]] == ["host_sweep", "top_talker"]
    assert {one.incident for one in ordered} == {None}


def test_an_alarm_of_a_model_is_part_of_a_story() -> None:
    (told,) = stories(did(Kind.HOST_SWEEP, 100, A, B, C), did(Kind.ODD_HOST, 130, A))
    assert [one.kind for one in told.findings] == ["host_sweep", "odd_host"]


def test_a_chain_of_hosts_is_one_story_in_its_order() -> None:
    (told,) = stories(
        did(Kind.HOST_SWEEP, 100, A, B, C),
        did(Kind.BRUTE_FORCE, 300, A, B),
        did(Kind.LATERAL, 700, B, C),
        did(Kind.BEACON, 900, C, OUTSIDE),
    )
    assert told.hosts == (A, B, C)
    assert told.title == (
        f"{A} looked for hosts and guessed passwords at {B}; then {B} moved on to {C}; "
        f"then {C} checked in regularly with {OUTSIDE} (in 13 min 30 s)"
    )
    assert [one.kind for one in told.findings] == ["host_sweep", "brute_force", "lateral", "beacon"]
    assert told.severity is Severity.HIGH


def test_who_acted_before_it_was_reached_or_long_after_is_no_link() -> None:
    late_s = CHAIN_GAP_NS // SECOND
    assert stories(did(Kind.BRUTE_FORCE, 1_000, A, B), did(Kind.BEACON, 500, B, OUTSIDE)) == []
    assert stories(did(Kind.BRUTE_FORCE, 100, A, B), did(Kind.BEACON, 200 + late_s, B, OUTSIDE)) == []
    assert len(stories(did(Kind.BRUTE_FORCE, 100, A, B), did(Kind.BEACON, 100 + late_s, B, OUTSIDE))) == 1


def test_a_wide_scan_says_nothing_of_each_host() -> None:
    beacon = did(Kind.BEACON, 300, B, OUTSIDE)
    assert stories(did(Kind.HOST_SWEEP, 100, A, B, count=250), beacon) == []
    assert len(stories(did(Kind.PORT_SCAN, 100, A, B), beacon)) == 1


def test_hosts_led_by_one_hand_are_one_incident() -> None:
    (told,) = stories(did(Kind.C2, 100, A, OUTSIDE), did(Kind.C2, 90_000, B, OUTSIDE))
    assert told.hosts == (A, B)
    assert stories(did(Kind.C2, 100, A, OUTSIDE), did(Kind.C2, 90_000, B, "198.51.100.9")) == []


def test_context_links_nothing() -> None:
    low = did(Kind.EXECUTABLE_DOWNLOAD, 100, A, OUTSIDE, severity=Severity.LOW)
    assert stories(low, did(Kind.BEACON, 300, B, OUTSIDE)) == []
    (told,) = stories(low, did(Kind.BEACON, 300, A, OUTSIDE))
    assert told.title.startswith(f"{A} checked in regularly")
    assert len(told.findings) == 2


def test_a_victim_is_told_as_such() -> None:
    flood = did(Kind.SYN_FLOOD, 100, A, facts={"role": "victim"})
    (told,) = stories(flood, did(Kind.SLOW_DOS, 200, A, facts={"role": "victim"}))
    assert told.title.startswith(f"{A} was flooded with connections")


def test_incidents_come_before_what_is_as_grave_and_alone() -> None:
    alone = did(Kind.ARP_SCAN, 5, "10.0.0.77", score=0.99)
    ranked = found(alone, did(Kind.DGA, 100, A), did(Kind.SPAM, 200, A))
    assert [one.kind for one in ranked] == ["dga", "spam", "arp_scan"]
    worse = did(Kind.EXPLOIT, 5, "10.0.0.77", severity=Severity.CRITICAL)
    assert found(worse, did(Kind.DGA, 100, A), did(Kind.SPAM, 200, A))[0].kind == "exploit"


def test_what_was_done_twice_is_told_once() -> None:
    (told,) = stories(did(Kind.C2, 100, A, OUTSIDE), did(Kind.C2, 3_000, A, "203.0.113.8", OUTSIDE))
    assert told.title.startswith(f"{A} took orders from {OUTSIDE} and 1 more (in ")


def test_a_long_story_is_cut_and_says_so() -> None:
    hosts = [f"10.0.1.{number}" for number in range(8)]
    said = [did(Kind.LATERAL, 100 * at, host, after) for at, (host, after) in enumerate(pairwise(hosts))]
    (told,) = stories(*said)
    assert len(told.hosts) == 7
    assert "; then 3 more hosts (in " in told.title


STEPS = st.lists(
    st.builds(
        did,
        st.sampled_from(list(Kind)),
        st.integers(0, 50_000),
        st.sampled_from([A, B, C]),
        st.sampled_from([A, B, C, OUTSIDE]),
        severity=st.sampled_from(list(Severity)),
    ),
    max_size=12,
)


@given(STEPS, st.randoms())
def test_nothing_is_lost_and_no_order_matters(said: list[Evidence], dice: Any) -> None:
    ranked = found(*said)
    shuffled = list(ranked)
    dice.shuffle(shuffled)
    assert with_incidents(shuffled) == ranked
    for told in incidents_of(ranked):
        assert len(told.findings) > 1
        assert told.start_ns <= told.end_ns
        assert told.title.isprintable()
        assert set(told.to_dict()) == {"id", "title", "severity", "start", "end", "hosts", "steps"}
