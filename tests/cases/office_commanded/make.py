"""A whole office on an ordinary day, in which one host answers to somebody outside."""

from collections.abc import Callable, Iterator, Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.office import DESKS, SEGMENTS, SERVERS, WORKSTATIONS, office
from oddwire.testing.scene import Scene
from oddwire.testing.services import tls
from oddwire.testing.shells import filler_program, shell
from oddwire.testing.web import fetch, request, response
from oddwire.testing.wire import seen_from

BEGIN, SECONDS = 1_700_000_000.0, 900.0
VICTIM, DESK, WEB = WORKSTATIONS[4], DESKS[0], SERVERS["web"]
MASTER, SECOND = "45.83.129.60", "185.117.90.14"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    quiet = office(begin=BEGIN, seconds=SECONDS, seed=77)
    attacks: Sequence[tuple[str, Callable[[Scene], None]]] = [
        ("beacon-by-name", _by_name),
        ("beacon-own-certificate", _own_certificate),
        ("shell-back", _shell),
        ("server-gives-shell", _server),
        ("program-then-check-ins", _program),
    ]
    for number, (name, attack) in enumerate(attacks):
        scene = Scene(400 + number, BEGIN, resolver=SERVERS["directory"])
        attack(scene)
        mixed = quiet + seen_from(scene.packets, *SEGMENTS)
        yield name, sorted(mixed, key=lambda packet: packet[0])


def _by_name(scene: Scene) -> None:
    """TLS each 15 s, a fifth of jitter, one in ten missed; the name is looked up each minute or so."""
    for turn, at in enumerate(scene.rounds(15, SECONDS, jitter=0.2, missed=0.1, after=20)):
        if turn % 5 == 0:
            scene.name(VICTIM, "assets.morningdew-cdn.com", [MASTER], at=at - 0.1)
        steps = tls("assets.morningdew-cdn.com", [(0.002, 210, 180)], 11)
        scene.say(VICTIM, MASTER, 443, steps, at=at, rtt=0.05)


def _own_certificate(scene: Scene) -> None:
    """TLS each 30 s to an address that no name led to, with a certificate of its own."""
    chain = [certificate(scene.dice, [("C", "US"), ("O", "Internet Widgits Pty Ltd")])]
    for at in scene.rounds(30, SECONDS, jitter=0.15, after=20):
        steps = old_tls(scene.dice, [(0.002, 310, 160)], chain)
        scene.say(DESK, MASTER, 8_443, steps, at=at, rtt=0.05)


def _shell(scene: Scene) -> None:
    steps = shell(scene.dice, "powershell", 24, think=9)
    scene.say(VICTIM, MASTER, 443, steps, at=BEGIN + 200, rtt=0.05, ending="open")


def _server(scene: Scene) -> None:
    """The web server connects out, which it never does, and prints a prompt to whom it called."""
    scene.say(WEB, MASTER, 8_080, shell(scene.dice, "bash", 20), at=BEGIN + 300, rtt=0.06)


def _program(scene: Scene) -> None:
    body = response(filler_program(scene.dice, 260_000), kind="application/octet-stream", server="")
    scene.say(
        VICTIM, MASTER, 8_000, fetch(request(f"{MASTER}:8000", "/x64.bin", agent=""), body), at=BEGIN + 120
    )
    for at in scene.rounds(20, SECONDS, jitter=0.1, after=130):
        ask = request(SECOND, "/c", method="POST", agent="", body=scene.dice.randbytes(88))
        scene.say(VICTIM, SECOND, 80, fetch(ask, response()), at=at, rtt=0.06)
