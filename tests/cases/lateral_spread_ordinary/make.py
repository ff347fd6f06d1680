"""Administration, shares and printing that go to many hosts and are in order."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.errands import pour
from oddwire.testing.logins import rdp_work
from oddwire.testing.names import lookup
from oddwire.testing.rpc_talk import calls, map_port, pipe_calls
from oddwire.testing.services import snmp_poll
from oddwire.testing.smb_talk import SmbTalk
from oddwire.testing.ssh_sessions import work

FILES, DOMAIN, BACKUP, MANAGER, PRINT, DEPLOY, OTHER_FILES = (f"192.168.1.{last}" for last in range(10, 17))
CLIENTS = [f"192.168.1.{last}" for last in range(101, 131)]
SERVERS = [f"192.168.1.{last}" for last in range(201, 216)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22)]
EXEC_QUERY, SHARE_ENUM = 20, 15
DAY = 86_400.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "domain-in-the-morning", _domain()
    yield "inventory-by-wmi-each-day", _inventory()
    yield "deployment-pulled", _deployment()
    yield "playbook-over-ssh", _playbook()
    yield "print-server", _printing()
    yield "two-file-servers", _referrals()
    yield "backup-of-shares", _backup()
    yield "helpdesk", _helpdesk()
    yield "shares-browsed", _browsing()
    yield "counters-by-snmp", _counters()
    yield "file-server-thirty-clients", _files()


def _office(seed: int, seconds: float, every: float = 40) -> Scene:
    scene = Scene(seed)
    scene.others(OFFICE, seconds, every)
    return scene


def _smb(scene: Scene, client: str, server: str, at: float, user: str = "") -> SmbTalk:
    talk = SmbTalk(scene.talk(client, server, 445, at))
    return talk.log_in(user, how="ntlm") if user else talk.log_in(user, how="kerberos")


def _domain() -> list[Timed]:
    """Twenty-four clients start: names, the directory, accounts, the secure channel, policies of SYSVOL."""
    scene = _office(521, 900)
    for client in CLIENTS[:24]:
        at = scene.dice.uniform(5, 800)
        for number, name in enumerate(("_ldap._tcp.dc._msdcs.corp.example", "dc1.corp.example")):
            port, when = scene.port(client), scene.begin + at + number * 0.05
            kind = "A" if number else "SRV"
            scene.keep(lookup(client, port, DOMAIN, name, [DOMAIN] * number, start=when, kind=kind))
        at = scene.add(map_port(scene.talk(client, DOMAIN, 135, at + 0.3), "netlogon", 49_667))
        channel = calls(
            scene.talk(client, DOMAIN, 49_667, at), "netlogon", [29, 45], user=f"PC{client[-3:]}$"
        )
        smb = _smb(scene, client, DOMAIN, scene.add(channel) + 0.2).share("IPC$")
        pipe_calls(smb, "lsarpc", "lsarpc", [44, 46, 77, 0])
        pipe_calls(smb, "samr", "samr", [64, 5, 7, 34, 1]).share("SYSVOL")
        for policy in ("{31B2F340-016D-11D2-945F-00C04FB984F9}", "{6AC1786C-016F-11D2-945F-00C04FB984F9}"):
            smb.open(f"corp.example\\Policies\\{policy}\\gpt.ini", size=59).read(59).close()
            file = f"corp.example\\Policies\\{policy}\\Machine\\Registry.pol"
            smb.open(file, size=2_840).read(2_840).close()
        smb.share("NETLOGON").open("logon.cmd", size=710).read(710).close()
        scene.add(smb.done(after=8))
    return scene.done()


def _inventory() -> list[Timed]:
    """The management server asks twenty hosts by WMI what they have, at six each morning; three days."""
    scene = _office(522, 2 * DAY + 3_600, 7_200)
    for day in range(3):
        for number, host in enumerate(CLIENTS[:20]):
            at, port = 900 + DAY * day + 9 * number, 49_665 + number % 5
            user = "svc_inventory"
            at = scene.add(calls(scene.talk(MANAGER, host, 135, at), "activator", [4], user=user)) + 0.05
            at = scene.add(calls(scene.talk(MANAGER, host, port, at), "wbem_login", [6], user=user)) + 0.05
            queries = [EXEC_QUERY] * 8
            scene.add(calls(scene.talk(MANAGER, host, port, at), "wbem", queries, user=user, size=1_800))
    return scene.done()


def _deployment() -> list[Timed]:
    """Clients report to the deployment server and pull a package from it: by HTTP ranges or from a share."""
    scene = _office(523, 1_200)
    agent = "User-Agent: Microsoft BITS/7.8"
    for number, client in enumerate(CLIENTS[:18]):
        at = 10 + 55 * number
        if number % 2:
            smb = _smb(scene, client, DEPLOY, at).share("SMSPKGD$")
            smb.open("P0100042\\setup.exe", size=420_000).read(420_000).close()
            scene.add(smb.open("P0100042\\setup.ini", size=900).read(900).close().done())
            continue
        talk = scene.talk(client, DEPLOY, 80, at).open()
        for part in range(4):
            first, last = part * 110_000, part * 110_000 + 109_999
            ask = f"GET /SMS_DP_SMSPKG$/P0100042/setup.msi HTTP/1.1\r\nHost: deploy\r\n{agent}\r\n"
            talk.ask(f"{ask}Range: bytes={first}-{last}\r\n\r\n".encode(), 0.4)
            head = "HTTP/1.1 206 Partial Content\r\nContent-Type: application/x-msi\r\n"
            head += f"Content-Range: bytes {first}-{last}/440000\r\nContent-Length: 110000\r\n\r\n"
            talk.answer(head.encode(), 0.005)
            pour(talk, 110_000, up=False, pause=0.001)
        scene.add(talk.finish(after=0.4))
    return scene.done()


def _playbook() -> list[Timed]:
    """Fifteen servers are set in order over SSH from one host, five at a time, each half hour."""
    scene = _office(524, 2.2 * 3_600, 300)
    for turn in range(4):
        for number, server in enumerate(SERVERS):
            at = 300 + 1_800 * turn + number // 5 * 40 + number % 5 * 0.2
            steps = [(scene.dice.randrange(800, 30_000), scene.dice.randrange(200, 3_000)) for _ in range(8)]
            scene.add(work(scene.talk(MANAGER, server, 22, at), steps, pause=1.2))
    return scene.done()


def _printing() -> list[Timed]:
    """Twenty-five clients print by the server: the pipe spoolss, and its driver share."""
    scene = _office(525, 900)
    for client in CLIENTS[:25]:
        smb = _smb(scene, client, PRINT, scene.dice.uniform(5, 850)).share("IPC$")
        pipe_calls(smb, "spoolss", "spoolss", [69, 8, 17, 18, *[19] * 4, 20, 23, 29], size=2_400)
        smb.share("print$").open("x64\\3\\UNIDRV.DLL", size=60_000).read(60_000).close()
        scene.add(smb.done(after=5))
    return scene.done()


def _referrals() -> list[Timed]:
    """A share of two houses: clients ask the domain where it is, then read from one server or the other."""
    scene = _office(526, 900)
    for number, client in enumerate(CLIENTS[:16]):
        at = 20 + 50 * number
        scene.add(_smb(scene, client, DOMAIN, at).share("IPC$").open("").close().done())
        for server in (FILES, OTHER_FILES)[: 1 + number % 2]:
            smb = _smb(scene, client, server, at + 1).share("IPC$").share("projects")
            for file in range(5):
                smb.open(f"2023\\plan{file}.xlsx", size=30_000).read(30_000).close()
            scene.add(smb.open("2023\\plan0.xlsx", make=True).write(bytes(28_000)).close().done(after=3))
    return scene.done()


def _backup() -> list[Timed]:
    """The backup server reads the disks of ten servers by their administrative shares, two nights."""
    scene = _office(527, DAY + 3_600, 5_400)
    for night in range(2):
        at = 600 + DAY * night
        for server in SERVERS[:10]:
            smb = _smb(scene, BACKUP, server, at, "svc_backup").share("IPC$").share("C$")
            for number in range(12):
                size = scene.dice.randrange(2_000, 90_000)
                smb.open(f"Data\\part{number:03d}.db", size=size).read(size).close()
            at = scene.add(smb.done()) + 20
    return scene.done()


def _helpdesk() -> list[Timed]:
    """The helpdesk helps two users by remote desktop, and looks something up on the file server."""
    scene = _office(528, 1_800)
    for client, at in ((CLIENTS[3], 120), (CLIENTS[17], 900)):
        scene.add(rdp_work(scene.talk(OFFICE[0], client, 3_389, at), 240, "helpdesk"))
    smb = _smb(scene, OFFICE[0], FILES, 500).share("IPC$").share("helpdesk")
    scene.add(smb.open("howto.docx", size=90_000).read(90_000).close().done())
    return scene.done()


def _browsing() -> list[Timed]:
    """Somebody looks for a drawing: what shares do five servers have, what is in them, one file is read."""
    scene = _office(529, 1_200)
    for number, server in enumerate([FILES, OTHER_FILES, *SERVERS[:3]]):
        smb = _smb(scene, CLIENTS[0], server, 120 + 100 * number).share("IPC$")
        pipe_calls(smb, "srvsvc", "srvsvc", [SHARE_ENUM, 16]).share("public")
        for folder in ("", "drawings", "drawings\\2022"):
            smb.open(folder).close()
        if number == 1:
            smb.open("drawings\\2022\\valve.dwg", size=700_000).read(700_000).close()
        scene.add(smb.done(after=30))
    return scene.done()


def _counters() -> list[Timed]:
    """The management server asks thirty known hosts for counters by SNMP each five minutes."""
    scene = _office(530, 3_600, 120)
    for turn in range(12):
        for number, host in enumerate([*CLIENTS[:15], *SERVERS]):
            at = scene.begin + 30 + 300 * turn + 0.4 * number
            for question in range(3):
                scene.keep(snmp_poll(MANAGER, scene.port(MANAGER), host, start=at + question * 0.05))
    return scene.done()


def _files() -> list[Timed]:
    """Thirty clients work on the file server: they open, read, write, save under another name."""
    scene = _office(531, 900)
    for client in CLIENTS:
        for _ in range(2):
            smb = _smb(scene, client, FILES, scene.dice.uniform(5, 850)).share("IPC$").share("data")
            for number in range(6):
                size = scene.dice.randrange(2_000, 50_000)
                smb.open(f"letters\\{client[-3:]}-{number}.docx", size=size).read(size).close()
            smb.open(f"letters\\~WRD{client[-3:]}.tmp", make=True).write(scene.dice.randbytes(24_000)).close()
            scene.add(smb.done(after=2))
    return scene.done()
