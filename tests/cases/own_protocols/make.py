"""Programs that speak a protocol of their own, on lines that they keep: talk, games, peers, databases."""

import struct
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.media import handshake_of_peers, hole_punching, rtp_call
from oddwire.testing.names import public
from oddwire.testing.scene import Scene
from oddwire.testing.services import database, tls
from oddwire.testing.web import request

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
    yield "chat-of-a-person", _chat()
    yield "game-over-tcp", _game()
    yield "databases", _databases()
    yield "web-socket-chat", _web_socket()
    yield "onion-browser", _onion()
    yield "peers-over-tcp", _peers()
    yield "messenger-without-tls", _messenger()
    yield "calls", _calls()
    yield "jabber", _jabber()


def _scene(seed: int, seconds: float = SHORT, pages: int = 5) -> Scene:
    scene = Scene(300 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


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
    start = b"\0\x0a\0\x0a\0\x09" + bytes(4) + b"\0\0\0\x05PLAIN" + b"\0\0\0\x05en_US"
    queue += [(0.001, False, b"\x01\0\0" + struct.pack("!I", len(start)) + start + b"\xce")]
    queue += [(30.0, turn % 2 == 0, b"\x08\0\0\0\0\0\0\xce") for turn in range(50)]
    scene.say(WEB, "192.168.10.46", 5_672, queue, at=BEGIN + 14, rtt=0.0004, ending="open")
    return scene.seen(until=1_800)


def _web_socket() -> list[Timed]:
    """A page's chat: an upgrade in clear, then small frames of both sides and a ping each 25 s."""
    scene = _scene(11, 1_800)
    key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    ask = request(
        "chat.villagenews.org/socket.io/?transport=websocket",
        more={**key, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
    )
    made = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    made += b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
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
    """A messenger's own encryption on 443: no hello, 64 random bytes first, a sign of life each minute."""
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
    """A messenger on 5222: streams in clear, then TLS; inside an old one that stays in clear."""
    scene = _scene(16, HOUR)
    head = b"<?xml version='1.0'?><stream:stream to='jabfriends.org' xmlns='jabber:client' "
    head += b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
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
