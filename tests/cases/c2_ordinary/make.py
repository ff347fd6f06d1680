"""What looks like command from outside and is honest: consoles, own certificates, help from afar."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.names import public
from oddwire.testing.scene import Scene
from oddwire.testing.services import ssh

if TYPE_CHECKING:
    from oddwire.testing.conversations import Step

BEGIN = 1_700_000_000.0
HOST, DESK = "192.168.10.107", "192.168.10.21"
OFFICE = [DESK, "192.168.10.104", "192.168.10.110", HOST]
NAS, WEB = "192.168.10.40", "192.168.10.44"
SHORT, HOUR = 600.0, 3_600.0
MAKER = [("C", "US"), ("O", "Example Trust Services"), ("CN", "Example Trust CA 1C3")]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "lab-consoles", _consoles()
    yield "ssh-on-odd-port", _ssh()
    yield "own-certificates-inside", _appliances()
    yield "tls-without-name", _nameless()
    yield "remote-help", _remote_help()
    yield "printing-and-telephones", _devices()
    yield "cluster", _cluster()


def _scene(seed: int, seconds: float = SHORT, pages: int = 5) -> Scene:
    scene = Scene(300 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _consoles() -> list[Timed]:
    """A developer in a laboratory: Telnet, a serial line behind a port, netcat that carries a file."""
    scene = _scene(3)
    telnet: list[Step] = [
        (0.01, False, b"\xff\xfd\x18\xff\xfb\x01\xff\xfb\x03"),
        (0.01, True, b"\xff\xfc\x18\xff\xfd\x01\xff\xfd\x03"),
        (0.01, False, b"\r\nUser Access Verification\r\n\r\nUsername: "),
    ]
    typed = [(b"lab\r\n", b"lab\r\nPassword: "), (b"hw-7\r\n", b"\r\nsw-lab-2#")]
    lines = (b"show version", b"show interfaces status", b"conf t", b"exit", b"show log", b"quit")
    typed += [
        (line + b"\r\n", line + b"\r\n" + b"Gi1/0/1  connected  1  a-full\r\n" * 12 + b"sw-lab-2#")
        for line in lines
    ]
    for ask, told in typed:
        telnet += [(scene.dice.expovariate(1 / 4) + 0.5, True, ask), (0.01, False, told)]
    scene.say(DESK, "192.168.10.80", 2_323, telnet, at=BEGIN + 20, rtt=0.001, ending="server")
    scene.say(DESK, "192.168.10.81", 4_001, [(0.0, True, b"\r\n"), *telnet[2:]], at=BEGIN + 150, rtt=0.001)
    log = b"".join(b"%d;%.3f;ok\n" % (turn, scene.dice.random()) for turn in range(6_000))
    scene.say(DESK, "192.168.10.82", 4_444, [(0.001, True, log)], at=BEGIN + 300, rtt=0.001)
    notes: list[Step] = []
    for turn, text in enumerate(
        (b"are you there?\n", b"yes, which image?\n", b"the one of tuesday\n", b"flashing now\n")
    ):
        notes.append((scene.dice.uniform(3, 12), turn % 2 == 0, text))
    scene.say(DESK, "192.168.10.82", 4_445, notes, at=BEGIN + 330, rtt=0.001)
    return scene.seen()


def _ssh() -> list[Timed]:
    """A server of one's own, by its address, on another port; a line kept with a sign each minute."""
    scene = _scene(4, 2 * HOUR)
    typed = [(scene.dice.expovariate(1 / 5), 36, scene.dice.randrange(36, 2_000)) for _ in range(80)]
    scene.say(DESK, public(830), 2_222, ssh(typed), at=BEGIN + 30, rtt=0.02)
    kept = [(60.0, 52, 44)] * 100
    scene.say(DESK, public(830), 2_222, ssh(kept), at=BEGIN + 200, rtt=0.02, ending="open")
    return scene.seen()


def _appliances() -> list[Timed]:
    """Printers, switches, hypervisors, storage: each made its own certificate; pages refresh themselves."""
    scene = _scene(5, 1_800)
    devices = [
        ("192.168.10.9", 443, [("O", "HP"), ("CN", "NPI7F2A10")]),
        (NAS, 5_001, [("O", "Synology Inc."), ("CN", "synology")]),
        ("192.168.10.41", 8_006, [("O", "PVE Cluster Node"), ("CN", "pve1.office.example")]),
        ("192.168.10.42", 8_443, [("O", "Ubiquiti Inc."), ("CN", "UniFi")]),
        ("192.168.10.43", 9_443, [("CN", "portainer.local")]),
    ]
    for number, (there, port, subject) in enumerate(devices):
        chain = [certificate(scene.dice, subject)]
        for host in (DESK, OFFICE[1 + number % 3]):
            for turn in range(6):
                pages = [(1.0, 500, scene.dice.randrange(400, 12_000)) for _ in range(4)]
                pages += [(5.0, 420, 900)] * 12
                at = BEGIN + 40 * number + 270 * turn + scene.dice.uniform(5, 60)
                scene.say(host, there, port, old_tls(scene.dice, pages, chain), at=at, rtt=0.001)
    return scene.seen()


def _nameless() -> list[Timed]:
    """TLS by programs that name nobody: a tunnel's gateway, a conference, a softphone, each to an address."""
    scene = _scene(6, HOUR)
    own = [certificate(scene.dice, [("O", "Fortinet"), ("OU", "FortiGate"), ("CN", "FGT60E4Q16")])]
    pages = [
        (scene.dice.expovariate(1 / 8), scene.dice.randrange(80, 1_400), scene.dice.randrange(80, 6_000))
        for _ in range(250)
    ]
    scene.say(HOST, public(840), 10_443, old_tls(scene.dice, pages, own), at=BEGIN + 20, ending="open")
    good = [
        certificate(scene.dice, [("O", "Zoomlike Inc."), ("CN", "*.meetserve.com")], MAKER),
        certificate(scene.dice, MAKER),
    ]
    pages = [(scene.dice.uniform(2, 9), 90, 110) for _ in range(200)]
    scene.say(DESK, public(841), 443, old_tls(scene.dice, pages, good), at=BEGIN + 30)
    pages = [(30.0, 420, 380)] * 100
    scene.say(
        "192.168.10.31", public(842), 5_061, old_tls(scene.dice, pages, good), at=BEGIN + 40, ending="open"
    )
    return scene.seen(until=HOUR)


def _remote_help() -> list[Timed]:
    """Help from afar in three ways: on 5938, on 7070 with a certificate of its own, and VNC inside."""
    scene = _scene(7, 1_200)
    viewer: list[Step] = [(0.02, True, b"\x17\x24\x0a\x20\x00\x0b" + scene.dice.randbytes(37))]
    for _ in range(300):
        size = scene.dice.randrange(60, 4_000)
        viewer.append(
            (
                scene.dice.expovariate(1),
                False,
                b"\x11\x30\x43" + struct.pack("!H", 40) + scene.dice.randbytes(40),
            )
        )
        viewer.append((0.05, True, b"\x11\x30\x44" + struct.pack("!H", size) + scene.dice.randbytes(size)))
    scene.name(HOST, "router14.teamviewer.com", [public(850)], at=BEGIN + 19)
    scene.say(HOST, public(850), 5_938, viewer, at=BEGIN + 20)
    chain = [certificate(scene.dice, [("CN", "AnyDesk Client")], years=(22, 72))]
    pages = [
        (scene.dice.expovariate(1 / 2), scene.dice.randrange(60, 300), scene.dice.randrange(200, 9_000))
        for _ in range(200)
    ]
    scene.name(DESK, "relay-4f1a.net.anydesk.com", [public(851)], at=BEGIN + 49)
    scene.say(DESK, public(851), 7_070, old_tls(scene.dice, pages, chain), at=BEGIN + 50)
    picture: list[Step] = [
        (0.01, False, b"RFB 003.008\n"),
        (0.01, True, b"RFB 003.008\n"),
        (0.01, False, b"\x01\x02"),
    ]
    picture += [
        (0.01, True, b"\x02"),
        (0.01, False, scene.dice.randbytes(16)),
        (0.05, True, scene.dice.randbytes(16)),
    ]
    picture += [(0.01, False, bytes(4)), (0.01, True, b"\x01")]
    picture += [
        (
            0.01,
            False,
            struct.pack("!HH", 1_280, 800)
            + bytes.fromhex("2018000100ff00ff00ff100800000000")
            + b"\0\0\0\x04desk",
        )
    ]
    for _ in range(150):
        picture += [(0.5, True, b"\x03\x01" + struct.pack("!HHHH", 0, 0, 1_280, 800))]
        block = struct.pack("!BBHHHHHi", 0, 0, 1, 0, 0, 16, 16, 0) + scene.dice.randbytes(1_024)
        picture += [(0.02, False, block)]
    scene.say(DESK, "192.168.10.104", 5_900, picture, at=BEGIN + 80, rtt=0.001)
    return scene.seen(until=1_200)


def _devices() -> list[Timed]:
    """A printer that is spoken to in its language, and a telephone on the desk of a developer (ADB)."""
    scene = _scene(18, 900)
    for turn in range(5):
        job = b'\x1b%-12345X@PJL JOB NAME="letter"\r\n@PJL ENTER LANGUAGE=PCLXL\r\n' + scene.dice.randbytes(
            40_000
        )
        steps: list[Step] = [
            (0.01, True, b"\x1b%-12345X@PJL INFO STATUS\r\n"),
            (0.05, False, b'@PJL INFO STATUS\r\nCODE=10001\r\nDISPLAY="Ready"\r\n\x0c'),
            (0.02, True, job),
        ]
        scene.say(OFFICE[turn % 4], "192.168.10.9", 9_100, steps, at=BEGIN + 30 + 140 * turn, rtt=0.0006)
    hello = _adb(b"CNXN", 0x0100_0001, 0x10_0000, b"host::features=shell_v2,cmd\0")
    phone = _adb(b"CNXN", 0x0100_0001, 0x10_0000, b"device::ro.product.name=walleye;\0")
    talk: list[Step] = [(0.01, True, hello), (0.02, False, phone)]
    for turn, command in enumerate((b"getprop", b"pm list packages", b"logcat -d", b"ls /sdcard", b"id")):
        mine, theirs = turn + 10, turn + 70
        talk += [
            (scene.dice.uniform(2, 9), True, _adb(b"OPEN", mine, 0, b"shell:" + command + b"\0")),
            (0.02, False, _adb(b"OKAY", theirs, mine, b"")),
        ]
        talk += [
            (0.05, False, _adb(b"WRTE", theirs, mine, b"package:com.example.app%d\n" % turn * 40)),
            (0.01, True, _adb(b"OKAY", mine, theirs, b"")),
        ]
        talk += [
            (0.02, False, _adb(b"CLSE", theirs, mine, b"")),
            (0.01, True, _adb(b"CLSE", mine, theirs, b"")),
        ]
    scene.say(DESK, "192.168.10.62", 5_555, talk, at=BEGIN + 100, rtt=0.004, ending="open")
    return scene.seen()


def _adb(command: bytes, first: int, second: int, data: bytes) -> bytes:
    (number,) = struct.unpack("<I", command)
    check = sum(data) & 0xFFFF_FFFF
    return struct.pack("<4sIIIII", command, first, second, len(data), check, number ^ 0xFFFF_FFFF) + data


def _cluster() -> list[Timed]:
    """A node and its cluster: watches that stay open, a lease each 10 s, by a certificate of their own."""
    scene = _scene(19, 1_800)
    authority = [("CN", "kubernetes")]
    chain = [
        certificate(scene.dice, [("CN", "kube-apiserver")], authority),
        certificate(scene.dice, authority),
    ]
    lease = [(10.0, 480, 520)] * 170
    watch = [(scene.dice.expovariate(1 / 9), 0, scene.dice.randrange(300, 5_000)) for _ in range(170)]
    for number, pages in enumerate((lease, watch)):
        for node in ("192.168.10.51", "192.168.10.52"):
            steps = old_tls(scene.dice, pages, chain)
            scene.say(node, "192.168.10.50", 6_443, steps, at=BEGIN + 5 + number, rtt=0.0005, ending="open")
    return scene.seen(until=1_800)
