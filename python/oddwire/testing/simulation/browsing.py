"""Browsing: sessions of page views, each with connections to the site and to third parties."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.draft import HELLO, QUIC_PORT, SERVER_HELLO, UDP, WEB_PORT
from oddwire.testing.simulation.people import HOUR, TAIL

if TYPE_CHECKING:
    import numpy as np

    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Person, Presence

__all__ = ["browse", "fetch"]

STAY, TYPO, PLAIN = 0.65, 0.012, 0.02
MOST_VIEWS = 60


def browse(draft: "Draft", person: "Person", presence: "Presence", level: float) -> None:
    """Plan a day of browsing; `level` says how busy a day it is."""
    import numpy as np

    dice = draft.dice
    hours = sum(until - since for since, until in presence.spells) / HOUR
    sessions = int(dice.poisson(hours * person.pace * level))
    if not sessions:
        return
    starts = presence.moments(dice, sessions)
    views = np.minimum(MOST_VIEWS, 1 + (2 * dice.pareto(1.4, sessions)).astype(int))
    session = np.repeat(np.arange(sessions), views)
    pauses = draft.sizes(14, 1.2, len(session), 0.5)
    first = np.cumsum(views) - views
    so_far = np.cumsum(pauses) - pauses
    at = starts[session] + so_far - so_far[first][session]
    kept = presence.within(at)
    if not kept.any():
        return
    at, session = at[kept], session[kept]
    sites = _sites(draft, person, session)
    _load(draft, at, sites)
    wrong = dice.random(len(at)) < TYPO
    names = np.array(
        [
            "www." + str(name)[::-1].replace(".", "")[:9] + ".com"
            for name in draft.office.sites.names[sites[wrong]]
        ],
        dtype=object,
    )
    if len(names):
        draft.missing(at[wrong], names)


def _sites(draft: "Draft", person: "Person", session: "np.ndarray") -> "np.ndarray":
    """Return the site of each view: a session stays where it is for a while, and mostly where one always goes."""
    import numpy as np

    dice, known = draft.dice, draft.office.sites
    count = len(session)
    rank = np.minimum(dice.geometric(0.09, count) - 1, len(person.favourites) - 1)
    anywhere = known.first_site + (dice.zipf(TAIL, count) * 7 + dice.integers(0, 7, count)) % (
        len(known.names) - known.first_site
    )
    drawn = np.where(dice.random(count) < person.curiosity, anywhere, person.favourites[rank])
    moves = (dice.random(count) > STAY) | (np.diff(session, prepend=-1) != 0)
    return drawn[np.maximum.accumulate(np.where(moves, np.arange(count), 0))]


def _load(draft: "Draft", at: "np.ndarray", sites: "np.ndarray") -> None:
    """Plan the connections of page views: not every view needs a new one to the site."""
    import numpy as np

    dice, known = draft.dice, draft.office.sites
    moved = np.diff(sites, prepend=-1) != 0
    main = moved | (dice.random(len(at)) < 0.35)
    fetch(draft, at[main], sites[main], 45_000, 1.5)
    parts = dice.poisson(np.where(moved, 2.6, 0.5))
    where = np.repeat(np.arange(len(at)), parts)
    # A site always uses the same few third parties.
    third = (sites[where] * 13 + dice.integers(0, 6, len(where)) * 5) % known.first_site % 60
    fetch(draft, at[where] + dice.uniform(0.15, 2.5, len(where)), third, 14_000, 1.7)


def fetch(draft: "Draft", at: "np.ndarray", sites: "np.ndarray", median: float, spread: float) -> None:
    """Plan connections that fetch something from sites, with a heavy tail of sizes."""
    import numpy as np

    dice, known = draft.dice, draft.office.sites
    count = len(at)
    if not count:
        return
    quic = known.speaks_quic[sites] & (dice.random(count) < 0.7)
    plain = ~quic & (dice.random(count) < PLAIN)
    size = np.minimum(draft.sizes(median, spread, count), 4e8)
    asked = draft.sizes(1_300, 0.9, count) + size / 60
    lasts = np.minimum(draft.sizes(9, 1.3, count, 0.08), 280) + size / 6e6
    close = np.where(quic, "open", dice.choice(["fin", "fin", "fin", "fin", "rst"], count)).astype(object)
    draft.visit(
        at,
        sites,
        lasts,
        service=np.where(quic, "quic", np.where(plain, "http", "tls")).astype(object),
        dst_port=np.where(plain, WEB_PORT, QUIC_PORT),
        protocol=np.where(quic, UDP, 6),
        verb=np.where(plain, "GET", None).astype(object),
        payload_out=np.where(plain, 420, HELLO) + asked,
        payload_in=np.where(plain, 300, SERVER_HELLO) + size,
        close=close,
    )
