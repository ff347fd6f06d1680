"""The servers of the simulated office: the resolver, the file server, the backup."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.calendar import DAY_NS, DAY_S, MONDAY_NS, SATURDAY
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, Draft, lookups, uncached
from oddwire.testing.simulation.people import HOUR
from oddwire.testing.simulation.upkeep import keep_up

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.simulation.office import Office

__all__ = ["back_up", "forwarded", "serve", "workstation_backup"]

SMB_PORT, BACKUP_PORT = 445, 9_102
FORGOTTEN_S = 240.0
# How often the second resolver outside is asked instead of the first.
SECOND = 0.2
NIGHT_S, OFFSITE_S, FULL_S = 1 * HOUR, 3.5 * HOUR, 20 * HOUR
ALL_DAY = (0.0, float(DAY_S))


def serve(draft: Draft) -> None:
    """Plan what a server does by itself: a resolver and a file server mostly answer."""
    keep_up(draft, ALL_DAY, is_linux=True)


def forwarded(office: "Office", seed: int, day: int, plan: "pl.DataFrame") -> "pl.DataFrame":
    """Return what the resolver asks outside for what the others ask it, and does not remember."""
    import numpy as np
    import polars as pl

    own = office.one("resolver")
    asked = plan.filter((pl.col("dst") == own) & (pl.col("service") == "dns")).filter(
        ~pl.col("name").str.ends_with(".example")
    )
    draft = Draft(office, seed, day, own, part=1)
    if not asked.height:
        return draft.done()
    at = (asked["start_ns"].to_numpy() - MONDAY_NS - day * DAY_NS) / NS
    key = (asked["name"] + "/" + asked["verb"].fill_null("A")).to_numpy()
    fresh = uncached(key.astype(object), at, FORGOTTEN_S)
    picked = asked.filter(pl.Series(fresh))
    names = np.array(picked["name"].to_list(), dtype=object)
    answers = np.array([text or "" for text in picked["answer"].to_list()], dtype=object)
    verbs = np.array(picked["verb"].to_list(), dtype=object)
    upstream = np.array(office.upstream, dtype=object)[(draft.dice.random(len(names)) < SECOND).astype(int)]
    late = draft.sizes(0.018, 0.5, len(names), 0.004)
    lookups(draft, at[fresh] + 0.000_3, names, answers, dst=upstream, duration=late, verb=verbs)
    return draft.done()


def back_up(draft: Draft) -> None:
    """Plan the backup: nightly what has changed, at the weekend everything, and copies elsewhere."""
    import numpy as np

    dice, office = draft.dice, draft.office
    keep_up(draft, ALL_DAY, is_linux=True)
    changed = float(draft.sizes(5e9, 0.5, 1)[0]) * (1 if office.calendar.is_working(draft.day - 1) else 0.08)
    jobs = [(NIGHT_S + dice.normal(0, 20), changed)]
    if office.calendar.weekday(draft.day) == SATURDAY:
        jobs.append((FULL_S + dice.normal(0, 20), float(draft.sizes(1.6e11, 0.05, 1)[0])))
    for at, size in jobs:
        draft.inside(
            at,
            "fileserver",
            30 + size / 3.2e7,
            dst_port=SMB_PORT,
            service="smb",
            shape="even",
            payload_out=size / 300,
            payload_in=size,
        )
    parts = 4
    sizes = changed * dice.uniform(0.4, 0.6) * dice.dirichlet(np.full(parts, 6.0))
    draft.visit(
        OFFSITE_S + dice.normal(0, 60) + np.arange(parts) * 2.0,
        office.sites.service("offsite"),
        10 + sizes / 2.5e6,
        shape="even",
        payload_out=HELLO + sizes,
        payload_in=SERVER_HELLO + sizes / 500,
    )


def workstation_backup(draft: Draft, on: tuple[float, float]) -> None:
    """Plan the backup of a computer at a desk, around noon."""
    at = 12.2 * HOUR + float(draft.dice.normal(0, 1_500))
    if not on[0] < at < on[1]:
        return
    size = float(min(draft.sizes(9e7, 1.1, 1)[0], 2e10))
    draft.inside(
        at,
        "backup",
        20 + size / 2.5e7,
        dst_port=BACKUP_PORT,
        service="backup",
        shape="even",
        payload_out=size,
        payload_in=40_000 + size / 900,
    )
