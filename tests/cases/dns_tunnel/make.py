"""Tunnels in names: iodine, dns2tcp, dnscat2, a shell, slow theft, a tool nobody knows, a beacon."""

import itertools
import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dns_messages import NO_SUCH_NAME, Stub, addresses, message, over_tcp, text
from oddwire.testing.dns_tunnels import (
    Dnscat,
    Iodine,
    base32_text,
    beacon_check,
    beacon_task,
    dns2tcp,
    dotted,
    web64,
)
from oddwire.testing.names import ntp_poll, public
from oddwire.testing.office import browse
from oddwire.testing.wire import dice, seen_from, without

BEGIN = 1_700_000_000.0
PLACE = ("10.20.0.0/24", "10.20.0.1")
RESOLVER, SERVER = "10.20.0.2", "198.51.100.77"
HOST = "10.20.0.117"
OFFICE = [f"10.20.0.{last}" for last in (21, 101, 102, 104, 109)]
OUTSIDE = [
    "0.0.0.0/5",
    "8.0.0.0/7",
    "11.0.0.0/8",
    "12.0.0.0/6",
    "16.0.0.0/4",
    "32.0.0.0/3",
    "64.0.0.0/2",
    "128.0.0.0/1",
]
VERBS = "make give take keep find hold turn show open play move send read grow walk pass sell pull".split()  # noqa: SIM905  # a list of words
NOUNS = "river stone apple cloud tiger paper north metal ocean green house light field music bread".split()  # noqa: SIM905  # a list of words


def captures() -> Iterator[tuple[str, list[Timed]]]:
    made = {
        "iodine-null-office": _iodine_office,
        "iodine-txt-idle-lab": _iodine_idle,
        "iodine-srv-both-legs": _iodine_both_legs,
        "iodine-raw-lab": _iodine_raw,
        "iodine-upload-one-way": _iodine_one_way,
        "dns2tcp-txt-lab": _dns2tcp_lab,
        "dns2tcp-key-office": _dns2tcp_office,
        "dnscat2-idle-office": _dnscat_idle,
        "dnscat2-prefix-busy-lab": _dnscat_prefix,
        "dnscat2-ipv6": _dnscat_v6,
        "txt-shell-slow": _txt_shell,
        "theft-hex-no-such-name": _theft_hex,
        "theft-base32-lab": _theft_base32,
        "words-and-aaaa": _words,
        "tcp-53": _tcp,
        "beacon-then-txt": _beacon,
    }
    for number, (name, make) in enumerate(made.items()):
        yield name, seen_from(make(dice(100 + number), Ports(number)), PLACE)


def _office(numbers: random.Random, ports: Ports, seconds: float, every: float = 60.0) -> list[Timed]:
    """What the others do: web pages all the time; the subject browses a little, too."""
    packets: list[Timed] = []
    for host in [*OFFICE, HOST]:
        time = BEGIN + numbers.uniform(0, 20)
        while time < BEGIN + seconds - 20:
            packets += browse(host, RESOLVER, numbers, ports, start=time, site=numbers.randrange(80))
            time += 4 + numbers.expovariate(1 / every)
        packets += ntp_poll(host, 123, public(7), start=BEGIN + numbers.uniform(0, seconds / 2))
    return packets


def _stub(numbers: random.Random, ports: Ports, server: str = RESOLVER, **more: int) -> Stub:
    rtt = 0.03 if server == SERVER else 0.045
    port, room = more.get("port", 0), more.get("room", 0)
    return Stub(client=HOST, server=server, dice=numbers, ports=ports, rtt=rtt, room=room, port=port or None)


def _iodine_office(numbers: random.Random, ports: Ports) -> list[Timed]:
    """NULL by the resolver of the office: log-in, two minutes idle, then 25 s of a download, idle again."""
    stub = _stub(numbers, ports, port=41_822, room=4_096)
    tunnel = Iodine(stub, "t1.pinecone-mail.net", "NULL", numbers)
    packets = _office(numbers, ports, 300) + tunnel.open(BEGIN + 60)
    packets += tunnel.idle(BEGIN + 66, 114) + tunnel.busy(BEGIN + 180, 900, up=0.35)
    return packets + tunnel.idle(BEGIN + 215, 80)


def _iodine_idle(numbers: random.Random, ports: Ports) -> list[Timed]:
    """TXT straight to the server, nothing but pings for ten minutes, and nothing else in the capture."""
    tunnel = Iodine(_stub(numbers, ports, SERVER, port=50_311, room=4_096), "tun.lab", "TXT", numbers)
    return tunnel.open(BEGIN + 2) + tunnel.idle(BEGIN + 8, 590)


def _iodine_both_legs(numbers: random.Random, ports: Ports) -> list[Timed]:
    """SRV: the mirror sees the client ask the resolver and the resolver ask the server: by the same names."""
    client = Iodine(_stub(numbers, ports, port=38_001), "ns.kiteboard.info", "SRV", dice(9))
    upstream = Stub(
        client=RESOLVER, server=SERVER, dice=numbers, ports=ports, rtt=0.03, room=1_232, recursive=False
    )
    server = Iodine(upstream, "ns.kiteboard.info", "SRV", dice(9))
    packets = _office(numbers, ports, 240)
    for tunnel, lag in ((client, 0.0), (server, 0.000_4)):
        packets += tunnel.open(BEGIN + 40 + lag) + tunnel.busy(BEGIN + 46 + lag, 500, gap=0.2)
        packets += tunnel.idle(BEGIN + 170 + lag, 60)
    return packets


def _iodine_raw(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The log-in is DNS; then both sides find that they reach each other, and talk without it on port 53."""
    tunnel = Iodine(_stub(numbers, ports, SERVER, port=44_100, room=4_096), "tun.lab", "NULL", numbers)
    return tunnel.open(BEGIN + 5)[:6] + tunnel.raw(BEGIN + 7, 1_200, port=44_100)


def _iodine_one_way(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A file goes out in CNAME questions; the tap sees only what leaves the office."""
    tunnel = Iodine(_stub(numbers, ports, SERVER, port=52_004), "c.driftwood.org", "CNAME", numbers)
    packets = _office(numbers, ports, 180) + tunnel.open(BEGIN + 30)
    packets += tunnel.busy(BEGIN + 36, 1_500, up=0.95, gap=0.07)
    return without(packets, sources=[RESOLVER, *OUTSIDE])


def _dns2tcp_lab(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A session of SSH in TXT, alone in the capture."""
    stub = _stub(numbers, ports, SERVER)
    return dns2tcp(stub, "dnstunnel.lab", "TXT", BEGIN + 3, 420, numbers)


def _dns2tcp_office(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A session of SSH in KEY by the resolver of the office."""
    stub = _stub(numbers, ports, port=47_019)
    return _office(numbers, ports, 300) + dns2tcp(stub, "w.hillside-it.com", "KEY", BEGIN + 70, 400, numbers)


def _dnscat_idle(numbers: random.Random, ports: Ports) -> list[Timed]:
    """An empty message each second for seven minutes, by TXT, CNAME and MX."""
    cat = Dnscat(_stub(numbers, ports, port=60_120), "q.maplecdn.net", numbers)
    packets = _office(numbers, ports, 500)
    packets += cat.turn(BEGIN + 60, 24, 24, 0)
    for second in range(420):
        packets += cat.turn(BEGIN + 61 + 1.003 * second)
    return packets


def _dnscat_prefix(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Without a domain, straight to the server: names begin with `dnscat`; a file comes, listings go."""
    cat = Dnscat(_stub(numbers, ports, SERVER, port=35_500), "", numbers)
    packets, time = cat.turn(BEGIN + 1, 60, 60, 0), BEGIN + 2
    for number in range(700):
        there, back = numbers.choice([(0, 70), (80, 0), (85, 60)]) if number % 100 < 60 else (0, 0)
        packets += cat.turn(time, there, back)
        time += 0.05 if number % 100 < 60 else 1.0
    return packets


def _dnscat_v6(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The resolver is reached over IPv6; a shell is typed in."""
    stub = Stub(
        client="2001:db8:20::75", server="2001:db8:20::2", dice=numbers, ports=ports, port=51_515, rtt=0.05
    )
    cat = Dnscat(stub, "x.lowtide.io", numbers)
    packets = _office(numbers, ports, 260) + cat.turn(BEGIN + 30, 24, 24, 0)
    time = BEGIN + 31
    while time < BEGIN + 250:
        typed = numbers.random() < 0.12
        packets += cat.turn(time, 0, 12 if typed else 0)
        for part in range(numbers.randrange(2, 9) if typed else 0):
            packets += cat.turn(time + 0.1 + 0.1 * part, 80)
        time += 1.0 + 0.9 * typed
    return packets


def _txt_shell(numbers: random.Random, ports: Ports) -> list[Timed]:
    """PowerShell asks for a TXT each ten seconds; nine times of ten there is nothing, then a command."""
    stub, packets = _stub(numbers, ports), _office(numbers, ports, 1_900, 400)
    time = BEGIN + 100
    while time < BEGIN + 1_880:
        order = numbers.random() < 0.1
        label = "".join(numbers.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=8))
        said = web64(numbers.randbytes(numbers.randrange(90, 700))).encode() if order else b"n/a"
        packets += stub.ask(time, f"{label}.upd.quietharbor.com", "TXT", [("", "TXT", 1, text(said))])
        for part in range(numbers.randrange(3, 12) if order else 0):
            name = dotted(f"{part:02d}" + numbers.randbytes(28).hex(), "upd.quietharbor.com")
            packets += stub.ask(time + 1.4 + 0.3 * part, name, "TXT", [("", "TXT", 1, text(b"ok"))])
        time += 10 + numbers.uniform(0, 0.3) + 4 * order
    return packets


def _theft_hex(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A file leaves in hexadecimal, one name each five seconds; nobody there has to answer anything."""
    stub, packets = _stub(numbers, ports), _office(numbers, ports, 1_300, 300)
    for part in range(230):
        name = f"{part:04x}.{numbers.randbytes(29).hex()}.{numbers.randbytes(12).hex()}.d.oakfence.biz"
        at = BEGIN + 60 + 5.02 * part + numbers.uniform(0, 0.5)
        packets += stub.ask(at, name, code=NO_SUCH_NAME, zone="d.oakfence.biz")
    return packets


def _theft_base32(numbers: random.Random, ports: Ports) -> list[Timed]:
    """The same in base 32 with one address for all answers, in ten minutes, alone in the capture."""
    stub, packets = _stub(numbers, ports), list[Timed]()
    for part in range(120):
        name = dotted(base32_text(numbers.randbytes(64)), f"{part}.f.lab.test", 52)
        at = BEGIN + 4 + 5 * part + numbers.uniform(0, 0.2)
        packets += stub.ask(at, name, "A", addresses("198.51.100.1", ttl=5))
    return packets


def _words(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Orders come in AAAA answers, what they bring goes in names of common words: nothing looks random."""
    stub, packets = _stub(numbers, ports), _office(numbers, ports, 640, 120)
    time = BEGIN + 50
    while time < BEGIN + 610:
        words = "-".join(word for _ in range(3) for word in (numbers.choice(VERBS), numbers.choice(NOUNS)))
        data = [f"2a0d:{_groups(numbers.randbytes(14))}" for _ in range(numbers.choice([1, 1, 4, 8]))]
        packets += stub.ask(time, f"{words}.cdn.brightmeadow.net", "AAAA", addresses(*data, ttl=1))
        time += numbers.choice([0.4, 0.8, 2.5]) * numbers.uniform(0.9, 1.2)
    return packets


def _groups(data: bytes) -> str:
    return ":".join(data[at : at + 2].hex() for at in range(0, len(data), 2))


def _tcp(numbers: random.Random, ports: Ports) -> list[Timed]:
    """Long names and long TXT answers in four connections to port 53."""
    packets = _office(numbers, ports, 330)
    for place in range(4):
        turns = []
        for _ in range(110):
            name = dotted(web64(numbers.randbytes(numbers.choice([9, 120]))), "s.bluegravel.org", 60)
            ident, data = numbers.randrange(65_536), numbers.randbytes(numbers.choice([20, 900, 2_400])).hex()
            records = [("", "TXT", 0, text(data.encode()))]
            reply = message(name, "TXT", ident=ident, flags=0x8180, answers=records)
            turns.append((numbers.expovariate(2), message(name, "TXT", ident=ident), reply))
        start = BEGIN + 40 + 70 * place
        packets += over_tcp(HOST, ports.take(HOST), SERVER, turns, start=start)
    return packets


def _beacon(numbers: random.Random, ports: Ports) -> list[Timed]:
    """A check-in each minute (a tenth of jitter) for two hours; thrice a task in TXT and its result in A."""
    stub, ident, domain = _stub(numbers, ports), "19997cf2", "wallet.greenfir.org"
    packets, time = _office(numbers, ports, 7_500, 2_400), BEGIN + 200
    for turn in itertools.count():
        if time > BEGIN + 7_400:
            return packets
        if turn in {24, 61, 99}:
            packets += beacon_task(stub, time, ident, domain, down=14, up=18, dice=numbers)
        else:
            packets += beacon_check(stub, time, ident, domain)
        time += 60 * numbers.uniform(0.9, 1.0)
    return packets
