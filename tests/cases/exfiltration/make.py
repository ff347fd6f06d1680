"""Files leave the network for an address that nobody here has ever talked to."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.errands import datagrams, ftp_login, https, multipart, passive, pour, sftp_put
from oddwire.testing.wrapping import each, gre, one_way

THIEF, FILES = "192.168.1.66", "192.168.1.10"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
EVERYBODY = [*OFFICE, THIEF]
TAKER = "185.193.126.14"
MINUTES = 60.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "https-bulk", _https()
    yield "https-alone", _alone()
    yield "odd-port", _odd_port()
    yield "ftp-store", _ftp()
    yield "form-with-file", _form()
    yield "secure-copy", _copy()
    yield "slow-posts", _slow()
    yield "datagrams-to-443", _datagrams()
    yield "server-at-night", _server()
    yield "ten-addresses", _ten()
    yield "begun-in-the-middle", _middle()
    yield "one-way-and-cut", list(one_way(_https(), src=THIEF))
    yield "in-a-tunnel", _tunnelled()


def _office(seed: int, minutes: float = 25, every: float = 40) -> Scene:
    scene = Scene(seed)
    scene.others(EVERYBODY, minutes * MINUTES, every)
    return scene


def _https() -> list[Timed]:
    """7 MB by one post to a host with a name that nobody asked for before."""
    scene = _office(401)
    scene.name(THIEF, "cdn-sync.top", TAKER, 720)
    scene.add(https(scene.talk(THIEF, TAKER, 443, 720.1), "cdn-sync.top", [(0.1, 7_000_000, 300)]))
    return scene.done()


def _alone() -> list[Timed]:
    """Only the thief is seen: half an hour of pages, then 10 MB up without a name (no SNI, no question)."""
    scene = Scene(402)
    scene.others([THIEF], 40 * MINUTES, 45)
    scene.add(https(scene.talk(THIEF, "45.137.21.9", 443, 1_800), "", [(0.1, 10_000_000, 200)]))
    return scene.done()


def _odd_port() -> list[Timed]:
    """9 MB into a listening netcat on port 4444: nothing ever comes back."""
    scene = _office(403)
    scene.add(pour(scene.talk(THIEF, TAKER, 4_444, 800).open(), 9_000_000).finish(after=0.2))
    return scene.done()


def _ftp() -> list[Timed]:
    """Two archives of 5 and 4 MB stored on a stranger's FTP server."""
    scene = _office(404)
    scene.name(THIEF, "ftp.freehost-eu.net", TAKER, 700)
    control = ftp_login(scene.talk(THIEF, TAKER, 21, 700.1), "u884201")
    for file, size, port in (("docs1.rar", 5_000_000, 50_110), ("docs2.rar", 4_000_000, 50_231)):
        data = scene.talk(THIEF, TAKER, port, 0)
        passive(control, data, "STOR", file, size)
        scene.add(data)
    scene.add(control.ask(b"QUIT\r\n", 0.2).answer(b"221 Goodbye.\r\n").finish())
    return scene.done()


def _form() -> list[Timed]:
    """9 MB by HTTP as a form with a file."""
    scene = _office(405)
    talk = scene.talk(THIEF, TAKER, 80, 650)
    scene.add(multipart(talk, TAKER, "/gate/upload.php", "data.zip", 9_000_000))
    return scene.done()


def _copy() -> list[Timed]:
    """10 MB by scp; the host never spoke SSH to anybody before."""
    scene = _office(406)
    scene.add(sftp_put(scene.talk(THIEF, TAKER, 22, 700, rtt=0.045), 10_000_000))
    return scene.done()


def _slow() -> list[Timed]:
    """20 kB each two minutes for three hours, always to one address, always a new connection."""
    scene = _office(407, 182, 150)
    scene.name(THIEF, "api.stat-count.info", TAKER, 288)
    for number in range(88):
        at = 300 + 120 * number + scene.dice.uniform(-6, 6)
        size = scene.dice.randrange(18_000, 22_000)
        scene.add(https(scene.talk(THIEF, TAKER, 443, at + 1), "api.stat-count.info", [(0.05, size, 140)]))
    return scene.done()


def _datagrams() -> list[Timed]:
    """10 MB by UDP to port 443: numbered datagrams that are no QUIC."""
    scene = _office(408)
    ends = (THIEF, 51_211, TAKER, 443)
    scene.keep(datagrams(scene.dice, ends, 10_000_000, start=scene.begin + 900, every=0.004))
    return scene.done()


def _server() -> list[Timed]:
    """The file server serves the office all evening; at night it sends 11 MB out, for the first time ever."""
    scene = Scene(409)
    scene.others(OFFICE, 180 * MINUTES, 200)
    for number in range(120):
        client = scene.dice.choice(OFFICE)
        talk = scene.talk(client, FILES, 8_080, 20 + 55 * number).open()
        for _ in range(3):
            talk.ask(b"GET /share/plan.odt HTTP/1.1\r\nHost: files\r\n\r\n", 0.3)
            size = scene.dice.randrange(4_000, 20_000)
            talk.answer(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + bytes(size), 0.01)
        scene.add(talk.finish(after=0.5))
    talk = scene.talk(FILES, TAKER, 443, 9_600)
    scene.add(https(talk, "mega-drop.example", [(0.2, 7_000_000, 300), (2.0, 4_000_000, 300)]))
    return scene.done()


def _ten() -> list[Timed]:
    """1.1 MB to each of ten addresses of a hosting company in a quarter of an hour."""
    scene = _office(410)
    for number in range(10):
        there = f"194.26.{29 + number}.{13 + 17 * number}"
        talk = scene.talk(THIEF, there, 443, 480 + 85 * number, rtt=0.03 + number / 500)
        scene.add(https(talk, "", [(0.1, 1_100_000, 200)]))
    return scene.done()


def _middle() -> list[Timed]:
    """An upload is under way when the capture begins; the office around it is quiet. 6 MB of it are seen."""
    scene = _office(411, 20)
    talk = scene.talk(THIEF, TAKER, 8_443, -3)
    scene.add(https(talk, "", [(0.1, 9_000_000, 300)]))
    return [packet for packet in scene.done() if packet[0] >= scene.begin]


def _tunnelled() -> list[Timed]:
    """The same as the first, a bit less, seen between two routers that put all packets into GRE."""
    scene = Scene(412)
    scene.others(EVERYBODY, 20 * MINUTES, 60)
    scene.add(https(scene.talk(THIEF, TAKER, 443, 700.1), "cdn-sync.top", [(0.1, 5_000_000, 300)]))
    routed = [packet for packet in scene.done() if packet[1][12:14] == b"\x08\x00" and packet[1][30] < 224]
    return list(each(routed, lambda frame: gre(frame, "10.255.0.1", "10.255.0.2")))
