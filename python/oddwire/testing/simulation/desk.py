"""Work at a desk: mail, chat, calls, the share, the printer, uploads, videos."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.browsing import browse
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, UDP
from oddwire.testing.simulation.people import HOUR
from oddwire.testing.simulation.upkeep import keep_up

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Person, Presence

__all__ = ["work"]

SMB_PORT, KERBEROS_PORT, PRINT_PORT, MEDIA_PORT, MAILBOX_PORT, SUBMIT_PORT = 445, 88, 9_100, 3_480, 993, 465
PACKET_S = 0.02
# How many calls show a picture, and how many files are saved again.
PICTURE, SAVED = 0.5, 0.4
# The whole office meets on Mondays and Thursdays at ten.
MEETING_DAYS, MEETING_S = (0, 3), 10 * HOUR


def work(draft: "Draft", person: "Person", presence: "Presence") -> None:
    """Plan the day of somebody's computer."""
    if presence.on:
        keep_up(draft, presence.on, is_linux=person.runs_linux)
    if not presence.is_there:
        return
    level = float(draft.sizes(1, 0.3, 1)[0])
    browse(draft, person, presence, level)
    _log_on(draft, presence)
    for since, until in presence.spells:
        _stay_connected(draft, since, until)
    _mail(draft, presence, level)
    _calls(draft, person, presence)
    _files(draft, person, presence, level)
    _send(draft, person, presence)
    _watch(draft, person, presence)


def _log_on(draft: "Draft", presence: "Presence") -> None:
    """Fetch tickets at the directory when a day begins and after lunch."""
    import numpy as np

    starts = np.array([since for since, _ in presence.spells])
    times = (
        np.repeat(starts, 3)
        + np.tile([2.0, 2.4, 9.0], len(starts))
        + draft.dice.uniform(0, 1, 3 * len(starts))
    )
    size = draft.sizes(1_500, 0.2, len(times))
    draft.inside(
        times,
        "resolver",
        0.02,
        dst_port=KERBEROS_PORT,
        service="kerberos",
        payload_out=size * 0.9,
        payload_in=size,
    )


def _stay_connected(draft: "Draft", since: float, until: float) -> None:
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


def _mail(draft: "Draft", presence: "Presence", level: float) -> None:
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


def _calls(draft: "Draft", person: "Person", presence: "Presence") -> None:
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


def _files(draft: "Draft", person: "Person", presence: "Presence", level: float) -> None:
    """Open and save files on the share, ask the intranet, print pages."""
    import numpy as np

    dice = draft.dice
    count = int(dice.poisson(person.files * level))
    if count:
        size = np.minimum(draft.sizes(350_000, 2.0, count), 3e9)
        saved = np.where(dice.random(count) < SAVED, size * dice.uniform(0.1, 1.1, count), 0)
        draft.inside(
            presence.moments(dice, count),
            "fileserver",
            np.minimum(draft.sizes(120, 1.2, count), 1_500) + size / 4e7,
            dst_port=SMB_PORT,
            service="smb",
            payload_out=2_200 + saved,
            payload_in=3_000 + size,
        )
    count = int(dice.poisson(14 * level))
    if count:
        draft.inside(
            presence.moments(dice, count),
            "fileserver",
            draft.sizes(12, 0.8, count),
            dst_port=443,
            service="tls",
            name=draft.office.name(draft.office.one("fileserver")),
            payload_out=HELLO + draft.sizes(1_500, 0.8, count),
            payload_in=SERVER_HELLO + draft.sizes(30_000, 1.3, count),
        )
    count = int(dice.poisson(person.prints))
    if count:
        size = np.minimum(draft.sizes(400_000, 1.6, count), 2e8)
        draft.inside(
            presence.moments(dice, count),
            "printer",
            3 + size / 3e5,
            dst_port=PRINT_PORT,
            service="printing",
            shape="even",
            payload_out=size,
            payload_in=400,
        )


def _send(draft: "Draft", person: "Person", presence: "Presence") -> None:
    """Let a program carry files to the cloud, and now and then a large one by hand."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    since, until = presence.spells[0][0], presence.spells[-1][1]
    at = np.arange(since + 60, until, 900) + dice.normal(0, 40, len(np.arange(since + 60, until, 900)))
    draft.visit(
        at,
        sites.service("drive"),
        draft.sizes(4, 0.7, len(at)),
        payload_out=HELLO + draft.sizes(900, 0.4, len(at)),
        payload_in=SERVER_HELLO + draft.sizes(1_800, 0.6, len(at)),
    )
    count = int(dice.poisson(person.uploads))
    if count:
        size = np.minimum(draft.sizes(600_000, 2.1, count), 4e9)
        draft.visit(
            presence.moments(dice, count),
            sites.service("storage"),
            2 + size / 3e6,
            shape="even",
            payload_out=HELLO + size,
            payload_in=SERVER_HELLO + 1_200 + size / 400,
        )


def _watch(draft: "Draft", person: "Person", presence: "Presence") -> None:
    """Watch videos, in pieces of a few seconds."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    count = int(dice.poisson(person.videos))
    if not count:
        return
    at = presence.moments(dice, count)
    lasts = np.clip(draft.sizes(360, 1.0, count), 20, 5_400)
    draft.visit(
        at - 1, sites.service("video"), 8, payload_out=HELLO + 3_000, payload_in=SERVER_HELLO + 90_000
    )
    size = lasts * draft.sizes(330_000, 0.5, count)
    draft.visit(
        at,
        sites.service("video edge"),
        lasts,
        shape="beats",
        beat_ns=np.full(count, 10e9),
        payload_out=HELLO + lasts * 90,
        payload_in=SERVER_HELLO + size,
    )
