"""What repeats like a clock and is ordinary: time, updates, checks, mail, push, tunnels, things."""

import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import refused
from oddwire.testing.names import ntp_poll, public
from oddwire.testing.scene import Scene
from oddwire.testing.services import mailbox, tls
from oddwire.testing.web import fetch, request, response

BEGIN = 1_700_000_000.0
HOST = "192.168.10.107"
OFFICE = ["192.168.10.21", "192.168.10.104", "192.168.10.110", HOST]
MANY = [f"192.168.10.{last}" for last in range(100, 120)]
SERVER, PRINTER, PHONE = "192.168.10.6", "192.168.10.9", "192.168.10.31"
HOUR = 3_600.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "time-and-updates", _updates()
    yield "mail-and-calendar", _mail()
    yield "push-kept-open", _push()
    yield "page-polls", _page()
    yield "ticker", _ticker()
    yield "captive-checks", _captive()
    yield "telemetry-of-one-host", _telemetry()
    yield "test-loop", _test_loop()
    yield "weather", _weather()
    yield "build-runner", _runner()
    yield "server-inside-is-down", _down()
    yield "three-visits", _visits()


def _scene(seed: int, seconds: float, pages: int = 15) -> Scene:
    scene = Scene(100 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _secret(scene: Scene, host: str, name: str, at: float, sizes: tuple[int, int]) -> None:
    """Let a host ask for a name and speak TLS with it: one request, one answer."""
    there = public(sum(name.encode()) * 7)
    scene.name(host, name, [there], at=at)
    asked, answered = sizes
    steps = tls(name, [(0.01, asked, answered)], scene.dice.randrange(500))
    scene.say(host, there, 443, steps, at=at + 0.03)


def _updates() -> list[Timed]:
    scene = _scene(1, 24 * HOUR, pages=8)
    for host in OFFICE:
        for at in scene.rounds(1_024, 24 * HOUR, jitter=0.02, after=scene.dice.uniform(1, 900)):
            scene.add(ntp_poll(host, 123, public(31), start=at))
    for at in scene.rounds(HOUR, 24 * HOUR, after=700):
        _secret(scene, HOST, "update.googleapis.com", at, (900, 1_400))
    for at in scene.rounds(4 * HOUR, 24 * HOUR, after=1_900):
        there = public(77)
        scene.name(HOST, "ctldl.windowsupdate.com", [there], at=at)
        ask = request(
            "ctldl.windowsupdate.com",
            "/msdownload/update/v3/static/trustedr/en/authrootstl.cab",
            agent="Microsoft-CryptoAPI/10.0",
        )
        scene.say(HOST, there, 80, fetch(ask, response(status="304 Not Modified")), at=at + 0.03)
    return scene.seen()


def _mail() -> list[Timed]:
    scene = _scene(4, 4 * HOUR)
    mail, calendar = public(610), public(611)
    for host in OFFICE[1:3]:
        for at in scene.rounds(300, 4 * HOUR, after=scene.dice.uniform(5, 300)):
            scene.name(host, "imap.fairmail.net", [mail], at=at)
            scene.say(host, mail, 993, tls("imap.fairmail.net", mailbox(3, int(at) % 60)), at=at + 0.03)
    for at in scene.rounds(900, 4 * HOUR, after=77):
        scene.name(HOST, "caldav.fairmail.net", [calendar], at=at)
        pages = [(0.02, 640, 1_100), (0.02, 580, scene.dice.choice([700, 700, 2_300]))]
        scene.say(HOST, calendar, 443, tls("caldav.fairmail.net", pages), at=at + 0.03)
    return scene.seen()


def _push() -> list[Timed]:
    """Lines that are kept for hours with a heartbeat: mobile push, a messenger, a chat."""
    scene = _scene(5, 3 * HOUR)
    lines = [
        (HOST, "mtalk.google.com", 5_228, 900.0),
        ("192.168.10.60", "23-courier.push.apple.com", 5_223, 1_680.0),
        ("192.168.10.104", "edge-mqtt.facebook.com", 443, 60.0),
        ("192.168.10.110", "chat.wirepost.im", 443, 30.0),
    ]
    for number, (host, name, port, every) in enumerate(lines):
        pages: list[tuple[float, int, int]] = []
        for _ in range(int(3 * HOUR / every) - 2):
            talks = scene.dice.random() < 0.1
            size = scene.dice.randrange(150, 1_800) if talks else 30
            pages.append((every * scene.dice.uniform(0.97, 1.01), size, 28 if not talks else 700))
        scene.name(host, name, [public(620 + number)], at=BEGIN + 3)
        steps = tls(name, pages, number)[:-1]
        scene.say(host, public(620 + number), port, steps, at=BEGIN + 3.1, ending="open")
    return scene.seen(until=3 * HOUR)


def _page() -> list[Timed]:
    """A page that stays open asks its server each 5 s by one line, another one each 10 s by new ones."""
    scene = _scene(6, HOUR, pages=8)
    one, other = public(640), public(641)
    for turn in range(7):
        at = BEGIN + 10 + 500 * turn
        pages = [(5.0, 420, scene.dice.randrange(90, 2_600)) for _ in range(98)]
        scene.say(HOST, one, 443, tls("app.boardly.com", pages, turn), at=at, ending="server")
    scene.name(HOST, "app.boardly.com", [one], at=BEGIN + 9)
    for at in scene.rounds(10, HOUR, jitter=0.02):
        pages = [(0.01, 510, int(scene.dice.lognormvariate(7, 0.7)))]
        scene.say("192.168.10.104", other, 443, tls("live.scorecentre.com", pages, 9), at=at)
    scene.name("192.168.10.104", "live.scorecentre.com", [other], at=BEGIN + 4)
    return scene.seen()


def _ticker() -> list[Timed]:
    scene = _scene(7, HOUR, pages=8)
    feed, plain = public(650), public(651)
    steps = tls("stream.quotes-online.com", [(0.1, 500, 300)], 4)[:-1]
    for _ in range(1_800):
        steps.append((scene.dice.expovariate(1 / 1.8), False, _sealed(scene, scene.dice.randrange(60, 240))))
    scene.name(HOST, "stream.quotes-online.com", [feed], at=BEGIN + 5)
    scene.say(HOST, feed, 443, steps, at=BEGIN + 5.1, ending="open")
    scene.name(HOST, "quotes.exchange-board.com", [plain], at=BEGIN + 7)
    for at in scene.rounds(15, HOUR, after=8):
        body = f'{{"last":{scene.dice.uniform(10, 2_000):.2f}}}'.encode()
        ask = request("quotes.exchange-board.com", "/q?s=DAX,SPX")
        scene.say(HOST, plain, 80, fetch(ask, response(body, kind="application/json")), at=at)
    return scene.seen(until=HOUR)


def _sealed(scene: Scene, size: int) -> bytes:
    return b"\x17\x03\x03" + struct.pack("!H", size) + scene.dice.randbytes(size)


def _captive() -> list[Timed]:
    """Is there a way to the Internet? Windows, a browser and telephones ask small pages again and again."""
    scene = _scene(8, 2 * HOUR)
    asks = [
        (
            HOST,
            "www.msftconnecttest.com",
            "/connecttest.txt",
            "Microsoft NCSI",
            b"Microsoft Connect Test",
            300,
        ),
        ("192.168.10.21", "detectportal.firefox.com", "/success.txt?ipv4", "Mozilla/5.0", b"success\n", 60),
        ("192.168.10.60", "connectivitycheck.gstatic.com", "/generate_204", "Dalvik/2.1.0", b"", 120),
        (
            "192.168.10.61",
            "captive.apple.com",
            "/hotspot-detect.html",
            "CaptiveNetworkSupport",
            b"Success",
            600,
        ),
    ]
    for number, (host, name, path, agent, body, every) in enumerate(asks):
        for at in scene.rounds(every, 2 * HOUR, after=11 * number + 5):
            scene.name(host, name, [public(660 + number)], at=at)
            status = "200 OK" if body else "204 No Content"
            answer = response(body, status=status, kind="text/plain")
            steps = fetch(request(name, path, agent=agent), answer)
            scene.say(host, public(660 + number), 80, steps, at=at + 0.03)
    return scene.seen()


def _telemetry() -> list[Timed]:
    scene = _scene(9, 6 * HOUR)
    for at in scene.rounds(300, 6 * HOUR, jitter=0.05):
        size = scene.dice.randrange(1_200, 9_000)
        _secret(scene, HOST, "v10.events.data.microsoft.com", at, (size, 160))
    for at in scene.rounds(600, 6 * HOUR, jitter=0.1, after=50):
        _secret(scene, "192.168.10.110", "telemetry.dropbox.com", at, (1_100, 210))
    return scene.seen()


def _test_loop() -> list[Timed]:
    """A developer runs a client in a loop against a server of the same segment."""
    scene = _scene(19, 0.25 * HOUR, pages=6)
    for at in scene.rounds(1, 0.25 * HOUR):
        body = b'{"item": 1, "count": 3}'
        more = {"Content-Type": "application/json"}
        ask = request(
            "192.168.10.44:5000", "/api/order", method="POST", agent="curl/7.88.1", body=body, more=more
        )
        answer = response(b'{"ok": true}\n', kind="application/json", server="Werkzeug/3.0.1")
        scene.say("192.168.10.21", "192.168.10.44", 5_000, fetch(ask, answer), at=at, rtt=0.0005)
    return scene.seen()


def _weather() -> list[Timed]:
    scene = _scene(20, 12 * HOUR)
    for at in scene.rounds(600, 12 * HOUR):
        scene.name(HOST, "api.openweathermap.org", [public(720)], at=at)
        body = b"{" + b'"temp": 8.1, ' * scene.dice.randrange(20, 60) + b"}"
        ask = request("api.openweathermap.org", "/data/2.5/weather?q=Bern", agent="xfce4-weather/0.11")
        scene.say(HOST, public(720), 80, fetch(ask, response(body, kind="application/json")), at=at + 0.03)
    return scene.seen()


def _runner() -> list[Timed]:
    """A build runner asks each 3 s whether there is a job; seldom there is one."""
    scene = _scene(21, 0.5 * HOUR, pages=6)
    there = public(730)
    scene.name("192.168.10.20", "git.stonebridge.dev", [there], at=BEGIN + 4)
    for turn, at in enumerate(scene.rounds(3, 0.5 * HOUR)):
        pages = [(0.01, 820, 12_000 if turn % 90 == 50 else 340)]
        scene.say("192.168.10.20", there, 443, tls("git.stonebridge.dev", pages, 8), at=at, rtt=0.015)
    return scene.seen()


def _down() -> list[Timed]:
    """The mail server inside is being mended: two mail programs try it each minute and are refused."""
    scene = _scene(22, HOUR)
    for host in OFFICE[1:3]:
        for at in scene.rounds(60, HOUR, after=scene.dice.uniform(2, 50)):
            scene.name(host, "mail.office.example", [SERVER], at=at)
            scene.add(refused((host, scene.ports.take(host), SERVER, 993), start=at + 0.03))
    return scene.seen()


def _visits() -> list[Timed]:
    """A person looks thrice at a small site, ten minutes apart: that is no beacon yet."""
    scene = _scene(23, HOUR)
    there = public(740)
    for turn in range(3):
        at = BEGIN + 300 + 600.0 * turn
        scene.name(HOST, "forum.beekeepers-valley.org", [there], at=at)
        ask = request("forum.beekeepers-valley.org", "/latest")
        scene.say(HOST, there, 80, fetch(ask, response(b"<li>" * 900)), at=at + 0.03)
    return scene.seen()
