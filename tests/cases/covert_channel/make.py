"""Data where none belongs: random bytes on the ports of time and names, and in unused IP protocols."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.channels import Ends, datagrams, raw_exchange
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.office_lan import Lan, background

BEGIN = 1_700_000_000.0
LAN = Lan()
ENDS: Ends = ("192.168.1.50", "198.51.100.9")
ENDS6: Ends = ("2001:db8:1::50", "2001:db8:bad::9")
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
SHELL = [(40, 40), (40, 300), (120, 900), (60, 60)]
STREAM = [(1_200, 40), (1_200, 0), (1_200, 40)]
SMALL = [(48, 48), (48, 0), (0, 48)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(141)
    start = BEGIN + 30
    yield "time-port-shell", _office(dice, datagrams(dice, ENDS, (51_123, 123), start, 300, sizes=SHELL))
    yield (
        "time-port-stream",
        _office(dice, datagrams(dice, ENDS, (123, 123), start, 200, sizes=STREAM, gap=0.15)),
    )
    yield (
        "time-port-of-right-size",
        _office(dice, datagrams(dice, ENDS, (123, 123), start, 280, sizes=SMALL, gap=0.6)),
    )
    yield "names-port-no-names", _office(dice, datagrams(dice, ENDS, (49_800, 53), start, 300, sizes=SHELL))
    yield (
        "names-port-alone",
        in_order(LAN.place(datagrams(dice, ENDS, (53, 53), start, 200, sizes=STREAM, gap=0.3))),
    )
    yield "names-port-ipv6", _office(dice, datagrams(dice, ENDS6, (49_801, 53), start, 240, sizes=SHELL))
    yield "ip-protocol-253", _office(dice, raw_exchange(dice, ENDS, 253, start, 500))
    yield "ip-protocol-143-slow", _office(dice, raw_exchange(dice, ENDS, 143, start, 120, gap=4), 600)


def _office(dice: random.Random, packets: list[Timed], seconds: float = 360) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, 40))
