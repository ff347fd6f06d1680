"""Many bytes that go up, and are in order."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.errands import ftp_login, https, passive, pour, sftp_put, streams, submission
from oddwire.testing.names import public
from oddwire.testing.packets import udp
from oddwire.testing.ssh_sessions import work

DESK, PHONE, CAMERA, FILES, WEB, BACKUP = (f"192.168.1.{last}" for last in (31, 40, 50, 10, 11, 12))
OFFICE = [f"192.168.1.{last}" for last in (21, 22)]
MINUTES, HOURS = 60.0, 3_600.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "cloud-backup-each-hour", _cloud_backup()
    yield "photos-of-a-phone", _photos()
    yield "video-call", _video_call()
    yield "mail-with-attachment", _mail()
    yield "git-push", _git()
    yield "web-site-by-ftp", _publishing()
    yield "rsync-each-night", _nightly()
    yield "web-server", _web_server()
    yield "seeding", _seeding()
    yield "camera-to-cloud", _camera()
    yield "speed-test", _speed_test()
    yield "screen-sharing", _screen()
    yield "file-server-inside", _inside()
    yield "synchronised-folder", _folder()
    yield "everything-by-vpn", _vpn()


def _office(seed: int, seconds: float, *more: str, every: float = 40) -> Scene:
    scene = Scene(seed)
    scene.others([*OFFICE, *more], seconds, every)
    return scene


def _cloud_backup() -> list[Timed]:
    """A desk saves itself to the cloud each hour: what has changed, 2 to 4 MB; five hours."""
    scene = _office(421, 5 * HOURS, DESK, every=400)
    for hour in range(5):
        at = 240 + HOURS * hour + scene.dice.uniform(0, 90)
        scene.name(DESK, "f004.backblazeb2.com", "149.137.130.9", at)
        turns = [(0.2, scene.dice.randrange(500_000, 900_000), 420) for _ in range(4)]
        scene.add(https(scene.talk(DESK, "149.137.130.9", 443, at + 1), "f004.backblazeb2.com", turns))
    return scene.done()


def _photos() -> list[Timed]:
    """A phone comes home in the evening and puts its photographs into its maker's cloud."""
    scene = _office(422, 30 * MINUTES, every=60)
    there = "142.250.185.234"
    scene.name(PHONE, "photosdata-pa.googleapis.com", there, 300)
    scene.name(PHONE, "www.google.com", "142.250.185.100", 290)
    scene.add(https(scene.talk(PHONE, "142.250.185.100", 443, 291), "www.google.com", [(0.1, 400, 60_000)]))
    turns = [(scene.dice.uniform(0.5, 6), scene.dice.randrange(1_900_000, 3_600_000), 900) for _ in range(5)]
    talk = scene.talk(PHONE, there, 443, 301)
    scene.add(https(talk, "photosdata-pa.googleapis.com", turns, pause=0.03))
    return scene.done()


def _video_call() -> list[Timed]:
    """Two minutes of pictures and sound with a service: as much up as down."""
    scene = _office(423, 15 * MINUTES, DESK)
    there = "170.114.52.3"
    scene.name(DESK, "zoom.us", there, 298)
    scene.add(https(scene.talk(DESK, there, 443, 299), "zoom.us", [(0.1, 2_000, 9_000)] * 6))
    dice = scene.dice
    sizes = [(dice.randrange(700, 1_150), dice.randrange(600, 1_200)) for _ in range(5_000)]
    ends = (DESK, 52_804, there, 8_801)
    scene.keep(streams(dice, ends, sizes, start=scene.begin + 303, every=0.025))
    return scene.done()


def _mail() -> list[Timed]:
    """A mail with a drawing of 10 MB goes to the provider's server, which took smaller ones before."""
    scene = _office(424, 30 * MINUTES, DESK)
    for at, size in ((120, 4_000), (420, 38_000), (900, 10_300_000), (1_500, 2_600)):
        scene.name(DESK, "smtp.provider.example", "212.227.17.168", at)
        scene.add(submission(scene.talk(DESK, "212.227.17.168", 587, at + 0.1), size))
    return scene.done()


def _git() -> list[Timed]:
    """A developer fetches a few times, then pushes a branch with pictures: 8 MB by SSH."""
    scene = _office(425, 40 * MINUTES, DESK)
    there = "140.82.121.4"
    for at, sent, returned in ((100, 2_000, 240_000), (700, 1_600, 900_000), (1_300, 1_700, 52_000)):
        scene.name(DESK, "github.com", there, at)
        scene.add(work(scene.talk(DESK, there, 22, at + 0.1), [(sent, returned)]))
    scene.name(DESK, "github.com", there, 1_700)
    steps = [(900, 4_000), *[(65_000, 0)] * 125, (200, 400)]
    scene.add(work(scene.talk(DESK, there, 22, 1_700.1), steps, pause=0.02))
    return scene.done()


def _publishing() -> list[Timed]:
    """A club's web site is put on its provider's server file by file, looked at, and mended."""
    scene = _office(426, 30 * MINUTES, DESK)
    there, dice = "81.169.145.84", scene.dice
    for at, count in ((200, 6), (800, 24), (1_300, 3)):
        scene.name(DESK, "www.ruderclub.example", there, at - 60)
        scene.add(
            https(scene.talk(DESK, there, 443, at - 59), "www.ruderclub.example", [(1, 500, 90_000)] * 3)
        )
        scene.name(DESK, "ftp.ruderclub.example", there, at)
        control = ftp_login(scene.talk(DESK, there, 21, at + 0.1))
        for number in range(count):
            data = scene.talk(DESK, there, dice.randrange(49_200, 60_000), 0)
            if number % 6 == 0:
                passive(control, data, "RETR", f"page{number}.html", dice.randrange(2_000, 40_000))
            else:
                passive(control, data, "STOR", f"img/p{number}.jpg", dice.randrange(20_000, 180_000))
            scene.add(data)
        scene.add(control.ask(b"QUIT\r\n", 0.4).answer(b"221 Goodbye.\r\n").finish())
    return scene.done()


def _nightly() -> list[Timed]:
    """The backup server copies itself to another house by rsync over SSH, each night at ten past two."""
    scene = Scene(427)
    scene.others(OFFICE, 2.2 * 24 * HOURS, 9_000)
    for night in range(3):
        at = night * 24 * HOURS + 600
        scene.name(BACKUP, "vault.branch.example", "217.160.0.41", at)
        size = scene.dice.randrange(3_000_000, 5_000_000)
        scene.add(sftp_put(scene.talk(BACKUP, "217.160.0.41", 22, at + 0.1, rtt=0.03), size))
    return scene.done()


def _web_server() -> list[Timed]:
    """The company's web server answers strangers with pages and downloads, some of them big."""
    scene = _office(428, 20 * MINUTES)
    for number in range(90):
        visitor, dice = public(300 + number), scene.dice
        turns = [
            (dice.uniform(0.1, 2), dice.randrange(200, 900), dice.randrange(2_000, 60_000)) for _ in range(4)
        ]
        if number in {20, 55, 71}:
            turns.append((1.0, 400, 2_500_000))
        talk = scene.talk(visitor, WEB, 443, 5 + 12.5 * number, rtt=dice.uniform(0.01, 0.14))
        scene.add(https(talk, "www.firma.example", turns))
    return scene.done()


def _seeding() -> list[Timed]:
    """A desk shares a Linux image by BitTorrent: strangers come and go and take pieces."""
    scene = _office(429, 30 * MINUTES, every=80)
    dice, number_of = scene.dice, scene.dice.randrange
    for number in range(60):
        peer, at = public(800 + number), 20 + 28.0 * number
        if number % 3:
            talk = scene.talk(peer, DESK, 51_413, at, rtt=dice.uniform(0.02, 0.2)).open()
            theirs, ours = talk.ask, talk.answer
        else:
            talk = scene.talk(DESK, peer, number_of(6_881, 60_000), at, rtt=dice.uniform(0.02, 0.2)).open()
            theirs, ours = talk.answer, talk.ask
        talk.ask(_peer(dice.randbytes(20))).answer(_peer(dice.randbytes(20)), 0.01)
        ours(b"\0\0\0\x01\x0e", 0.01)
        theirs(b"\0\0\0\x01\x02", 0.05)
        ours(b"\0\0\0\x01\x01", 0.2)
        for piece in range(number_of(2, 20)):
            theirs(b"\0\0\0\x0d\x06" + piece.to_bytes(4, "big") + bytes(6) + b"\x40\0", 0.1)
            ours(b"\0\0\x40\x09\x07" + piece.to_bytes(4, "big") + bytes(4) + dice.randbytes(16_384), 0.01)
        scene.add(talk.finish(after=1.0))
    return scene.done()


def _peer(who: bytes) -> bytes:
    return (
        b"\x13BitTorrent protocol"
        + bytes.fromhex("0000000000100005")
        + bytes(range(20))
        + b"-TR4040-"
        + who[:12]
    )


def _camera() -> list[Timed]:
    """A camera streams to its maker's cloud all the time; the capture begins in the middle of it."""
    scene = _office(430, 30 * MINUTES, every=60)
    talk = https(
        scene.talk(CAMERA, "18.185.96.12", 443, -30), "stream-eu.camcloud.example", [], ending="open"
    )
    while talk.time < scene.begin + 30 * MINUTES:
        pour(talk, scene.dice.randrange(9_000, 15_000), sealed=True).wait(1.9)
    scene.add(talk)
    return [packet for packet in scene.done() if packet[0] >= scene.begin]


def _speed_test() -> list[Timed]:
    """A speed test: six lines down, six lines up, ten seconds each, at a server nobody knew before."""
    scene = _office(431, 15 * MINUTES, DESK)
    there = "62.153.10.22"
    scene.name(DESK, "www.speedtest.net", "151.101.2.219", 400)
    scene.add(
        https(scene.talk(DESK, "151.101.2.219", 443, 400.1), "www.speedtest.net", [(0.1, 500, 300_000)])
    )
    scene.name(DESK, "speedtest.provider.example", there, 404)
    for line in range(6):
        talk = scene.talk(DESK, there, 8_080, 405 + line * 0.01)
        scene.add(https(talk, "speedtest.provider.example", [(0.05, 300, 1_000_000)], pause=0.1))
        talk = scene.talk(DESK, there, 8_080, 417 + line * 0.01)
        scene.add(https(talk, "speedtest.provider.example", [(0.05, 800_000, 200)], pause=0.14))
    return scene.done()


def _screen() -> list[Timed]:
    """A desk shows its screen in a meeting: pictures up, little but voices down."""
    scene = _office(432, 15 * MINUTES, DESK)
    there, dice = "52.113.194.132", scene.dice
    scene.name(DESK, "teams.microsoft.com", there, 200)
    scene.add(https(scene.talk(DESK, there, 443, 200.1), "teams.microsoft.com", [(0.2, 3_000, 12_000)] * 5))
    sizes = [(dice.randrange(800, 1_180) if dice.random() < 0.9 else 0, 0) for _ in range(6_000)]
    scene.keep(
        streams(dice, (DESK, 50_020, "52.115.63.8", 3_479), sizes, start=scene.begin + 204, every=0.03)
    )
    voice = [(dice.randrange(60, 130), dice.randrange(60, 130)) for _ in range(3_000)]
    scene.keep(
        streams(dice, (DESK, 50_002, "52.115.63.8", 3_478), voice, start=scene.begin + 204, every=0.06)
    )
    return scene.done()


def _inside() -> list[Timed]:
    """Desks save big files on the file server, and fetch them again; nothing leaves."""
    scene = _office(433, 20 * MINUTES, DESK)
    for number in range(12):
        talk = scene.talk([*OFFICE, DESK][number % 3], FILES, 873, 60 + 90 * number).open()
        talk.answer(b"@RSYNCD: 31.0\n", 0.01).ask(b"@RSYNCD: 31.0\nhome\n", 0.01).answer(
            b"@RSYNCD: OK\n", 0.01
        )
        pour(talk, scene.dice.randrange(600_000, 1_600_000), up=number % 3 < 2)
        scene.add(talk.finish(after=0.3))
    return scene.done()


def _folder() -> list[Timed]:
    """A synchronised folder: little questions all day, bursts up when something was saved, and down."""
    scene = _office(434, 3 * HOURS, DESK, every=240)
    there, dice = "162.125.66.18", scene.dice
    for number in range(36):
        at = 60 + 290 * number + dice.uniform(0, 60)
        scene.name(DESK, "content.dropboxapi.com", there, at)
        turns = [(0.3, dice.randrange(600, 1_400), dice.randrange(300, 2_000))]
        if number % 5 == 2:
            turns += [(0.2, dice.randrange(150_000, 1_500_000), 300) for _ in range(2)]
        if number % 7 == 3:
            turns.append((0.2, 500, dice.randrange(200_000, 1_200_000)))
        scene.add(https(scene.talk(DESK, there, 443, at + 0.1), "content.dropboxapi.com", turns))
    return scene.done()


def _vpn() -> list[Timed]:
    """A desk has everything in a tunnel (WireGuard): pages down, a meeting both ways, files up."""
    scene = _office(435, 20 * MINUTES)
    dice, there, time = scene.dice, "89.58.12.7", scene.begin + 2
    number, ends = 0, ((DESK, 51_820), (there, 51_820))
    while time < scene.begin + 20 * MINUTES:
        if number % 800 == 0:
            scene.keep(_handshake(scene, ends, time))
        busy, up = (dice.random() < 0.6, dice.random() < 0.45)
        size = 1_392 if busy else dice.choice([32, 96, 112, 480])
        src, dst = ends if up else ends[::-1]
        body = b"\x04\0\0\0" + b"\x11\x22\x33\x44" + number.to_bytes(8, "little") + dice.randbytes(size + 16)
        scene.keep([(time, udp(*src, *dst, body))])
        time, number = time + dice.expovariate(1 / 0.06), number + 1
    return scene.done()


def _handshake(scene: Scene, ends: tuple[tuple[str, int], tuple[str, int]], time: float) -> list[Timed]:
    first = b"\x01\0\0\0" + scene.dice.randbytes(144)
    second = b"\x02\0\0\0" + scene.dice.randbytes(88)
    return [(time - 0.05, udp(*ends[0], *ends[1], first)), (time - 0.03, udp(*ends[1], *ends[0], second))]
