"""The simulated office: the same every time, each day by itself, and as busy as offices are."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.testing.simulation.calendar import Calendar
from oddwire.testing.simulation.conversations import COLUMNS, NS
from oddwire.testing.simulation.draft import Draft
from oddwire.testing.simulation.drift import DRIFTS, Growth, Hires, Migration, NewService
from oddwire.testing.simulation.oddities import ODDITIES
from oddwire.testing.simulation.office import Office
from oddwire.testing.simulation.people import person_of, presence_of
from oddwire.testing.simulation.tables import recording_of
from oddwire.testing.simulation.weeks import day_start_ns, simulate

SEED = 5
HOUR_NS = 3_600 * NS


@cache
def week() -> pl.DataFrame:
    return simulate(SEED, 7)


def day(number: int) -> pl.DataFrame:
    begin = day_start_ns(number)
    return week().filter(pl.col("start_ns").is_between(begin, day_start_ns(number + 1), closed="left"))


def hours_of(plan: pl.DataFrame, address: str) -> dict[int, int]:
    hour = (pl.col("start_ns") // HOUR_NS % 24).alias("hour")
    return dict(plan.filter(pl.col("src") == address).group_by(hour).len().iter_rows())


def test_a_plan_has_the_columns_of_conversations_in_the_order_of_time() -> None:
    assert week().schema == pl.DataFrame(schema={n: getattr(pl, t) for n, (t, _) in COLUMNS.items()}).schema
    assert week()["start_ns"].is_sorted()
    needed = ("start_ns", "src", "dst", "duration_ns", "payload_out")
    assert week().select(pl.col(needed).null_count().sum()).row(0) == (0,) * len(needed)
    assert week()["incident"].null_count() == week().height


def test_two_runs_are_equal_and_two_seeds_are_not() -> None:
    assert simulate(SEED, 1, start_day=2).equals(simulate(SEED, 1, start_day=2))
    assert not simulate(SEED + 1, 1, start_day=2).equals(simulate(SEED, 1, start_day=2))


@pytest.mark.parametrize("number", [0, 3, 6])
def test_a_day_is_the_same_whatever_days_are_asked_for(number: int) -> None:
    assert simulate(SEED, 1, start_day=number).equals(day(number))


def test_another_office_does_the_same_day_otherwise_but_a_new_desk_changes_nobody_else() -> None:
    office = Office.make(SEED)
    more = simulate(SEED, 1, office=office.with_desks(1))
    desk = office.workstations[2]
    assert more.filter(pl.col("src") == desk).equals(day(0).filter(pl.col("src") == desk))
    assert office.with_desks(1).workstations[:-1] == office.workstations


def test_weekends_and_nights_are_quiet() -> None:
    desks = Office.make(SEED).workstations
    busy = [day(number).filter(pl.col("src").is_in(desks)).height for number in range(7)]
    assert max(busy[5:]) < min(busy[:5]) / 3
    hours: dict[int, int] = {}
    for desk in desks:
        for hour, count in hours_of(week(), desk).items():
            hours[hour] = hours.get(hour, 0) + count
    assert sum(hours.get(hour, 0) for hour in range(6)) < sum(hours[hour] for hour in range(9, 15)) / 10


def test_every_role_does_its_work() -> None:
    office, plan = Office.make(SEED), week()
    of = {role: plan.filter(pl.col("src") == office.one(role)) for role in set(office.roles.values())}
    assert of["monitoring"]["dst"].n_unique() >= len(office.roles) - 1
    assert set(of["resolver"].filter(pl.col("service") == "dns")["dst"]) <= set(office.upstream)
    full = of["backup"].filter(pl.col("payload_in") > 10**11)
    assert full.height == 1
    assert full["start_ns"][0] // (24 * HOUR_NS) == day_start_ns(5) // (24 * HOUR_NS)
    assert of["automation"].filter(pl.col("service") == "ssh").height > 7 * 90
    assert of["router"].is_empty()
    media = plan.filter((pl.col("protocol") == 17) & (pl.col("packets_out") > 2_000))
    assert media["src"].n_unique() >= 3


def test_sizes_have_heavy_tails_and_new_places_are_seen_every_day() -> None:
    people = Office.make(SEED).workstations
    web = week().filter(pl.col("src").is_in(people) & pl.col("service").is_in(["tls", "quic"]))
    size = sorted(web["payload_in"].to_list())
    assert size[-1] > 50 * size[int(0.95 * len(size))]
    known: set[str] = set()
    fresh = []
    for number in range(5):
        names = set(day(number).filter(pl.col("src").is_in(people))["name"].drop_nulls())
        fresh.append(len(names - known) / len(names))
        known |= names
    assert all(0.02 < share < 0.6 for share in fresh[1:])


def test_names_are_asked_for_before_they_are_used_and_stand_for_changing_addresses() -> None:
    desk = next(a for a in Office.make(SEED).workstations if day(1).filter(pl.col("src") == a).height > 500)
    mine = day(1).filter((pl.col("src") == desk) & pl.col("name").is_not_null())
    asked = set(mine.filter(pl.col("service") == "dns")["name"])
    assert set(mine.filter(pl.col("service") != "dns")["name"]) <= asked
    addresses = week().filter(pl.col("service") == "tls").group_by("name").agg(pl.col("dst").n_unique())
    assert addresses["dst"].max() > 5  # type: ignore[operator]


def test_a_host_uses_a_port_of_its_own_for_every_conversation() -> None:
    assert day(1).filter((pl.col("src_port") == 0) & (pl.col("protocol") != 1)).is_empty()
    once = day(1).filter(pl.col("src_port") > 0).group_by("src", "src_port").len()
    assert once["len"].max() <= 2  # type: ignore[operator]


@pytest.mark.parametrize("what", ODDITIES)
def test_what_is_done_seldom_is_a_plan_like_any_other(what: str) -> None:
    office = Office.make(SEED)
    draft = Draft(office, SEED, 1, office.workstations[1])
    ODDITIES[what](draft, np.array([36_000.0]))
    plan = draft.done()
    assert plan.filter(pl.col("dst_port") != 53).height > 0
    assert plan.filter((pl.col("payload_out") < 1) | (pl.col("payload_in") < 0)).is_empty()
    assert sum(table.height for name, table in recording_of(plan).tables.items() if name == "talks") > 0


def test_growth_makes_everything_more_and_begins_on_its_day() -> None:
    before = simulate(SEED, 1, start_day=2, drift=Growth(strength=0.5, from_day=3))
    assert before.equals(day(2))
    later = simulate(SEED, 1, start_day=4, drift=Growth(strength=0.5))
    plain = day(4)
    assert later.height > plain.height
    assert sum(later["payload_in"].to_list()) > 1.1 * sum(plain["payload_in"].to_list())


def test_a_new_service_is_used_by_its_share_of_desks() -> None:
    office = Office.make(SEED)
    users = simulate(SEED, 1, start_day=1, drift=NewService(strength=1.0)).filter(
        pl.col("name").eq("app.ledgerworks.com") & (pl.col("service") == "tls")
    )
    assert 3 <= users["src"].n_unique() <= office.desks
    assert day(1).filter(pl.col("name") == "app.ledgerworks.com").is_empty()


def test_a_migration_moves_the_share_and_its_protocol() -> None:
    office = Office.make(SEED)
    moved = simulate(SEED, 1, start_day=1, drift=Migration(strength=1.0))
    old = office.one("fileserver")
    assert moved.filter((pl.col("dst") == old) & (pl.col("service") == "smb")).is_empty()
    assert moved.filter(pl.col("dst") == office.at(4))["service"].unique().to_list() == ["tls"]
    assert moved.height == day(1).height


def test_hires_come_on_their_day() -> None:
    drift = Hires(strength=2, from_day=1)
    office = Office.make(SEED)
    assert drift.office(office, 0).desks == office.desks
    assert drift.office(office, 1).desks == office.desks + 2
    assert set(DRIFTS) == {"growth", "new service", "migration", "hires"}


@pytest.mark.parametrize("hosts", [0, 7, 151])
def test_an_office_that_cannot_be_is_refused(hosts: int) -> None:
    with pytest.raises(UsageError, match=f"office of {hosts} hosts"):
        Office.make(SEED, hosts)


def test_roles_tell_what_every_address_is_for() -> None:
    office = Office.make(SEED, 20)
    roles = list(office.roles.values())
    assert roles.count("workstation") == 14
    assert {"fileserver", "resolver", "printer", "monitoring", "backup", "automation", "camera", "router"} < {
        *roles
    }


def test_the_calendar_knows_weekends_holidays_and_who_is_away() -> None:
    calendar = Calendar(seed=1)
    assert [calendar.is_working(number) for number in range(7)] == [True] * 5 + [False] * 2
    assert not calendar.is_working(49)
    away = sum(calendar.is_away(person, number) for person in range(10) for number in range(0, 350, 7))
    assert 5 < away < 100


def test_somebody_who_is_away_leaves_no_page_views() -> None:
    office = Office.make(SEED)
    for number in range(0, 70, 7):
        for person in range(office.desks):
            if office.calendar.is_away(person, number):
                desk = office.workstations[person]
                plan = simulate(SEED, 1, start_day=number).filter(pl.col("src") == desk)
                assert plan.filter(pl.col("service") == "quic").is_empty()
                return
    pytest.fail("nobody is ever away")


def test_people_have_habits_of_their_own() -> None:
    office = Office.make(SEED)
    people = [person_of(office, number) for number in range(office.desks)]
    assert people[0].is_admin
    assert len({round(person.arrives_s) for person in people}) == office.desks
    spells = presence_of(office, people[1], 1, np.random.default_rng(1)).spells
    assert all(since < until for since, until in spells)
