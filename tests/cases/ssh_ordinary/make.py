"""Many SSH sessions of one host that are work: automation, copies, back-ups, version control, checks."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, hammer, in_order, seeded
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.spoofing import rounds
from oddwire.testing.ssh_sessions import OPENSSH, begin, work

BEGIN = 1_700_000_000.0
LAN = Lan()
ADMIN, SERVER = "192.168.1.5", "192.168.1.10"
FARM = [f"192.168.1.{last}" for last in range(101, 113)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "automation-12-hosts", _automation(seeded(71))
    yield "automation-one-host", _one_host(seeded(72))
    yield "backup-each-minute", _backup(seeded(73))
    yield "copies-of-many-files", _copies(seeded(74))
    yield "version-control", _version_control(seeded(75))
    yield "checks-of-the-port", _checks(seeded(76))
    yield "user-mistypes-thrice", _mistypes(seeded(77))
    yield "too-many-keys", _agent(seeded(78))
    yield "equal-commands-each-5-s", _equal(seeded(79))
    yield "host-keys-gathered", _host_keys(seeded(80))


def _talk(dice: random.Random, time: float, port: int, server: str = SERVER, client: str = ADMIN) -> Dialogue:
    return Dialogue(client=client, cport=port, server=server, sport=22, start=time, dice=dice, rtt=0.001_2)


def _automation(dice: random.Random) -> list[Timed]:
    """Three forks, twelve hosts, eight short tasks each: sessions that look alike, one after the other."""
    turn = iter([host for _ in range(8) for host in FARM])

    def connect(time: float, port: int) -> Dialogue:
        steps = [(dice.choice([36, 44, 1_200]), dice.choice([36, 108, 300])) for _ in range(2)]
        return work(_talk(dice, time, port, next(turn)), steps, pause=0.2)

    return _office(dice, hammer(dice, connect, 96, start=BEGIN + 10, tasks=3, pause=0.3), 200)


def _one_host(dice: random.Random) -> list[Timed]:
    """Forty short sessions to one host in five minutes, each a command with a small answer."""

    def connect(time: float, port: int) -> Dialogue:
        return work(_talk(dice, time, port), [(120, dice.choice([36, 44, 60, 108]))], pause=0.1)

    return _office(dice, hammer(dice, connect, 40, start=BEGIN + 10, pause=7), 320)


def _backup(dice: random.Random) -> list[Timed]:
    """Rsync over SSH each minute for forty minutes; mostly nothing has changed."""
    packets: list[Timed] = []
    for turn, time in enumerate(rounds(dice, BEGIN + 5, BEGIN + 2_400, 60)):
        changed = dice.choice([0, 0, 0, 40_000])
        steps = [(300, 36), (900, 1_400), (changed + 60, 44), (36, 36)]
        packets += work(_talk(dice, time, 41_000 + turn), steps).packets
    return _office(dice, packets, 2_400, 150)


def _copies(dice: random.Random) -> list[Timed]:
    """A loop in the shell: scp of 80 files, a connection each."""

    def connect(time: float, port: int) -> Dialogue:
        return work(
            _talk(dice, time, port), [(44, 36), (60, 36), (dice.randrange(900, 30_000), 36)], pause=0.01
        )

    return _office(dice, hammer(dice, connect, 80, start=BEGIN + 10, pause=0.03), 60)


def _version_control(dice: random.Random) -> list[Timed]:
    """A build server fetches forty repositories over SSH from outside: most are up to date."""

    def connect(time: float, port: int) -> Dialogue:
        talk = Dialogue(
            client=ADMIN, cport=port, server="203.0.113.22", sport=22, start=time, dice=dice, rtt=0.03
        )
        return work(talk, [(36, dice.randrange(600, 9_000)), (60, dice.choice([36, 36, 22_000]))])

    return _office(dice, hammer(dice, connect, 40, start=BEGIN + 10, tasks=4, pause=0.2), 60)


def _checks(dice: random.Random) -> list[Timed]:
    """Monitoring: each 30 s to five servers, connect, read the banner, say one, close."""
    packets: list[Timed] = []
    for host in FARM[:5]:
        for turn, time in enumerate(rounds(dice, BEGIN + dice.uniform(0, 30), BEGIN + 1_800, 30)):
            talk = _talk(dice, time, 42_000 + turn, host).open()
            talk.answer(OPENSSH, 0.01).ask(b"SSH-2.0-check_ssh_2.3.3\r\n").finish()
            packets += talk.packets
    return _office(dice, packets, 1_800, 120)


def _mistypes(dice: random.Random) -> list[Timed]:
    """A person: two connections with one wrong password each, a third that works, then an hour's half."""
    packets: list[Timed] = []
    for turn in range(2):
        talk = begin(_talk(dice, BEGIN + 20 + turn * 40, 43_000 + turn, client=OFFICE[0])).ask(60).answer(52)
        packets += talk.ask(148, 5).answer(52, 2.1).ask(148, 4).answer(52, 1.9).ask(52, 3).finish().packets
    talk = _talk(dice, BEGIN + 110, 43_010, client=OFFICE[0])
    steps = [(36, dice.randrange(36, 900)) for _ in range(200)]
    packets += work(talk, steps, pause=1.5, manner="mistyped").packets
    return _office(dice, packets, 400)


def _agent(dice: random.Random) -> list[Timed]:
    """An agent offers five keys that do not fit before the one that does, in each of ten sessions."""
    packets: list[Timed] = []
    for turn in range(10):
        talk = begin(_talk(dice, BEGIN + 10 + turn * 25, 44_000 + turn)).ask(60).answer(52)
        for _ in range(5):
            talk.ask(148, 0.002).answer(52, 0.003)
        talk.ask(372).answer(332).ask(628).answer(28, 0.01).ask(112).answer(544, 0.02)
        for _ in range(dice.randrange(3, 30)):
            talk.ask(36, 0.4).answer(dice.randrange(36, 1_500))
        packets += talk.finish().packets
    return _office(dice, packets, 300)


def _equal(dice: random.Random) -> list[Timed]:
    """A script asks one value each five seconds for twenty minutes: sessions equal to the byte."""
    packets: list[Timed] = []
    for turn, time in enumerate(rounds(dice, BEGIN + 5, BEGIN + 1_200, 5)):
        packets += work(_talk(dice, time, 45_000 + turn), [(120, 60)]).packets
    return in_order(LAN.place(packets))


def _host_keys(dice: random.Random) -> list[Timed]:
    """Ssh-keyscan of twelve hosts, five kinds of key each: keys are exchanged and the line is closed."""
    turn = iter([host for host in FARM for _ in range(5)])

    def connect(time: float, port: int) -> Dialogue:
        talk = _talk(dice, time, port, next(turn)).open()
        talk.ask(b"SSH-2.0-OpenSSH-keyscan\r\n").answer(OPENSSH, 0.008).ask(904).answer(1_072)
        return talk.ask(48).answer(dice.choice([452, 704, 1_100]), 0.006).finish()

    return _office(dice, hammer(dice, connect, 60, start=BEGIN + 10, tasks=4), 60)


def _office(dice: random.Random, packets: list[Timed], seconds: float, every: float = 30) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, every))
