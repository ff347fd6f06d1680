"""Talking to others: mail, chat and calls."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, UDP
from oddwire.testing.simulation.people import HOUR

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Person, Presence

__all__ = ["call", "fetch_mail", "stay_connected"]

MEDIA_PORT, MAILBOX_PORT, SUBMIT_PORT = 3_480, 993, 465
PACKET_S = 0.02
# How many calls show a picture.
PICTURE = 0.5
# The whole office meets on Mondays and Thursdays at ten.
MEETING_DAYS, MEETING_S = (0, 3), 10 * HOUR


def stay_connected(draft: "Draft", since: float, until: float) -> None:
    """Keep a mailbox and a chat open all the while."""
    import numpy as np

    office, dice = draft.office, draft.dice
    length = until - since - 8
    mailbox, chat = office.sites.service("mail"), office.sites.service("chat")
    beats = length / 290
    draft.visit(
        since + 4 + dice.uniform(0, 3),
        mailbox,
        length,
        dst_port=MAILBOX_PORT,
        shape="beats",
        beat_ns=290e9,
        payload_out=HELLO + 60 * beats,
        payload_in=SERVER_HELLO + 90 * beats,
        packets_out=4 + int(beats),
        packets_in=5 + int(beats),
    )
    signs = length / 30
    draft.visit(
        since + 6 + dice.uniform(0, 3),
        chat,
        length,
        shape="beats",
        beat_ns=30e9,
        payload_out=HELLO + 74 * signs,
        payload_in=SERVER_HELLO + 66 * signs,
        packets_out=2 + int(signs),
        packets_in=2 + int(signs),
    )
    # What is said comes in flurries, over connections of its own.
    topics = since + length * dice.random(int(dice.poisson(length / 1_800)))
    at = np.repeat(topics, 1 + dice.poisson(5, len(topics)))
    at += dice.exponential(90, len(at))
    draft.visit(
        at[at < until],
        office.sites.service("meetings"),
        draft.sizes(6, 0.8, int((at < until).sum())),
        payload_out=HELLO + draft.sizes(700, 1.0, int((at < until).sum())),
        payload_in=SERVER_HELLO + draft.sizes(2_500, 1.5, int((at < until).sum())),
    )


def fetch_mail(draft: "Draft", presence: "Presence", level: float) -> None:
    """Fetch mail every few minutes, and write some."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    for since, until in presence.spells:
        count = max(1, int((until - since) / 300))
        at = since + 20 + np.arange(count) * 300 + dice.normal(0, 8, count)
        size = np.where(dice.random(count) < 0.3 * level, draft.sizes(40_000, 1.9, count), 300)
        draft.visit(
            at,
            sites.service("mail"),
            draft.sizes(1.5, 0.5, count),
            dst_port=MAILBOX_PORT,
            payload_out=HELLO + draft.sizes(500, 0.2, count),
            payload_in=SERVER_HELLO + np.minimum(size, 3e7),
        )
    count = int(dice.poisson(9 * level))
    if count:
        size = np.minimum(draft.sizes(14_000, 2.0, count), 2.5e7)
        draft.visit(
            presence.moments(dice, count),
            sites.service("submission"),
            1 + size / 2e6,
            dst_port=SUBMIT_PORT,
            payload_out=HELLO + size,
            payload_in=SERVER_HELLO + 900,
        )


def call(draft: "Draft", person: "Person", presence: "Presence") -> None:
    """Call somebody: signalling over TLS, then sound, often a picture too, in small packets for minutes."""
    import numpy as np

    dice, office = draft.dice, draft.office
    count = int(dice.poisson(person.calls))
    at = presence.moments(dice, count)
    if office.calendar.weekday(draft.day) in MEETING_DAYS and presence.within(np.array([MEETING_S]))[0]:
        at = np.append(at, MEETING_S + dice.normal(0, 60))
    if not len(at):
        return
    lasts = np.clip(draft.sizes(1_100, 0.8, len(at)), 40, 7_200)
    draft.visit(
        at - 3,
        office.sites.service("meetings"),
        6,
        payload_out=HELLO + 4_000,
        payload_in=SERVER_HELLO + 22_000,
    )
    picture = dice.random(len(at)) < PICTURE
    size = np.where(picture, 900, 170) * dice.uniform(0.8, 1.1, len(at))
    out, back = (np.floor(lasts / PACKET_S * dice.uniform(0.85, 1.0, len(at))) for _ in range(2))
    draft.visit(
        at,
        office.sites.service("calls"),
        lasts,
        dst_port=MEDIA_PORT,
        protocol=UDP,
        service=None,
        name=None,
        shape="even",
        close="open",
        packets_out=out,
        packets_in=back,
        payload_out=np.floor(out * size),
        payload_in=np.floor(back * size * dice.uniform(0.8, 1.3, len(at))),
    )
