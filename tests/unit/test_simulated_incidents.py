"""Incidents planted into an office: the same for a seed, apart from each other, and as loud as asked."""

from itertools import combinations

import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.testing.simulation.conversations import COLUMNS, NS
from oddwire.testing.simulation.incidents import FAMILIES, KINDS, STRENGTHS, Incident, plant, play

ROLES = {
    **{f"10.20.30.{number}": "workstation" for number in range(21, 28)},
    "10.20.30.1": "router",
    "10.20.30.2": "resolver",
    "10.20.30.3": "fileserver",
    "10.20.30.5": "monitoring",
    "10.20.30.6": "backup",
    "10.20.30.7": "automation",
    "10.20.30.9": "printer",
    "10.20.30.12": "camera",
    "10.20.30.181": "phone",
}
MONDAY_NS = 1_699_228_800 * NS
DAY_NS, HOUR_NS = 86_400 * NS, 3_600 * NS


@pytest.fixture(scope="module")
def planted() -> tuple[pl.DataFrame, list[Incident]]:
    return plant(ROLES, 4, MONDAY_NS, 7, per_day=6.0)


def test_a_seed_gives_the_same_week_and_another_one_another() -> None:
    kinds = ["beacon_tls", "lateral", "exfil_burst", "sweep"]
    weeks = [plant(ROLES, seed, MONDAY_NS, 7, kinds, per_day=1.0) for seed in (1, 1, 2)]
    assert weeks[0][0].equals(weeks[1][0])
    assert weeks[0][1] == weeks[1][1]
    assert not weeks[0][0].equals(weeks[2][0])


def test_the_plan_has_the_columns_of_plans(planted: tuple[pl.DataFrame, list[Incident]]) -> None:
    plan, incidents = planted
    assert {name: str(dtype) for name, dtype in plan.schema.items()} == {
        name: dtype for name, (dtype, _) in COLUMNS.items()
    }
    assert plan["start_ns"].is_sorted()
    assert set(plan["incident"]) == {one.label for one in incidents}
    assert plan.select(pl.col("src", "dst", "outcome", "shape").null_count()).row(0) == (0, 0, 0, 0)
    assert plan.filter(pl.min_horizontal("duration_ns", "payload_out", "payload_in") < 0).is_empty()


def test_an_incident_says_when_and_of_whom_it_is(planted: tuple[pl.DataFrame, list[Incident]]) -> None:
    plan, incidents = planted
    for one in incidents:
        rows = plan.filter(pl.col("incident") == one.label)
        assert rows["start_ns"].min() == one.start_ns
        assert (rows["start_ns"] + rows["duration_ns"]).max() == one.end_ns
        assert ROLES[one.subject] in FAMILIES[one.kind].roles
        assert one.subject in {*rows["src"], *rows["dst"]}
        assert one.targets
        assert len(set(one.targets)) == len(one.targets)
        assert one.subject not in one.targets


def test_incidents_stay_within_their_days_and_apart(planted: tuple[pl.DataFrame, list[Incident]]) -> None:
    plan, incidents = planted
    assert len(incidents) > 20
    assert all(MONDAY_NS <= one.start_ns < one.end_ns <= MONDAY_NS + 7 * DAY_NS for one in incidents)
    inside = {
        one.label: (set(plan.filter(pl.col("incident") == one.label)["src"]) & set(ROLES)) - {"10.20.30.2"}
        for one in incidents
    }
    for first, second in combinations(incidents, 2):
        if second.start_ns < first.end_ns + HOUR_NS:
            assert not inside[first.label] & inside[second.label], (first.label, second.label)
    for one in incidents:
        running = [other for other in incidents if other.start_ns <= one.start_ns < other.end_ns]
        assert len(running) <= 2


def test_day_and_night_and_weekend_all_have_some(planted: tuple[pl.DataFrame, list[Incident]]) -> None:
    hours = [(one.start_ns - MONDAY_NS) // HOUR_NS for one in planted[1]]
    assert any(8 <= hour % 24 < 18 for hour in hours)
    assert any(not 8 <= hour % 24 < 18 for hour in hours)
    assert any(hour >= 120 for hour in hours)


@pytest.mark.parametrize(
    ("kind", "earliest", "latest", "last_day"), [("night_work", 22, 27, 7), ("daytime_backup", 8, 16, 4)]
)
def test_what_has_its_hours_keeps_to_them(kind: str, earliest: int, latest: int, last_day: int) -> None:
    _, incidents = plant(ROLES, 2, MONDAY_NS, 14, [kind], per_day=0.5, strengths=["quiet"])
    assert incidents
    for one in incidents:
        day, hour = divmod((one.start_ns - MONDAY_NS) / HOUR_NS, 24)
        hour += 24 if hour < 8 else 0
        assert earliest <= hour < latest
        assert day % 7 <= last_day


@pytest.mark.parametrize("kind", KINDS)
def test_loud_is_louder_than_quiet(kind: str) -> None:
    def loudness(strength: str) -> tuple[float, float]:
        plan, one = play(ROLES, kind, strength, seed=6, start_ns=MONDAY_NS)
        hours = (one.end_ns - one.start_ns) / HOUR_NS
        carried = sum(plan.select(pl.col("payload_out", "payload_in", "packets_out").sum()).row(0))
        return plan.height / hours, carried / hours

    loud, quiet = loudness("loud"), loudness("quiet")
    assert loud[0] > 2 * quiet[0] or loud[1] > 2 * quiet[1]


def test_seeds_vary_what_is_done() -> None:
    beats = set()
    for seed in range(5):
        plan, _ = play(ROLES, "beacon_tls", "loud", seed=seed, start_ns=MONDAY_NS)
        beats.add((plan.height, plan["dst_port"].max(), plan["name"].drop_nulls().first()))
    assert len(beats) == 5


def test_names_are_asked_for_before_they_are_called() -> None:
    plan, _ = play(ROLES, "exfil_burst", "quiet", seed=2, start_ns=MONDAY_NS)
    calls = plan.filter(pl.col("service") == "tls")
    asked = plan.filter(pl.col("service") == "dns")
    assert set(calls["name"]) == set(asked["name"])
    assert asked["start_ns"].to_list()[0] < calls["start_ns"].to_list()[0]
    assert set(asked["answer"]) == set(calls["dst"])


def test_a_resolver_passes_questions_on_where_that_is_wanted() -> None:
    plan, incidents = plant(ROLES, 3, MONDAY_NS, 3, ["dns_tunnel"], per_day=0.4, upstream="9.9.9.9")
    passed = plan.filter(pl.col("dst") == "9.9.9.9")
    assert set(passed["src"]) == {"10.20.30.2"}
    assert set(passed["name"]) < set(plan.filter(pl.col("dst") == "10.20.30.2")["name"])
    assert incidents[0].subject != "10.20.30.2"


def test_clouds_are_those_of_the_office() -> None:
    plan, one = play(
        ROLES, "exfil_known_cloud", "quiet", seed=1, start_ns=0, clouds={"vault.example": "34.9.8.7"}
    )
    assert one.targets == ("34.9.8.7",)
    assert set(plan["name"]) == {"vault.example"}


def test_a_small_office_has_what_it_can_have() -> None:
    roles = {"10.0.0.5": "workstation", "10.0.0.6": "workstation"}
    plan, incidents = plant(roles, 1, MONDAY_NS, 20, per_day=2.0, strengths=["quiet"])
    kinds = {one.kind for one in incidents}
    assert {"beacon_tls", "lateral"} <= kinds
    assert not kinds & {"device_outside", "staging", "dns_tunnel", "exfil_server"}
    assert plan.filter(pl.col("service") == "dns").is_empty()


def test_nobody_there_is_no_incident() -> None:
    plan, incidents = plant({}, 1, MONDAY_NS, 2)
    assert (plan.height, incidents) == (0, [])


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="beacon_teleport") as raised:
        plant(ROLES, 1, MONDAY_NS, 2, ["beacon_teleport"])
    assert "beacon_tls" in str(raised.value.hint)


def test_who_cannot_be_found_is_said() -> None:
    with pytest.raises(UsageError, match="nobody here can play device_outside") as raised:
        play({"10.0.0.5": "workstation"}, "device_outside", "loud", seed=1, start_ns=0)
    assert "printer" in str(raised.value.hint)


def test_there_are_three_strengths_and_many_kinds() -> None:
    assert STRENGTHS == ("loud", "middle", "quiet")
    assert len(KINDS) >= 28
