"""Names that do not exist, that only neighbours know, or that nobody answers for: all ordinary."""

import random
import struct
import uuid
from collections.abc import Iterator, Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dns_messages import (
    NO_SUCH_NAME,
    SERVER_FAILED,
    Record,
    Stub,
    addresses,
    announced,
    host,
    service,
)
from oddwire.testing.names import mdns_question, netbios_question, ntp_poll, public
from oddwire.testing.office import browse
from oddwire.testing.wire import datagram, dice, seen_from

BEGIN = 1_700_000_000.0
PLACE = ("10.20.0.0/24", "10.20.0.1")
RESOLVER, MAIL, WATCH = "10.20.0.2", "10.20.0.4", "10.20.0.7"
HOST = "10.20.0.117"
OFFICE = [f"10.20.0.{last}" for last in (21, 22, *range(101, 111))]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIXED = LETTERS + "0123456789"
GROUP = "224.0.0.251"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    made = {
        "service-browsing": _browsing,
        "llmnr-and-netbios": _llmnr,
        "browser-start": _browser_start,
        "search-suffixes": _suffixes,
        "broken-application": _broken,
        "resolver-down": _down,
        "music-and-games": _games,
        "active-directory": _directory,
        "strange-characters": _strange,
    }
    for number, (name, make) in enumerate(made.items()):
        yield name, seen_from(make(dice(250 + number), Ports(number)), PLACE)


def _stub(numbers: random.Random, ports: Ports, client: str = HOST, server: str = RESOLVER) -> Stub:
    return Stub(client=client, server=server, dice=numbers, ports=ports, rtt=0.006)


def _word(numbers: random.Random, low: int, high: int, letters: str = MIXED) -> str:
    return "".join(numbers.choices(letters, k=numbers.randrange(low, high)))


def _pages(
    numbers: random.Random, ports: Ports, seconds: float, hosts: Sequence[str] = OFFICE, every: float = 45
) -> list[Timed]:
    packets: list[Timed] = []
    for one in hosts:
        time = BEGIN + numbers.uniform(0, 20)
        while time < BEGIN + seconds - 15:
            packets += browse(one, RESOLVER, numbers, ports, start=time, site=numbers.randrange(300))
            time += 3 + numbers.expovariate(1 / every)
    return packets


def _zone(number: int) -> str:
    numbers = dice(5_000 + number)
    ending = numbers.choice(["com", "com", "net", "org", "de", "io", "co.uk"])
    return f"{_word(numbers, 4, 13, LETTERS)}.{ending}"


def _browsing(numbers: random.Random, _: Ports) -> list[Timed]:
    """Forty devices come back after a power cut: everybody asks for services, and tells all it has."""
    kinds = [
        "_ipp",
        "_airplay",
        "_raop",
        "_googlecast",
        "_spotify-connect",
        "_companion-link",
        "_hap",
        "_smb",
    ]
    packets: list[Timed] = []
    for number in range(40):
        device, time = f"10.20.0.{30 + number}", BEGIN + numbers.uniform(0, 60)
        label = numbers.randbytes(6).hex().upper()
        for kind in numbers.sample(kinds, 4):
            packets += mdns_question(device, f"{kind}._tcp.local", start=time)
        for kind in numbers.sample(kinds, 3):
            name, target = f"{label}@Room {number}.{kind}._tcp.local", f"dev-{label.lower()}.local"
            pairs = [
                f"id={label}",
                f"pk={numbers.randbytes(32).hex()}",
                f"gid={uuid.UUID(int=number)}",
                "srcvers=770",
            ]
            listed = b"".join(bytes([len(pair)]) + pair.encode() for pair in pairs)
            records: list[Record] = [(f"{kind}._tcp.local", "PTR", 4_500, host(name))]
            more: list[Record] = [
                (name, "SRV", 120, service(target, 7_000)),
                (name, "TXT", 4_500, listed),
                *addresses(device, ttl=120, owner=target),
            ]
            wire = datagram(device, 5_353, GROUP, 5_353, announced(records, more), ttl=255)
            for after in (0.3, 1.3, 3.3, 7.4, numbers.uniform(10, 200), numbers.uniform(200, 400)):
                packets.append((time + after, wire))
    return packets


def _llmnr(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Names without a dot that no server knows: DNS first, then the neighbours are asked; wpad above all."""
    packets = _pages(numbers, ports, 600, OFFICE[:5])
    for turn in range(70):
        client, at = numbers.choice(OFFICE[2:]), BEGIN + 8 * turn + numbers.uniform(0, 7)
        name = numbers.choice(["wpad", "wpad", "oldsrv", "prnt-3", "isatap", "scanner2"])
        full = f"{name}.corp.example.com"
        packets += _stub(numbers, ports, client).ask(at, full, code=NO_SUCH_NAME, zone="corp.example.com")
        packets += netbios_question(client, name, start=at + 0.02, broadcast="10.20.0.255")
    return packets


def _browser_start(numbers: random.Random, ports: Ports) -> list[Timed]:
    """At nine everybody starts a browser: three random words, with and without the suffix, none exists."""
    packets = _pages(numbers, ports, 400, OFFICE[:6])
    for client in (*OFFICE, HOST):
        at = BEGIN + numbers.uniform(5, 380)
        for number in range(3):
            word, stub = _word(numbers, 7, 16, LETTERS), _stub(numbers, ports, client)
            packets += stub.ask(
                at + number / 500, f"{word}.corp.example.com", code=3, zone="corp.example.com"
            )
            packets += stub.ask(at + 0.01 + number / 500, word, code=NO_SUCH_NAME, zone="")
    return packets


def _suffixes(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A Kubernetes node: each name of the world fails below three suffixes before it is asked as it is."""
    suffixes = ["prod.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example.com"]
    packets: list[Timed] = []
    for turn in range(220):
        at, pod = BEGIN + 2.5 * turn + numbers.uniform(0, 2), f"10.20.0.{60 + turn % 9}"
        name, stub = f"api.{_zone(numbers.randrange(120))}", _stub(numbers, ports, pod)
        for place, suffix in enumerate(suffixes):
            for kind in ("A", "AAAA"):
                when = at + 0.002 * place
                packets += stub.ask(when, f"{name}.{suffix}", kind, code=3, zone=suffix, rtt=0.001)
        packets += stub.ask(at + 0.01, name, "A", addresses(public(turn)))
    return packets


def _broken(numbers: random.Random, ports: Ports) -> list[Timed]:
    """One program looks for its server that was renamed: each second; another gets SERVFAIL."""
    stub, other = _stub(numbers, ports), _stub(numbers, ports, OFFICE[3])
    packets = _pages(numbers, ports, 1_200, OFFICE[:4], 200)
    for second in range(1_190):
        at = BEGIN + 1.001 * second + numbers.uniform(0, 0.01)
        packets += stub.ask(at, "licence01.corp.example.com", code=NO_SUCH_NAME, zone="corp.example.com")
        if second % 5 == 0:
            packets += other.ask(at + 0.4, f"node{second % 8}.broken-zone.org", code=SERVER_FAILED)
    return packets


def _down(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Both resolvers are silent for four minutes: each name is asked again and again, by all."""
    packets = [packet for packet in _pages(numbers, ports, 400) if packet[0] < BEGIN + 90]
    for client in OFFICE:
        time = BEGIN + 90 + numbers.uniform(0, 5)
        while time < BEGIN + 330:
            name = f"www.{_zone(numbers.randrange(200))}"
            for after, server in (
                (0, RESOLVER),
                (1, "10.20.0.3"),
                (2, RESOLVER),
                (4, RESOLVER),
                (8, "10.20.0.3"),
            ):
                stub = _stub(numbers, ports, client, server)
                packets += stub.ask(time + after, name, lost=1, answered=False)
            time += numbers.expovariate(1 / 9)
    return packets


def _games(numbers: random.Random, ports: Ports) -> list[Timed]:
    """One home computer: music, games, time servers; numbered names in turn, nothing else in the capture."""
    stub, packets, time = _stub(numbers, ports), list[Timed](), BEGIN
    shapes = [
        "ap-gew{}.spotify.com",
        "audio{}-fa.scdn.co",
        "gew{}-spclient.spotify.com",
        "cm{}-fra1.cm.steampowered.com",
    ]
    shapes += ["cache{}-fra2.steamcontent.com", "{}.europe.pool.ntp.org", "{}.debian.pool.ntp.org"]
    shapes += ["ec2-18-{0}-7-{0}.eu-central-1.compute.amazonaws.com", "lobby-{}.euw.live.rgpub.io"]
    for _ in range(260):
        time += numbers.expovariate(1 / 5)
        name = numbers.choice(shapes).format(numbers.randrange(1, 90))
        ips = [public(numbers.randrange(400)) for _ in range(4)]
        packets += stub.ask(time, name, "A", addresses(*ips, ttl=30))
        if "ntp" in name:
            packets += ntp_poll(HOST, ports.take(HOST), ips[0], start=time + 0.02)
    return packets


def _directory(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Members of a domain look for its controllers by SRV, by site and identifier; updates."""
    forest, packets = "corp.example.com", _pages(numbers, ports, 600, OFFICE[:6])
    guid = uuid.UUID(int=numbers.getrandbits(128))
    for turn in range(120):
        client, at = numbers.choice(OFFICE[2:]), BEGIN + 4.5 * turn + numbers.uniform(0, 4)
        stub = _stub(numbers, ports, client)
        place = numbers.choice(["_sites.dc._msdcs", "_sites", "_sites.gc._msdcs"])
        names = [
            f"_ldap._tcp.Default-First-Site-Name.{place}.{forest}",
            f"_kerberos._tcp.dc._msdcs.{forest}",
            f"_ldap._tcp.{guid}.domains._msdcs.{forest}",
        ]
        for number, name in enumerate(names):
            data: list[Record] = [("", "SRV", 600, service(f"dc{n}.{forest}", 389)) for n in (1, 2)]
            packets += stub.ask(at + number / 100, name, "SRV", data)
        packets += stub.ask(at + 0.1, forest, "SOA", [], zone=forest)
        if turn % 4 == 0:
            packets += _update(stub, at + 0.2, f"pc{client[-3:]}.{forest}", client)
    return packets


def _update(stub: Stub, time: float, name: str, ip: str) -> list[Timed]:
    """Return a dynamic update (RFC 2136) and its refusal, which makes Windows ask for a secure one."""
    zone, ident = name.split(".", 1)[1], stub.dice.randrange(65_536)
    section = host(zone) + struct.pack("!HH", 6, 1)
    record = host(name) + struct.pack("!HHIH", 1, 1, 1_200, 4) + addresses(ip)[0][3]
    port = stub.ports.take(stub.client)
    ask = struct.pack("!HHHHHH", ident, 0x2800, 1, 0, 1, 0) + section + record
    reply = struct.pack("!HHHHHH", ident, 0xA805, 1, 0, 0, 0) + section
    return [
        (time, datagram(stub.client, port, stub.server, 53, ask)),
        (time + 0.001, datagram(stub.server, 53, stub.client, port, reply)),
    ]


def _strange(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Names as typing, scripts and old programs make them: spaces, umlauts, capitals, none."""
    names = [
        "my printer.corp.example.com",
        "b\xfcro-pc.corp.example.com",
        "_x_._y.example.com",
        "WwW.eXaMpLE.cOm",
    ]
    names += [
        "http://intranet",
        "10.20.0.5",
        "user@example.com",
        "%computername%.corp.example.com",
        "*.example.com",
    ]
    names += [
        "a" * 63 + ".example.com",
        "localhost",
        "",
        "nas\x00.local",
        "\xc3\xa9cole.example.fr",
        "(none)",
    ]
    names += ["xn--brgerbro-75a5f.example.de", "sql\\prod.corp.example.com", "~wpad~.corp.example.com"]
    packets = _pages(numbers, ports, 400, OFFICE[:4])
    for turn in range(150):
        stub, name = _stub(numbers, ports, numbers.choice(OFFICE)), numbers.choice(names)
        known = name.lower() == "www.example.com" or not name
        kind = "ANY" if not name else numbers.choice(["A", "AAAA", "TXT"])
        data = addresses(public(1)) if known and name and kind == "A" else []
        code = 0 if known else NO_SUCH_NAME
        packets += stub.ask(BEGIN + 2.5 * turn + numbers.uniform(0, 2), name, kind, data, code=code)
    return packets
