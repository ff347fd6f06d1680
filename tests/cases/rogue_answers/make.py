"""False answers about names: raced, by poisoned tables, by strange resolvers; and true ones."""

import random
import struct
from collections.abc import Callable, Iterator, Sequence

from oddwire.testing.address_givers import Giver, between, renews
from oddwire.testing.advertisements import Prefix, advertisement
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dialogue import seeded
from oddwire.testing.dns_messages import NO_SUCH_NAME, Record, Stub, addresses, chain, host, message
from oddwire.testing.names import netbios_question, public
from oddwire.testing.office_lan import Lan, background, resolve, visit
from oddwire.testing.spoofing import poison, relayed, rounds
from oddwire.testing.wire import datagram, twice

BEGIN = 1_700_000_000.0
EVIL, EVIL_IP = "08:00:27:5e:01:7a", "192.168.1.66"
LAN = Lan(macs={EVIL_IP: EVIL})
RESOLVER, FAR = "192.168.1.2", "9.9.9.9"
VICTIM = "192.168.1.150"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24)]
WANTED = ["login.bank-one.example", "mail.example.org", "www.shop-two.example", "pay.wallet.example"]
Addressed = Callable[[str], Sequence[Record]]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    made = {
        "race-on-the-segment": _race_near,
        "race-on-the-way-lab": _race_far,
        "after-poisoned-tables": _poisoned,
        "one-inside-address": _one_address,
        "another-resolver-outside": _changed,
        "neighbour-knows-all-names": _responder,
        "captive-portal": _portal,
        "split-horizon": _split,
        "blocked-with-nowhere": _blocked,
        "blocked-with-a-page": _blocked_page,
        "balanced-answers": _balanced,
        "two-resolvers-at-once": _two_resolvers,
        "another-way-to-the-resolver": _way,
        "made-up-addresses-of-a-proxy": _proxy,
        "every-frame-twice": _twice,
    }
    for number, (name, make) in enumerate(made.items()):
        yield name, make(seeded(400 + number), Ports(number))


def _true(name: str) -> list[Record]:
    """What a name has in truth: the same always."""
    return addresses(public(sum(name.encode()) * 13 + len(name)), ttl=300)


def _names(dice: random.Random) -> str:
    return f"{dice.choice(['www', 'api', 'img', 'static'])}.site{dice.randrange(150)}.com"


def _stub(dice: random.Random, ports: Ports, client: str, server: str = RESOLVER) -> Stub:
    return Stub(client=client, server=server, dice=dice, ports=ports, rtt=0.014)


def _surf(
    stub: Stub, start: float, seconds: float, known: Addressed = _true, *, every: float = 20, lan: Lan = LAN
) -> list[Timed]:
    """Names and the pages behind them: `known` says what the resolver answers."""
    packets, time, dice = list[Timed](), start, stub.dice
    while time < start + seconds:
        name = _names(dice)
        found = known(name)
        packets += stub.ask(time, name, "A", found)
        ips = [data for _, kind, _, data in found if kind == "A" and any(data)]
        if ips:
            site = ".".join(map(str, ips[0]))
            port = stub.ports.take(stub.client)
            packets += visit(dice, stub.client, port, site, time + 0.05, [dice.randrange(500, 9_000)])
        time += 0.5 + dice.expovariate(1 / every)
    return lan.place(packets)


def _office(dice: random.Random, ports: Ports, seconds: float) -> list[Timed]:
    packets = [packet for one in OFFICE for packet in _surf(_stub(dice, ports, one), BEGIN + 3, seconds - 10)]
    return packets + background(dice, LAN, OFFICE[:2], BEGIN, seconds, 60)


def _false(question: Timed, name: str, ip: str, *, after: float, hops: int = 64, ttl: int = 60) -> Timed:
    """Return another answer to a question: from the address that was asked, with its number."""
    frame = question[1]
    client, server = (".".join(map(str, frame[at : at + 4])) for at in (26, 30))
    port, ident = struct.unpack_from("!H", frame, 34)[0], struct.unpack_from("!H", frame, 42)[0]
    reply = message(name, ident=ident, flags=0x8180, answers=addresses(ip, ttl=ttl))
    return question[0] + after, datagram(server, 53, client, port, reply, ttl=hops)


def _race_near(dice: random.Random, ports: Ports) -> list[Timed]:
    """A neighbour hears the questions and answers a few in the resolver's name before it does."""
    stub, packets, time = _stub(dice, ports, VICTIM), _office(dice, ports, 300), BEGIN + 60
    packets += _surf(stub, BEGIN + 4, 280)
    while time < BEGIN + 280:
        name = dice.choice(WANTED)
        asked = LAN.place(stub.ask(time, name, "A", _true(name)))
        false = _false(asked[0], name, EVIL_IP, after=0.000_4, ttl=1_800)
        packets += [*asked, (false[0], between(false[1], EVIL, LAN.mac(VICTIM)))]
        page = visit(dice, VICTIM, ports.take(VICTIM), EVIL_IP, time + 0.03, [900, 2_000])
        packets += LAN.place(page)
        time += dice.uniform(6, 18)
    return packets


def _race_far(dice: random.Random, ports: Ports) -> list[Timed]:
    """Somebody on the way answers about three names first, twice and with other hops; then the truth."""
    stub = _stub(dice, ports, VICTIM, FAR)
    packets, time = list[Timed](), BEGIN + 5
    banned = ["news.example.org", "www.video.example", "messenger.example.net"]
    while time < BEGIN + 200:
        name = _names(dice) if dice.random() < 0.6 else dice.choice(banned)
        asked = stub.ask(time, name, "A", _true(name), rtt=dice.uniform(0.028, 0.04))
        packets += [asked[0], (asked[1][0], _hops(asked[1][1], 55))]
        if name in banned:
            for turn in range(2):
                ip = public(dice.randrange(8_000, 8_900))
                packets.append(
                    _false(asked[0], name, ip, after=0.008 + turn / 900, hops=44 + dice.randrange(15))
                )
        time += dice.uniform(0.5, 4)
    return LAN.place(packets)


def _hops(frame: bytes, hops: int) -> bytes:
    client, server = (".".join(map(str, frame[at : at + 4])) for at in (30, 26))
    sport, dport = struct.unpack_from("!HH", frame, 34)
    return datagram(server, sport, client, dport, frame[42:], ttl=hops)


def _poisoned(dice: random.Random, ports: Ports) -> list[Timed]:
    """Ettercap stands between victim and router (its resolver), and answers some names itself."""
    begin, packets = BEGIN + 60, background(dice, LAN, [*OFFICE, EVIL_IP], BEGIN, 300, 40)
    stub = _stub(dice, ports, VICTIM, LAN.router)
    packets += resolve(LAN, VICTIM, LAN.router, BEGIN + 2) + _surf(stub, BEGIN + 4, begin - BEGIN - 14)
    for last in (1, 150):
        packets += resolve(LAN, EVIL_IP, f"192.168.1.{last}", begin - 1)
    lies = [(LAN.router, (LAN.mac(VICTIM), VICTIM)), (VICTIM, (LAN.router_mac, LAN.router))]
    packets += poison(EVIL, lies, rounds(dice, begin, BEGIN + 290, 10))
    packets += relayed(_surf(stub, begin + 3, 215), EVIL, LAN, kernel=False)
    time = begin + 8
    while time < BEGIN + 280:
        name = dice.choice(WANTED)
        question = LAN.place(stub.ask(time, name, answered=False, lost=1))[0]
        answer = _false(question, name, EVIL_IP, after=0.000_9, ttl=3_600)
        packets.append((question[0], between(question[1], LAN.mac(VICTIM), EVIL)))
        packets.append((answer[0], between(answer[1], EVIL, LAN.mac(VICTIM))))
        page = visit(dice, VICTIM, ports.take(VICTIM), EVIL_IP, time + 0.02, [1_500])
        packets += LAN.place(page)
        time += dice.uniform(7, 20)
    return packets


def _one_address(dice: random.Random, ports: Ports) -> list[Timed]:
    """Three hosts ask a neighbour that is no resolver for the others: all the world is at its own address."""
    packets = _office(dice, ports, 400)
    for last in (150, 151, 152):
        stub = _stub(dice, ports, f"192.168.1.{last}", EVIL_IP)
        stub.rtt = 0.000_8
        packets += _surf(stub, BEGIN + 70 + last % 10, 310, lambda _: addresses(EVIL_IP, ttl=10), every=10)
    return packets


def _changed(dice: random.Random, ports: Ports) -> list[Timed]:
    """A program changes one host's resolver: most answers are true, four names all lead to one far host."""
    packets, other, trap = _office(dice, ports, 400), "198.51.100.53", "203.0.113.66"
    for one in OFFICE:
        stub = _stub(dice, ports, one)
        for turn, name in enumerate(WANTED):
            packets += LAN.place(
                stub.ask(BEGIN + 8 + 90 * turn + dice.uniform(0, 60), name, "A", _true(name))
            )
    packets += _surf(_stub(dice, ports, VICTIM), BEGIN + 4, 80)
    stub = _stub(dice, ports, VICTIM, other)
    packets += _surf(stub, BEGIN + 100, 290)
    time = BEGIN + 110
    while time < BEGIN + 385:
        packets += LAN.place(stub.ask(time, dice.choice(WANTED), "A", addresses(trap, ttl=30)))
        packets += LAN.place(visit(dice, VICTIM, ports.take(VICTIM), trap, time + 0.05, [3_000]))
        time += dice.uniform(8, 25)
    return packets


def _responder(dice: random.Random, ports: Ports) -> list[Timed]:
    """Responder: whatever name is asked of the neighbours, mistyped or wpad, one host says that it is it."""
    packets, clients = _office(dice, ports, 400), [f"192.168.1.{last}" for last in range(110, 118)]
    for turn in range(40):
        client, at = dice.choice(clients), BEGIN + 60 + 8 * turn + dice.uniform(0, 6)
        name = dice.choice(["wpad", "fileserv", "intranett", "prnsrv", "sharepiont", "wpad", "proxysrv"])
        full = f"{name}.office.example"
        packets += LAN.place(
            _stub(dice, ports, client).ask(at, full, code=NO_SUCH_NAME, zone="office.example")
        )
        asked = netbios_question(client, name, start=at + 0.03, broadcast="192.168.1.255")
        packets += LAN.place([asked[0], asked[2]])
        ident = len(name) * 771 % 65_536
        reply = message(name, ident=ident, flags=0x8000, answers=addresses(EVIL_IP, ttl=30))
        coded = asked[2][1][54:88]
        record = coded + struct.pack("!HHIHH", 32, 1, 165, 6, 0) + addresses(EVIL_IP)[0][3]
        netbios = asked[2][1][42:44] + struct.pack("!HHHHH", 0x8500, 0, 1, 0, 0) + record
        told = [
            (at + 0.032, datagram(EVIL_IP, 5_355, client, 61_000, reply)),
            (at + 0.052, datagram(EVIL_IP, 137, client, 137, netbios)),
        ]
        packets += LAN.place(told)
        packets += LAN.place(visit(dice, client, ports.take(client), EVIL_IP, at + 0.1, [700]))
    return packets


def _portal(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: a guest network answers the first few names with its own page."""
    packets: list[Timed] = []
    checks = [
        "captive.apple.com",
        "connectivitycheck.gstatic.com",
        "www.msftconnecttest.com",
        "detectportal.firefox.com",
    ]
    for number in range(12):
        guest, at = f"192.168.1.{60 + number}", BEGIN + 20 * number + dice.uniform(0, 10)
        lan, stub = Lan(), _stub(dice, ports, guest, LAN.router)
        for turn in range(dice.randrange(2, 6)):
            packets += lan.place(
                stub.ask(at + turn * 1.7, checks[(number + turn) % 4], "A", addresses(LAN.router, ttl=5))
            )
            page = visit(dice, guest, ports.take(guest), LAN.router, at + turn * 1.7 + 0.02, [1_800])
            packets += lan.place(page)
        packets += _surf(stub, at + 14, 120, lan=lan)
    return packets


def _split(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: inside, own names have inside addresses; a public resolver says others."""
    packets = _office(dice, ports, 400)
    names = [
        f"{word}.office.example" for word in ("mail", "www", "files", "vpn", "wiki", "git", "erp", "chat")
    ]
    for number, client in enumerate([*OFFICE, VICTIM, "192.168.1.151"]):
        time = BEGIN + 10 + number
        while time < BEGIN + 380:
            name, outside = dice.choice(names), dice.random() < 0.3
            found = addresses(public(4_000) if outside else f"192.168.1.{10 + names.index(name) % 4}")
            stub = _stub(dice, ports, client, FAR if outside else RESOLVER)
            packets += LAN.place(stub.ask(time, name, "A", found))
            time += dice.expovariate(1 / 6)
    return packets


def _blocked(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: a resolver that blocks adverts says 0.0.0.0 and :: about 200 foreign names."""
    nowhere = {"A": "0.0.0.0", "AAAA": "::"}  # noqa: S104  # an answer
    packets = _office(dice, ports, 300)
    for client in (*OFFICE, VICTIM):
        stub, time = _stub(dice, ports, client), BEGIN + dice.uniform(2, 8)
        while time < BEGIN + 290:
            name = (
                f"{dice.choice(['ads', 'pixel', 'track'])}{dice.randrange(50)}.adnet{dice.randrange(9)}.com"
            )
            for kind, ip in nowhere.items():
                packets += LAN.place(stub.ask(time, name, kind, addresses(ip, ttl=2), rtt=0.000_5))
            time += dice.expovariate(1 / 4)
    return packets


def _blocked_page(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: the office's filter leads 30 foreign names to a page of its own."""
    packets, page = _office(dice, ports, 400), "192.168.1.5"
    for client in (*OFFICE, VICTIM):
        stub, time = _stub(dice, ports, client), BEGIN + dice.uniform(20, 60)
        packets += _surf(stub, BEGIN + 5, 380)
        while time < BEGIN + 390:
            name = f"www.{dice.choice(['casino', 'bet', 'dating', 'ads'])}{dice.randrange(8)}.com"
            packets += LAN.place(stub.ask(time, name, "A", addresses(page, ttl=60), rtt=0.000_7))
            packets += LAN.place(visit(dice, client, ports.take(client), page, time + 0.01, [1_400]))
            time += dice.expovariate(1 / 30)
    return packets


def _balanced(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: each answer names other addresses; one asked twice by impatience gets two unlike."""
    packets = _office(dice, ports, 300)
    for client in (*OFFICE, VICTIM):
        stub, time = _stub(dice, ports, client), BEGIN + dice.uniform(2, 8)
        while time < BEGIN + 290:
            name = f"cdn{dice.randrange(6)}.bigvideo.com"
            ips = [public(5_000 + dice.randrange(60)) for _ in range(3)]
            asked = stub.ask(time, name, "A", chain([f"edge.{name}"], *ips, ttl=20))
            if dice.random() < 0.15:  # it took long, so the same question goes out again, with its number
                late = (asked[0][0] + 1.02, asked[1][1])
                other = _false(asked[0], name, public(5_000 + dice.randrange(60)), after=1.05, ttl=20)
                packets += LAN.place([asked[0], (time + 1.0, asked[0][1]), late, other])
            else:
                packets += LAN.place(asked)
            time += dice.expovariate(1 / 5)
    return packets


def _two_resolvers(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: a forwarder asks two public resolvers at once (dnsmasq --all-servers)."""
    outside = dict.fromkeys((FAR, "1.1.1.1"), "00:90:1a:a0:00:01") | {"203.0.113.200": "e8:65:d4:0a:11:02"}
    packets, forwarder, time = list[Timed](), LAN.router, BEGIN + 1
    while time < BEGIN + 300:
        client, name = dice.choice([*OFFICE, VICTIM]), f"img{dice.randrange(90)}.cdnhost.net"
        first = public(6_000 + dice.randrange(40))
        for place, (server, hops) in enumerate(((FAR, 57), ("1.1.1.1", 59))):
            found = addresses(first if place == 0 else public(6_100 + dice.randrange(40)), ttl=60)
            asked = _stub(dice, ports, "203.0.113.200", server).ask(time, name, "A", found)
            packets += [asked[0], (asked[1][0], _hops(asked[1][1], hops))]
        packets += _stub(dice, ports, client, forwarder).ask(
            time - 0.001, name, "A", addresses(first), rtt=0.03
        )
        time += dice.expovariate(1.2)
    return Lan(macs=outside).place(packets)


def _way(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: the way to a public resolver changes, so its answers come with other hops."""
    packets = background(dice, LAN, OFFICE, BEGIN, 300, 40)
    for client in (*OFFICE, VICTIM):
        stub, time = _stub(dice, ports, client, FAR), BEGIN + dice.uniform(1, 9)
        while time < BEGIN + 290:
            asked = stub.ask(time, name := _names(dice), "A", _true(name))
            hops = dice.choice([55, 57]) if time > BEGIN + 140 else 55
            packets += LAN.place([asked[0], (asked[1][0], _hops(asked[1][1], hops))])
            time += dice.expovariate(1 / 4)
    return packets


def _proxy(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: a proxy on the router gives each foreign name an address of 198.18/15."""
    given: dict[str, str] = {}

    def known(name: str) -> list[Record]:
        given.setdefault(name, f"198.18.0.{2 + len(given)}")
        return addresses(given[name], ttl=1)

    packets: list[Timed] = []
    for client in (*OFFICE, VICTIM):
        packets += _surf(
            _stub(dice, ports, client, LAN.router), BEGIN + dice.uniform(1, 9), 280, known, every=9
        )
    return packets


def _twice(dice: random.Random, ports: Ports) -> list[Timed]:
    """Silent: the mirror shows every frame twice: each question has two answers, each lease two givers."""
    packets = _office(dice, ports, 240)
    giver = Giver(ip=LAN.router, mac=LAN.router_mac, router=LAN.router, resolvers=(RESOLVER,))
    for number, client in enumerate(OFFICE):
        packets += renews(LAN.mac(client), client, giver, start=BEGIN + 20 + 31 * number)
        packets += resolve(LAN, client, LAN.router, BEGIN + 9 + 40 * number)
        name = f"{number}.1.168.192.in-addr.arpa"
        pointer: list[Record] = [("", "PTR", 60, host(f"pc{number}.office.example"))]
        packets += LAN.place(_stub(dice, ports, client).ask(BEGIN + 30 + number, name, "PTR", pointer))
    for time in rounds(dice, BEGIN + 4, BEGIN + 230, 40):
        packets.append((time, advertisement(LAN.router_mac, [Prefix("2001:db8:1::/64")])))
    return twice(packets, after=0.000_05)
