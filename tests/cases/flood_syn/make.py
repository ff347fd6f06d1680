"""SYN floods: spoofed, from one host, from two hundred, fast and at sixty a second."""

import random
from collections.abc import Callable, Iterator, Sequence

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import anyone, bots, flooded, syn_answers
from oddwire.testing.packets import ACK, CWR, ECE, RST, SYN, tcp
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import each, mixed, routed, tagged

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SERVER, INSIDE = "10.0.0.80", "10.0.0.66"


def noise(seconds: float = 60) -> list[Timed]:
    """Return the office, and the customers of the server, whom it still answers."""
    customers = [
        packet
        for number in range(int(seconds) * 2)
        for packet in tcp_session(
            f"203.0.113.{number % 120 + 100}",
            40_000 + number,
            SERVER,
            80,
            [(400, 4_000)],
            start=BEGIN + number / 2,
        )
    ]
    return mixed(bystanders(start=BEGIN, seconds=seconds), local(customers))


def local(packets: Sequence[Timed] | Iterator[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def spoofed(
    seed: int,
    *,
    rate: float,
    count: int,
    ports: Sequence[int] = (80,),
    flags: int = SYN,
    sender: Callable[[], str] | None = None,
) -> list[Timed]:
    """Return SYNs from invented senders, as hping3 and the booters send them."""
    dice = seeded(seed)

    def frame(number: int) -> bytes:
        return tcp(
            sender() if sender else anyone(dice),
            dice.randrange(1_024, 65_536),
            SERVER,
            ports[number % len(ports)],
            flags,
            seq=dice.getrandbits(32),
            window=dice.choice((512, 5_840, 65_535)),
            ttl=dice.randrange(40, 250),
            ident=dice.getrandbits(16),
        )

    return flooded(frame, start=AT, rate=rate, count=count, dice=dice)


def from_one(
    seed: int, *, count: int, rate: float, fixed_port: int | None = None, dst: str = SERVER
) -> list[Timed]:
    dice = seeded(seed)

    def frame(number: int) -> bytes:
        port = fixed_port or 1_024 + (2_000 + number) % 64_000
        return tcp(INSIDE, port, dst, 80, SYN, seq=dice.getrandbits(32), window=512)

    return flooded(frame, start=AT, rate=rate, count=count, dice=dice)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice = seeded(99)
    alone = spoofed(1, rate=1_500, count=7_000)
    yield "spoofed-alone-answered", mixed(local(mixed(alone, syn_answers(alone, dice=dice))))
    yield "spoofed-requests-only", mixed(noise(), local(spoofed(2, rate=800, count=8_000)))
    one = from_one(3, count=5_000, rate=1_000)
    yield "one-host-varied-ports-reset", mixed(noise(), one, syn_answers(one, dice=dice, resets=1.0))
    yield "one-host-one-port", mixed(noise(), from_one(4, count=6_000, rate=500, fixed_port=2_000))
    outward = from_one(5, count=6_000, rate=400, dst="198.51.100.80")
    yield "one-host-outward", mixed(noise(), local(outward))
    yield "four-ports", mixed(noise(), local(spoofed(6, rate=600, count=6_000, ports=(22, 80, 443, 8_080))))
    yield "random-ports", mixed(noise(), local(spoofed(7, rate=600, count=6_000, ports=range(1, 6_000))))
    yield "ecn-cwr-alone", mixed(local(spoofed(8, rate=350, count=9_000, flags=SYN | ECE | CWR)))
    low = spoofed(9, rate=60, count=3_600)
    yield "sixty-a-second", mixed(noise(90), local(mixed(low, syn_answers(low, dice=dice, retries=2))))
    yield "two-hundred-bots", mixed(noise(), local(army(dice=seeded(10))))
    net = [f"10.0.{dice.randrange(1, 5)}.{dice.randrange(1, 255)}" for _ in range(500)]
    inner = spoofed(11, rate=700, count=5_000, sender=lambda: dice.choice(net))
    yield "spoofed-from-own-networks", mixed(noise(), local(inner))
    yield (
        "vlan",
        mixed(each(mixed(noise(40), local(spoofed(12, rate=900, count=5_000))), lambda f: tagged(f, 30))),
    )
    yield "ipv6", mixed(noise(40), over_v6())
    yield "backscatter", mixed(noise(), local(backscatter()))
    yield "dead-service-retried", mixed(noise(), local(retried()))


def army(*, dice: random.Random) -> list[Timed]:
    """Return two hundred hosts that open real connections and leave them: their stacks repeat the SYN."""
    packets: list[Timed] = []
    for address in bots(200, dice):
        time, port = AT + dice.uniform(0, 3), dice.randrange(30_000, 50_000)
        for number in range(30):
            for wait in (0.0, 1.0, 3.0):
                ask = tcp(
                    address,
                    port + number,
                    SERVER,
                    80,
                    SYN,
                    seq=number + 1,
                    options=b"\x02\x04\x05\xb4",
                    ttl=50,
                )
                packets.append((time + wait, ask))
            time += dice.expovariate(1.5)
    return packets


def over_v6() -> list[Timed]:
    dice, server = seeded(13), "2001:db8:80::1"

    def frame(number: int) -> bytes:
        src = f"2001:db8:{dice.getrandbits(16):x}::{number + 1:x}"
        return tcp(src, dice.randrange(1_024, 65_536), server, 443, SYN, seq=dice.getrandbits(32), ttl=52)

    return flooded(frame, start=AT, rate=600, count=6_000, dice=dice)


def backscatter() -> list[Timed]:
    """Return answers to questions which a host never asked: somebody used its address in a flood."""
    dice, packets = seeded(14), []
    for number in range(60):
        flags = SYN | ACK if number % 3 else RST | ACK
        answer = tcp(
            f"198.51.100.{number % 4 + 200}",
            80,
            "10.0.0.23",
            dice.randrange(1_024, 65_536),
            flags,
            ack=number,
            ttl=48,
        )
        packets.append((AT + number * 0.7, answer))
    return packets


def retried() -> list[Timed]:
    """Return ten clients whose server is gone: SYNs at one, three and seven seconds, again and again."""
    return [
        (
            AT + attempt * 8 + client * 0.3 + wait,
            tcp(f"10.0.0.{client + 30}", 50_000 + attempt, "198.51.100.60", 443, SYN, seq=client + 1),
        )
        for attempt in range(5)
        for client in range(10)
        for wait in (0.0, 1.0, 3.0, 7.0)
    ]
