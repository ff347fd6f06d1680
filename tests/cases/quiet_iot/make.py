"""Things that say at regular times that they are alive, and machines of a plant that poll each other."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation
from oddwire.testing.names import lookup, mdns_question, ntp_poll, public, ssdp_search
from oddwire.testing.services import Page, tls
from oddwire.testing.wire import dice, noise, seen_from

BEGIN = 1_700_400_000.0
PLACE = ("192.168.30.0/24", "192.168.30.1")
THINGS = [f"192.168.30.{20 + number}" for number in range(10)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "keep-alives", seen_from(_keep_alives(), PLACE)
    yield "telemetry", seen_from(_telemetry(), PLACE)
    yield "controllers", seen_from(_controllers(), PLACE)


def _keep_alives() -> list[Timed]:
    """Long connections with a few bytes every 30 or 60 seconds, for an hour, and the time once in a while."""
    packets: list[Timed] = []
    for number, thing in enumerate(THINGS):
        every = 30.0 if number % 2 else 60.0
        steps: list[Step] = [
            step
            for _ in range(int(3_600 / every))
            for step in (
                (every, True, b"\x17\x03\x03\0\x1b" + noise(27)),
                (0.0, False, b"\x17\x03\x03\0\x1b" + noise(27)),
            )
        ]
        ends = (thing, 40_000 + number, public(300 + number // 4), 8_883)
        packets += conversation(ends, steps, start=BEGIN + 3.7 * number, opening=False, ending="open")
        for turn in range(4):
            packets += ntp_poll(thing, 123, public(320), start=BEGIN + 900 * turn + 11 * number)
    return packets


def _telemetry() -> list[Timed]:
    """Ten things of one maker report every minute to the maker, whose name has three addresses."""
    numbers, ports = dice(2), Ports(2)
    packets: list[Timed] = []
    for number, thing in enumerate(THINGS):
        for turn in range(30):
            at = BEGIN + 60 * turn + 5 * number + numbers.uniform(0, 1.5)
            there = [public(340 + number) for number in range(3)]
            if turn % 5 == 0:
                name = "report.maker.example"
                packets += lookup(thing, ports.take(thing), PLACE[1], name, there, start=at - 0.1)
            page: list[Page] = [(0.01, 420 + numbers.randrange(30), 160)]
            ends = (thing, ports.take(thing), numbers.choice(there), 443)
            packets += conversation(ends, tls("report.maker.example", page, number), start=at, rtt=0.03)
        packets += mdns_question(thing, "_matter._tcp.local", start=BEGIN + 37 * number)
        packets += ssdp_search(thing, 50_000, THINGS[:2], start=BEGIN + 51 * number)
    return packets


def _controllers() -> list[Timed]:
    """A master reads registers of six controllers twice a second over connections that never end."""
    packets: list[Timed] = []
    for number in range(6):
        ask, answer = b"\0\1\0\0\0\6\1\3\0\0\0\x0a", b"\0\1\0\0\0\x17\1\3\x14" + noise(20, number)
        steps: list[Step] = [step for _ in range(600) for step in ((0.45, True, ask), (0.004, False, answer))]
        ends = ("192.168.30.5", 41_000 + number, f"192.168.30.{60 + number}", 502)
        start = BEGIN + 0.07 * number
        packets += conversation(ends, steps, start=start, rtt=0.001, opening=False, ending="open")
    return packets
