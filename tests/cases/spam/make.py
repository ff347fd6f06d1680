"""Mail by the hundred: bots that deliver it themselves, and hosts whose work it is."""

from collections.abc import Iterator, Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.errands import submission
from oddwire.testing.mail_talks import deliver, mail_exchanger
from oddwire.testing.names import public
from oddwire.testing.packets import udp

BOT, MAIL, PRINTER, WATCHER = (f"192.168.1.{last}" for last in (66, 25, 9, 13))
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
RELAY = "80.67.18.126"
BLOCKED = "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.example"
TOPS = ("com", "net", "de", "fr", "co.uk", "pl", "ru", "br", "it", "org")
NAMES = ("anna", "info", "sales", "peter.k", "lucy88", "office", "m.brown", "jose", "kim", "contact")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "bot-to-seventy-domains", _bot(541, 70, 6.5)
    yield "bot-alone", _alone()
    yield "port-25-blocked", _blocked()
    yield "one-relay", _relay()
    yield "answers-only", list(_answers(_bot(544, 50, 7.0)))
    yield "company-mail-server", _server()
    yield "newsletter", _newsletter()
    yield "scan-to-mail", _printer()
    yield "submission-by-desks", _desks()
    yield "monitoring-mails", _alerts()
    yield "port-25-watched", _watched()


def _office(seed: int, seconds: float) -> Scene:
    scene = Scene(seed)
    scene.others(OFFICE, seconds, 40)
    return scene


def _domain(scene: Scene, number: int) -> str:
    word = "".join(scene.dice.choice("bcdfglmnprst") + scene.dice.choice("aeiou") for _ in range(3))
    return f"{word}{number % 7}.{TOPS[number % len(TOPS)]}"


def _found(scene: Scene, host: str, domain: str, address: str, at: float) -> None:
    packets = mail_exchanger(
        host, scene.port(host), scene.lan.router, domain, address, start=scene.begin + at
    )
    scene.port(host)
    scene.keep(packets)


def _mail(scene: Scene, domain: str) -> tuple[str, str, int]:
    """A sender out of thin air, somebody there, a short text."""
    dice = scene.dice
    sender = f"{dice.choice(NAMES)}{dice.randrange(99)}@{_domain(scene, dice.randrange(90))}"
    return sender, f"{dice.choice(NAMES)}@{domain}", dice.randrange(900, 2_600)


def _bot(seed: int, domains: int, every: float) -> list[Timed]:
    """A workstation asks for the mail hosts of many domains and delivers there itself, under any name."""
    scene = _office(seed, domains * every + 200)
    scene.others([BOT], 110, 40)
    for number in range(domains):
        domain, there, at = _domain(scene, number), public(1_200 + number), 120 + every * number
        _found(scene, BOT, domain, there, at)
        talk = scene.talk(BOT, there, 25, at + 0.1, rtt=0.04 + number % 9 / 60)
        if number % 8 == 5:
            scene.add(talk.unanswered(3))
            continue
        refused = BLOCKED if number % 4 == 1 else ""
        mails = [_mail(scene, domain) for _ in range(1 + number % 3)]
        scene.add(
            deliver(talk, f"win-{scene.dice.randrange(16**6):06x}", mails, refused=refused, extended=False)
        )
    return scene.done()


def _alone() -> list[Timed]:
    """The bot and nothing else, eight lines at a time: forty servers in a minute."""
    scene = Scene(542)
    for number in range(40):
        talk = scene.talk(BOT, public(1_400 + number), 25, 1 + number // 8 * 12 + number % 8 * 0.3, rtt=0.09)
        mails = [_mail(scene, _domain(scene, number)) for _ in range(3)]
        scene.add(deliver(talk, "ylmf-pc", mails, refused=BLOCKED if number % 5 == 2 else ""))
    return scene.done()


def _blocked() -> list[Timed]:
    """The same where the provider lets nobody out by port 25: the bot asks and knocks, and knocks."""
    scene = _office(543, 600)
    for number in range(60):
        at, there = 100 + 6 * number, public(1_500 + number)
        _found(scene, BOT, _domain(scene, number), there, at)
        scene.add(scene.talk(BOT, there, 25, at + 0.1).unanswered(3))
    return scene.done()


def _relay() -> list[Timed]:
    """Two hundred mails with as many senders to one foreign relay in ten minutes."""
    scene = _office(545, 900)
    scene.name(BOT, "relay.provider.example", RELAY, 99)
    for number in range(20):
        talk = scene.talk(BOT, RELAY, 25, 100 + 30 * number, rtt=0.03)
        mails = [_mail(scene, _domain(scene, scene.dice.randrange(90))) for _ in range(10)]
        scene.add(deliver(talk, f"host{number}", mails, pause=0.4))
    return scene.done()


def _answers(packets: Sequence[Timed]) -> Iterator[Timed]:
    """Only what comes back to the bot: the tap sees one fibre of two."""
    bot = bytes(int(part) for part in BOT.split("."))
    return (packet for packet in packets if packet[1][30:34] == bot and packet[1][12:14] == b"\x08\x00")


def _server() -> list[Timed]:
    """The company's mail server: others bring mail, it brings mail to fifty domains in half an hour."""
    scene = _office(551, 1_800)
    for number in range(50):
        at, there, domain = 20 + 34 * number, public(1_600 + number), _domain(scene, number)
        mine = (f"{scene.dice.choice(NAMES)}@firma.example", f"{scene.dice.choice(NAMES)}@{domain}", 6_000)
        _found(scene, MAIL, domain, there, at)
        refused = "550 5.1.1 User unknown" if number % 12 == 7 else ""
        scene.add(
            deliver(scene.talk(MAIL, there, 25, at + 0.1), "mail.firma.example", [mine], refused=refused)
        )
        if number % 2:
            talk = scene.talk(there, MAIL, 25, at + 12)
            scene.add(deliver(talk, f"mx1.{domain}", [(f"a@{domain}", "info@firma.example", 9_000)]))
    return scene.done()


def _newsletter() -> list[Timed]:
    """The same server, on the day of the newsletter: one letter to seventy domains in six minutes."""
    scene = _office(552, 1_500)
    for number in range(12):
        talk = scene.talk(public(1_700 + number), MAIL, 25, 10 + 60 * number)
        scene.add(
            deliver(talk, f"mx1.old{number}.net", [(f"a@old{number}.net", "info@firma.example", 5_000)])
        )
    for number in range(70):
        at, there, domain = 800 + 5 * number, public(1_720 + number), _domain(scene, number)
        _found(scene, MAIL, domain, there, at)
        mails = [("news@firma.example", f"{name}@{domain}", 7_000) for name in NAMES[: 1 + number % 4]]
        scene.add(deliver(scene.talk(MAIL, there, 25, at + 0.1), "mail.firma.example", mails))
    return scene.done()


def _printer() -> list[Timed]:
    """A printer mails what it has scanned to those who stand before it."""
    scene = _office(553, 900)
    for number in range(10):
        mails = [("scanner@firma.example", f"{NAMES[number]}@firma.example", 120_000)]
        scene.add(deliver(scene.talk(PRINTER, MAIL, 25, 40 + 80 * number), "printer", mails, extended=False))
    return scene.done()


def _desks() -> list[Timed]:
    """Desks hand their mail to a provider by STARTTLS on port 587, all day."""
    scene = _office(554, 1_200)
    for number in range(40):
        desk = [*OFFICE, BOT][number % 4]
        size = scene.dice.randrange(2_000, 60_000)
        scene.add(submission(scene.talk(desk, "212.227.17.168", 587, 20 + 28 * number), size))
    return scene.done()


def _alerts() -> list[Timed]:
    """Monitoring has a bad hour: forty mails to the mail server, and syslog lines about it."""
    scene = _office(555, 900)
    for number in range(40):
        at = 60 + 18 * number
        mails = [("nagios@firma.example", f"{name}@firma.example", 800) for name in NAMES[:2]]
        scene.add(deliver(scene.talk(WATCHER, MAIL, 25, at), "watcher.firma.example", mails))
        line = f"<20>Nov 14 22:20:00 watcher nagios: notified about disk {number}".encode()
        scene.keep([(scene.begin + at + 1, udp(WATCHER, 514, "192.168.1.12", 514, line))])
    return scene.done()


def _watched() -> list[Timed]:
    """Monitoring looks each minute whether three mail servers answer: a greeting, EHLO, QUIT."""
    scene = _office(556, 1_800)
    for minute in range(29):
        for number, there in enumerate((MAIL, "192.168.1.26", "80.67.18.127")):
            talk = scene.talk(WATCHER, there, 25, 10 + 60 * minute + number)
            scene.add(deliver(talk, "watcher.firma.example", []))
    return scene.done()
