"""Names that look odd and exist: hashes, shards, reverse names, lists, keys."""

import random
import struct
import uuid
from collections.abc import Iterator, Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dns_messages import (
    NO_SUCH_NAME,
    Record,
    Stub,
    addresses,
    chain,
    host,
    mail_host,
    message,
    over_tcp,
    text,
)
from oddwire.testing.dns_tunnels import base32_text, web64
from oddwire.testing.names import public
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
        "office-recursion": _recursion,
        "cloud-names": _cloud,
        "reverse-names": _reverse,
        "mail-server": _mail,
        "antivirus-hashes": _antivirus,
        "antivirus-long-txt": _reputation,
        "telemetry": _telemetry,
        "dnssec-validation": _dnssec,
        "sharded-video": _video,
    }
    for number, (name, make) in enumerate(made.items()):
        yield name, seen_from(make(dice(200 + number), Ports(number)), PLACE)


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


def _recursion(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Forty clients ask for 700 names; the resolver asks root, top-level and name servers of each zone."""
    packets: list[Timed] = []
    known: set[str] = set()
    time = BEGIN
    for _ in range(1_600):
        time += numbers.expovariate(3)
        zone = f"{_zone(min(699, int(numbers.expovariate(1 / 120))))}"
        name = f"{numbers.choice(['www', 'www', 'api', 'img', 'login', 'static'])}.{zone}"
        client = f"10.20.0.{numbers.randrange(30, 70)}"
        missing = numbers.random() < 0.06
        found = [] if missing else addresses(public(sum(name.encode()) * 7))
        if name not in known:
            known.add(name)
            packets += _iterated(numbers, ports, time + 0.001, name, found)
        stub = _stub(numbers, ports, client)
        code = NO_SUCH_NAME if missing else 0
        packets += stub.ask(time, name, "A", found, code=code, zone=zone if missing else "", rtt=0.16)
    return packets


def _zone(number: int) -> str:
    numbers = dice(5_000 + number)
    ending = numbers.choice(["com", "com", "net", "org", "de", "io", "co.uk"])
    return f"{_word(numbers, 4, 13, LETTERS)}.{ending}"


def _iterated(
    numbers: random.Random, ports: Ports, time: float, name: str, found: list[Record]
) -> list[Timed]:
    zone = name.split(".", 1)[1]
    packets: list[Timed] = []
    steps = [(zone.split(".", 1)[1], "192.5.6.30")] if numbers.random() < 0.5 else []
    steps.append((zone, public(700 + sum(zone.encode()))))
    for number, (asked, server) in enumerate(steps):
        upstream = _stub(numbers, ports, RESOLVER, server)
        upstream.recursive, upstream.room, upstream.signed = False, 1_232, True
        last = number == len(steps) - 1
        question = (name, "A", found) if last else (f"_.{asked}", "A", [])
        ask = upstream.ask(
            time + 0.05 * number,
            *question,
            zone="" if last and found else asked,
            code=0 if last and found else NO_SUCH_NAME,
            rtt=numbers.uniform(0.012, 0.045),
            lost=int(numbers.random() < 0.02),
            answered=numbers.random() > 0.01,
        )
        packets += ask
    return packets


def _cloud(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Names of clouds: distributions, buckets, load balancers, storage accounts, edges, caches of videos."""
    stub, packets, time = _stub(numbers, ports), list[Timed](), BEGIN
    regions = ["eu-central-1", "us-east-1", "eu-west-1"]
    for _ in range(420):
        time += numbers.expovariate(1 / 2.2)
        region, label = numbers.choice(regions), _word(numbers, 13, 14)
        shapes: list[tuple[str, list[str]]] = [
            (f"d{label}.cloudfront.net", []),
            (
                f"www.shop{numbers.randrange(90)}.com",
                [f"e{numbers.randrange(1_000, 20_000)}.dsca.akamaiedge.net"],
            ),
            (f"{_word(numbers, 8, 24)}.s3.{region}.amazonaws.com", [f"s3-r-w.{region}.amazonaws.com"]),
            (f"app-{label}-{numbers.randrange(10**9)}.{region}.elb.amazonaws.com", []),
            (
                f"{label}{_word(numbers, 4, 9)}.blob.core.windows.net",
                [f"blob.{label}.store.core.windows.net"],
            ),
            (
                f"{uuid.UUID(int=numbers.getrandbits(128))}.ods.opinsights.azure.com",
                ["weu-ods.trafficmanager.net"],
            ),
            (f"rr{numbers.randrange(1, 9)}---sn-{_word(numbers, 8, 12)}.googlevideo.com", []),
            (f"{_word(numbers, 26, 27)}.ac-{label}.global.ssl.fastly.net", []),
        ]
        name, aliases = numbers.choice(shapes)
        ips = [public(numbers.randrange(900)) for _ in range(numbers.randrange(1, 5))]
        packets += stub.ask(time, name, "A", chain(aliases, *ips))
        if numbers.random() < 0.5:
            packets += stub.ask(time + 0.000_2, name, "AAAA", chain(aliases))
    return packets


def _reverse(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A monitoring host names all the addresses that it saw: 900 in ten minutes, half have no name."""
    stub, packets = _stub(numbers, ports, WATCH), list[Timed]()
    for number in range(900):
        at = BEGIN + number * 0.66 + numbers.uniform(0, 0.4)
        if number % 3 == 0:
            nibbles = (bytes.fromhex("20010db80020") + b"\0\1" + numbers.randbytes(8)).hex()
            name = ".".join(reversed(nibbles)) + ".ip6.arpa"
        else:
            name = ".".join(reversed(public(number).split("."))) + ".in-addr.arpa"
        named = numbers.random() < 0.5
        data = [("", "PTR", 3_600, host(f"host-{number}.pool.provider{number % 7}.net"))] if named else []
        zone = ".".join(name.split(".")[-4:])
        packets += stub.ask(
            at, name, "PTR", data, code=0 if named else NO_SUCH_NAME, zone="" if named else zone
        )
    return packets


def _mail(numbers: random.Random, ports: Ports) -> list[Timed]:
    """For each of 140 messages: blocklists, reverse name, MX, and the long TXT of SPF, DKIM and DMARC."""
    stub, packets = _stub(numbers, ports, MAIL), list[Timed]()
    stub.room = 1_232
    for number in range(140):
        at, sender = BEGIN + 6 * number + numbers.uniform(0, 4), public(20_000 + number)
        backwards, zone = ".".join(reversed(sender.split("."))), _zone(numbers.randrange(140))
        for place, blocklist in enumerate(("zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org")):
            listed = numbers.random() < 0.15
            data = addresses("127.0.0.4") if listed else []
            code, start = (0, "") if listed else (NO_SUCH_NAME, blocklist)
            packets += stub.ask(at + place / 90, f"{backwards}.{blocklist}", "A", data, code=code, zone=start)
        packets += stub.ask(
            at + 0.1, f"{numbers.randbytes(16).hex()}.ebl.msbl.org", code=3, zone="ebl.msbl.org"
        )
        packets += stub.ask(
            at + 0.1, f"{backwards}.in-addr.arpa", "PTR", [("", "PTR", 900, host(f"mx.{zone}"))]
        )
        packets += stub.ask(at + 0.2, zone, "MX", [("", "MX", 900, mail_host(f"mx.{zone}"))])
        spf = "v=spf1 " + " ".join(f"ip4:{public(number + step)}" for step in range(14)) + " -all"
        verify = [f"google-site-verification={web64(numbers.randbytes(32))}".encode(), b"MS=ms" + b"7" * 8]
        records: list[Record] = [("", "TXT", 900, text(one)) for one in (spf.encode(), *verify)]
        packets += stub.ask(at + 0.21, zone, "TXT", records)
        key = b"v=DKIM1; k=rsa; p=" + web64(numbers.randbytes(294)).encode()
        name = f"{_word(numbers, 8, 33)}._domainkey.{zone}"
        packets += stub.ask(at + 0.24, name, "TXT", [("", "TXT", 900, text(key))])
        dmarc = f"v=DMARC1; p=reject; rua=mailto:{_word(numbers, 8, 9)}@rua.agari.example".encode()
        packets += stub.ask(at + 0.3, f"_dmarc.{zone}", "TXT", [("", "TXT", 900, text(dmarc))])
    return packets


def _antivirus(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A virus scanner asks for the hash of each file that it meets: 600 names, answers in 127/8; bursts."""
    stub, packets, time = _stub(numbers, ports), _pages(numbers, ports, 900, OFFICE[:4]), BEGIN + 20
    for number in range(600):
        time += 0.05 if number % 40 else 50.0
        label = base32_text(numbers.randbytes(16))
        name = f"0.0.0.0.1.0.0.4e.{numbers.randbytes(1).hex()}.{label}.avqs.mcafee.com"
        known = numbers.random() < 0.8
        data = addresses(f"127.0.{numbers.randrange(4)}.128", ttl=3_600) if known else []
        packets += stub.ask(time, name, "A", data, code=0 if known else NO_SUCH_NAME)
    return packets


def _reputation(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Another scanner asks for web sites and files by coded labels, and is told in TXT; nothing else here."""
    stub, packets, time = _stub(numbers, ports), list[Timed](), BEGIN
    for number in range(260):
        time += numbers.expovariate(1 / 4)
        site = _zone(number % 90).encode().hex()[:58]
        name = (
            f"{'w.0c' if number % 3 else '3.1o19sr00'}.{site}.{numbers.randbytes(10).hex()}.04.s.sophosxl.net"
        )
        answer = (
            f"{'w' if number % 3 else 'h'} c 30.{numbers.randrange(10, 60)} {numbers.randrange(900)}".encode()
        )
        packets += stub.ask(time, name, "TXT", [("", "TXT", 300, text(answer))])
    return packets


def _telemetry(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Pages and programs count visits by a label made once for each: below one domain, always answered."""
    packets = _pages(numbers, ports, 900, OFFICE[:4], 90)
    for client in (*OFFICE[:6], HOST):
        stub, time = _stub(numbers, ports, client), BEGIN + numbers.uniform(0, 30)
        while time < BEGIN + 880:
            session = uuid.UUID(int=numbers.getrandbits(128))
            name = f"{session.hex}-{numbers.randrange(10**6)}.rum.metrics-edge.com"
            aliases = ["rum-eu.metrics-edge.com"]
            packets += stub.ask(time, name, "A", chain(aliases, public(4), public(5)))
            packets += stub.ask(time + 0.000_3, name, "AAAA", chain(aliases))
            time += numbers.expovariate(1 / 22)
    return packets


def _dnssec(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A resolver that validates: keys, signatures, hashed names of what is missing, TCP when it is long."""
    packets, time = list[Timed](), BEGIN
    for number in range(380):
        time += numbers.expovariate(1 / 1.4)
        zone, server = _zone(number), public(number)
        stub = _stub(numbers, ports, RESOLVER, server)
        stub.room, stub.signed, stub.recursive, stub.rtt = 1_232, True, False, 0.03
        keys: list[Record] = [
            ("", "DNSKEY", 3_600, struct.pack("!HBB", flags, 3, 13) + numbers.randbytes(64))
            for flags in (256, 257)
        ]
        packets += stub.ask(time, zone, "DNSKEY", [*keys, _signature(numbers, zone, "DNSKEY")])
        digest: Record = (
            "",
            "DS",
            3_600,
            struct.pack("!HBB", numbers.randrange(2**16), 13, 2) + numbers.randbytes(32),
        )
        packets += stub.ask(time + 0.1, zone, "DS", [digest, _signature(numbers, zone, "DS")])
        if number % 3 == 0:
            hashed = f"{base32_text(numbers.randbytes(20))}.{zone}"
            proof: Record = (
                hashed,
                "NSEC3",
                900,
                b"\1\0\0\5\4\xaa\xbb\xcc\xdd\x14" + numbers.randbytes(20) + b"\0\1\x40",
            )
            ident, name = numbers.randrange(65_536), f"_dane.{zone}"
            reply = message(
                name,
                ident=ident,
                flags=0x8403,
                authority=[proof, _signature(numbers, zone, "NSEC3", hashed)],
                room=1_232,
            )
            ask, port = message(name, ident=ident, flags=0, room=1_232, signed=True), ports.take(RESOLVER)
            packets.append((time + 0.2, datagram(RESOLVER, port, server, 53, ask)))
            packets.append((time + 0.23, datagram(server, 53, RESOLVER, port, reply)))
        if number % 9 == 0:
            ident = numbers.randrange(65_536)
            short = message(zone, "ANY", ident=ident, flags=0x8600, room=1_232)
            ask, port = (
                message(zone, "ANY", ident=ident, flags=0, room=1_232, signed=True),
                ports.take(RESOLVER),
            )
            packets.append((time + 0.3, datagram(RESOLVER, port, server, 53, ask)))
            packets.append((time + 0.33, datagram(server, 53, RESOLVER, port, short)))
            whole = message(zone, "ANY", ident=ident, flags=0x8400, answers=keys * 8, room=1_232)
            packets += over_tcp(
                RESOLVER, ports.take(RESOLVER), server, [(0.0, ask, whole)], start=time + 0.34
            )
    return packets


def _signature(numbers: random.Random, zone: str, covered: str, owner: str = "") -> Record:
    kinds = {"DNSKEY": 48, "DS": 43, "NSEC3": 50}
    head = struct.pack(
        "!HBBIIIH", kinds[covered], 13, 2, 3_600, 1_701_000_000, 1_699_000_000, numbers.randrange(2**16)
    )
    return (owner, "RRSIG", 3_600, head + host(zone) + numbers.randbytes(64))


def _video(numbers: random.Random, ports: Ports) -> list[Timed]:
    """An application spreads over 90 numbered and coded names of one network for contents, all alive."""
    stub, packets, time = _stub(numbers, ports), _pages(numbers, ports, 500, OFFICE[:3]), BEGIN + 10
    shards = [f"v{number}-{_word(numbers, 12, 20)}" for number in range(90)]
    for _ in range(360):
        time += numbers.expovariate(1 / 1.2)
        shard = numbers.choice(shards)
        ips = [public(3_000 + sum(shard.encode()) % 40)]
        packets += stub.ask(
            time, f"{shard}.cdn.videoapp.com", "A", chain([f"{shard}.edge.cdnhost.net"], *ips, ttl=20)
        )
    return packets
