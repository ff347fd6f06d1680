"""UDP floods: random ports and one port, many senders and one, whole datagrams and fragments."""

from collections.abc import Callable, Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import anyone, bots, flooded
from oddwire.testing.packets import fragments, udp, unreachable
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SERVER, INSIDE = "10.0.0.80", "10.0.0.66"


def noise(seconds: float = 50) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def flood(
    seed: int,
    *,
    size: int,
    count: int = 6_000,
    rate: float = 800,
    port: int | None = None,
    sender: Callable[[], str] | None = None,
    dst: str = SERVER,
) -> list[Timed]:
    """Return datagrams of rubbish; without `port` each goes to another one."""
    dice = seeded(seed)
    rubbish = dice.randbytes(size)

    def frame(_: int) -> bytes:
        src = sender() if sender else anyone(dice)
        target = port or dice.randrange(1, 65_536)
        return udp(src, dice.randrange(1_024, 65_536), dst, target, rubbish, ttl=dice.randrange(40, 120))

    return list(local(flooded(frame, start=AT, rate=rate, count=count, dice=dice)))


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "spoofed-random-ports", mixed(noise(), flood(1, size=512))
    yield "spoofed-one-port-alone", mixed(flood(2, size=64, port=53, rate=2_000, count=10_000))
    army, dice = bots(150, seeded(3)), seeded(4)
    yield "bots-game-port", mixed(noise(), flood(5, size=120, port=27_015, sender=lambda: dice.choice(army)))
    inside = flood(6, size=900, sender=lambda: INSIDE, count=8_000)
    yield "one-host-random-ports", mixed(noise(), inside, reports(inside))
    outward = flood(
        7, size=1_000, port=80, sender=lambda: INSIDE, dst="198.51.100.9", rate=1_500, count=12_000
    )
    yield "one-host-outward-port-80", mixed(noise(), outward)
    yield "empty-datagrams", mixed(noise(), flood(8, size=0, rate=1_500, count=9_000))
    yield "fragments", mixed(noise(), local(in_pieces()))
    yield "fragments-without-a-first", mixed(noise(), local(in_pieces(first=False)))
    yield "pulses", mixed(noise(120), *pulses())


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def reports(packets: list[Timed]) -> list[Timed]:
    """Return what the server reports of its closed ports: one in a second, as Linux does."""
    return [(time + 0.0004, unreachable(SERVER, frame)) for time, frame in packets[::800]]


def in_pieces(*, first: bool = True) -> list[Timed]:
    """Return large datagrams from invented senders, in fragments; the booters often leave the first out."""
    dice, packets = seeded(9), []
    rubbish = dice.randbytes(4_000)
    for number in range(2_500):
        pieces = fragments(udp(anyone(dice), 4_444, SERVER, 9_999, rubbish, ttl=60), ident=number + 1)
        time = AT + number * 0.004
        packets += [
            (time + step * 0.00002, piece) for step, piece in enumerate(pieces if first else pieces[1:])
        ]
    return packets


def pulses() -> Iterator[list[Timed]]:
    """Yield a flood that lasts two seconds, every fifteen (a pulse wave)."""
    for number in range(5):
        pulse = flood(20 + number, size=400, rate=1_500, count=3_000, port=443)
        yield [(time + number * 15, frame) for time, frame in pulse]
