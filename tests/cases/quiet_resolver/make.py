"""A resolver's day: hundreds of servers asked, wrong names, names of hashes, blocklists."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation
from oddwire.testing.names import lookup, public, question
from oddwire.testing.wire import datagram, dice, seen_from

BEGIN = 1_700_030_000.0
RESOLVER, PLACE = "10.20.0.2", ("10.20.0.0/24", "10.20.0.1")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "recursion", seen_from(_recursion(), PLACE)
    yield "blocklists", seen_from(_blocklists(), PLACE)
    yield "hashed-names", seen_from(_hashed_names(), PLACE)
    yield "suffixes", seen_from(_suffixes(), PLACE)


def _recursion() -> list[Timed]:
    """1,500 questions to 400 servers all over the world; one in twelve is lost and asked elsewhere."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    at = BEGIN
    for number in range(1_500):
        at += numbers.expovariate(4)
        server, port = public(numbers.randrange(400)), ports.take(RESOLVER)
        name = f"www.site{numbers.randrange(900)}.com"
        if number % 12 == 5:
            ask = datagram(RESOLVER, port, server, 53, question(name, ident=port))
            packets += [(at, ask), (at + 0.8, ask)]
            server, at = public(numbers.randrange(400)), at + 0.8
        answers = [public(number), public(number + 1)][: numbers.randrange(3)]
        packets += lookup(RESOLVER, port, server, name, answers, start=at, rtt=numbers.uniform(0.01, 0.2))
        if number % 40 == 0:
            ask = question(name, "TXT", ident=port)
            reply = ask[:2] + b"\x81\x80" + ask[4:]
            steps: list[Step] = [(0.0, True, len(ask).to_bytes(2) + ask)]
            steps.append((0.01, False, len(reply).to_bytes(2) + reply))
            ends = (RESOLVER, ports.take(RESOLVER), server, 53)
            packets += conversation(ends, steps, start=at + 0.3, rtt=0.05)
    return packets


def _blocklists() -> list[Timed]:
    """A mail server asks four blocklists about each sender: most names do not exist, and all differ."""
    numbers, ports = dice(2), Ports(2)
    mail, packets = "10.20.0.4", []
    for number in range(250):
        at = BEGIN + 3.1 * number + numbers.uniform(0, 2)
        backwards = ".".join(reversed(public(20_000 + number).split(".")))
        for zone in ("zen.blocks.example", "bl.spam.example", "b.rep.example", "dnsbl.sorts.example"):
            listed = numbers.random() < 0.1
            answers = ["127.0.0.4"] if listed else []
            name = f"{backwards}.{zone}"
            port = ports.take(mail)
            packets += lookup(mail, port, RESOLVER, name, answers, start=at, missing=not listed)
        name = f"{backwards}.in-addr.arpa"
        packets += lookup(mail, ports.take(mail), RESOLVER, name, start=at + 0.1, kind="PTR")
    return packets


def _hashed_names() -> list[Timed]:
    """Names that look made by a machine and are: content networks, a virus scanner, beacons of adverts."""
    numbers, ports = dice(3), Ports(3)
    host, packets = "10.20.0.104", []
    at = BEGIN
    for number in range(300):
        at += numbers.expovariate(1 / 3)
        label = "".join(numbers.choices(LETTERS, k=numbers.randrange(10, 32)))
        zone = numbers.choice(
            ["cloudfront.example", "avqs.scanner.example", "gvt1.example", "metric.ads.example"]
        )
        address = public(100 + number % 30)
        packets += lookup(host, ports.take(host), RESOLVER, f"{label}.{zone}", [address], start=at)
    return packets


def _suffixes() -> list[Timed]:
    """Windows tries every suffix, browsers ask for three random words at their start: all without success."""
    numbers, ports = dice(4), Ports(4)
    packets: list[Timed] = []
    for turn in range(30):
        host, at = f"10.20.0.{100 + turn % 6}", BEGIN + 31 * turn + numbers.uniform(0, 9)
        for number in range(3):
            word = "".join(numbers.choices(LETTERS[:26], k=numbers.randrange(7, 15)))
            port = ports.take(host)
            packets += lookup(host, port, RESOLVER, word, start=at + number / 100, missing=True)
        for number, suffix in enumerate(
            ("berlin.office.example", "office.example", "old.example", "example")
        ):
            name, port = f"files{turn % 4}.{suffix}", ports.take(host)
            packets += lookup(host, port, RESOLVER, name, start=at + 3 + number / 50, missing=number < 3)
    return packets
