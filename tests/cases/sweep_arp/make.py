"""Sweeps by ARP: one host asks for every address of its network, fast, slowly, in any order."""

from collections.abc import Iterable, Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from oddwire.testing.scans import sweep
from oddwire.testing.wrapping import each, mixed, tagged

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SCANNER, GATEWAY = "10.0.0.5", "10.0.0.1"
NET = [f"10.0.0.{host}" for host in range(1, 255) if host != 5]
ALIVE = frozenset(f"10.0.0.{host}" for host in (1, 2, 3, 9, 21, 22, 23, 24, 25, 26))


def swept(
    hosts: Iterable[str],
    *,
    gap: float,
    tries: int = 1,
    src: str = SCANNER,
    seed: int = 1,
    alive: frozenset[str] = ALIVE,
    start: float = AT,
) -> list[Timed]:
    return sweep(
        hosts,
        ask=lambda host: arp(1, src=src, dst=host),
        answer=lambda host: [arp(2, src=host, dst=src)],
        alive=alive,
        start=start,
        gap=gap,
        tries=tries,
        dice=seeded(seed),
        rtt=0.0004,
    )


def noise(seconds: float = 60, pause: float = 15) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds, pause=pause)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    shuffled = list(NET)
    seeded(2).shuffle(shuffled)
    yield "arp-scan", mixed(noise(), swept(NET, gap=0.002, tries=2))
    yield "nmap-local-alone", mixed(swept(shuffled, gap=0.007, tries=2))
    yield "random-order", mixed(noise(), swept(shuffled, gap=0.05))
    yield "netdiscover-slow", mixed(noise(1_100, 60), swept(NET, gap=4))
    yield "half-an-hour-apart-by-seven", mixed(noise(1_850, 90), swept(shuffled, gap=7))
    yield "forty-addresses", mixed(noise(), swept(NET[100:140], gap=0.3, tries=2))
    yield "without-own-address", mixed(noise(), probes())
    yield "vlan", mixed(each(mixed(noise(), swept(NET, gap=0.01)), lambda frame: tagged(frame, 7)))
    yield "gateway-refreshes-forty-hosts", mixed(noise(300), gateway())
    yield "gateway-for-outside-scan", mixed(noise(), swept(NET[30:42], gap=0.8, src=GATEWAY))
    yield "thirty-hosts-wake-up", mixed(noise(), waking())
    yield "one-dead-printer", mixed(noise(), swept(["10.0.0.77"] * 50, gap=1.0, src="10.0.0.23"))


def probes() -> list[Timed]:
    """Return a sweep whose sender hides its address: the sender's address is 0.0.0.0 in every request."""
    dice, packets = seeded(3), []
    for number, host in enumerate(NET):
        time = AT + number * 0.02 + dice.uniform(0, 0.004)
        packets.append((time, arp(1, src="0.0.0.0", dst=host, src_mac="02:00:0a:00:00:05")))  # noqa: S104
    return packets


def gateway() -> list[Timed]:
    """Return a gateway that renews what it knows of its forty hosts every minute: all answer."""
    hosts = [f"10.0.0.{number}" for number in range(60, 100)]
    return mixed(
        *(
            swept(
                hosts, gap=0.6, src=GATEWAY, seed=10 + minute, alive=frozenset(hosts), start=AT + minute * 60
            )
            for minute in range(4)
        )
    )


def waking() -> list[Timed]:
    """Return thirty hosts that start at once: each asks three times for its own address, then for others."""
    dice, packets = seeded(4), []
    for number in range(120, 150):
        host, start = f"10.0.0.{number}", AT + dice.uniform(0, 6)
        mine = f"02:00:0a:00:00:{number:02x}"
        packets += [(start + step, arp(1, src="0.0.0.0", dst=host, src_mac=mine)) for step in range(3)]  # noqa: S104
        packets.append((start + 3, arp(1, src=host, dst=host)))
        for step, other in enumerate((GATEWAY, "10.0.0.2", "10.0.0.3", "10.0.0.9")):
            time = start + 3.2 + step * 0.1
            packets += [(time, arp(1, src=host, dst=other)), (time + 0.0004, arp(2, src=other, dst=host))]
    return packets
