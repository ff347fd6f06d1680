"""What every computer does by itself: the time, updates, signatures, telemetry."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, UDP, WEB_PORT

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft

__all__ = ["keep_time", "keep_up"]

NTP_PORT = 123
NTP_S, SIGNATURES_S, CHECK_S = 1_024.0, 4 * 3_600.0, 6 * 3_600.0
PATCHES = 3e8


def keep_up(draft: "Draft", on: tuple[float, float], *, is_linux: bool) -> None:
    """Plan what a computer does by itself while it runs."""
    keep_time(draft, on)
    _check(draft, on, is_linux=is_linux)
    if is_linux:
        return
    _signatures(draft, on)
    _telemetry(draft, on)


def keep_time(draft: "Draft", on: tuple[float, float]) -> None:
    """Ask the directory for the time; it asks outside."""
    import numpy as np

    at = np.arange(on[0] + draft.dice.uniform(0, NTP_S), on[1], NTP_S)
    at += draft.dice.normal(0, 4, len(at))
    rest = {"dst_port": NTP_PORT, "protocol": UDP, "service": "ntp", "payload_out": 48, "payload_in": 48}
    if draft.address == draft.office.one("resolver"):
        draft.visit(at, draft.office.sites.service("time"), 0.018, name=None, **rest)
    else:
        draft.inside(at, "resolver", 0.000_5, **rest)


def _check(draft: "Draft", on: tuple[float, float], *, is_linux: bool) -> None:
    """Ask the maker for updates a few times a day; on some days there are many."""
    import numpy as np

    dice, office = draft.dice, draft.office
    at = np.arange(on[0] + dice.uniform(0, CHECK_S), on[1], CHECK_S) + dice.uniform(0, 900)
    draft.visit(
        at,
        office.sites.service("linux" if is_linux else "windows"),
        draft.sizes(3, 0.6, len(at)),
        payload_out=HELLO + draft.sizes(2_500, 0.4, len(at)),
        payload_in=SERVER_HELLO + draft.sizes(40_000, 0.8, len(at)),
    )
    large = office.calendar.is_update_day(draft.day)
    count = int(dice.poisson(4 if large else 0.25))
    if count:
        size = np.minimum(draft.sizes(PATCHES / 4 if large else 2e6, 1.1, count), 2e9)
        begin = on[0] + (on[1] - on[0]) * dice.random(count)
        if is_linux:
            draft.visit(
                begin,
                office.sites.service("linux"),
                1 + size / 8e6,
                service="http",
                dst_port=WEB_PORT,
                verb="GET",
                payload_out=300,
                payload_in=400 + size,
            )
        else:
            draft.visit(
                begin,
                office.sites.service("windows parts"),
                1 + size / 8e6,
                payload_out=HELLO + 2_000,
                payload_in=SERVER_HELLO + size,
            )


def _signatures(draft: "Draft", on: tuple[float, float]) -> None:
    """Fetch new signatures of the virus scanner."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    at = np.arange(on[0] + dice.uniform(60, SIGNATURES_S), on[1], SIGNATURES_S) + dice.normal(0, 120)
    draft.visit(
        at,
        sites.service("antivirus"),
        draft.sizes(4, 0.5, len(at)),
        payload_out=HELLO + 1_100,
        payload_in=SERVER_HELLO + draft.sizes(150_000, 1.2, len(at)),
    )


def _telemetry(draft: "Draft", on: tuple[float, float]) -> None:
    """Report to the maker at odd moments, and look whether there is a network."""
    import numpy as np

    dice, sites = draft.dice, draft.office.sites
    count = int(dice.poisson((on[1] - on[0]) / 1_500))
    at = np.sort(dice.uniform(on[0], on[1], count))
    draft.visit(
        at,
        sites.service("telemetry"),
        draft.sizes(35, 0.8, count),
        payload_out=HELLO + draft.sizes(2_600, 1.1, count),
        payload_in=SERVER_HELLO + draft.sizes(500, 0.3, count),
    )
    count = 1 + int(dice.poisson(2))
    draft.visit(
        dice.uniform(on[0], on[1], count),
        sites.service("probe"),
        0.08,
        service="http",
        dst_port=WEB_PORT,
        verb="GET",
        payload_out=112,
        payload_in=180,
    )
