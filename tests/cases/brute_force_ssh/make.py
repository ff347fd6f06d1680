"""Guessing of SSH passwords: parallel, sequential, slow, on odd ports, seen in part, with success."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, hammer, in_order, seeded
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.ssh_sessions import guess, work

BEGIN = 1_700_000_000.0
LAN = Lan(router_mac="00:1b:21:3c:9d:f0")
EVIL, INSIDE, SERVER = "198.51.100.77", "192.168.1.66", "192.168.1.10"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
HYDRA, MEDUSA = b"SSH-2.0-libssh_0.10.4\r\n", b"SSH-2.0-MEDUSA_1.0\r\n"
PARAMIKO, GO = b"SSH-2.0-paramiko_2.12.0\r\n", b"SSH-2.0-Go\r\n"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(61)
    yield "hydra-16-tasks", _with_office(dice, _guesses(dice, 160, tasks=16))
    yield "hydra-4-tasks-six-tries", _with_office(dice, _guesses(dice, 24, tasks=4, tries=6, cut=True))
    yield "medusa-one-after-other", _guesses(dice, 40, tries=3, banner=MEDUSA, hello=1_000)
    yield "slow-one-in-20-s", _with_office(dice, _guesses(dice, 170, pause=18), 3_600, 200)
    yield "port-2222", _with_office(dice, _guesses(dice, 80, tasks=8, sport=2_222))
    yield "port-48022", _guesses(dice, 60, tasks=4, sport=48_022, delay=0.06, banner=PARAMIKO)
    yield "ipv6", _guesses(dice, 60, tasks=4, ends=("2001:db8:bad::77", "2001:db8:1::10"))
    yield "from-the-middle", _later(_guesses(dice, 120, tasks=6, tries=4), 41.0)
    yield "success-at-the-end", _with_office(dice, _success(dice), 320, 40)
    yield "client-side-only", _one_way(_with_office(dice, _guesses(dice, 90, tasks=4)), EVIL)
    yield "server-side-only", _one_way(_guesses(dice, 90, tasks=4), SERVER)
    yield "cut-at-68-bytes", _with_office(dice, _guesses(dice, 100, tasks=8))
    yield "inside-tagged", _guesses(dice, 60, tasks=4, ends=(INSIDE, SERVER), vlan=30)
    yield (
        "fast-server-without-delay",
        _with_office(dice, _guesses(dice, 400, tasks=4, delay=0.05, banner=GO), 120),
    )
    yield "few-but-plain", _with_office(dice, _guesses(dice, 18, tries=2, delay=2.2), 200)
    yield "drops-of-a-busy-server", _with_office(dice, _dropped(dice))


def _guesses(
    dice: random.Random,
    count: int,
    *,
    tasks: int = 1,
    tries: int = 1,
    pause: float = 0.05,
    delay: float = 2.0,
    sport: int = 22,
    banner: bytes = HYDRA,
    hello: int = 940,
    ends: tuple[str, str] = (EVIL, SERVER),
    cut: bool = False,
    vlan: int | None = None,
) -> list[Timed]:
    rtt = 0.000_6 if ends[0] == INSIDE else 0.045

    def connect(time: float, port: int) -> Dialogue:
        talk = Dialogue(
            client=ends[0],
            cport=port,
            server=ends[1],
            sport=sport,
            start=time,
            dice=dice,
            rtt=rtt,
            near="server",
            ttls=(47, 64),
            vlan=vlan,
        )
        return guess(talk, tries, delay=delay, banner=banner, hello=hello, closed_by_server=cut)

    made = hammer(dice, connect, count, start=BEGIN + 20, tasks=tasks, pause=pause, port=33_001)
    return in_order(LAN.place(made))


def _success(dice: random.Random) -> list[Timed]:
    """The last guess is right; then a session of work with the same password."""
    packets = _guesses(dice, 60, tasks=4)
    right = Dialogue(
        client=EVIL, cport=35_000, server=SERVER, sport=22, start=packets[-1][0] + 0.2, dice=dice, rtt=0.045
    )
    guess(right, success=True)
    inside = Dialogue(
        client=EVIL, cport=35_002, server=SERVER, sport=22, start=right.time + 30, dice=dice, rtt=0.045
    )
    work(inside, [(36, 300 + 40 * step) for step in range(40)], pause=2.0, manner="password")
    return in_order(packets + LAN.place(right.packets + inside.packets))


def _dropped(dice: random.Random) -> list[Timed]:
    """MaxStartups: a third of the connections is closed before the banner, the guesser comes again."""

    def connect(time: float, port: int) -> Dialogue:
        talk = Dialogue(
            client=EVIL, cport=port, server=SERVER, sport=22, start=time, dice=dice, rtt=0.045, near="server"
        )
        if dice.random() < 0.35:
            return talk.open().ask(HYDRA).reset(by="server", after=0.01)
        return guess(talk)

    return in_order(LAN.place(hammer(dice, connect, 220, start=BEGIN + 20, tasks=16)))


def _with_office(
    dice: random.Random, packets: list[Timed], seconds: float = 150, every: float = 20
) -> list[Timed]:
    return in_order(packets + background(dice, LAN, [*OFFICE, SERVER], BEGIN, seconds, every))


def _later(packets: list[Timed], seconds: float) -> list[Timed]:
    return [packet for packet in packets if packet[0] >= BEGIN + seconds]


def _one_way(packets: list[Timed], sender: str) -> list[Timed]:
    mine = bytes(map(int, sender.split(".")))
    theirs = bytes(map(int, (SERVER if sender == EVIL else EVIL).split(".")))
    return [packet for packet in packets if packet[1][26:30] == mine or theirs not in packet[1][26:34]]
