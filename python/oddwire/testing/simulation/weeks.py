"""The front door of the simulator: days of an office as a plan."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.calendar import DAY_NS, MONDAY_NS
from oddwire.testing.simulation.conversations import joined
from oddwire.testing.simulation.desk import work
from oddwire.testing.simulation.draft import Draft
from oddwire.testing.simulation.machines import automate, film, keep_warm, poll, wait_for_pages
from oddwire.testing.simulation.oddities import do_something_rare
from oddwire.testing.simulation.office import CAMERA, THERMOSTAT, Office
from oddwire.testing.simulation.people import person_of, presence_of
from oddwire.testing.simulation.servers import back_up, forwarded, serve, workstation_backup
from oddwire.testing.simulation.visitors import administer, guests_of, look_at_the_phone

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from oddwire.testing.simulation.drift import Drift

__all__ = ["day_of", "day_start_ns", "simulate"]

# What hosts without people do, by role.
_MACHINES: "dict[str, Callable[[Draft], None]]" = {
    "resolver": serve,
    "fileserver": serve,
    "monitoring": poll,
    "backup": back_up,
    "automation": automate,
    "printer": wait_for_pages,
}


def simulate(
    seed: int, days: int, *, start_day: int = 0, office: Office | None = None, drift: "Drift | None" = None
) -> "pl.DataFrame":
    """Return the plan of some days; day 0 is a Monday, and a day is the same whatever days are asked for.

    >>> simulate(1, 1, start_day=5)["src"].n_unique() > 8
    True
    """
    office = office or Office.make(seed)
    plans = []
    for day in range(start_day, start_day + days):
        here = drift.office(office, day) if drift else office
        plan = day_of(here, seed, day)
        plans.append(drift.changed(plan, here, day) if drift else plan)
    return joined(plans)


def day_start_ns(day: int) -> int:
    """Return when a day begins."""
    return MONDAY_NS + day * DAY_NS


def day_of(office: Office, seed: int, day: int) -> "pl.DataFrame":
    """Return the plan of one day: each host by its own dice, then what the resolver asks outside."""
    plans = [
        _workstation(office, seed, day, number, address) for number, address in enumerate(office.workstations)
    ]
    for role, act in _MACHINES.items():
        address = office.one(role)
        plans.append(_one(office, seed, day, address, act))
    plans.append(_one(office, seed, day, office.at(CAMERA), film))
    plans.append(_one(office, seed, day, office.at(THERMOSTAT), keep_warm))
    plans += [
        _one(office, seed, day, office.at(number), look_at_the_phone) for number in guests_of(office, day)
    ]
    plan = joined(plans)
    return joined([plan, forwarded(office, seed, day, plan)])


def _one(office: Office, seed: int, day: int, address: str, act: "Callable[[Draft], None]") -> "pl.DataFrame":
    draft = Draft(office, seed, day, address)
    act(draft)
    return draft.done()


def _workstation(office: Office, seed: int, day: int, number: int, address: str) -> "pl.DataFrame":
    draft = Draft(office, seed, day, address)
    person = person_of(office, number)
    presence = presence_of(office, person, day, draft.dice)
    work(draft, person, presence)
    if presence.on and presence.is_there:
        workstation_backup(draft, presence.on)
    if presence.is_there:
        do_something_rare(draft, presence)
    if person.is_admin and presence.is_there:
        administer(draft, presence)
    return draft.done()
