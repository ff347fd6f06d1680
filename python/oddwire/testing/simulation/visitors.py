"""Guests with telephones, and the odd but honest things that whoever looks after the network does."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.browsing import fetch
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO
from oddwire.testing.simulation.people import HOUR

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.office import Office
    from oddwire.testing.simulation.people import Presence

__all__ = ["administer", "guests_of", "look_at_the_phone"]

GUESTS, MOST_GUESTS = 0.35, 3
SSH_PORT, TLS_PORT = 22, 443
CARRIES, LOOKS_AROUND = 0.07, 0.15


def guests_of(office: "Office", day: int) -> list[int]:
    """Return the last numbers of the addresses that guests are given that day."""
    import numpy as np

    dice = np.random.default_rng([office.seed, 900, day])
    count = int(min(MOST_GUESTS, dice.poisson(GUESTS))) if office.calendar.is_working(day) else 0
    return sorted({180 + int(number) for number in dice.integers(0, 40, count)})


def look_at_the_phone(draft: "Draft") -> None:
    """Plan the telephone of a guest: short looks at a few applications in an hour or two."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    begin = HOUR * dice.uniform(9, 16)
    lasts = draft.sizes(2_400, 0.7, 1)[0]
    looks = 2 + int(dice.poisson(lasts / 400))
    at = np.sort(begin + lasts * dice.random(looks))
    draft.visit(
        at[0] - 1,
        sites.service("phone"),
        lasts,
        dst_port=5_223,
        shape="beats",
        beat_ns=240e9,
        payload_out=HELLO + 900,
        payload_in=SERVER_HELLO + 900,
    )
    parts = 1 + dice.poisson(6, looks)
    when = np.repeat(at, parts) + dice.exponential(8, int(parts.sum()))
    liked = np.append(sites.first_site + dice.zipf(1.25, 6) % 4_000, [sites.service("social")] * 3)
    fetch(draft, when, liked[dice.integers(0, len(liked), len(when))], 60_000, 1.7)


def administer(draft: "Draft", presence: "Presence") -> None:
    """Plan what only an administrator does: commands on servers, their pages, sometimes something large."""
    import numpy as np

    dice, office = draft.dice, draft.office
    servers = ["fileserver", "backup", "automation", "monitoring", "resolver"]
    for at in presence.moments(dice, 1 + int(dice.poisson(5))):
        lasts = float(np.clip(draft.sizes(500, 1.2, 1)[0], 5, 3 * HOUR))
        typed = 40 + int(lasts * dice.uniform(0.05, 0.6))
        draft.inside(
            at,
            servers[int(dice.integers(len(servers)))],
            lasts,
            dst_port=SSH_PORT,
            service="ssh",
            shape="even",
            payload_out=3_500 + 60 * typed,
            payload_in=3_200 + 60 * typed + draft.sizes(20_000, 1.4, 1)[0],
            packets_out=6 + typed,
            packets_in=6 + int(typed * 1.2),
        )
    count = int(dice.poisson(3))
    role = ["router", "printer", "monitoring"][int(dice.integers(3))]
    draft.inside(
        presence.moments(dice, count),
        role,
        8,
        dst_port=TLS_PORT,
        service="tls",
        name=office.name(office.one(role)),
        payload_out=HELLO + 2_500,
        payload_in=SERVER_HELLO + 60_000,
    )
    if dice.random() < CARRIES:
        size = float(draft.sizes(3e9, 0.6, 1)[0])
        draft.visit(
            presence.moments(dice, 1),
            office.sites.service("storage"),
            size / 4e6,
            shape="even",
            payload_out=HELLO + size,
            payload_in=SERVER_HELLO + size / 400,
        )
