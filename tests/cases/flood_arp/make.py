"""ARP storms: a host that repeats itself, a loop in the cabling, replies to everybody."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import flooded
from oddwire.testing.packets import BROADCAST, arp, mac_of
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
STORMER, GATEWAY = "10.0.0.66", "10.0.0.1"


def noise(seconds: float = 50) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice = seeded(1)
    one = arp(1, src=STORMER, dst=GATEWAY)
    yield (
        "one-host-asks-for-the-gateway",
        mixed(noise(), flooded(lambda _: one, start=AT, rate=400, count=6_000, dice=dice)),
    )
    yield "one-host-asks-for-one-dead", mixed(noise(), dead())
    few = [arp(1, src=STORMER, dst=f"10.0.0.{host}") for host in range(2, 12)]
    yield (
        "ten-targets-in-turn",
        mixed(flooded(lambda number: few[number % 10], start=AT, rate=500, count=6_000, dice=dice)),
    )
    yield (
        "replies-to-everybody",
        mixed(noise(), flooded(lambda _: shouted(STORMER), start=AT, rate=300, count=5_000, dice=dice)),
    )
    yield "loop-in-the-cabling", mixed(noise(), loop())
    yield "two-a-second", mixed(noise(), flooded(lambda _: one, start=AT, rate=2, count=40, dice=dice))
    yield "cluster-takes-over", mixed(noise(), takeover())


def dead() -> list[Timed]:
    dice = seeded(2)
    frame = arp(1, src=STORMER, dst="10.0.0.240")
    return flooded(lambda _: frame, start=AT, rate=250, count=5_000, dice=dice)


def shouted(ip: str) -> bytes:
    """Return a reply that goes to everybody and tells the sender's own, true address."""
    frame = arp(2, src=ip, dst=ip)
    everybody = bytes.fromhex(BROADCAST.replace(":", ""))
    return everybody + frame[6:]


def loop() -> list[Timed]:
    """Return one request that two cabled-together switches send round and round."""
    frame = arp(1, src="10.0.0.24", dst="10.0.0.3")
    return [(AT + number * 0.0004, frame) for number in range(15_000)]


def takeover() -> list[Timed]:
    """Return a cluster that moves twenty addresses to its second node and says so five times each."""
    card = mac_of("10.0.0.91")
    return [
        (
            AT + turn * 1.0 + number * 0.005,
            arp(1, src=f"10.0.0.{number + 200}", dst=f"10.0.0.{number + 200}", src_mac=card),
        )
        for turn in range(5)
        for number in range(20)
    ]
