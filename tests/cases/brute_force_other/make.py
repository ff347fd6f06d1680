"""Guessing of passwords by RDP, SMB, FTP, Telnet, HTTP, mail and databases."""

import random
from collections.abc import Callable, Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, hammer, in_order, seeded
from oddwire.testing.logins import mssql_guess, mysql_guess, postgres_guess, rdp_guess, smb_guess, vnc_guess
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.prompts import basic_guess, form_guess, ftp_guess, imap_guess, smtp_guess, telnet_guess

BEGIN = 1_700_000_000.0
LAN = Lan(router_mac="00:1b:21:3c:9d:f0")
EVIL, INSIDE, SERVER = "198.51.100.77", "192.168.1.66", "192.168.1.10"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
MIRAI = [
    ("root", "xc3511"),
    ("root", "vizxv"),
    ("admin", "admin"),
    ("root", "888888"),
    ("support", "support"),
]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(81)
    words, pairs = _words(dice), _pairs(dice)
    yield "rdp-ncrack", _guesses(dice, 3_389, rdp_guess, 80, tasks=5)
    yield "rdp-crowbar", _guesses(dice, 3_389, rdp_guess, 60, pause=1.0, quiet=True)
    yield "rdp-odd-port-slow", _guesses(dice, 33_890, rdp_guess, 90, pause=9)
    yield "smb-one-connection", _guesses(dice, 445, lambda talk: smb_guess(talk, 200), 1, source=INSIDE)
    yield "smb-many-connections", _guesses(dice, 445, smb_guess, 120, tasks=1, source=INSIDE)
    yield "ftp-hydra", _guesses(dice, 21, lambda talk: ftp_guess(talk, pairs(3)), 60, tasks=16)
    yield (
        "ftp-patator-alone",
        _guesses(dice, 21, lambda talk: ftp_guess(talk, pairs(1)), 80, tasks=10, quiet=True),
    )
    yield "telnet-bot", _guesses(dice, 23, lambda talk: telnet_guess(talk, [dice.choice(MIRAI)]), 60, tasks=2)
    yield "http-form-kept-alive", _guesses(dice, 80, lambda talk: form_guess(talk, words(75)), 4, tasks=4)
    yield "http-form-new-each", _guesses(dice, 80, lambda talk: form_guess(talk, words(1)), 200, tasks=4)
    yield (
        "http-form-redirects",
        _guesses(dice, 8_080, lambda talk: form_guess(talk, words(1), status=302), 150, source=INSIDE),
    )
    yield "http-basic", _guesses(dice, 8_080, lambda talk: basic_guess(talk, words(50)), 10, tasks=2)
    yield "http-basic-new-each", _guesses(dice, 80, lambda talk: basic_guess(talk, words(1)), 300, tasks=8)
    yield "smtp-auth", _guesses(dice, 587, lambda talk: smtp_guess(talk, words(4)), 30, tasks=3)
    yield "imap", _guesses(dice, 143, lambda talk: imap_guess(talk, words(3)), 30, tasks=4)
    yield "mysql", _guesses(dice, 3_306, mysql_guess, 150, tasks=4, source=INSIDE)
    yield "mssql", _guesses(dice, 1_433, mssql_guess, 150, tasks=4)
    yield "postgres", _guesses(dice, 5_432, postgres_guess, 120, tasks=4, source=INSIDE)
    yield "vnc", _guesses(dice, 5_900, vnc_guess, 60, pause=1.5)


def _words(dice: random.Random) -> Callable[[int], list[str]]:
    """Return a source of words of a list, five to twelve letters each."""

    def words(count: int) -> list[str]:
        return [
            "".join(dice.choices("abcdefghijkmnopqrstuvwxyz234567", k=dice.randrange(5, 13)))
            for _ in range(count)
        ]

    return words


def _pairs(dice: random.Random) -> Callable[[int], list[tuple[str, str]]]:
    words = _words(dice)
    return lambda count: [(dice.choice(["root", "admin", "test", "ftp"]), word) for word in words(count)]


def _guesses(
    dice: random.Random,
    sport: int,
    one: Callable[[Dialogue], Dialogue],
    count: int,
    *,
    tasks: int = 1,
    pause: float = 0.05,
    source: str = EVIL,
    quiet: bool = False,
) -> list[Timed]:
    """Return so many connections of one kind of guess, with an office around unless `quiet`."""

    def connect(time: float, port: int) -> Dialogue:
        rtt, ttls = (0.000_6, (64, 128)) if source == INSIDE else (0.04, (50, 128))
        talk = Dialogue(
            client=source,
            cport=port,
            server=SERVER,
            sport=sport,
            start=time,
            dice=dice,
            rtt=rtt,
            near="server",
            ttls=ttls,
        )
        return one(talk)

    made = in_order(
        LAN.place(hammer(dice, connect, count, start=BEGIN + 20, tasks=tasks, pause=pause, port=33_001))
    )
    if quiet:
        return made
    return in_order(made + background(dice, LAN, [*OFFICE, SERVER], BEGIN, made[-1][0] - BEGIN + 20, 25))
