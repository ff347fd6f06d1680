"""Browsing: sessions of page views, each with connections to the site and to third parties."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.draft import HELLO, QUIC_PORT, SERVER_HELLO, UDP, WEB_PORT
from oddwire.testing.simulation.people import HOUR, TAIL

if TYPE_CHECKING:
    import numpy as np

    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Person, Presence

__all__ = ["browse", "fetch"]

STAY, AGAIN, TYPO, PLAIN, QUIC = 0.65, 0.35, 0.012, 0.02, 0.7
# How many connections are turned down, and how many of the rest nobody answers.
REFUSED, SILENT = 0.002, 0.007
MOST_VIEWS, MOST_BYTES = 60, 4e8


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
    wrong = np.flatnonzero(dice.random(len(at)) < TYPO)
    draft.missing(at[wrong], [_mistyped(str(draft.office.sites.names[site])) for site in sites[wrong]])


def _mistyped(name: str) -> str:
    """Return a name with two letters exchanged, as quick fingers do."""
    host, _, rest = name.partition(".")
    return f"{host}.{rest[1::-1]}{rest[2:]}"


def _sites(draft: "Draft", person: "Person", session: "np.ndarray") -> "np.ndarray":
    """Return the site of each view: a session stays for a while, and mostly where one always goes."""
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
    main = moved | (dice.random(len(at)) < AGAIN)
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
    quic = known.speaks_quic[sites] & (dice.random(count) < QUIC)
    plain = ~quic & (dice.random(count) < PLAIN)
    size = np.minimum(draft.sizes(median, spread, count), MOST_BYTES)
    asked = draft.sizes(1_300, 0.9, count) + size / 60
    lasts = np.minimum(draft.sizes(9, 1.3, count, 0.08), 280) + size / 6e6
    close = np.where(quic, "open", dice.choice(["fin", "fin", "fin", "fin", "rst"], count)).astype(object)
    # Some servers are away, or a filter on the way keeps trackers out.
    luck = np.where(quic, 1.0, dice.random(count))
    draft.visit(
        at,
        sites,
        lasts,
        outcome=np.select([luck < REFUSED, luck < SILENT], ["refused", "silent"], "answered").astype(object),
        service=np.where(quic, "quic", np.where(plain, "http", "tls")).astype(object),
        dst_port=np.where(plain, WEB_PORT, QUIC_PORT),
        protocol=np.where(quic, UDP, 6),
        verb=np.array([None, "GET"], dtype=object)[plain.astype(int)],
        payload_out=np.where(plain, 420, HELLO) + asked,
        payload_in=np.where(plain, 300, SERVER_HELLO) + size,
        close=close,
    )
