"""What looks like command from outside and is honest: programs, consoles, own certificates, own protocols."""

import struct
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.media import handshake_of_peers, hole_punching, rtp_call
from oddwire.testing.names import public
from oddwire.testing.scene import Scene
from oddwire.testing.services import database, ssh, tls
from oddwire.testing.shells import filler_program
from oddwire.testing.smb1 import Smb1
from oddwire.testing.web import fetch, request, response

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
    yield "programs-from-makers", _programs()
    yield "updates-from-bare-address", _updates()
    yield "lab-consoles", _consoles()
    yield "ssh-on-odd-port", _ssh()
    yield "own-certificates-inside", _appliances()
    yield "tls-without-name", _nameless()
    yield "remote-help", _remote_help()
    yield "chat-of-a-person", _chat()
    yield "game-over-tcp", _game()
    yield "databases", _databases()
    yield "web-socket-chat", _web_socket()
    yield "onion-browser", _onion()
    yield "peers-over-tcp", _peers()
    yield "messenger-without-tls", _messenger()
    yield "calls", _calls()
    yield "jabber", _jabber()
    yield "bare-addresses-inside", _mirror()
    yield "printing-and-telephones", _devices()
    yield "cluster", _cluster()
    yield "old-smb-files", _old_files()
    yield "firmware", _firmware()
    yield "busy-posts", _posts()
    yield "script-from-a-project", _project()


def _scene(seed: int, seconds: float = SHORT, pages: int = 5) -> Scene:
    scene = Scene(300 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _load(scene: Scene, host: str, name: str, path: str, answer: bytes, at: float, **more: str) -> None:
    """Let a host ask for a name and load one file from it over HTTP."""
    there = public(sum(name.encode()) * 5)
    scene.name(host, name, [there], at=at)
    scene.say(host, there, 80, fetch(request(name, path, **more), answer), at=at + 0.05)  # type: ignore[arg-type]


def _programs() -> list[Timed]:
    """One user loads a player's installer and runs it; others a package for Windows and one for Debian."""
    scene = _scene(1)
    moved = response(
        status="302 Found", more={"Location": "http://get.mediaplayer.org/player-3.0.20-win64.exe"}
    )
    _load(scene, HOST, "www.mediaplayer.org", "/download", moved, BEGIN + 40)
    program = response(filler_program(scene.dice, 900_000), kind="application/x-msdos-program")
    _load(scene, HOST, "get.mediaplayer.org", "/player-3.0.20-win64.exe", program, BEGIN + 41)
    package = response(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + scene.dice.randbytes(400_000), kind="application/x-msi"
    )
    _load(scene, "192.168.10.104", "dl.officetools.com", "/setup_x64.msi", package, BEGIN + 90)
    archive = b"!<arch>\ndebian-binary   1699900000  0     0     100644  4         `\n2.0\n"
    _load(
        scene,
        DESK,
        "deb.debian.org",
        "/debian/pool/main/h/htop/htop_3.2.2-2_amd64.deb",
        response(archive + scene.dice.randbytes(150_000), kind="application/vnd.debian.binary-package"),
        BEGIN + 130,
        agent="Debian APT-HTTP/1.3 (2.6.1)",
    )
    cloud = public(810)
    scene.name(HOST, "stats.mediaplayer.org", [cloud], at=BEGIN + 75)
    for turn in range(5):
        pages = [(0.01, 700 + 90 * turn, 250)]
        scene.say(HOST, cloud, 443, tls("stats.mediaplayer.org", pages, turn), at=BEGIN + 75.1 + 3 * turn**2)
    return scene.seen()


def _updates() -> list[Timed]:
    """Windows loads parts of its updates from the addresses of caches, which it names by number."""
    scene = _scene(2)
    program, caches = filler_program(scene.dice, 2_000_000), [public(820), public(821)]
    for turn in range(6):
        there = caches[turn % 2]
        path = "/filestreamingservice/files/6a1c9e8e-0d2b-4f3e-9d0e-3b1c?P1=1700003600&P2=404&P3=2&P4=Yk%2b"
        part = program[turn * 300_000 : (turn + 1) * 300_000]
        more = {"Range": f"bytes={turn * 300_000}-{turn * 300_000 + 299_999}"}
        ask = request(there, path, agent="Microsoft-Delivery-Optimization/10.0", more=more)
        answer = response(part, status="206 Partial Content", kind="application/octet-stream", server="ECAcc")
        scene.say(HOST, there, 80, fetch(ask, answer), at=BEGIN + 60 + 11 * turn, rtt=0.01)
    scene.name(HOST, "dl.delivery.mp.microsoft.com", caches, at=BEGIN + 59)
    return scene.seen()


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
    """A server of one's own, by its address, on another port; a line kept for hours with a sign each minute."""
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
    """Three programs for help from afar: one on 5938, one on 7070 with a certificate of its own, VNC inside."""
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


def _chat() -> list[Timed]:
    """A person chats: a nick, two channels, talk of many; the server's pings between."""
    scene = _scene(8, HOUR)
    talk: list[Step] = [
        (0.01, True, b"CAP LS 302\r\nNICK hedwig\r\nUSER hedwig 0 * :Hedwig\r\n"),
        (0.2, False, b":iridium.chatnet.org CAP * LS :multi-prefix sasl\r\n"),
        (0.01, True, b"CAP END\r\n"),
        (0.1, False, b":iridium.chatnet.org 001 hedwig :Welcome to the chat network hedwig\r\n"),
        (2.0, True, b"JOIN #gardening\r\nJOIN #debian\r\n"),
        (
            0.1,
            False,
            b":hedwig!h@gw JOIN #gardening\r\n:iridium.chatnet.org 332 hedwig #gardening :Autumn pruning\r\n",
        ),
    ]
    words = (
        b"has anybody tried the new apples",
        b"yes, they keep until march",
        b"which soil?",
        b"back in a minute",
        b"the update works now",
    )
    for turn in range(160):
        line = scene.dice.choice(words)
        if turn % 5 == 4:
            talk.append((scene.dice.expovariate(1 / 20), True, b"PRIVMSG #gardening :" + line + b"\r\n"))
        else:
            told = b":fritz%d!f@host PRIVMSG #debian :%s\r\n" % (turn % 7, line)
            talk.append((scene.dice.expovariate(1 / 20), False, told))
        if turn % 8 == 7:
            talk += [
                (5.0, False, b"PING :iridium.chatnet.org\r\n"),
                (0.01, True, b"PONG :iridium.chatnet.org\r\n"),
            ]
    scene.name(DESK, "irc.chatnet.org", [public(860)], at=BEGIN + 19)
    scene.say(DESK, public(860), 6_667, talk, at=BEGIN + 20, ending="open")
    return scene.seen(until=HOUR)


def _game() -> list[Timed]:
    """A game server's own frames: a hello in clear, then compressed ones; it asks each 15 s who is there."""
    scene = _scene(9, 1_200)
    steps: list[Step] = [(0.02, True, b"\x10\x00\xfb\x05\x09localhost\x63\xdd\x02" + b"\x07\x00\x05Alex7")]
    steps.append((0.05, False, b"\x04\x03\x80\x02\x00"))
    for turn in range(700):
        size = scene.dice.randrange(12, 900)
        steps.append(
            (
                scene.dice.expovariate(1.2),
                turn % 3 == 0,
                struct.pack("!B", size & 0x7F) + scene.dice.randbytes(size),
            )
        )
        if turn % 15 == 14:
            alive = b"\x0a\x00\x23" + scene.dice.randbytes(8)
            steps += [(0.5, False, alive), (0.01, True, alive)]
    scene.say(HOST, public(870), 25_565, steps, at=BEGIN + 15, ending="open")
    return scene.seen(until=1_200)


def _databases() -> list[Timed]:
    """Clients of databases, caches and queues; some stay for long and only say that they are there."""
    scene = _scene(10, 1_800)
    steps = database(120, scene.dice)
    scene.say(WEB, "192.168.10.45", 5_432, steps, at=BEGIN + 10, rtt=0.0004, ending="open")
    cache: list[Step] = []
    for turn in range(170):
        cache += [(10.0, True, b"*1\r\n$4\r\nPING\r\n"), (0.0003, False, b"+PONG\r\n")]
        if turn % 4 == 0:
            cache += [
                (0.2, True, b"*2\r\n$3\r\nGET\r\n$8\r\nuser:%03d\r\n" % turn),
                (0.0004, False, b"$5\r\nhello\r\n"),
            ]
    scene.say(WEB, "192.168.10.46", 6_379, cache, at=BEGIN + 12, rtt=0.0004, ending="open")
    kept: list[Step] = []
    for turn in range(170):
        kept += [
            (10.0, True, b"get session%d\r\n" % turn),
            (0.0003, False, b"VALUE session 0 4\r\nabcd\r\nEND\r\n"),
        ]
    scene.say(WEB, "192.168.10.46", 11_211, kept, at=BEGIN + 13, rtt=0.0004, ending="open")
    queue: list[Step] = [(0.0, True, b"AMQP\x00\x00\x09\x01")]
    queue += [(0.001, False, b"\x01\0\0" + struct.pack("!I", 4) + b"\0\x0a\0\x0a\xce")]
    queue += [(30.0, turn % 2 == 0, b"\x08\0\0\0\0\0\0\xce") for turn in range(50)]
    scene.say(WEB, "192.168.10.46", 5_672, queue, at=BEGIN + 14, rtt=0.0004, ending="open")
    return scene.seen(until=1_800)


def _web_socket() -> list[Timed]:
    """A page's chat: an upgrade in clear, then small frames of both sides and a ping each 25 s."""
    scene = _scene(11, 1_800)
    key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    ask = request(
        "chat.villagenews.org",
        "/socket.io/?transport=websocket",
        more={**key, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
    )
    made = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    steps: list[Step] = [(0.01, True, ask), (0.02, False, made)]
    for turn in range(65):
        steps += [
            (scene.dice.uniform(24.9, 25.1), False, b"\x81\x012"),
            (0.003, True, _masked(scene.dice, b"3")),
        ]
        if turn % 3 == 0:
            text = b'42["msg","' + b"see you there " * scene.dice.randrange(1, 6) + b'"]'
            steps += [
                (1.0, True, _masked(scene.dice, text)),
                (0.05, False, b"\x81" + bytes([len(text)]) + text),
            ]
    scene.name(HOST, "chat.villagenews.org", [public(880)], at=BEGIN + 9)
    scene.say(HOST, public(880), 80, steps, at=BEGIN + 10, ending="open")
    runner = [(scene.dice.uniform(4.8, 5.2), 60, 60) for _ in range(340)]
    scene.name(DESK, "agents.buildhall.io", [public(881)], at=BEGIN + 19)
    scene.say(
        DESK, public(881), 443, tls("agents.buildhall.io", runner, 2)[:-1], at=BEGIN + 20, ending="open"
    )
    return scene.seen(until=1_800)


def _masked(dice: Random, text: bytes) -> bytes:
    key = dice.randbytes(4)
    return (
        b"\x81" + bytes([0x80 | len(text)]) + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(text))
    )


def _onion() -> list[Timed]:
    """A browser that hides its ways: three relays by address, names and certificates made up, even cells."""
    scene = _scene(12, 1_200)
    for number, port in enumerate((9_001, 443, 9_001)):
        letters = "".join(scene.dice.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(14))
        chain = [
            certificate(
                scene.dice,
                [("CN", f"www.{letters[:9]}.net")],
                [("CN", f"www.{letters[4:]}.com")],
                years=(23, 24),
            )
        ]
        pages = [
            (scene.dice.expovariate(1 / 4), 514, 514 * scene.dice.randrange(1, 24))
            for _ in range(80 - 30 * number)
        ]
        steps = old_tls(scene.dice, pages, chain, name=f"www.{letters}.com")
        scene.say(HOST, public(890 + number), port, steps, at=BEGIN + 20 + number, rtt=0.04, ending="open")
    return scene.seen(until=1_200)


def _peers() -> list[Timed]:
    scene = _scene(13, 1_200)
    for number in range(45):
        port, at = scene.dice.randrange(1_025, 65_000), BEGIN + scene.dice.uniform(10, 700)
        first = handshake_of_peers(number) if number % 3 else scene.dice.randbytes(96 + 9 * number)
        steps: list[Step] = [
            (0.02, True, first),
            (0.05, False, handshake_of_peers(99) if number % 3 else scene.dice.randbytes(210)),
        ]
        for turn in range(scene.dice.randrange(1, 9)):
            want = struct.pack("!IBIII", 13, 6, turn, 0, 16_384)
            piece = struct.pack("!IBII", 16_393, 7, turn, 0) + scene.dice.randbytes(16_384)
            steps += [(scene.dice.expovariate(1), True, want), (0.1, False, piece)]
        steps += [(110.0, True, bytes(4)), (2.0, False, bytes(4))]
        scene.say(
            DESK, public(3_000 + number), port, steps, at=at, rtt=0.06, ending="rst" if number % 4 else "fin"
        )
    return scene.seen()


def _messenger() -> list[Timed]:
    """A messenger's own encryption on 443: no hello at all, 64 random bytes first, signs of life each minute."""
    scene = _scene(14, HOUR)
    for number, there in enumerate(("149.154.167.51", "149.154.167.91")):
        steps: list[Step] = [
            (0.01, True, scene.dice.randbytes(64 + 105)),
            (0.05, False, scene.dice.randbytes(89)),
        ]
        for turn in range(58):
            steps += [(60.0, True, scene.dice.randbytes(73)), (0.05, False, scene.dice.randbytes(105))]
            if turn % 4 == number:
                steps += [
                    (1.0, False, scene.dice.randbytes(scene.dice.randrange(150, 30_000))),
                    (0.1, True, scene.dice.randbytes(121)),
                ]
        scene.say(HOST, there, 443, steps, at=BEGIN + 12 + number, rtt=0.04, ending="open")
    return scene.seen(until=HOUR)


def _calls() -> list[Timed]:
    scene = _scene(15)
    scene.add(hole_punching(HOST, 50_002, scene.dice, start=BEGIN + 20))
    scene.add(rtp_call((HOST, 50_002, public(900), 19_302), start=BEGIN + 26, seconds=40, kind=111))
    own = [certificate(scene.dice, [("CN", "WebRTC")])]
    pages = [(1.0, scene.dice.randrange(100, 900), scene.dice.randrange(100, 900)) for _ in range(120)]
    scene.say(HOST, public(901), 5_349, old_tls(scene.dice, pages, own), at=BEGIN + 22)
    return scene.seen()


def _jabber() -> list[Timed]:
    """A messenger on 5222: streams in clear, then TLS; elsewhere an old one that stays in clear, on 5269's side."""
    scene = _scene(16, HOUR)
    head = b"<?xml version='1.0'?><stream:stream to='jabfriends.org' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    offer = b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
    ask = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    go = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    opening: list[Step] = [
        (0.01, True, head),
        (0.03, False, head + offer),
        (0.01, True, ask),
        (0.03, False, go),
    ]
    pages = [(60.0, 25, 0) if turn % 4 else (12.0, 210, 180) for turn in range(70)]
    scene.name(HOST, "jabfriends.org", [public(910)], at=BEGIN + 9)
    steps = [*opening, *tls("jabfriends.org", pages, 7)[:-1]]
    scene.say(HOST, public(910), 5_222, steps, at=BEGIN + 10, ending="open")
    plain: list[Step] = [(0.01, True, head), (0.001, False, head + b"<stream:features/>")]
    for turn in range(90):
        text = b"<message to='ann@office' type='chat'><body>lunch at %d?</body></message>" % (11 + turn % 3)
        plain.append((scene.dice.expovariate(1 / 40), turn % 2 == 0, text if turn % 3 == 0 else b" "))
    scene.say(DESK, "192.168.10.47", 5_222, plain, at=BEGIN + 20, rtt=0.0006, ending="open")
    return scene.seen(until=HOUR)


def _mirror() -> list[Timed]:
    """Scripts and packages by bare addresses inside: an interface, a mirror of Debian, a registry of images."""
    scene = _scene(17, 1_800)
    for at in scene.rounds(30, 1_800, jitter=0.02):
        ask = request("192.168.10.48:8000", "/api/v1/jobs?state=open", agent="curl/7.88.1")
        answer = response(
            b"[" + b'{"id":7},' * scene.dice.randrange(1, 20) + b"]",
            kind="application/json",
            server="uvicorn",
        )
        scene.say(DESK, "192.168.10.48", 8_000, fetch(ask, answer), at=at, rtt=0.0005)
    there = "192.168.10.49"
    for turn in range(8):
        path = f"/debian/pool/main/l/lib{turn}/lib{turn}_1.{turn}-1_amd64.deb"
        body = (
            b"!<arch>\ndebian-binary   1699900000  0     0     100644  4         `\n2.0\n"
            + scene.dice.randbytes(60_000)
        )
        answer = response(body, kind="application/vnd.debian.binary-package", server="Apache/2.4.57 (Debian)")
        ask = request(there, path, agent="Debian APT-HTTP/1.3 (2.6.1)")
        scene.say(DESK, there, 80, fetch(ask, answer), at=BEGIN + 200 + 0.6 * turn, rtt=0.0005)
    for turn in range(6):
        blob = response(
            b"\x1f\x8b\x08\0" + scene.dice.randbytes(90_000), kind="application/octet-stream", server=""
        )
        ask = request(
            f"{there}:5000", f"/v2/app/blobs/sha256:{turn:064x}", agent="docker/24.0.7 go/go1.20.10"
        )
        scene.say(WEB, there, 5_000, fetch(ask, blob), at=BEGIN + 300 + 0.5 * turn, rtt=0.0005)
    return scene.seen()


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


def _old_files() -> list[Timed]:
    """Scanners and an old storage box still speak the first SMB: files are written, read and closed."""
    scene = _scene(20, 900)
    for number, host in enumerate(("192.168.10.9", HOST)):
        talk = Smb1(NAS)
        talk.log_on("SCANS", kind=b"A:\0")
        for turn in range(12):
            talk.open_file(f"\\scan{turn:04d}.pdf")
            for part in range(4):
                if number:
                    talk.read(scene.dice.randbytes(4_000), part * 4_000)
                else:
                    talk.write(scene.dice.randbytes(4_000), part * 4_000)
            talk.close()
            talk.echo()
        scene.say(host, NAS, 445, talk.steps, at=BEGIN + 60 + 200 * number, rtt=0.0006)
    return scene.seen()


def _firmware() -> list[Timed]:
    """A camera loads its firmware from its maker's bare address and then reports to the maker's cloud."""
    scene = _scene(21, 1_800)
    camera, maker, cloud = "192.168.10.73", public(920), public(921)
    ask = request(maker, "/fw/ipc_2.8.1.bin", agent="")
    body = response(
        b"\x27\x05\x19\x56" + scene.dice.randbytes(600_000),
        kind="application/octet-stream",
        server="openresty",
    )
    scene.say(camera, maker, 80, fetch(ask, body), at=BEGIN + 100, rtt=0.15)
    scene.name(camera, "report.camview.net", [cloud], at=BEGIN + 160)
    for at in scene.rounds(300, 1_800, after=161):
        said = request(
            "report.camview.net", "/status", method="POST", agent="ipc/2.8.1", body=b"sn=18821&ver=2.8.1"
        )
        scene.say(camera, cloud, 80, fetch(said, response(b"{}", kind="application/json")), at=at, rtt=0.15)
    return scene.seen()


def _posts() -> list[Timed]:
    """A shop under ordinary load: forms, uploads, calls of its interface, from many visitors."""
    scene = _scene(22)
    forms = [
        ("/cart/add", b"sku=4711&count=2", "application/x-www-form-urlencoded"),
        ("/api/search", b'{"q": "garden chair", "page": 1}', "application/json"),
        (
            "/account/address",
            b"street=Main+Road+7%3B+back+door&city=Bern",
            "application/x-www-form-urlencoded",
        ),
    ]
    for turn in range(260):
        visitor = f"203.0.113.{10 + turn % 200}"
        steps = fetch(
            request("shop.example.com", f"/p/{turn % 40}"),
            response(b"p" * scene.dice.randrange(2_000, 12_000)),
        )
        path, body, kind = forms[turn % 3]
        big = scene.dice.randbytes(9_000) if turn % 13 == 0 else body
        more = {"Content-Type": kind, "Cookie": f"sid={turn:08x}"}
        ask = request("shop.example.com", path, method="POST", body=big, more=more)
        steps += fetch(
            ask, response(b'{"ok":1}', kind="application/json"), pause=scene.dice.expovariate(1 / 3)
        )
        scene.say(visitor, WEB, 80, steps, at=BEGIN + 2 + 2.2 * turn, rtt=0.04)
    return scene.seen()


def _project() -> list[Timed]:
    """A developer follows a project's page: a script by curl, then the program it wants, both by name."""
    scene = _scene(23)
    script = response(b"#!/bin/sh\nset -eu\n# installs the tool\n" + b"echo step\n" * 200, kind="text/plain")
    _load(scene, DESK, "get.toolproject.dev", "/install.sh", script, BEGIN + 50, agent="curl/7.88.1")
    program = b"\x7fELF\x02\x01\x01" + bytes(57) + scene.dice.randbytes(500_000)
    answer = response(program, kind="application/octet-stream")
    _load(
        scene,
        DESK,
        "releases.toolproject.dev",
        "/v2.4.0/tool-linux-amd64",
        answer,
        BEGIN + 52,
        agent="curl/7.88.1",
    )
    module = response(b"function Install-Tool { 'hello' }\r\n" * 30, kind="text/plain")
    agent = "Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.3570"
    _load(scene, HOST, "packages.toolproject.dev", "/install.ps1", module, BEGIN + 90, agent=agent)
    return scene.seen()
