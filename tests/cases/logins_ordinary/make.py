"""Many short and equal connections of one host that guess nothing."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, hammer, in_order, seeded
from oddwire.testing.logins import mysql_work, rdp_guess, rdp_work, smb_guess, smb_open
from oddwire.testing.office_lan import SITES, Lan, background, visit
from oddwire.testing.packets import udp
from oddwire.testing.prompts import ftp_visit
from oddwire.testing.spoofing import rounds

BEGIN = 1_700_000_000.0
LAN = Lan()
WATCHER, HOST, SERVER, API = "192.168.1.6", "192.168.1.30", "192.168.1.10", "203.0.113.99"
FARM = [f"192.168.1.{last}" for last in range(101, 109)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
SNMP = "302502010004067075626c6963a018020204d2020100020100300c300a06062b06010201030500"
IPP = "0200000b0000000103"
AGENT = "User-Agent: {}\r\nHost: intranet.example.com\r\n\r\n"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "load-balancer-checks", _balancer(seeded(101))
    yield "monitoring-of-services", _monitoring(seeded(102))
    yield "interface-asked-each-second", _polling(seeded(103))
    yield "crawler-300-pages", _crawler(seeded(104))
    yield "browsing-60-connections", _browsing(seeded(105))
    yield "mail-clients", _mail_clients(seeded(106))
    yield "database-without-pool", _database(seeded(107))
    yield "remote-desktop-reconnects", _reconnects(seeded(108))
    yield "share-with-many-files", _share(seeded(109))
    yield "metrics-scraped", _metrics(seeded(110))
    yield "ftp-100-files", _ftp(seeded(111))
    yield "printers-asked", _printers(seeded(112))
    yield "telephones-register", _telephones(seeded(113))
    yield "proxy-asks-for-name", _proxy(seeded(114))
    yield "mail-server-delivers", _delivery(seeded(115))


def _talk(
    dice: random.Random, time: float, port: int, sport: int, *, to: str = SERVER, client: str = HOST
) -> Dialogue:
    rtt = 0.02 if to == API else 0.000_9
    return Dialogue(client=client, cport=port, server=to, sport=sport, start=time, dice=dice, rtt=rtt)


def _office(dice: random.Random, packets: list[Timed], seconds: float, every: float = 40) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, every))


def _get(path: str, agent: str = "Mozilla/5.0", more: str = "") -> bytes:
    return (f"GET {path} HTTP/1.1\r\n{more}" + AGENT.format(agent)).encode()


def _page(size: int, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + b"<p>page</p>".ljust(size)[:size]


def _balancer(dice: random.Random) -> list[Timed]:
    """Three back ends, each asked each two seconds: connections equal to the byte."""
    packets: list[Timed] = []
    for place, host in enumerate(FARM[:3]):
        for turn, time in enumerate(rounds(dice, BEGIN + place * 0.6, BEGIN + 400, 2)):
            talk = _talk(dice, time, 33_000 + place * 4_000 + turn, 80, to=host, client=WATCHER).open()
            packets += talk.ask(_get("/health", "checker")).answer(_page(15), 0.002).finish().packets
    return _office(dice, packets, 400, 60)


def _monitoring(dice: random.Random) -> list[Timed]:
    """Each 45 s: open SMTP, FTP, IMAP, HTTP and MySQL of four servers, read the greeting, close."""
    greetings = {
        21: b"220 FTP ready\r\n",
        25: b"220 mail ESMTP\r\n",
        143: b"* OK ready\r\n",
        3_306: b"J\0\0\0\x0a8.0.35\0",
    }
    packets: list[Timed] = []
    port = 34_000
    for host in FARM[:4]:
        for time in rounds(dice, BEGIN + dice.uniform(0, 40), BEGIN + 900, 45):
            for place, (sport, greeting) in enumerate(greetings.items()):
                talk = _talk(dice, time + place * 0.1, port, sport, to=host, client=WATCHER).open()
                packets += talk.answer(greeting, 0.003).ask(b"QUIT\r\n").finish().packets
                port += 1
    return _office(dice, packets, 900, 120)


def _polling(dice: random.Random) -> list[Timed]:
    """A client asks an interface each second, a TLS connection each time."""
    packets: list[Timed] = []
    for turn, time in enumerate(rounds(dice, BEGIN + 3, BEGIN + 250, 1)):
        packets += visit(dice, HOST, 40_000 + turn, API, time, [310])
    return in_order([packet for packet in _office(dice, packets, 250, 60) if packet[0] < BEGIN + 253])


def _crawler(dice: random.Random) -> list[Timed]:
    """Three hundred pages, a connection each, some not found, some that want a log-in."""

    def connect(time: float, port: int) -> Dialogue:
        status = dice.choices(["200 OK", "404 Not Found", "401 Unauthorized", "302 Found"], [85, 8, 2, 5])[0]
        size = dice.randrange(900, 30_000) if status == "200 OK" else 380
        talk = _talk(dice, time, port, 80, client="203.0.113.200").open()
        return talk.ask(_get(f"/p/{port}", "examplebot/2.1")).answer(_page(size, status), 0.01).finish()

    return _office(dice, hammer(dice, connect, 300, start=BEGIN + 5, tasks=2, pause=0.8), 200)


def _browsing(dice: random.Random) -> list[Timed]:
    """A person opens pages: sixty short connections to few sites."""
    packets: list[Timed] = []
    for turn in range(60):
        sizes = [dice.randrange(300, 20_000) for _ in range(dice.randrange(1, 4))]
        packets += visit(
            dice,
            HOST,
            50_000 + turn,
            dice.choice(SITES[:4]),
            BEGIN + 5 + turn // 6 * 12 + dice.random(),
            sizes,
        )
    return _office(dice, packets, 150)


def _mail_clients(dice: random.Random) -> list[Timed]:
    """Six clients look for mail each minute: log-in that succeeds, nothing new, log-out."""
    packets: list[Timed] = []
    for place, host in enumerate([*OFFICE, *FARM[:3]]):
        for turn, time in enumerate(rounds(dice, BEGIN + dice.uniform(0, 60), BEGIN + 1_200, 60)):
            talk = (
                _talk(dice, time, 51_000 + turn, 143, client=host)
                .open()
                .answer(b"* OK Dovecot ready.\r\n", 0.003)
            )
            talk.ask(f'1 LOGIN "user{place}" "secret{place}"\r\n'.encode()).answer(
                b"1 OK Logged in\r\n", 0.03
            )
            talk.ask(b"2 SELECT INBOX\r\n").answer(
                b"* 214 EXISTS\r\n* 0 RECENT\r\n2 OK Select completed.\r\n", 0.01
            )
            packets += talk.ask(b"3 LOGOUT\r\n").answer(b"* BYE\r\n3 OK\r\n").finish(by="server").packets
    return _office(dice, packets, 1_200, 120)


def _database(dice: random.Random) -> list[Timed]:
    """An application opens a connection for each page: three hundred, with one to three queries."""

    def connect(time: float, port: int) -> Dialogue:
        return mysql_work(_talk(dice, time, port, 3_306, client=WATCHER), dice.randrange(1, 4))

    return _office(dice, hammer(dice, connect, 300, start=BEGIN + 5, tasks=3, pause=0.5), 80)


def _reconnects(dice: random.Random) -> list[Timed]:
    """A person mistypes once, then works by remote desktop and loses the line three times."""
    packets = rdp_guess(_talk(dice, BEGIN + 5, 52_000, 3_389)).packets
    time = BEGIN + 16.0
    for turn in range(4):
        talk = rdp_work(_talk(dice, time, 52_001 + turn, 3_389), dice.uniform(20, 60))
        packets, time = packets + talk.packets, talk.time + dice.uniform(2, 6)
    return _office(dice, packets, 260)


def _share(dice: random.Random) -> list[Timed]:
    """A client logs in to a share (one typing mistake before) and reads 150 files."""
    packets = smb_guess(_talk(dice, BEGIN + 3, 53_000, 445)).packets
    talk = smb_open(_talk(dice, BEGIN + 12, 53_001, 445))
    for _ in range(150):
        talk.ask(dice.randrange(180, 300), dice.expovariate(3)).answer(156).ask(117)
        talk.answer(dice.randrange(200, 20_000), 0.003).ask(92).answer(128)
    return _office(dice, packets + talk.finish().packets, 90)


def _metrics(dice: random.Random) -> list[Timed]:
    """Eight targets asked each 15 s, connections kept open or made anew."""
    packets: list[Timed] = []
    for place, host in enumerate(FARM):
        kept = _talk(dice, BEGIN + place, 54_000 + place, 9_100, to=host, client=WATCHER).open()
        for turn, time in enumerate(rounds(dice, BEGIN + 1 + place, BEGIN + 900, 15)):
            new = _talk(dice, time, 55_000 + place * 500 + turn, 9_100, to=host, client=WATCHER)
            talk = new.open() if place % 2 else kept
            talk.wait(max(time - talk.time, 0.0))
            talk.ask(_get("/metrics", "metrics/2.45")).answer(_page(dice.randrange(5_000, 5_200)), 0.02)
            packets += talk.finish().packets if place % 2 else []
        packets += kept.finish().packets
    return _office(dice, packets, 900, 120)


def _ftp(dice: random.Random) -> list[Timed]:
    """A mirror fetches a hundred files, a passive data connection each."""
    control = ftp_visit(_talk(dice, BEGIN + 3, 56_000, 21), 100)
    packets = list(control.packets)
    for number in range(100):
        talk = _talk(dice, BEGIN + 3.4 + number * 0.25, 56_001 + number, 40_000 + number).open()
        packets += talk.answer(dice.randrange(500, 30_000), 0.02).finish(by="server").packets
    return _office(dice, packets, 60)


def _printers(dice: random.Random) -> list[Timed]:
    """A print server asks six printers by SNMP each ten seconds, and by IPP each minute."""
    packets: list[Timed] = []
    ask, told = bytes.fromhex(SNMP), bytes.fromhex(SNMP.replace("a018", "a218"))
    for place, host in enumerate(FARM[:6]):
        for turn, time in enumerate(rounds(dice, BEGIN + place, BEGIN + 900, 10)):
            packets += [
                (time, udp(WATCHER, 57_000, host, 161, ask)),
                (time + 0.004, udp(host, 161, WATCHER, 57_000, told)),
            ]
            if turn % 6 == 0:
                talk = _talk(dice, time + 2, 57_001 + place * 200 + turn, 631, to=host, client=WATCHER).open()
                talk.ask(b"POST /ipp HTTP/1.1\r\nContent-Length: 9\r\n\r\n" + bytes.fromhex(IPP))
                packets += talk.answer(_page(dice.randrange(1_100, 1_300)), 0.05).finish().packets
    return _office(dice, packets, 900, 90)


def _telephones(dice: random.Random) -> list[Timed]:
    """Eight telephones register each minute; each time the first request is refused with a challenge."""
    packets: list[Timed] = []
    for place, host in enumerate(FARM):
        for time in rounds(dice, BEGIN + dice.uniform(0, 60), BEGIN + 1_800, 60):
            for step, (mine, text) in enumerate(_registration(place)):
                ends = (host, 5_060, SERVER, 5_060) if mine else (SERVER, 5_060, host, 5_060)
                packets.append((time + step * 0.008, udp(*ends, text.encode())))
    return _office(dice, packets, 1_800, 150)


def _registration(place: int) -> list[tuple[bool, str]]:
    tail = f"From: <sip:{place}@example.com>\r\nCall-ID: c{place}\r\nCSeq: 1 REGISTER\r\n"
    tail += "Content-Length: 0\r\n\r\n"
    asked = "REGISTER sip:example.com SIP/2.0\r\n"
    proof = 'Authorization: Digest username="x", response="0123456789abcdef0123456789abcdef"\r\n'
    return [
        (True, asked + tail),
        (False, "SIP/2.0 401 Unauthorized\r\n" + tail),
        (True, asked + proof + tail),
        (False, "SIP/2.0 200 OK\r\n" + tail),
    ]


def _proxy(dice: random.Random) -> list[Timed]:
    """A proxy wants NTLM: in each connection two refusals (407) come before the page."""

    def connect(time: float, port: int) -> Dialogue:
        talk = _talk(dice, time, port, 3_128).open()
        talk.ask(_get("http://a.example.com/")).answer(
            _page(1_400, "407 Proxy Authentication Required"), 0.002
        )
        for token, size, status in ((60, 330, "407 Proxy Authentication Required"), (560, 0, "200 OK")):
            more = f"Proxy-Authorization: NTLM {'T' * token}\r\n"
            body = size or dice.randrange(600, 18_000)
            talk.ask(_get("http://a.example.com/", more=more)).answer(
                _page(body, status), 0.002 if size else 0.06
            )
        return talk.finish(after=dice.uniform(0.1, 2))

    return _office(dice, hammer(dice, connect, 120, start=BEGIN + 5, tasks=3, pause=1.0), 150)


def _delivery(dice: random.Random) -> list[Timed]:
    """A mail server hands a hundred messages to another, a connection each; some are refused by name."""

    def connect(time: float, port: int) -> Dialogue:
        talk = (
            _talk(dice, time, port, 25, to=API)
            .open()
            .answer(b"220 mx ESMTP\r\n", 0.02)
            .ask(b"EHLO out.example.com\r\n")
        )
        talk.answer(b"250-mx\r\n250 8BITMIME\r\n").ask(b"MAIL FROM:<news@example.com>\r\n").answer(
            b"250 Ok\r\n"
        )
        talk.ask(f"RCPT TO:<reader{port}@example.net>\r\n".encode())
        if dice.random() < 0.2:
            talk.answer(b"550 5.1.1 User unknown\r\n", 0.02)
        else:
            talk.answer(b"250 Ok\r\n").ask(b"DATA\r\n").answer(b"354 End data\r\n")
            talk.ask(b"Subject: news\r\n" + b"text " * dice.randrange(200, 2_000) + b"\r\n.\r\n").answer(
                b"250 queued\r\n", 0.1
            )
        return talk.ask(b"QUIT\r\n").answer(b"221 Bye\r\n").finish(by="server")

    return _office(dice, hammer(dice, connect, 100, start=BEGIN + 5, tasks=2, pause=0.4), 60)
