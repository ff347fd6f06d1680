"""One host inside takes others by the words of Windows administration, or by SSH with a key."""

import base64
from collections.abc import Iterator, Sequence
from itertools import pairwise

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.dialogue import Dialogue
from oddwire.testing.errands import sftp_put
from oddwire.testing.logins import rdp_work
from oddwire.testing.office_lan import NOBODY, arp_frame, resolve
from oddwire.testing.rpc_talk import calls, map_port, pipe_calls, service_by_pipe
from oddwire.testing.smb_talk import SmbTalk, ntlm_authenticate, ntlm_challenge, ntlm_negotiate
from oddwire.testing.ssh_sessions import work

EVIL = "192.168.1.66"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
VICTIMS = [f"192.168.1.{last}" for last in (31, 32, 34, 37, 38)]
CLOSED = [f"192.168.1.{last}" for last in (9, 50)]
MANY = [f"192.168.1.{last}" for last in range(101, 113)]
SEALED = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted"'
SEALED += ';boundary="Encrypted Boundary"'
EXEC_METHOD, REGISTER_TASK, RUN_TASK, DELETE_TASK = 24, 1, 12, 13


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "worm-by-smb", _worm()
    yield "psexec-four-hosts", _psexec(501, office=True)
    yield "psexec-alone", _psexec(502, office=False)
    yield "wmi-processes", _wmi()
    yield "scheduled-tasks", _tasks()
    yield "winrm-five-hosts", _winrm()
    yield "desktop-chain", _desktops()
    yield "ssh-worm", _ssh()
    yield "one-name-at-twelve-hosts", _one_name()


def _office(seed: int, minutes: float) -> Scene:
    scene = Scene(seed)
    scene.others(OFFICE, minutes * 60, 40)
    return scene


def _knock(scene: Scene, host: str, port: int, at: float) -> float:
    """Try all addresses of the segment: most have no owner, few listen; return when it is over."""
    dice = scene.dice
    for last in range(2, 250):
        target, when = f"192.168.1.{last}", at + 0.12 * last
        if target in {*VICTIMS, *CLOSED, *OFFICE} and target != host:
            scene.keep(resolve(scene.lan, host, target, scene.begin + when))
            talk = scene.talk(host, target, port, when + 0.001)
            scene.add(talk.open().finish() if target in VICTIMS else talk.refused())
        elif target != host:
            mine = (scene.lan.mac(host), host)
            asked = arp_frame(1, mine, (NOBODY, target), padded=False)
            scene.keep([(scene.begin + when + dice.uniform(0, 0.01), asked)])
    return at + 31


def _take(scene: Scene, ends: tuple[str, str], at: float, service: str, size: int) -> float:
    """Write a program to ADMIN$, make it a service by svcctl, start it."""
    smb = SmbTalk(scene.talk(*ends, 445, at)).log_in("administrator").share("IPC$").share("ADMIN$")
    smb.open(f"{service}.exe", make=True).write(b"MZ" + scene.dice.randbytes(size)).close().share("IPC$")
    return scene.add(service_by_pipe(smb, service, f"%SystemRoot%\\{service}.exe").done())


def _worm() -> list[Timed]:
    """A worm knocks at 445 everywhere and takes who listens; each victim then does the same."""
    scene = _office(500, 12)
    ready = [(EVIL, 60.0), (VICTIMS[0], 170.0), (VICTIMS[2], 290.0)]
    for host, begin in ready:
        at = _knock(scene, host, 445, begin)
        for target in VICTIMS:
            if target != host:
                at = _take(scene, (host, target), at + 1.5, "mssecsvc2", 60_000) + scene.dice.uniform(1, 4)
    return scene.done()


def _psexec(seed: int, *, office: bool) -> list[Timed]:
    """PsExec at four hosts, a minute and a half each; its pipes carry what is typed and printed."""
    scene = _office(seed, 12) if office else Scene(seed)
    for number, target in enumerate(VICTIMS[:4]):
        at = 60 + 95 * number
        _take(scene, (EVIL, target), at, "PSEXESVC", 145_000)
        smb = SmbTalk(scene.talk(EVIL, target, 445, at + 2.5)).log_in("administrator").share("IPC$")
        for pipe in (
            "PSEXESVC",
            f"PSEXESVC-PC7-{4_000 + number}-stdin",
            f"PSEXESVC-PC7-{4_000 + number}-stdout",
        ):
            smb.open(pipe).write(scene.dice.randbytes(300)).read(900)
        scene.add(smb.close().done(after=40))
    return scene.done()


def _wmi() -> list[Timed]:
    """A process is made by WMI on each of five hosts: the end point mapper, DCOM, ExecMethod."""
    scene = _office(503, 10)
    for number, target in enumerate(VICTIMS):
        at, port = 80.0 + 55 * number, 49_668 + number
        at = scene.add(calls(scene.talk(EVIL, target, 135, at), "activator", [4])) + 0.1
        at = scene.add(map_port(scene.talk(EVIL, target, 135, at), "wbem", port)) + 0.1
        at = scene.add(calls(scene.talk(EVIL, target, port, at), "wbem_login", [6])) + 0.1
        methods = [6, EXEC_METHOD, EXEC_METHOD]
        at = scene.add(calls(scene.talk(EVIL, target, port, at), "wbem", methods, size=2_000)) + 2
        smb = SmbTalk(scene.talk(EVIL, target, 445, at)).log_in("administrator").share("ADMIN$")
        scene.add(smb.open(f"__17000{number}.42").read(1_800).close().done())
    return scene.done()


def _tasks() -> list[Timed]:
    """A task is registered and run by the pipe atsvc, its output read from ADMIN$; the attack alone."""
    scene = Scene(504)
    for number, target in enumerate(VICTIMS[:4]):
        smb = SmbTalk(scene.talk(EVIL, target, 445, 5 + 38 * number)).log_in("administrator").share("IPC$")
        pipe_calls(smb, "atsvc", "tasks", [REGISTER_TASK, RUN_TASK, 7, 7, DELETE_TASK], size=1_600)
        smb.talk.wait(4)
        smb.share("ADMIN$").open(f"Temp\\qTzLmXw{number}.tmp").read(2_600).close()
        scene.add(smb.done())
    return scene.done()


def _winrm() -> list[Timed]:
    """A shell by WinRM on five hosts, NTLM inside HTTP."""
    scene = _office(505, 10)
    for number, target in enumerate(VICTIMS):
        scene.add(_shell(scene.talk(EVIL, target, 5_985, 60 + 70 * number), scene.dice.randrange(6, 16)))
    return scene.done()


def _shell(talk: Dialogue, posts: int) -> Dialogue:
    def post(token: bytes, body: bytes) -> bytes:
        said = f"Authorization: Negotiate {base64.b64encode(token).decode()}\r\n" if token else ""
        head = f"POST /wsman HTTP/1.1\r\nConnection: Keep-Alive\r\nContent-Type: {SEALED}\r\n{said}"
        head += f"User-Agent: Microsoft WinRM Client\r\nContent-Length: {len(body)}\r\n"
        head += f"Host: {talk.server}:5985\r\n"
        return head.encode() + b"\r\n" + body

    def told(status: str, token: bytes, body: bytes) -> bytes:
        said = f"WWW-Authenticate: Negotiate {base64.b64encode(token).decode()}\r\n" if token else ""
        head = (
            f"HTTP/1.1 {status}\r\nServer: Microsoft-HTTPAPI/2.0\r\n{said}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    talk.open().ask(post(ntlm_negotiate(), b"")).answer(told("401 ", ntlm_challenge(talk), b""), 0.002)
    talk.ask(post(ntlm_authenticate(talk, "administrator"), _sealed(talk, 1_400)), 0.002)
    talk.answer(told("200 OK", b"", _sealed(talk, 1_100)), 0.08)
    for _ in range(posts):
        talk.ask(post(b"", _sealed(talk, talk.dice.randrange(1_400, 2_600))), talk.dice.uniform(0.5, 3))
        talk.answer(told("200 OK", b"", _sealed(talk, talk.dice.randrange(900, 4_000))), 0.2)
    return talk.finish(after=1)


def _sealed(talk: Dialogue, size: int) -> bytes:
    line = b"--Encrypted Boundary\r\n"
    head = line + b"Content-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
    head += f"OriginalContent: type=application/soap+xml;charset=UTF-8;Length={size}\r\n".encode() + line
    head += b"Content-Type: application/octet-stream\r\n" + (16).to_bytes(4, "little")
    return head + talk.dice.randbytes(16 + size) + b"--Encrypted Boundary--\r\n"


def _desktops() -> list[Timed]:
    """From a dial-in address by remote desktop to a host, from there to the next, four hops, nested."""
    scene = _office(506, 18)
    chain = ["10.8.0.5", EVIL, *VICTIMS[:3]]
    for number, (source, target) in enumerate(pairwise(chain)):
        talk = scene.talk(source, target, 3_389, 60 + 120 * number)
        scene.add(rdp_work(talk, 800 - 150 * number, "administrator"))
    return scene.done()


def _ssh() -> list[Timed]:
    """A worm goes on with the keys that it finds: it copies itself to a neighbour and runs there."""
    scene = _office(507, 14)
    hops: Sequence[tuple[str, str]] = [(EVIL, VICTIMS[0]), (EVIL, VICTIMS[1]), (VICTIMS[0], VICTIMS[2])]
    hops = [*hops, (VICTIMS[0], VICTIMS[3]), (VICTIMS[1], VICTIMS[4])]
    at = _knock(scene, EVIL, 22, 60)
    for number, (source, target) in enumerate(hops):
        when = at + 60 * number
        ended = scene.add(sftp_put(scene.talk(source, target, 22, when), 340_000, pause=0.002))
        scene.add(work(scene.talk(source, target, 22, ended + 0.4), [(180, 60), (120, 40)]))
    return scene.done()


def _one_name() -> list[Timed]:
    """One account's hash is tried at twelve hosts in three minutes: three let it have ADMIN$."""
    scene = _office(508, 10)
    for number, target in enumerate(MANY):
        smb = SmbTalk(scene.talk(EVIL, target, 445, 90 + 15 * number)).log_in(
            "svc_backup", fails=number % 5 == 4
        )
        if number % 5 != 4:
            denied = number not in {2, 6, 7}
            smb.share("IPC$").share("ADMIN$", denied=denied)
            if not denied:
                smb.open("").close().share("IPC$")
                pipe_calls(smb, "lsarpc", "lsarpc", [44, 46, 0])
        scene.add(smb.done())
    return scene.done()
