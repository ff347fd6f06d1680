"""A trained model as a judge, over a small simulated office."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from oddwire.engine.learned_judge import Learned, score_of
from oddwire.engine.learned_judges import learned_of, model_of
from oddwire.engine.trained import Trained
from oddwire.errors import UsageError
from oddwire.features.units.gather import MINUTES
from oddwire.learning.budgets import Promise
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Kind, Severity
from oddwire.testing.simulation.tables import recording_of
from oddwire.testing.windows import Recording
from tests.unit.learned_office import by_hours, flooded, monday, morning, shown, tuesday


@cache
def promised() -> Promise:
    return monday().promise(monday().budget(None))


def judge(recording: Recording, trained: Trained | None = None) -> Learned:
    threshold = promised().threshold
    return Learned(trained or monday(), recording.hosts, threshold=threshold, severity=Severity.MEDIUM)


@cache
def said_of_flood() -> tuple[Evidence, ...]:
    recording, _ = flooded()
    return tuple(shown(judge(recording), recording))


def surprise_of(one: Evidence) -> float:
    return float(one.facts["surprise"])  # type: ignore[arg-type]  # a number


def test_a_quiet_day_costs_about_its_budget() -> None:
    recording = recording_of(tuesday())
    said = shown(judge(recording), recording)
    # Who is odd in one hour after the other raises one alarm.
    alarms = {(one.kind, one.subject.ip, one.start_ns // (4 * 3_600 * 10**9)) for one in said}
    assert len(alarms) <= promised().interval95[1]
    assert max(surprise_of(one) for one in said) < 10


def test_a_loud_incident_is_found_with_the_reason_that_it_was() -> None:
    _, incident = flooded()
    mine = [one for one in said_of_flood() if one.subject.ip == incident.subject]
    loudest = max(mine, key=surprise_of)
    assert incident.start_ns - 60 * 10**9 <= loudest.start_ns <= incident.end_ns
    assert loudest.kind in {Kind.ODD_HOST, Kind.ODD_FLOW}
    assert loudest.severity is Severity.MEDIUM
    assert loudest.reasons[0].feature in {
        "packets_out",
        "packets",
        "udp_out",
        "icmp_out",
        "payload_out_outside",
    }
    assert loudest.reasons[0].value > loudest.reasons[0].typical[1]
    assert sum(one.weight for one in loudest.reasons) <= 1
    assert loudest.title.startswith(f"{incident.subject} ")
    assert "usually at most" in loudest.title
    assert loudest.p_value is not None
    assert 0 < loudest.p_value < 0.02


def test_without_its_packets_the_incident_is_gone() -> None:
    _, incident = flooded()
    quiet = {(one.subject.ip, one.part) for one in shown(judge(morning()), morning())}
    by_it = [one for one in said_of_flood() if (one.subject.ip, one.part) not in quiet]
    assert incident.subject in {one.subject.ip for one in by_it}
    # Each of the host's that is new names packets of the time of the flood.
    for one in by_it:
        (selector,) = one.selectors
        assert selector.a == one.subject.ip
        assert selector.from_ns == one.start_ns <= one.end_ns == selector.until_ns


def test_hours_one_by_one_say_the_same_as_all_at_once() -> None:
    recording, _ = flooded()
    assert tuple(shown(judge(recording), recording, list(by_hours(recording)))) == said_of_flood()


def test_a_model_that_was_read_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "m.oddwire"
    monday().save(path)
    again, (recording, _) = Trained.load(path), flooded()
    assert tuple(shown(judge(recording, again), recording)) == said_of_flood()
    assert model_of([judge(recording, again)]) == f"blake3:{again.digest}"
    assert model_of([]) is None


def test_two_runs_leave_the_model_as_it_was() -> None:
    recording, _ = flooded()
    assert tuple(shown(judge(recording), recording)) == said_of_flood()


def test_evidence_is_complete() -> None:
    for one in said_of_flood():
        assert 0 <= one.score <= 1
        assert one.end_ns < one.at_ns
        assert one.title
        if one.kind is Kind.ODD_HOST:
            assert {"unique_dst_ips", "packets", "port_ratio", "packets_per_dst"} <= one.facts.keys()
        else:
            assert one.target_count == len(one.targets) == 1


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 1.0])
def test_a_share_of_rows_is_named_and_never_more(share: float) -> None:
    found = learned_of(monday(), morning().hosts, budget=None, share=share)
    said = shown(found, morning())
    rows = sum(table.height for _, table in found.scored)
    assert {one.severity for one in said} <= {Severity.LOW}
    assert share * rows * 0.9 - 1 <= len(said) <= share * rows
    assert all(surprise_of(one) >= (found.threshold or 0) - 1e-3 for one in said)


def test_where_all_are_alike_none_is_named() -> None:
    part = next(one for one in monday().parts if one.member is MINUTES)

    class Alike:
        score = staticmethod(lambda table: pl.Series([1.0] * table.height))

    trained = replace_parts(replace_model(part, Alike()))
    assert shown(learned_of(trained, morning().hosts, budget=None, share=0.1), morning()) == []


def replace_model(part: object, model: object) -> object:
    return replace(part, model=model)  # type: ignore[type-var]  # a stand-in that scores


def replace_parts(part: object) -> Trained:
    return replace(monday(), parts=(part,))  # type: ignore[arg-type]  # with a stand-in


def test_a_budget_makes_alarms_and_a_share_hints() -> None:
    hosts = morning().hosts
    assert learned_of(monday(), hosts, budget=None, share=None).severity is Severity.MEDIUM
    assert learned_of(monday(), hosts, budget=50.0, share=None).severity is Severity.MEDIUM
    assert learned_of(monday(), hosts, budget=None, share=0.1).severity is Severity.LOW
    with pytest.raises(UsageError, match="support at most"):
        learned_of(monday(), hosts, budget=0.01, share=None)


def test_feedback_moves_the_budget_only_as_far_as_calibration_carries() -> None:
    trained, hosts = monday(), recording_of(tuesday()).hosts
    usual = learned_of(trained, hosts, budget=40.0, share=None)
    fewer = learned_of(trained, hosts, budget=40.0, share=None, factor=0.5)
    least = learned_of(trained, hosts, budget=None, share=None, factor=0.5)
    assert usual.threshold is not None
    assert fewer.threshold is not None
    assert fewer.threshold > usual.threshold
    assert least.threshold == learned_of(trained, hosts, budget=None, share=None).threshold


def test_without_calibration_nothing_is_more_than_low() -> None:
    bare = replace(monday(), parts=tuple(replace(one, tail=None) for one in monday().parts), marks=None)
    asked = learned_of(bare, morning().hosts, budget=None, share=None)
    forced = Learned(bare, morning().hosts, threshold=-3.0, severity=Severity.HIGH)
    for one in (asked, forced):
        said = shown(one, morning())
        assert said
        assert {evidence.severity for evidence in said} == {Severity.LOW}
        assert {evidence.p_value for evidence in said} == {None}


def test_rows_are_explained_minute_by_minute_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddwire.engine.learned_judge.MOST_EXPLAINED", 2)
    part = next(one for one in monday().parts if one.member is MINUTES)
    trained = replace(monday(), parts=(part,))
    found = []
    for spans in ([(morning().tables, None)], list(by_hours(morning()))):
        one = Learned(trained, morning().hosts, threshold=-3.2, severity=Severity.LOW)
        found.append(shown(one, morning(), spans))
    assert found[0] == found[1]
    explained: dict[int, int] = {}
    for evidence in found[0]:
        explained[evidence.start_ns] = explained.get(evidence.start_ns, 0) + bool(evidence.reasons)
    assert len(found[0]) > sum(explained.values())
    assert max(explained.values()) == 2


def test_a_model_of_another_network_does_not_name_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddwire.engine.learned_judge.LEAST_MANY", 3)
    part = next(one for one in monday().parts if one.member is MINUTES)
    trained = replace(monday(), parts=(part,))
    found = []
    for spans in ([(morning().tables, None)], list(by_hours(morning()))):
        one = Learned(trained, morning().hosts, threshold=-3.2, severity=Severity.LOW)
        found.append(shown(one, morning(), spans))
        assert one.left_out > 0
    assert len({evidence.subject.ip for evidence in found[0]}) == 3
    assert found[0] == found[1]


def test_a_score_is_a_half_once_a_day_and_rises_to_one() -> None:
    scores = [score_of(surprise) for surprise in (-4.0, 0.0, 1.0, 4.0, 12.0, 300.0)]
    assert scores[0] == scores[1] == 0.5
    assert scores == sorted(scores)
    assert scores[-1] == 1
