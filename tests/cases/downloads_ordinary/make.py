"""Programs, parts, packages, images, firmware and scripts that are loaded honestly; posts and old shares."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.names import public
from oddwire.testing.scene import Scene
from oddwire.testing.services import tls
from oddwire.testing.shells import filler_program
from oddwire.testing.smb1 import Smb1
from oddwire.testing.web import BROWSER, fetch, request, response

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
    yield "bare-addresses-inside", _mirror()
    yield "old-smb-files", _old_files()
    yield "firmware", _firmware()
    yield "busy-posts", _posts()
    yield "script-from-a-project", _project()


def _scene(seed: int, seconds: float = SHORT, pages: int = 5) -> Scene:
    scene = Scene(300 + seed, BEGIN)
    scene.browsing(OFFICE, seconds, every=seconds / pages)
    return scene


def _load(scene: Scene, host: str, url: str, answer: bytes, *, at: float, agent: str = BROWSER) -> None:
    """Let a host ask for a name and load one file from it over HTTP."""
    name, _, path = url.partition("/")
    there = public(sum(name.encode()) * 5)
    scene.name(host, name, [there], at=at)
    scene.say(host, there, 80, fetch(request(name, f"/{path}", agent=agent), answer), at=at + 0.05)


def _programs() -> list[Timed]:
    """One user loads a player's installer and runs it; others a package for Windows and one for Debian."""
    scene = _scene(1)
    moved = response(
        status="302 Found", more={"Location": "http://get.mediaplayer.org/player-3.0.20-win64.exe"}
    )
    _load(scene, HOST, "www.mediaplayer.org/download", moved, at=BEGIN + 40)
    program = response(filler_program(scene.dice, 900_000), kind="application/x-msdos-program")
    _load(scene, HOST, "get.mediaplayer.org/player-3.0.20-win64.exe", program, at=BEGIN + 41)
    package = response(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + scene.dice.randbytes(400_000), kind="application/x-msi"
    )
    _load(scene, "192.168.10.104", "dl.officetools.com/setup_x64.msi", package, at=BEGIN + 90)
    archive = b"!<arch>\ndebian-binary   1699900000  0     0     100644  4         `\n2.0\n"
    _load(
        scene,
        DESK,
        "deb.debian.org/debian/pool/main/h/htop/htop_3.2.2-2_amd64.deb",
        response(archive + scene.dice.randbytes(150_000), kind="application/vnd.debian.binary-package"),
        at=BEGIN + 130,
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


def _mirror() -> list[Timed]:
    """Scripts and packages by bare addresses inside: an interface, a mirror, a registry of images."""
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
    _load(scene, DESK, "get.toolproject.dev/install.sh", script, at=BEGIN + 50, agent="curl/7.88.1")
    program = b"\x7fELF\x02\x01\x01" + bytes(57) + scene.dice.randbytes(500_000)
    answer = response(program, kind="application/octet-stream")
    _load(
        scene,
        DESK,
        "releases.toolproject.dev/v2.4.0/tool-linux-amd64",
        answer,
        at=BEGIN + 52,
        agent="curl/7.88.1",
    )
    module = response(b"function Install-Tool { 'hello' }\r\n" * 30, kind="text/plain")
    agent = "Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.3570"
    _load(scene, HOST, "packages.toolproject.dev/install.ps1", module, at=BEGIN + 90, agent=agent)
    return scene.seen()
