"""Administration and files that go to many hosts and are in order."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from oddwire.testing.logins import rdp_work
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.packets import udp
from oddwire.testing.remote_work import remote_calls, share_work
from oddwire.testing.spoofing import rounds
from oddwire.testing.ssh_sessions import work

BEGIN = 1_700_000_000.0
LAN = Lan()
FILES, DOMAIN, BACKUP, WATCHER, PRINT, PATCHES = (f"192.168.1.{last}" for last in (10, 11, 12, 13, 14, 15))
ADMIN = "192.168.1.5"
CLIENTS = [f"192.168.1.{last}" for last in range(41, 61)]
SERVERS = [f"192.168.1.{last}" for last in range(101, 111)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "file-server", _files(seeded(171))
    yield "administrator-five-servers", _administrator(seeded(172))
    yield "domain-controller", _domain(seeded(173))
    yield "backup-reads-ten-hosts", _backup(seeded(174))
    yield "patches-fetched", _patches(seeded(175))
    yield "wmi-each-five-minutes", _wmi(seeded(176))
    yield "print-server", _print(seeded(177))


def _talk(dice: random.Random, ends: tuple[str, str], sport: int, time: float) -> Dialogue:
    port = dice.randrange(49_152, 65_000)
    return Dialogue(client=ends[0], cport=port, server=ends[1], sport=sport, start=time, dice=dice, rtt=0.001)


def _office(dice: random.Random, packets: list[Timed], seconds: float) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, max(30, seconds / 12)))


def _files(dice: random.Random) -> list[Timed]:
    """Twenty clients read and write on one server for ten minutes."""
    packets: list[Timed] = []
    for client in CLIENTS:
        for _ in range(3):
            talk = _talk(dice, (client, FILES), 445, BEGIN + dice.uniform(2, 580))
            way = dice.choice(["read", "read", "write"])
            size = dice.randrange(2_000, 250_000)
            packets += share_work(talk, size, way="read" if way == "read" else "write", calls=20).packets
    return _office(dice, packets, 600)


def _administrator(dice: random.Random) -> list[Timed]:
    """A jump host in a working day: two servers by remote desktop, three by SSH, one after the other."""
    packets: list[Timed] = []
    for place, server in enumerate(SERVERS[:5]):
        time = BEGIN + 60 + place * 5_400 * dice.uniform(0.9, 1.1)
        if place < 2:
            packets += rdp_work(_talk(dice, (ADMIN, server), 3_389, time), 400, "admin").packets
            continue
        steps = [(36, dice.choice([36, 120, 800])) for _ in range(150)]
        packets += work(_talk(dice, (ADMIN, server), 22, time), steps, pause=2.0).packets
    return _office(dice, packets, 26_000)


def _domain(dice: random.Random) -> list[Timed]:
    """Twenty clients start their day: names, tickets, directory, policies; the controller answers all."""
    packets: list[Timed] = []
    for client in CLIENTS:
        time = BEGIN + dice.uniform(2, 280)
        for step in range(3):
            ticket = _talk(dice, (client, DOMAIN), 88, time + step * 0.1).open()
            packets += (
                ticket.ask(dice.randrange(230, 1_700))
                .answer(dice.randrange(1_400, 1_700), 0.003)
                .finish()
                .packets
            )
        directory = _talk(dice, (client, DOMAIN), 389, time + 0.5).open()
        packets += directory.ask(320).answer(2_600, 0.003).ask(200).answer(700, 0.002).finish().packets
        packets += remote_calls(_talk(dice, (client, DOMAIN), 135, time + 0.8), 1).packets
        packets += remote_calls(_talk(dice, (client, DOMAIN), 49_667, time + 1), 4).packets
        packets += share_work(_talk(dice, (client, DOMAIN), 445, time + 1.4), 9_000, way="read").packets
    return _office(dice, packets, 300)


def _backup(dice: random.Random) -> list[Timed]:
    """A back-up server reads the shares of ten hosts, one after the other."""
    packets: list[Timed] = []
    time = BEGIN + 20
    for server in SERVERS:
        talk = share_work(
            _talk(dice, (BACKUP, server), 445, time), dice.randrange(500_000, 900_000), way="read", calls=40
        )
        packets, time = packets + talk.packets, talk.time + 15
    return _office(dice, packets, 240)


def _patches(dice: random.Random) -> list[Timed]:
    """Twenty clients report to the server of patches and fetch what they lack from it."""
    packets: list[Timed] = []
    for client in CLIENTS:
        talk = _talk(dice, (client, PATCHES), 8_530, BEGIN + dice.uniform(2, 500)).open()
        for _ in range(6):
            body = dice.randbytes(dice.randrange(600, 2_000))
            head = f"POST /ClientWebService/client.asmx HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
            answer = dice.randbytes(dice.randrange(800, 60_000))
            told = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n"
            talk.ask(head.encode() + body, 0.3).answer(told.encode() + answer, 0.02)
        packets += talk.finish().packets
    return _office(dice, packets, 520)


def _wmi(dice: random.Random) -> list[Timed]:
    """Monitoring asks eight hosts by WMI each five minutes for an hour; nothing is ever written."""
    packets: list[Timed] = []
    for place, server in enumerate(SERVERS[:8]):
        for time in rounds(dice, BEGIN + 20 + place * 3, BEGIN + 3_600, 300):
            mapper = remote_calls(_talk(dice, (WATCHER, server), 135, time), 2)
            packets += mapper.packets
            packets += remote_calls(_talk(dice, (WATCHER, server), 49_664 + place, mapper.time), 6).packets
    return _office(dice, packets, 3_600)


def _print(dice: random.Random) -> list[Timed]:
    """Clients print to a server, the server to six printers, which it asks by SNMP too."""
    packets: list[Timed] = []
    ask = bytes.fromhex("302502010004067075626c6963a018020204d2020100020100300c300a06062b06010201030500")
    for client in CLIENTS:
        time, printer = BEGIN + dice.uniform(2, 500), dice.choice(SERVERS[:6])
        packets += share_work(
            _talk(dice, (client, PRINT), 445, time), dice.randrange(20_000, 200_000)
        ).packets
        job = _talk(dice, (PRINT, printer), 9_100, time + 3).open()
        packets += job.ask(dice.randrange(40_000, 120_000)).answer(40, 2.0).finish().packets
        packets.append((time + 2.9, udp(PRINT, 50_100, printer, 161, ask)))
    return _office(dice, packets, 540)
