"""What repeats like a clock in a network and is ordinary: checks, agents, tunnels, things, telephones."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.media import dht_ask, sip_turn
from oddwire.testing.names import dhcp_renewal, mdns_question, netbios_question, ping, public
from oddwire.testing.scene import ROUTER, Scene
from oddwire.testing.services import snmp_poll, ssh, tls
from oddwire.testing.web import fetch, request, response
from oddwire.testing.wire import datagram

if TYPE_CHECKING:
    from oddwire.testing.conversations import Step

BEGIN = 1_700_000_000.0
HOST = "192.168.10.107"
OFFICE = ["192.168.10.21", "192.168.10.104", "192.168.10.110", HOST]
MANY = [f"192.168.10.{last}" for last in range(100, 120)]
SERVER, PRINTER, PHONE = "192.168.10.6", "192.168.10.9", "192.168.10.31"
HOUR = 3_600.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "monitoring-server", _monitoring()
    yield "agents-of-monitoring", _agents()
    yield "tunnel-keep-alives", _tunnels()
    yield "game", _game()
    yield "things", _things()
    yield "phone-registers", _phone()
    yield "printer-asked", _printer()
    yield "peers", _peers()
    yield "backup-each-hour", _backup()
    yield "segment-murmurs", _murmur()
    yield "balancer-checks", _balancer()


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


def _monitoring() -> list[Timed]:
    """Each minute a ping, a counter, and a page or a connection for each of twenty hosts."""
    scene = _scene(2, HOUR, pages=6)
    page = fetch(request("check", "/server-status?auto", agent="check_http/v2.3.3"), response(b"x" * 310))
    for at in scene.rounds(60, HOUR):
        for number, host in enumerate(MANY):
            then = at + 0.4 * number
            scene.add(ping(SERVER, host, start=then))
            scene.add(snmp_poll(SERVER, scene.ports.take(SERVER), host, start=then + 0.1))
            if number % 3 == 0:
                scene.say(SERVER, host, 80, page, at=then + 0.2, rtt=0.0005)
            elif number % 3 == 1:
                scene.say(SERVER, host, 5_985, [], at=then + 0.2, rtt=0.0005)
    return scene.seen()


def _agents() -> list[Timed]:
    """Fifteen hosts report each minute to the server inside and to one service outside: the same of all."""
    scene = _scene(3, 0.5 * HOUR, pages=3)
    there = public(500)
    for host in MANY[:15]:
        for at in scene.rounds(60, 0.5 * HOUR, after=scene.dice.uniform(1, 60)):
            body = b'{"request":"active checks","host":"pc"}'.ljust(scene.dice.randrange(40, 90))
            said = b"ZBXD\x01" + struct.pack("<II", len(body), 0) + body
            told = b"ZBXD\x01" + struct.pack("<II", 22, 0) + b'{"response":"success"}'
            steps = [(0.0, True, said), (0.002, False, told)]
            scene.say(host, SERVER, 10_051, steps, at=at, rtt=0.0005, ending="server")
            pages = [(0.01, scene.dice.randrange(700, 1_500), 120)]
            scene.say(host, there, 443, tls("intake.agentwatch.io", pages, 3), at=at + 1, rtt=0.02)
        scene.name(host, "intake.agentwatch.io", [there], at=BEGIN + 0.5)
    return scene.seen()


def _tunnels() -> list[Timed]:
    """Idle tunnels: OpenVPN each 10 s, WireGuard each 25 s, the byte of IPsec each 20 s and its DPD."""
    scene = _scene(10, HOUR, pages=8)
    some = scene.dice.randbytes
    for at in scene.rounds(10, HOUR):
        ends = ("192.168.10.21", 41_194, public(670), 1_194)
        ping_out, ping_in = (b"\x48\x00\x00\x01" + some(40) for _ in range(2))
        scene.exchange(ends, ping_out, None, at=at)
        scene.exchange((ends[2], ends[3], ends[0], ends[1]), ping_in, None, at=at + 3.3)
    key = some(4)
    for turn, at in enumerate(scene.rounds(25, HOUR)):
        ends = ("192.168.10.104", 51_820, public(671), 51_820)
        scene.exchange(ends, b"\x04\0\0\0" + key + struct.pack("<Q", turn) + some(16), None, at=at)
        if turn % 5 == 0:
            hello, answer = b"\x01\0\0\0" + some(144), b"\x02\0\0\0" + some(88)
            scene.exchange(ends, hello, answer, at=at - 0.2)
    spi = some(16)
    for turn, at in enumerate(scene.rounds(20, HOUR)):
        ends = ("192.168.10.110", 4_500, public(672), 4_500)
        scene.exchange(ends, b"\xff", None, at=at)
        if turn % 2 == 0:
            head = bytes(4) + spi + b"\x2e\x20\x25"
            rest = struct.pack("!II", turn, 76) + struct.pack("!BBH", 0, 0, 48) + some(44)
            scene.exchange(ends, head + b"\x08" + rest, head + b"\x20" + rest, at=at + 0.5)
    return scene.seen()


def _game() -> list[Timed]:
    scene = _scene(11, 0.5 * HOUR, pages=6)
    for turn, at in enumerate(scene.rounds(1, 0.5 * HOUR)):
        head = struct.pack("!IH", 0x5A17_0001, turn)
        ask, reply = head + scene.dice.randbytes(18), head + scene.dice.randbytes(34)
        scene.exchange((HOST, 50_555, public(680), 27_015), ask, reply, at=at, rtt=0.03)
    for at in scene.rounds(30, 0.5 * HOUR, after=9):
        steps = [(0.0, True, b"\x00\x04PING"), (0.01, False, b"\x00\x04PONG")]
        scene.say(HOST, public(681), 3_724, steps, at=at)
    return scene.seen()


def _things() -> list[Timed]:
    """Plugs and cameras with their clouds: MQTT in clear and over TLS, a camera's datagrams."""
    scene = _scene(12, 2 * HOUR, pages=8)
    connect = b"\x00\x04MQTT\x04\x02\x00\x78" + b"\x00\x08plug-071"
    steps: list[Step] = [(0.01, True, bytes([0x10, len(connect)]) + connect), (0.01, False, b"\x20\x02\0\0")]
    topic = b"\x00\x0ahome/power"
    for turn in range(115):
        if turn % 5 == 3:
            text = topic + f"{scene.dice.uniform(0, 90):.1f} W".encode()
            steps.append((1.5, True, bytes([0x30, len(text)]) + text))
        steps += [(60 - 1.5 * (turn % 5 == 3), True, b"\xc0\x00"), (0.005, False, b"\xd0\x00")]
    scene.name("192.168.10.71", "mqtt.plugcloud.io", [public(690)], at=BEGIN + 4)
    scene.say("192.168.10.71", public(690), 1_883, steps, at=BEGIN + 4.1, ending="open")
    scene.name("192.168.10.72", "eu.iot.lampworks.com", [public(691)], at=BEGIN + 6)
    pages = [(60.0, 24, 24)] * 110
    steps = tls("eu.iot.lampworks.com", pages, 3)[:-1]
    scene.say("192.168.10.72", public(691), 8_883, steps, at=BEGIN + 6.1, ending="open")
    scene.name("192.168.10.73", "p2p.camview.net", [public(692)], at=BEGIN + 8)
    for at in scene.rounds(12, 2 * HOUR):
        head = b"\xf1\x00\x00\x10"
        ask, reply = head + b"VIEW" + bytes(12), head + b"VIEW" + bytes(8) + scene.dice.randbytes(4)
        scene.exchange(("192.168.10.73", 24_577, public(692), 32_100), ask, reply, at=at)
    for at in scene.rounds(60, 2 * HOUR, after=20):
        _secret(scene, "192.168.10.74", "api.vacuumhome.com", at, (310, 250))
    return scene.seen(until=2 * HOUR)


def _phone() -> list[Timed]:
    scene = _scene(13, 2 * HOUR)
    for at in scene.rounds(60, 2 * HOUR):
        scene.add(sip_turn(PHONE, public(700), "REGISTER", start=at))
    for at in scene.rounds(30, 2 * HOUR, after=11):
        scene.exchange((PHONE, 5_060, public(700), 5_060), b"\r\n\r\n", b"\r\n", at=at)
    return scene.seen()


def _printer() -> list[Timed]:
    scene = _scene(14, 2 * HOUR, pages=8)
    for number, host in enumerate(OFFICE):
        for at in scene.rounds((15, 60, 60, 300)[number], 2 * HOUR, after=4 * number + 2):
            scene.add(snmp_poll(host, scene.ports.take(host), PRINTER, start=at))
    for at in scene.rounds(300, 2 * HOUR, after=44):
        steps = fetch(request(PRINTER, "/DevMgmt/ProductStatusDyn.xml", agent=""), response(b"<x/>" * 300))
        scene.say(HOST, PRINTER, 80, steps, at=at, rtt=0.001)
    return scene.seen()


def _peers() -> list[Timed]:
    scene = _scene(15, 2 * HOUR)
    tracker = public(710)
    for at in scene.rounds(1_800, 2 * HOUR):
        path = (
            "/announce?info_hash=%9a%f1%22&peer_id=-TR4050-k2l9&port=51413&left=0&event=&numwant=80&compact=1"
        )
        body = b"d8:intervali1800e5:peers300:" + scene.dice.randbytes(300) + b"e"
        ask = request("tracker.openlinux.org", path, agent="Transmission/4.05")
        scene.say(HOST, tracker, 6_969, fetch(ask, response(body, kind="text/plain")), at=at)
    for at in scene.rounds(900, 2 * HOUR, after=90):
        ask = struct.pack("!QII", 0x0000_0417_2710_1980, 0, int(at) & 0xFFFF)
        reply = struct.pack("!IIQ", 0, int(at) & 0xFFFF, 0x1122_3344)
        scene.exchange((HOST, 51_413, public(711), 1_337), ask, reply, at=at)
    for turn, at in enumerate(scene.rounds(6, 2 * HOUR)):
        ends = (HOST, 51_413, public(2_000 + turn % 90), 6_881 + turn % 90)
        scene.add(dht_ask(ends, turn, start=at, dead=turn % 4 == 1))
    return scene.seen()


def _backup() -> list[Timed]:
    scene = _scene(16, 12 * HOUR, pages=10)
    for at in scene.rounds(HOUR, 12 * HOUR, after=60):
        copied = [(0.3, scene.dice.randrange(20_000, 90_000), 300) for _ in range(4)]
        scene.say("192.168.10.21", SERVER, 22, ssh(copied), at=at, rtt=0.0006)
        scene.say("192.168.10.20", SERVER, 22, ssh(copied), at=at + 0.4, rtt=0.0006)
    return scene.seen()


def _murmur() -> list[Timed]:
    scene = _scene(17, 2 * HOUR, pages=6)
    notify = (
        "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
        "LOCATION: http://192.168.10.1:5000/rootDesc.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n\r\n"
    )
    for at in scene.rounds(30, 2 * HOUR):
        scene.add([(at, datagram(ROUTER, 1_900, "239.255.255.250", 1_900, notify.encode(), ttl=4))])
    for number, host in enumerate(OFFICE):
        for at in scene.rounds(120, 2 * HOUR, after=9 * number + 3):
            scene.add(mdns_question(host, "_googlecast._tcp.local", start=at))
        for at in scene.rounds(1_800, 2 * HOUR, after=40 * number + 8):
            scene.add(dhcp_renewal(host, ROUTER, start=at))
        for at in scene.rounds(600, 2 * HOUR, after=50 * number + 30):
            scene.add(netbios_question(host, "oldserver", start=at, broadcast="192.168.10.255"))
    for at in scene.rounds(30, 2 * HOUR, after=13):
        said = b'{"version": [2, 0], "port": 17500, "host_int": 88113, "displayname": ""}'
        scene.add([(at, datagram(HOST, 17_500, "192.168.10.255", 17_500, said))])
    return scene.seen()


def _balancer() -> list[Timed]:
    scene = _scene(18, 0.25 * HOUR, pages=4)
    check = fetch(request("web", "/healthz", agent="kube-probe/1.27"), response(b"ok", kind="text/plain"))
    for number in range(4):
        for at in scene.rounds(2, 0.25 * HOUR, after=0.5 * number + 2):
            scene.say("192.168.10.11", f"192.168.10.{41 + number}", 8_080, check, at=at, rtt=0.0004)
    return scene.seen()
