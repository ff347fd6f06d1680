"""Slow denial of service: connections held open by headers, uploads and reads that never end."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, PSH
from oddwire.testing.sessions import tcp_session
from oddwire.testing.slow import Held, slow_headers, slow_post, slow_read
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_020.0
ATTACKER, SERVER = "10.0.0.66", "10.0.0.80"


def noise(seconds: float) -> list[Timed]:
    """Return the office, and honest visitors of the server."""
    visits = [
        packet
        for number in range(int(seconds / 2))
        for packet in tcp_session(
            f"10.0.0.{number % 6 + 21}",
            60_000 + number,
            SERVER,
            80,
            [(420, 5_000)],
            start=BEGIN + number * 2,
            rtt=0.002,
        )
    ]
    return mixed(bystanders(start=BEGIN, seconds=seconds), visits)


def held(
    number: int, *, port: int = 80, opened_in: float = 5.0, client: str = ATTACKER, of: int = 200
) -> Held:
    """Return one of the connections; all are opened within some seconds."""
    return Held(
        client=client, cport=40_000 + number, server=SERVER, sport=port, time=AT + number * opened_in / of
    )


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice, until = seeded(1), AT + 130
    hundreds = [slow_headers(held(number), every=15, until=until, dice=dice) for number in range(200)]
    yield "slowloris-200", mixed(noise(160), *hundreds)
    sixty = [slow_headers(held(number, of=60), every=15, until=until, dice=dice) for number in range(60)]
    yield "slowloris-60", mixed(noise(160), *sixty)
    sealed = [
        slow_headers(held(number, port=443), every=12, until=until, dice=dice, tls=True)
        for number in range(150)
    ]
    yield "slowloris-tls", mixed(noise(160), *sealed)
    yield (
        "slow-post",
        mixed(noise(160), *(slow_post(held(n), every=8, until=until, dice=dice) for n in range(180))),
    )
    yield (
        "slow-read",
        mixed(noise(160), *(slow_read(held(n), every=7, until=until, dice=dice) for n in range(150))),
    )
    yield "slowloris-alone-cut-off-by-server", mixed(cut_off())
    yield "long-polling", mixed(noise(160), *polling())
    yield "idle-connections-of-a-pool", mixed(noise(160), *pool())
    yield "slow-phone-uploads", mixed(noise(160), *phones())


def cut_off() -> list[Timed]:
    """Return slowloris against a server that ends such requests after half a minute: the tool opens anew."""
    dice, packets = seeded(2), []
    for turn in range(4):
        for number in range(100):
            one = held(turn * 100 + number, of=100)
            one.time = AT + turn * 31 + number * 0.03
            slow_headers(one, every=10, until=one.time + 28, dice=dice)
            one.time = max(one.time, AT + turn * 31 + 30)
            one.ends(reset=number % 2 == 0)
            packets += one.packets
    return packets


def polling() -> Iterator[list[Timed]]:
    """Yield twenty-five browsers that wait for news: a full request, an answer half a minute later."""
    dice = seeded(3)
    for number in range(25):
        one = held(number, port=443, client=f"10.0.0.{number + 100}", of=25)
        one.opens()
        for _ in range(4):
            one.drips(b"\x17\x03\x03\x02\x10" + b"\x5a" * 528)
            one.time += dice.uniform(25, 30)
            one.hears(PSH | ACK, b"\x17\x03\x03\x00\x90" + b"\x5a" * 144)
            one.says(ACK)
        one.ends()
        yield one.packets


def pool() -> Iterator[list[Timed]]:
    """Yield forty idle connections of an application with its database: a question each now and then."""
    dice = seeded(4)
    for number in range(40):
        one = held(number, port=5_432, client="10.0.0.70", of=40)
        one.opens()
        one.drips(b"\0\0\0\x1f\0\x03\0\0user\0app\0database\0app\0\0")
        one.hears(PSH | ACK, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I")
        while one.time < AT + 125:
            one.time += dice.uniform(20, 40)
            one.drips(b"Q\0\0\0\x0dSELECT 1\0")
            one.hears(PSH | ACK, b"D\0\0\0\x0b\0\x01\0\0\0\x011C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I")
            one.says(ACK)
        yield one.packets


def phones() -> Iterator[list[Timed]]:
    """Yield eight phones on a poor line that send a picture each: slow, yet always on the move."""
    dice = seeded(5)
    for number in range(8):
        one = held(number, client=f"203.0.113.{number + 30}", of=8)
        one.rtt = 0.4
        one.opens()
        one.drips(b"POST /photo HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 400000\r\n\r\n")
        for _ in range(280):
            one.drips(b"\xff\xd8" + b"\x33" * 1_398)
            one.time += dice.uniform(0, 0.05)
        one.hears(PSH | ACK, b"HTTP/1.1 201 Created\r\n\r\n")
        one.ends()
        yield one.packets
