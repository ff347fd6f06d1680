"""Work at a desk: the share, the intranet, the printer, uploads, videos, and talking to others."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.browsing import browse
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO
from oddwire.testing.simulation.talking import call, fetch_mail, stay_connected
from oddwire.testing.simulation.upkeep import keep_up

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Person, Presence

__all__ = ["work"]

SMB_PORT, KERBEROS_PORT, PRINT_PORT = 445, 88, 9_100
# How many files are saved again.
SAVED = 0.4


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
        stay_connected(draft, since, until)
    fetch_mail(draft, presence, level)
    call(draft, person, presence)
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
