"""Programs that report to their master again and again, amid hosts that do ordinary things."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.conversations import refused
from oddwire.testing.names import lookup
from oddwire.testing.scene import Scene
from oddwire.testing.services import tls
from oddwire.testing.web import fetch, request, response, through_proxy
from oddwire.testing.wire import echo
from oddwire.testing.wrapping import one_way

BEGIN = 1_700_000_000.0
VICTIM, MASTER = "192.168.10.107", "45.83.129.60"
OTHERS = ["192.168.10.21", "192.168.10.104", "192.168.10.110"]
OFFICE = [*OTHERS, VICTIM]
PROXY = "192.168.10.3"
HOUR = 3_600.0
# What a check-in with nothing to do is answered.
IDLE = response(b"", server="Apache", more={"Cache-Control": "no-cache"})


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "http-60s-exact", _http(1, 3 * HOUR, jitter=0, missed=0)
    yield "http-60s-jitter-20-missed-20", _http(2, 2 * HOUR, jitter=0.2, missed=0.2)
    yield "http-60s-jitter-50", _http(3, 6 * HOUR, jitter=0.5, missed=0)
    yield "https-5s-five-minutes", _https_quick()
    yield "tcp-reconnects-3-5s", _tcp_reconnects()
    yield "tcp-kept-30s", _tcp_kept()
    yield "tcp-kept-midway", _tcp_kept(seed=20, midway=True)
    yield "udp-10s", _udp()
    yield "proxy-connect-60s", _proxied(secret=True)
    yield "proxy-plain-60s", _proxied(secret=False)
    yield "dns-only-60s", _names_only()
    yield "sleeps-30min", _sleeper()
    yield "tasks-in-between", _tasks()
    yield "icmp-30s", _pings()
    yield "server-refuses-20s", _refused()
    yield "server-answers-404", _not_there()
    yield "nothing-else", _alone()
    yield "https-one-direction", list(one_way(_web_alone(17), src=VICTIM))
    yield "http-cut-short", _http(18, HOUR, jitter=0.15, missed=0.1)
    yield "many-report-to-one", _several()


def _http(seed: int, seconds: float, *, jitter: float, missed: float) -> list[Timed]:
    scene = Scene(seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / 20)
    for turn, at in enumerate(scene.rounds(60, seconds, jitter=jitter, missed=missed)):
        if turn % 30 == 0:
            scene.name(VICTIM, "cdn.freshlook-media.net", [MASTER], at=at - 0.1)
        ask = request("cdn.freshlook-media.net", "/s/ref=nb_sb_noss_1", more={"Cookie": "id=8Fa3kQ2vLw0z"})
        scene.say(VICTIM, MASTER, 80, fetch(ask, IDLE), at=at, rtt=0.06)
    return scene.seen()


def _https_quick() -> list[Timed]:
    scene = Scene(4, BEGIN)
    scene.browsing(OFFICE, 400, every=60)
    for at in scene.rounds(5, 330, jitter=0.1, after=30):
        steps = tls("static.quietharbour.org", [(0.002, 140, 172)], 77)
        scene.say(VICTIM, MASTER, 443, steps, at=at, rtt=0.05)
    scene.name(VICTIM, "static.quietharbour.org", [MASTER], at=BEGIN + 29.9)
    return scene.seen()


def _tcp_reconnects() -> list[Timed]:
    """A trojan that says who it is in each connection; the server closes it."""
    scene = Scene(5, BEGIN)
    scene.browsing(OFFICE, 300, every=60)
    for at in scene.rounds(3.5, 250, jitter=0.02):
        said = b"\x00\x00\x00\x2a" + b"WIN-7|ann|x64|1.0.7".ljust(42, b"\0")
        steps = [(0.01, True, said), (0.02, False, b"\x00\x00\x00\x01\x00")]
        scene.say(VICTIM, MASTER, 7_777, steps, at=at, rtt=0.04, ending="server")
    return scene.seen()


def _tcp_kept(seed: int = 6, *, midway: bool = False) -> list[Timed]:
    """One connection all the time: each half minute the server asks whether the other is there."""
    scene = Scene(seed, BEGIN)
    scene.browsing(OFFICE, 3 * HOUR, every=700)
    steps = [(0.1, True, scene.dice.randbytes(212)), (0.05, False, scene.dice.randbytes(33))]
    for _ in range(350):
        pause = scene.dice.uniform(29.9, 30.1)
        steps += [(pause, False, scene.dice.randbytes(17)), (0.004, True, scene.dice.randbytes(21))]
    first = steps[2:] if midway else steps
    scene.say(VICTIM, MASTER, 5_552, first, at=BEGIN + 40, rtt=0.05, ending="open", opening=not midway)
    return scene.seen()


def _udp() -> list[Timed]:
    scene = Scene(7, BEGIN)
    scene.browsing(OFFICE, HOUR, every=200)
    for at in scene.rounds(10, HOUR, jitter=0.05):
        ask, reply = (b"\xa7\x11" + scene.dice.randbytes(size) for size in (46, 10))
        scene.exchange((VICTIM, 51_007, MASTER, 8_053), ask, reply, at=at, rtt=0.05)
    return scene.seen()


def _proxied(*, secret: bool) -> list[Timed]:
    """All of the office reach the web by an explicit proxy; one of them reports through it."""
    scene = Scene(8 + secret, BEGIN)
    for host in OFFICE:
        for at in scene.rounds(90, 2 * HOUR, jitter=0.9, after=scene.dice.uniform(3, 90)):
            site = f"www.site{scene.dice.randrange(80)}.com"
            pages = [
                (0.1, 500, int(scene.dice.lognormvariate(8, 1))) for _ in range(scene.dice.randrange(1, 4))
            ]
            scene.say(host, PROXY, 3_128, through_proxy(site, 443, tls(site, pages, 5)), at=at, rtt=0.001)
    name = "update.softgrid-live.com"
    for at in scene.rounds(60, 2 * HOUR, jitter=0.1):
        inside = tls(name, [(0.002, 160, 190)], 31)
        plain = fetch(request(name, f"http://{name}/gate?i=1f03a7"), IDLE, think=0.07)
        steps = through_proxy(name, 443, inside) if secret else plain
        scene.say(VICTIM, PROXY, 3_128, steps, at=at, rtt=0.001)
    return scene.seen()


def _names_only() -> list[Timed]:
    """A name is asked each minute, whose address is the order: nobody connects to it."""
    scene = Scene(10, BEGIN)
    scene.browsing(OFFICE, 2 * HOUR, every=400)
    for turn, at in enumerate(scene.rounds(60, 2 * HOUR, jitter=0.05)):
        told = [
            f"{1 + turn % 9 * 24}.{scene.dice.randrange(256)}.{scene.dice.randrange(256)}.{turn % 250 + 1}"
        ]
        port = scene.ports.take(VICTIM)
        scene.add(lookup(VICTIM, port, scene.resolver, "c7.metric-relay.net", told, start=at, rtt=0.05))
    return scene.seen()


def _sleeper() -> list[Timed]:
    scene = Scene(11, BEGIN)
    scene.browsing(OFFICE, 24 * HOUR, every=6_000)
    for at in scene.rounds(1_800, 24 * HOUR, jitter=0.03, after=400):
        scene.name(VICTIM, "img.lakeviewtours.info", [MASTER], at=at - 0.1)
        ask = request("img.lakeviewtours.info", "/pixel.gif", more={"Cookie": "session=Zm9vYmFyMTIzNDU2"})
        scene.say(VICTIM, MASTER, 80, fetch(ask, response(b"GIF89a" + bytes(37), kind="image/gif")), at=at)
    return scene.seen()


def _tasks() -> list[Timed]:
    """Between the check-ins of each minute there is work: answers come back in many posts."""
    scene = Scene(12, BEGIN)
    scene.browsing(OFFICE, 3 * HOUR, every=600)
    for turn, at in enumerate(scene.rounds(60, 3 * HOUR, jitter=0.1)):
        work = turn % 37 == 20
        order = response(scene.dice.randbytes(400 if work else 0), kind="application/octet-stream")
        steps = fetch(request("api.northgate-cdn.com", "/v2/poll?u=77ab"), order)
        scene.say(VICTIM, MASTER, 80, steps, at=at, rtt=0.05)
        for number in range(25 if work else 0):
            body = scene.dice.randbytes(scene.dice.randrange(300, 4_000))
            ask = request("api.northgate-cdn.com", "/v2/push?u=77ab", method="POST", body=body)
            scene.say(VICTIM, MASTER, 80, fetch(ask, IDLE), at=at + 2 + number * 1.3, rtt=0.05)
    return scene.seen()


def _pings() -> list[Timed]:
    scene = Scene(13, BEGIN)
    scene.browsing(OFFICE, HOUR, every=200)
    for turn, at in enumerate(scene.rounds(30, HOUR, jitter=0.05)):
        data = scene.dice.randbytes(96)
        scene.add([(at, echo(VICTIM, MASTER, 0x3A1, turn + 1, data=data))])
        back = scene.dice.randbytes(96)
        scene.add([(at + 0.05, echo(MASTER, VICTIM, 0x3A1, turn + 1, reply=True, data=back))])
    return scene.seen()


def _refused() -> list[Timed]:
    """The master is gone: its host says so each time, and the program does not give up."""
    scene = Scene(14, BEGIN)
    scene.browsing(OFFICE, HOUR, every=200)
    for at in scene.rounds(20, HOUR):
        scene.add(refused((VICTIM, scene.ports.take(VICTIM), MASTER, 4_782), start=at, rtt=0.04))
    return scene.seen()


def _not_there() -> list[Timed]:
    scene = Scene(15, BEGIN)
    scene.browsing(OFFICE, HOUR, every=200)
    for at in scene.rounds(30, HOUR, jitter=0.1):
        ask = request(
            MASTER, "/panel/gate.php", method="POST", agent="Mozilla/4.0", body=b"id=8813&os=10&v=2"
        )
        page = response(
            b"<html>404 Not Found</html>", status="404 Not Found", server="Apache/2.4.38 (Debian)"
        )
        scene.say(VICTIM, MASTER, 80, fetch(ask, page), at=at, rtt=0.04)
    return scene.seen()


def _alone() -> list[Timed]:
    scene = Scene(16, BEGIN)
    scene.name(VICTIM, "thegoldencart.top", [MASTER], at=BEGIN + 1)
    for at in scene.rounds(10, 480, jitter=0.05):
        body = b"data=" + scene.dice.randbytes(60).hex().encode()
        ask = request("thegoldencart.top", "/api/check", method="POST", agent="", body=body)
        scene.say(VICTIM, MASTER, 80, fetch(ask, response(b"ok", kind="text/plain")), at=at, rtt=0.05)
    return scene.seen()


def _web_alone(seed: int) -> list[Timed]:
    """TLS check-ins each 45 s and no name; the tap sees what the host sends, and nothing else."""
    scene = Scene(seed, BEGIN)
    scene.browsing(OFFICE, HOUR, every=300)
    chain = [certificate(scene.dice, [("CN", "localhost")])]
    for at in scene.rounds(45, HOUR, jitter=0.1):
        scene.say(VICTIM, MASTER, 443, old_tls(scene.dice, [(0.002, 330, 150)], chain), at=at, rtt=0.05)
    return scene.seen()


def _several() -> list[Timed]:
    """Two of the office have it: the same name, each with a clock of its own."""
    scene = Scene(19, BEGIN)
    scene.browsing(OFFICE, HOUR, every=300)
    for host in (VICTIM, OTHERS[1]):
        for at in scene.rounds(30, HOUR, jitter=0.1, after=scene.dice.uniform(5, 25)):
            ask = request("node3.brightpath-cloud.pw", "/ping.php?k=9f", agent="WinHTTP")
            scene.say(host, MASTER, 8_080, fetch(ask, IDLE), at=at, rtt=0.05)
        scene.name(host, "node3.brightpath-cloud.pw", [MASTER], at=BEGIN + 4)
    return scene.seen()
