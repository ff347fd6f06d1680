"""A host tries names that an algorithm makes, day by day: most exist nowhere."""

import random
from collections.abc import Iterable, Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.dns_messages import NO_SUCH_NAME, SERVER_FAILED, Stub, addresses
from oddwire.testing.names import ntp_poll, public
from oddwire.testing.office import browse
from oddwire.testing.services import http, tls
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_000_000.0
PLACE = ("10.20.0.0/24", "10.20.0.1")
RESOLVER, HOST = "10.20.0.2", "10.20.0.117"
OFFICE = [f"10.20.0.{last}" for last in (21, 22, *range(101, 107))]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = """
able above across after against alone along among anger answer appear around balance basket beauty
become before begin behind believe better between beyond board bottle bread bridge bright broken
brother building captain caught center chance chief choose circle clothes company course cover
difference difficult dinner double either electric energy enough evening experience family father
favor figure flower foreign forward garden gentle glass heart heaven history husband increase
industry laughter leader leather machine matter measure mother mountain necessary neither nothing
people perhaps picture pleasant possible prepare present
""".split()  # noqa: SIM905  # a list of words


def captures() -> Iterator[tuple[str, list[Timed]]]:
    made = {
        "eight-endings": _eight_endings,
        "dynamic-names-lab": _dynamic,
        "two-words": _two_words,
        "slow": _slow,
        "finds-its-domain": _finds,
        "both-legs": _both_legs,
        "many-endings-lab": _many_endings,
        "hexadecimal-no-answers": _unanswered,
        "server-failures": _failures,
        "dead-links": _dead_links,
        "shop-of-domains": _shop,
    }
    for number, (name, make) in enumerate(made.items()):
        yield name, seen_from(make(dice(300 + number), Ports(number)), PLACE)


def _stub(numbers: random.Random, ports: Ports, client: str = HOST, server: str = RESOLVER) -> Stub:
    return Stub(client=client, server=server, dice=numbers, ports=ports, rtt=0.05)


def _office(
    numbers: random.Random, ports: Ports, seconds: float, every: float = 100, hosts: Iterable[str] = OFFICE
) -> list[Timed]:
    packets: list[Timed] = []
    for host in (*hosts, HOST):
        time = BEGIN + numbers.uniform(0, 25)
        while time < BEGIN + seconds - 15:
            packets += browse(host, RESOLVER, numbers, ports, start=time, site=numbers.randrange(200))
            time += 4 + numbers.expovariate(1 / every)
        packets += ntp_poll(host, 123, public(9), start=BEGIN + numbers.uniform(0, seconds))
    return packets


def _label(numbers: random.Random, low: int, high: int, letters: str = LETTERS) -> str:
    return "".join(numbers.choices(letters, k=numbers.randrange(low, high)))


def _missing(stub: Stub, time: float, name: str) -> list[Timed]:
    return stub.ask(
        time, name, code=NO_SUCH_NAME, zone=name.rsplit(".", 1)[-1], rtt=stub.dice.uniform(0.02, 0.2)
    )


def _eight_endings(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The names of a day, as Conficker has them: 250 over eight endings; a few are caught by researchers."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 1_000), BEGIN + 90
    endings = ["com", "net", "org", "info", "biz", "cn", "ws", "cc"]
    for number in range(250):
        name = f"{_label(numbers, 5, 12)}.{numbers.choice(endings)}"
        if number in {60, 141, 190}:
            packets += stub.ask(time, name, "A", addresses("149.20.56.32"))
            steps = http(name, [(0.0, 120, 300)], path="/search?q=0")
            packets += conversation(
                (HOST, ports.take(HOST), "149.20.56.32", 80), steps, start=time + 0.1, rtt=0.09
            )
        else:
            packets += _missing(stub, time, name)
        time += numbers.uniform(0.3, 6)
    return packets


def _dynamic(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Kraken's way: random labels below providers of dynamic names; nothing else in the capture."""
    stub, packets, time = _stub(numbers, ports), list[Timed](), BEGIN + 2
    for _ in range(110):
        provider = numbers.choice(["dyndns.org", "yi.org", "mooo.com", "dynserv.com"])
        name = f"{_label(numbers, 7, 13)}.{provider}"
        packets += stub.ask(time, name, code=NO_SUCH_NAME, zone=provider)
        time += numbers.uniform(1.5, 8)
    return packets


def _two_words(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Suppobox' way: two words of a dictionary and .net, 85 each round; nothing about a name is random."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 900), BEGIN + 60
    for _ in range(170):
        packets += _missing(stub, time, f"{numbers.choice(WORDS)}{numbers.choice(WORDS)}.net")
        time += numbers.uniform(2, 6)
    return packets


def _slow(numbers: random.Random, ports: Ports) -> list[Timed]:
    """One try each 20 to 60 seconds for two and a half hours."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 9_300, 1_500), BEGIN + 300
    while time < BEGIN + 9_200:
        name = f"{_label(numbers, 12, 19)}.{numbers.choice(['com', 'ru', 'top'])}"
        packets += _missing(stub, time, name)
        time += numbers.uniform(20, 60)
    return packets


def _finds(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The 81st name lives: the host connects by TLS and stays with it, a call each half minute."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 800), BEGIN + 100
    for _ in range(80):
        packets += _missing(stub, time, f"{_label(numbers, 10, 17)}.{numbers.choice(['com', 'net', 'xyz'])}")
        time += numbers.uniform(0.2, 1.1)
    name, master = "qhxwmdkbtrvyz.xyz", "198.51.100.203"
    packets += stub.ask(time, name, "A", addresses(master))
    for turn in range(16):
        steps = tls(name, [(0.02, 420, 230 if turn != 3 else 48_000)], turn)
        ends = (HOST, ports.take(HOST), master, 443)
        packets += conversation(ends, steps, start=time + 0.1 + 30 * turn + numbers.uniform(0, 4), rtt=0.05)
    return packets


def _both_legs(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The mirror sees the resolver ask on, for all clients: the servers of the endings say no to it."""
    packets, time = _office(numbers, ports, 500), BEGIN + 40
    stub = _stub(numbers, ports)
    for number in range(220):
        ending, server = numbers.choice(
            [("com", "192.5.6.30"), ("net", "192.12.94.30"), ("org", "199.19.56.1")]
        )
        name = f"{_label(numbers, 9, 20)}.{ending}"
        upstream = _stub(numbers, ports, RESOLVER, server)
        upstream.room, upstream.signed, upstream.recursive = 1_232, True, False
        packets += upstream.ask(time + 0.000_5, name, code=NO_SUCH_NAME, zone=ending, rtt=0.02)
        packets += stub.ask(time, name, code=NO_SUCH_NAME, zone=ending, rtt=0.0215)
        if number % 3 == 0:  # what the others ask for is asked on, too
            other = f"www.site{number}.com"
            packets += upstream.ask(time + 0.9, other, "A", addresses(public(number)), rtt=0.03)
        time += numbers.uniform(0.5, 3)
    return packets


def _many_endings(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Necurs' way: 2,048 names in four days over 43 endings, tried in groups; alone in the capture."""
    endings = "com net org biz info ru cc eu su tv me mx ki nu la to im tw cx ga in jp pro ug ir bit"
    stub, packets, time = _stub(numbers, ports), list[Timed](), BEGIN + 1
    for number in range(360):
        name = f"{_label(numbers, 7, 22, LETTERS[:25])}.{numbers.choice(endings.split())}"
        packets += _missing(stub, time, name)
        time += 0.2 if number % 16 else numbers.uniform(8, 14)
    return packets


def _unanswered(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Sixteen hexadecimal digits and .top; the firewall drops what it knows: nobody answers."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 1_300, 200), BEGIN + 70
    for _ in range(95):
        packets += stub.ask(time, f"{numbers.randbytes(8).hex()}.top", lost=3, answered=False)
        time += 11 + numbers.uniform(0, 1)
    return packets


def _failures(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The resolver has no way out: every made-up name ends as SERVFAIL; the living names are in its cache."""
    stub, packets, time = _stub(numbers, ports), _office(numbers, ports, 700), BEGIN + 50
    for _ in range(190):
        name = f"{_label(numbers, 14, 25)}.{numbers.choice(['com', 'net', 'org', 'biz'])}"
        packets += stub.ask(time, name, code=SERVER_FAILED, rtt=numbers.uniform(0.4, 2))
        time += numbers.uniform(2, 4)
    return packets


def _dead_links(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Silent: a checker of links meets 700 hosts of old pages; one in seven is gone, few fail otherwise."""
    packets, time, checker = _office(numbers, ports, 800), BEGIN + 20, "10.20.0.30"
    stub = _stub(numbers, ports, checker)
    for number in range(700):
        words = numbers.sample(WORDS, 2)
        shape = numbers.choice(["www.{}{}.com", "{}-{}.org", "www.{}.{}.edu", "blog.{}{}.net", "{}.{}.de"])
        name, fate = shape.format(*words), numbers.random()
        time += numbers.expovariate(1)
        if fate < 0.14:
            packets += _missing(stub, time, name)
        elif fate < 0.17:
            packets += stub.ask(time, name, code=SERVER_FAILED)
        else:
            packets += stub.ask(time, name, "A", addresses(public(number)))
            ends = (checker, ports.take(checker), public(number), 80)
            packets += conversation(ends, http(name, [(0.0, 160, 900)]), start=time + 0.1, rtt=0.05)
    return packets


def _shop(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Silent: somebody looks for a free domain; twelve ideas, five endings each."""
    stub, packets = _stub(numbers, ports), _office(numbers, ports, 900)
    for idea in range(12):
        words, at = "".join(numbers.sample(WORDS, 2)), BEGIN + 60 + 65 * idea + numbers.uniform(0, 20)
        for place, ending in enumerate(("com", "net", "org", "de", "io")):
            name = f"{words}.{ending}"
            if numbers.random() < 0.4:
                packets += stub.ask(at + place / 50, name, "A", addresses(public(idea * 5 + place)))
            else:
                packets += _missing(stub, at + place / 50, name)
    return packets
