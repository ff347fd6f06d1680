"""Few guesses at each of many: one source at many servers, and many sources at one server."""

import random
from collections.abc import Callable, Iterator, Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, hammer, in_order, seeded
from oddwire.testing.logins import rdp_guess, smb_guess
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.prompts import ftp_guess
from oddwire.testing.ssh_sessions import guess

BEGIN = 1_700_000_000.0
LAN = Lan(router_mac="00:1b:21:3c:9d:f0")
EVIL, INSIDE, SERVER = "198.51.100.77", "192.168.1.66", "192.168.1.10"
FARM = [f"192.168.1.{last}" for last in range(101, 121)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
ZOMBIES = [f"198.51.100.{last}" for last in range(1, 61)]
BUSIEST = "198.51.100.200"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(91)
    yield "ssh-20-servers", _spray(dice, EVIL, FARM, 22, lambda talk: guess(talk, 3), rounds=1, tasks=2)
    yield "smb-15-hosts", _spray(dice, INSIDE, FARM[:15], 445, lambda talk: smb_guess(talk, 2), rounds=2)
    yield "rdp-12-hosts-in-rounds", _spray(dice, INSIDE, FARM[:12], 3_389, rdp_guess, rounds=3, pause=4)
    yield "ftp-18-servers-slow", _spray(dice, EVIL, FARM[:18], 21, _ftp, rounds=2, pause=25)
    yield "smb-one-password-many-users", _spray(dice, INSIDE, [SERVER], 445, smb_guess, rounds=80, pause=0.5)
    yield "ssh-from-61-sources", _distributed(dice)


def _ftp(talk: Dialogue) -> Dialogue:
    return ftp_guess(talk, [("admin", "Winter2023!")])


def _spray(
    dice: random.Random,
    source: str,
    servers: Sequence[str],
    sport: int,
    one: Callable[[Dialogue], Dialogue],
    *,
    rounds: int,
    tasks: int = 1,
    pause: float = 0.1,
) -> list[Timed]:
    order = iter([server for _ in range(rounds) for server in dice.sample(servers, len(servers))])

    def connect(time: float, port: int) -> Dialogue:
        rtt = 0.000_6 if source == INSIDE else 0.04
        talk = Dialogue(
            client=source,
            cport=port,
            server=next(order),
            sport=sport,
            start=time,
            dice=dice,
            rtt=rtt,
            near="server",
        )
        return one(talk)

    count = rounds * len(servers)
    made = in_order(
        LAN.place(hammer(dice, connect, count, start=BEGIN + 20, tasks=tasks, pause=pause, port=33_001))
    )
    return in_order(made + background(dice, LAN, OFFICE, BEGIN, made[-1][0] - BEGIN + 20, 30))


def _distributed(dice: random.Random) -> list[Timed]:
    """Sixty sources with two guesses each, and one with twelve, within ten minutes at one server."""
    packets: list[Timed] = []
    plan = [source for source in ZOMBIES for _ in range(2)] + [BUSIEST] * 12
    dice.shuffle(plan)
    for number, source in enumerate(plan):
        talk = Dialogue(
            client=source,
            cport=dice.randrange(32_768, 61_000),
            server=SERVER,
            sport=22,
            start=BEGIN + 20 + number * 4.4 + dice.uniform(0, 3),
            dice=dice,
            rtt=dice.uniform(0.02, 0.2),
            near="server",
        )
        packets += guess(talk).packets
    return in_order(LAN.place(packets) + background(dice, LAN, [*OFFICE, SERVER], BEGIN, 640, 45))
