"""Weak habits: passwords in the clear, old ciphers, old shares, programs by HTTP. Bad, and no alarm."""

import base64
import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.dialogue import Dialogue
from oddwire.testing.errands import ftp_login, passive
from oddwire.testing.mail_talks import letter
from oddwire.testing.old_tls import SSL3, TLS10, TLS12, old_tls
from oddwire.testing.smb_talk import ntlm_authenticate, ntlm_challenge, ntlm_negotiate
from oddwire.testing.web_pages import exchange
from oddwire.testing.x509 import certificate, der

DESK, SERVER, DIRECTORY, SWITCH, NAS = (f"192.168.1.{last}" for last in (31, 10, 11, 4, 15))
OFFICE = [f"192.168.1.{last}" for last in (21, 22)]
PROVIDER, VENDOR = "212.227.15.188", "93.184.216.60"
YEAR = 31_536_000.0
EXPORT_RC4, RC4_MD5, RC4_SHA, AES, TRIPLE_DES = 0x0003, 0x0004, 0x0005, 0x002F, 0x000A


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "ftp-and-telnet", _terminals()
    yield "http-basic", _basic()
    yield "mailboxes-in-the-clear", _mailboxes()
    yield "mail-and-directory-log-ins", _plain()
    yield "old-versions-of-tls", _versions()
    yield "weak-ciphers-and-expired", _ciphers()
    yield "old-shares", _shares()
    yield "program-from-a-vendor", _program()


def _office(seed: int, *hosts: str) -> Scene:
    scene = Scene(seed)
    scene.others([*OFFICE, *hosts], 900, 40)
    return scene


def _terminals() -> list[Timed]:
    """Somebody fetches two files by FTP and looks after a switch by Telnet."""
    scene = _office(621, DESK)
    control = ftp_login(scene.talk(DESK, PROVIDER, 21, 100), "ann")
    for number in range(2):
        data = scene.talk(DESK, PROVIDER, 50_300 + number, 0)
        passive(control, data, "RETR", f"price{number}.csv", 40_000)
        scene.add(data)
    scene.add(control.ask(b"QUIT\r\n", 0.4).answer(b"221 Goodbye.\r\n").finish())
    talk = scene.talk(DESK, SWITCH, 23, 400).open()
    talk.answer(bytes.fromhex("fffd18fffd20fffb01fffb03"), 0.02).ask(
        bytes.fromhex("fffb18fffc20fffd01fffd03")
    )
    talk.answer(b"\r\nUser Access Verification\r\n\r\nUsername: ", 0.01)
    _typed(talk, "netadmin", shown=True)
    talk.answer(b"Password: ", 0.005)
    _typed(talk, "cabinet-4", shown=False)
    talk.answer(b"\r\nswitch1>", 0.05)
    for line in ("show interfaces", "show mac address-table", "exit"):
        _typed(talk, line, shown=True)
        talk.answer(b"port 1 up 1000 full\r\nport 2 down\r\nswitch1>", 0.03)
    scene.add(talk.finish(by="server"))
    return scene.done()


def _typed(talk: Dialogue, text: str, *, shown: bool) -> None:
    for letter_ in text.encode():
        talk.ask(bytes([letter_]), talk.dice.uniform(0.08, 0.25))
        if shown:
            talk.answer(bytes([letter_]), 0.001)
    talk.ask(b"\r\0", 0.2).answer(b"\r\n", 0.001)


def _basic() -> list[Timed]:
    """A desk reads the pages of an old device, which wants a password with each request."""
    scene = _office(622)
    talk = scene.talk(DESK, SWITCH, 80, 120).open()
    exchange(talk, "/", 401, size=210, host=SWITCH)
    token = base64.b64encode(b"admin:cabinet-4").decode()
    for page in ("/", "/ports.html", "/style.css", "/log.html"):
        exchange(talk, page, size=5_000, host=SWITCH, head=f"Authorization: Basic {token}\r\n", pause=2)
    scene.add(talk.finish())
    return scene.done()


def _mailboxes() -> list[Timed]:
    """Two old mail programs: POP3 and IMAP without TLS, each four minutes."""
    scene = _office(623, DESK)
    for turn in range(3):
        talk = scene.talk(DESK, PROVIDER, 110, 60 + 240 * turn).open()
        talk.answer(b"+OK POP3 server ready\r\n", 0.02)
        for ask, answer in (
            ("USER ann@firma.example", "+OK"),
            ("PASS kettle-19", "+OK Logged in."),
            ("STAT", "+OK 1 1830"),
            ("RETR 1", "+OK 1830 octets"),
        ):
            talk.ask(f"{ask}\r\n".encode(), 0.01).answer(f"{answer}\r\n".encode(), 0.02)
        talk.answer(letter(scene.dice, "bob@example.net", "ann@firma.example", 1_700))
        scene.add(talk.ask(b"QUIT\r\n", 0.01).answer(b"+OK Bye\r\n").finish(by="server"))
        talk = scene.talk(OFFICE[0], PROVIDER, 143, 90 + 240 * turn).open()
        talk.answer(b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] Dovecot ready.\r\n", 0.02)
        talk.ask(b'a1 LOGIN "bob@firma.example" "spoon-77"\r\n', 0.01).answer(b"a1 OK Logged in\r\n", 0.03)
        talk.ask(b"a2 SELECT INBOX\r\n", 0.01)
        talk.answer(b"* 12 EXISTS\r\n* 0 RECENT\r\na2 OK [READ-WRITE] Select completed.\r\n", 0.01)
        scene.add(talk.ask(b"a3 LOGOUT\r\n", 2).answer(b"* BYE\r\na3 OK Logout completed.\r\n").finish())
    return scene.done()


def _plain() -> list[Timed]:
    """A program mails with AUTH PLAIN and no TLS; another binds to the directory with a simple password."""
    scene = _office(624)
    talk = scene.talk(SERVER, PROVIDER, 587, 150).open()
    talk.answer(b"220 smtp.provider.example ESMTP\r\n", 0.02).ask(b"EHLO server\r\n")
    talk.answer(b"250-smtp.provider.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n")
    token = base64.b64encode(b"\0shop@firma.example\0kettle-19")
    talk.ask(b"AUTH PLAIN " + token + b"\r\n").answer(b"235 2.7.0 Authentication successful\r\n", 0.05)
    talk.ask(b"MAIL FROM:<shop@firma.example>\r\n").answer(b"250 2.1.0 Ok\r\n")
    talk.ask(b"RCPT TO:<ann@firma.example>\r\n").answer(b"250 2.1.5 Ok\r\n").ask(b"DATA\r\n").answer(
        b"354 Go\r\n"
    )
    talk.ask(letter(scene.dice, "shop@firma.example", "ann@firma.example", 1_500))
    scene.add(talk.answer(b"250 2.0.0 Ok: queued\r\n", 0.1).ask(b"QUIT\r\n").answer(b"221 Bye\r\n").finish())
    for turn in range(5):
        talk = scene.talk(NAS, DIRECTORY, 389, 60 + 150 * turn).open()
        who = der(4, b"cn=nas,ou=services,dc=firma,dc=example")
        talk.ask(der(0x30, der(2, b"\x01"), der(0x60, der(2, b"\x03"), who, der(0x80, b"spoon-77"))))
        talk.answer(der(0x30, der(2, b"\x01"), der(0x61, der(10, b"\0"), der(4), der(4))), 0.003)
        base = (
            der(4, b"dc=firma,dc=example"),
            der(10, b"\x02"),
            der(10, b"\0"),
            der(2, b"\0"),
            der(2, b"\0"),
        )
        wanted = der(0xA3, der(4, b"uid"), der(4, b"ann"))
        talk.ask(der(0x30, der(2, b"\x02"), der(0x63, *base, der(1, b"\0"), wanted, der(0x30))), 0.01)
        found = der(0x64, der(4, b"uid=ann,dc=firma,dc=example"), der(0x30))
        done = der(0x30, der(2, b"\x02"), der(0x65, der(10, b"\0"), der(4), der(4)))
        talk.answer(der(0x30, der(2, b"\x02"), found) + done, 0.004)
        scene.add(talk.ask(der(0x30, der(2, b"\x03"), b"\x42\0"), 0.1).finish())
    return scene.done()


def _versions() -> list[Timed]:
    """An old camera speaks SSL 3, an old shop TLS 1.0."""
    scene = _office(625, DESK)
    dice, now = scene.dice, scene.begin
    camera = certificate(dice, "camera", begins=now - 8 * YEAR, ends=now + 12 * YEAR)
    shop = certificate(
        dice, "old.shop.example", begins=now - 30_000_000, ends=now + 9_000_000, issuer="Some CA"
    )
    pages = [(0.3, 420, 9_000), (1.5, 420, 4_000)]
    for turn in range(3):
        talk = scene.talk(DESK, NAS, 443, 60 + 200 * turn)
        scene.add(old_tls(talk, "camera", [camera], pages, version=SSL3, cipher=AES))
        talk = scene.talk(DESK, VENDOR, 443, 130 + 200 * turn)
        scene.add(old_tls(talk, "old.shop.example", [shop], pages, version=TLS10, cipher=AES))
    return scene.done()


def _ciphers() -> list[Timed]:
    """Servers that choose RC4, 3DES or a cipher for export, and one whose certificate ended last spring."""
    scene = _office(626, DESK)
    dice, now = scene.dice, scene.begin
    for number, cipher in enumerate((EXPORT_RC4, RC4_MD5, RC4_SHA, TRIPLE_DES, 0x009C)):
        name, old = f"intranet{number}.firma.example", number == 4
        ends = now - 15_000_000 if old else now + 20_000_000
        shown = certificate(dice, name, begins=now - 60_000_000, ends=ends, issuer="Firma CA")
        for turn in range(2):
            talk = scene.talk(DESK, f"192.168.1.{81 + number}", 443, 80 + 140 * number + 30 * turn)
            version = TLS12 if old or cipher == TRIPLE_DES else TLS10
            pages = [(0.3, 380, 12_000)]
            scene.add(old_tls(talk, name, [shown], pages, version=version, cipher=cipher))
    return scene.done()


def _shares() -> list[Timed]:
    """A scanner puts its pages on a share by SMB 1."""
    scene = _office(627)
    for turn in range(4):
        talk = scene.talk("192.168.1.9", NAS, 445, 60 + 200 * turn).open()
        talk.ask(_smb1(0x72, 0, bytes.fromhex("00"), b"\x02NT LM 0.12\0"))
        # The challenge of the server: extended security, 16 bytes of its name, no token.
        words = struct.pack("<HBHHIIIIQhB", 0, 3, 50, 1, 16_644, 65_536, 0, 0x8000F3FD, 0, -60, 0)
        talk.answer(_smb1(0x72, 1, bytes([17]) + words, scene.dice.randbytes(16)), 0.001)
        for token, answer, status in (
            (ntlm_negotiate(), ntlm_challenge(talk), 0xC0000016),
            (ntlm_authenticate(talk, "scanner"), b"", 0),
        ):
            words = struct.pack("<BBHHHHIHII", 255, 0, 0, 16_644, 50, 1, 0, len(token), 0, 0x800000D4)
            talk.ask(_smb1(0x73, 0, bytes([12]) + words, token + b"\0" * 5), 0.002)
            words = struct.pack("<BBHHH", 255, 0, 0, 0, len(answer))
            talk.answer(_smb1(0x73, 1, bytes([4]) + words, answer + b"\0" * 4, status), 0.002)
        path = f"\\\\{NAS}\\SCAN".encode("utf-16-le") + b"\0\0"
        words = struct.pack("<BBHHH", 255, 0, 0, 8, 1)
        talk.ask(_smb1(0x75, 0, bytes([4]) + words, b"\0" + path + b"?????\0"), 0.001)
        words = struct.pack("<BBHH", 255, 0, 0, 1)
        told = b"A:\0" + "NTFS".encode("utf-16-le") + b"\0\0"
        talk.answer(_smb1(0x75, 1, bytes([3]) + words, told), 0.001)
        scene.add(talk.ask(_smb1(0x71, 0, b"\0", b"")).answer(_smb1(0x71, 1, b"\0", b"")).finish(after=1))
    return scene.done()


def _smb1(verb: int, answer: int, words: bytes, data: bytes, status: int = 0) -> bytes:
    """Return a message of SMB 1: count and words, then the length of its data and these."""
    flags = 0x98 if answer else 0x18
    head = struct.pack("<4sBIBH", b"\xffSMB", verb, status, flags, 0xC807) + bytes(12)
    head += struct.pack("<HHHH", 0x0800 if verb in {0x75, 0x71} else 0, 0xFEFF, 0x0801, verb)
    whole = head + words + struct.pack("<H", len(data)) + data
    return struct.pack("!I", len(whole)) + whole


def _program() -> list[Timed]:
    """A desk fetches the installer of a printer from its maker, by plain HTTP."""
    scene = _office(628, DESK)
    scene.name(DESK, "download.printermaker.example", VENDOR, 200)
    talk = scene.talk(DESK, VENDOR, 80, 200.1).open()
    host = "download.printermaker.example"
    exchange(talk, "/support/ljp1102.html", size=9_000, host=host)
    stub = bytes.fromhex("4d5a90000300000004000000ffff0000b800000000000000400000000000000000000000")
    program = stub.ljust(60, b"\0") + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + scene.dice.randbytes(900_000)
    kind = "application/x-msdownload"
    exchange(talk, "/drivers/setup-ljp1102.exe", host=host, kind=kind, content=program, pause=6)
    scene.add(talk.finish(after=2))
    return scene.done()
