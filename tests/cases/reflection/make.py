"""Reflection: answers of dozens to thousands of servers to questions asked in the victim's name."""

from collections.abc import Iterator

from oddwire.testing.amplifiers import AMPLIFIERS, dns_answer
from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import bots, reflected
from oddwire.testing.packets import udp
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_012.0
VICTIM, SERVER, SPOOFED = "10.0.0.80", "10.0.0.53", "198.51.100.123"


def noise(seconds: float = 45) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def answers(
    service: str, *, servers: int, rate: float, questions: int, seed: int, port: int | None = None
) -> list[Timed]:
    dice = seeded(seed)
    return reflected(
        AMPLIFIERS[service],
        reflectors=bots(servers, dice),
        victim=VICTIM,
        start=AT,
        rate=rate,
        questions=questions,
        dice=dice,
        victim_port=port,
    )


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dns = answers("dns", servers=1_500, rate=250, questions=2_500, seed=1)
    yield "dns", mixed(noise(), local(dns))
    yield "ntp", mixed(noise(), local(answers("ntp", servers=60, rate=60, questions=600, seed=2, port=80)))
    yield "ssdp-alone", mixed(local(answers("ssdp", servers=900, rate=300, questions=1_500, seed=3)))
    yield (
        "memcached",
        mixed(noise(), local(answers("memcached", servers=24, rate=50, questions=350, seed=4, port=443))),
    )
    yield "cldap", mixed(noise(), local(answers("cldap", servers=300, rate=200, questions=2_000, seed=5)))
    yield (
        "chargen",
        mixed(noise(), local(answers("chargen", servers=40, rate=120, questions=1_800, seed=6, port=53))),
    )
    yield "snmp", mixed(noise(), local(answers("snmp", servers=120, rate=300, questions=4_000, seed=7)))
    yield (
        "isakmp-alone",
        mixed(local(answers("isakmp", servers=1_800, rate=1_200, questions=1_500, seed=8, port=27_015))),
    )
    yield "coap", mixed(noise(), local(answers("coap", servers=500, rate=250, questions=3_000, seed=9)))
    slow = answers("dns", servers=400, rate=25, questions=2_200, seed=10)
    yield "dns-for-minutes-at-low-rate", mixed(noise(110), local(slow))
    both = [answers(name, servers=80, rate=100, questions=800, seed=len(name)) for name in ("dns", "cldap")]
    yield "two-services-at-once", mixed(noise(), local(mixed(*both)))
    yield "own-resolver-abused", mixed(noise(), local(abused("dns", rate=80, questions=2_000)))
    yield "own-clock-abused-answers-only", mixed(noise(), local(answers_only()))
    yield "busy-resolver-signed-answers", mixed(noise(), local(resolving()))
    yield "clock-pool-server", mixed(noise(), local(clock()))
    yield "search-for-devices", mixed(noise(), devices())


def abused(service: str, *, rate: float, questions: int) -> list[Timed]:
    """Return the own server as it answers spoofed questions with a flood: every question is the same."""
    return reflected(
        AMPLIFIERS[service],
        reflectors=[SERVER],
        victim=SPOOFED,
        start=AT,
        rate=rate,
        questions=questions,
        dice=seeded(12),
        shows_questions=True,
        victim_port=None,
    )


def answers_only() -> list[Timed]:
    """Return the half that leaves the own network: the questions come in by another line."""
    dice = seeded(13)
    return reflected(
        AMPLIFIERS["ntp"],
        reflectors=[SERVER],
        victim=SPOOFED,
        start=AT,
        rate=70,
        questions=800,
        dice=dice,
        victim_port=80,
    )


def resolving() -> list[Timed]:
    """Return a resolver that asks many name servers and gets large signed answers, one for each question."""
    dice = seeded(14)
    servers = bots(220, dice)
    packets: list[Timed] = []
    for number in range(3_000):
        time, port, server = AT + number * 0.008, dice.randrange(1_024, 65_536), dice.choice(servers)
        ident, name = dice.randbytes(2), b"%06x" % dice.getrandbits(24)
        question = b"\x06" + name + b"\x07example\x03com\0\0\x01\0\x01"
        ask = ident + b"\0\x10\0\x01\0\0\0\0\0\x01" + question + b"\0\0\x29\x04\xd0\0\0\x80\0\0\0"
        answer = dns_answer(ident=ident, question=question, texts=dice.randrange(1, 6))
        packets.append((time, udp(SERVER, port, server, 53, ask)))
        if dice.random() < 0.97:
            packets.append((time + dice.uniform(0.01, 0.12), udp(server, 53, SERVER, port, answer, ttl=52)))
    return packets


def clock() -> list[Timed]:
    """Return a public time server: hundreds of clients, each answered with as much as it sent."""
    dice = seeded(15)
    packets: list[Timed] = []
    for number, client in enumerate(bots(900, dice) * 3):
        time, port = AT + number * 0.01, dice.choice((123, dice.randrange(1_024, 65_536)))
        packets.append((time, udp(client, port, SERVER, 123, b"\x23" + b"\0" * 47, ttl=50)))
        packets.append((time + 0.0002, udp(SERVER, 123, client, port, b"\x24\x02" + b"\0" * 46)))
    return packets


def devices() -> list[Timed]:
    """Return a search for devices in the own network: twenty answer four times each, as they were asked."""
    service = AMPLIFIERS["ssdp"]
    packets = [
        (AT + step, udp("10.0.0.22", 50_123, "239.255.255.250", 1_900, service.question, ttl=4))
        for step in range(3)
    ]
    for number in range(20):
        for step, data in enumerate([*service.answers] * 3):
            packets.append(
                (
                    AT + step * 0.25 + number * 0.011,
                    udp(f"10.0.0.{number + 40}", 1_900, "10.0.0.22", 50_123, data),
                )
            )
    return packets
