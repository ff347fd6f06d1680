"""Honest things that people do seldom: what a budget of false alarms is spent on if a judge is careless."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.browsing import fetch
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, UDP
from oddwire.testing.simulation.people import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from oddwire.testing.simulation.draft import Draft
    from oddwire.testing.simulation.people import Presence

__all__ = ["ODDITIES", "do_something_rare"]

SMB_PORT, RDP_PORT, KERBEROS_PORT, TUNNEL_PORT = 445, 3_389, 88, 4_500
# How likely somebody does one of them on a day.
SELDOM = 0.12
MOST_BYTES = 2e10


def do_something_rare(draft: "Draft", presence: "Presence") -> None:
    """Plan one of the rare things on one day in eight or so."""
    if draft.dice.random() < SELDOM:
        names = sorted(ODDITIES)
        at = presence.moments(draft.dice, 1)
        ODDITIES[names[int(draft.dice.integers(len(names)))]](draft, at)


def _anywhere(draft: "Draft", count: int = 1) -> "np.ndarray":
    """Return sites that hardly anybody visits."""
    sites = draft.office.sites
    return draft.dice.integers(sites.first_site + 5_000, len(sites.names), count)


def _load_a_program(draft: "Draft", at: "np.ndarray") -> None:
    """Fetch something large from a place where nobody has been."""
    size = draft.sizes(1.5e9, 0.7, 1).clip(max=MOST_BYTES)
    draft.visit(
        at,
        _anywhere(draft),
        5 + size / 9e6,
        payload_out=HELLO + 900,
        payload_in=SERVER_HELLO + size,
        shape="even",
    )


def _measure_the_line(draft: "Draft", at: "np.ndarray") -> None:
    """Measure how fast the line is: both ways, as much as it takes, over several connections."""
    import numpy as np

    each = np.ones(4)
    sites = np.repeat(_anywhere(draft), 4)
    draft.visit(
        at + 3 * each, sites, 10 * each, payload_out=HELLO + 4e5 * each, payload_in=9e7 * each, shape="even"
    )
    draft.visit(at + 16 * each, sites, 10 * each, payload_out=5e7 * each, payload_in=2e5 * each, shape="even")


def _copy_a_folder(draft: "Draft", at: "np.ndarray") -> None:
    """Take a whole folder of the share along."""
    size = draft.sizes(6e9, 0.6, 1).clip(max=MOST_BYTES)
    draft.inside(
        at,
        "fileserver",
        10 + size / 4e7,
        dst_port=SMB_PORT,
        service="smb",
        shape="even",
        payload_out=4_000 + size / 400,
        payload_in=size,
    )


def _hand_in(draft: "Draft", at: "np.ndarray") -> None:
    """Send pictures or drawings to a customer's own store, where nobody has been before."""
    size = draft.sizes(2.5e8, 0.9, 1).clip(max=MOST_BYTES)
    draft.visit(
        at,
        _anywhere(draft),
        5 + size / 4e6,
        shape="even",
        payload_out=HELLO + size,
        payload_in=SERVER_HELLO + 3_000 + size / 300,
    )


def _visit_a_customer(draft: "Draft", at: "np.ndarray") -> None:
    """Work in the network of a customer, through a tunnel, for an hour or three."""
    lasts = draft.sizes(1.5 * HOUR, 0.5, 1).clip(max=5 * HOUR)
    packets = lasts * 6
    draft.visit(
        at,
        _anywhere(draft),
        lasts,
        dst_port=TUNNEL_PORT,
        protocol=UDP,
        service=None,
        name=None,
        shape="even",
        close="open",
        packets_out=packets,
        packets_in=packets * 1.3,
        payload_out=packets * 160,
        payload_in=packets * 1.3 * 520,
    )


def _restart(draft: "Draft", at: "np.ndarray") -> None:
    """Start the computer again: everything says good morning once more."""
    import numpy as np

    sites = draft.office.sites
    draft.inside(
        at + np.array([0.0, 0.4, 6.0]),
        "resolver",
        0.02,
        dst_port=KERBEROS_PORT,
        service="kerberos",
        payload_out=1_400,
        payload_in=1_600,
    )
    greeted = [sites.service(what) for what in ("telemetry", "windows", "antivirus", "drive", "mail", "chat")]
    fetch(draft, at + np.arange(len(greeted)) * 1.7, np.array(greeted), 30_000, 1.0)


def _listen(draft: "Draft", at: "np.ndarray") -> None:
    """Hear the radio for the rest of the day."""
    lasts = draft.sizes(3 * HOUR, 0.4, 1).clip(max=8 * HOUR)
    draft.visit(
        at,
        _anywhere(draft),
        lasts,
        shape="beats",
        beat_ns=10e9,
        payload_out=HELLO + lasts * 8,
        payload_in=SERVER_HELLO + lasts * 16_000,
    )


def _help_a_colleague(draft: "Draft", at: "np.ndarray") -> None:
    """Look at a colleague's screen for a while."""
    others = [address for address in draft.office.workstations if address != draft.address]
    lasts = draft.sizes(900, 0.6, 1).clip(max=HOUR)
    draft.add(
        at,
        lasts,
        dst=others[int(draft.dice.integers(len(others)))],
        dst_port=RDP_PORT,
        service="rdp",
        shape="even",
        payload_out=lasts * 700,
        payload_in=lasts * 30_000,
    )


def _clean_up_the_mailbox(draft: "Draft", at: "np.ndarray") -> None:
    """Fetch years of mail again, because the program was set up anew."""
    size = draft.sizes(1.2e9, 0.6, 1).clip(max=MOST_BYTES)
    draft.visit(
        at,
        draft.office.sites.service("mail"),
        60 + size / 5e6,
        dst_port=993,
        shape="even",
        payload_out=HELLO + size / 200,
        payload_in=SERVER_HELLO + size,
    )


# In words, as the documentation calls them.
ODDITIES: dict[str, "Callable[[Draft, np.ndarray], None]"] = {
    "loads a large program": _load_a_program,
    "measures the line": _measure_the_line,
    "copies a folder": _copy_a_folder,
    "hands something in": _hand_in,
    "works at a customer's": _visit_a_customer,
    "restarts": _restart,
    "listens to the radio": _listen,
    "helps a colleague": _help_a_colleague,
    "sets up the mailbox anew": _clean_up_the_mailbox,
}
