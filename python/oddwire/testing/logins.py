"""Log-ins of binary protocols: RDP, SMB, MySQL, SQL Server, PostgreSQL and VNC."""

import struct

from oddwire.testing.dialogue import Dialogue
from oddwire.testing.tls_records import client_finished, client_hello, record, server_hello

__all__ = [
    "mssql_guess",
    "mysql_guess",
    "mysql_work",
    "postgres_guess",
    "rdp_guess",
    "rdp_work",
    "smb_guess",
    "smb_open",
    "vnc_guess",
]

NEGOTIATE, SESSION_SETUP, TREE_CONNECT = 0, 1, 3
MORE_NEEDED, LOGON_FAILURE = 0xC0000016, 0xC000006D
NTLM = b"NTLMSSP\0"


def rdp_guess(talk: Dialogue, user: str = "administrator") -> Dialogue:
    """Try one password with network-level authentication: TLS, then CredSSP, then the line is cut."""
    _rdp_tls(talk, user)
    talk.ask(record(talk.dice, 110)).answer(record(talk.dice, 290), 0.003)
    talk.ask(record(talk.dice, 690 + talk.dice.randrange(40)), 0.002)
    return talk.reset(by="server", after=0.03)


def rdp_work(talk: Dialogue, seconds: float, user: str = "ann") -> Dialogue:
    """Log in and work: keys and mouse to the server, pictures back, until closed."""
    _rdp_tls(talk, user)
    talk.ask(record(talk.dice, 110)).answer(record(talk.dice, 290), 0.003).ask(record(talk.dice, 720))
    talk.answer(record(talk.dice, 120), 0.03).ask(record(talk.dice, 90)).ask(record(talk.dice, 460))
    end = talk.time + seconds
    while talk.time < end:
        talk.ask(record(talk.dice, talk.dice.randrange(30, 70)), talk.dice.expovariate(2.0))
        talk.answer(record(talk.dice, talk.dice.randrange(60, 5_000)), 0.03)
    return talk.finish()


def smb_guess(talk: Dialogue, attempts: int = 1) -> Dialogue:
    """Try passwords with NTLM in one SMB2 connection; each failure is STATUS_LOGON_FAILURE."""
    smb_negotiate(talk)
    for attempt in range(attempts):
        _ntlm(talk, attempt * 2 + 1)
        talk.answer(_smb(SESSION_SETUP, attempt * 2 + 2, b"\x09\0" + bytes(6), LOGON_FAILURE), 0.004)
    return talk.finish()


def smb_open(talk: Dialogue) -> Dialogue:
    """Log in to a server and connect to a share; what follows is the caller's."""
    smb_negotiate(talk)
    _ntlm(talk, 1)
    talk.answer(_smb(SESSION_SETUP, 2, b"\x09\0" + bytes(6)), 0.004)
    path = f"\\\\{talk.server}\\data".encode("utf-16-le")
    talk.ask(_smb(TREE_CONNECT, 3, struct.pack("<HHHH", 9, 0, 72, len(path)) + path))
    return talk.answer(_smb(TREE_CONNECT, 3, b"\x10\0\x01\0" + bytes(12)))


def mysql_guess(talk: Dialogue, user: str = "root") -> Dialogue:
    """Try one password: the server speaks first, the failure is error 1045."""
    _mysql_greeting(talk, user)
    denied = f"\xff\x15\x04#28000Access denied for user '{user}'@'{talk.client}' (using password: YES)"
    return talk.answer(_mysql(2, denied.encode("latin-1")), 0.001).finish(by="server")


def mysql_work(talk: Dialogue, queries: int) -> Dialogue:
    """Log in, ask queries, leave: what an application without a pool does for each page."""
    _mysql_greeting(talk, "shop")
    talk.answer(_mysql(2, bytes.fromhex("00000002000000")), 0.001)
    for _ in range(queries):
        text = b"\x03SELECT " + b"x" * talk.dice.randrange(20, 400)
        talk.ask(_mysql(0, text)).answer(
            _mysql(1, b"\x05" + talk.dice.randbytes(talk.dice.randrange(60, 9_000))), 0.002
        )
    return talk.ask(_mysql(0, b"\x01")).finish()


def mssql_guess(talk: Dialogue) -> Dialogue:
    """Try one password with TDS: pre-login, TLS inside of it, log-in, error 18456."""
    prelogin = bytes.fromhex("00001a0006010020000102002100010300220004040026 0001ff")
    talk.open().ask(_tds(0x12, prelogin + bytes(13))).answer(_tds(4, prelogin + bytes(10)), 0.001)
    talk.ask(_tds(0x12, client_hello(talk.dice))).answer(_tds(0x12, server_hello(talk.dice, 900)), 0.003)
    talk.ask(_tds(0x12, client_finished(talk.dice))).ask(record(talk.dice, 190), 0.000_5)
    text = "Login failed for user 'sa'.".encode("utf-16-le")
    error = struct.pack("<IBBH", 18_456, 1, 14, len(text) // 2) + text + bytes(2) + struct.pack("<I", 1)
    done = struct.pack("<BHHQ", 0xFD, 2, 0, 0)
    return talk.answer(_tds(4, struct.pack("<BH", 0xAA, len(error)) + error + done), 0.002).finish()


def postgres_guess(talk: Dialogue, user: str = "postgres") -> Dialogue:
    """Try one password with SCRAM: start, challenge, proof, error 28P01."""
    names = b"user\0" + user.encode() + b"\0database\0postgres\0\0"
    talk.open().ask(struct.pack("!II", len(names) + 8, 196_608) + names)
    talk.answer(_pg(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256\0\0"), 0.002)
    talk.ask(_pg(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", 32) + b"n,,n=,r=" + talk.dice.randbytes(24)))
    talk.answer(_pg(b"R", struct.pack("!I", 11) + talk.dice.randbytes(84)), 0.001)
    talk.ask(_pg(b"p", talk.dice.randbytes(104)), 0.004)
    wrong = f'SFATAL\0C28P01\0Mpassword authentication failed for user "{user}"\0\0'
    return talk.answer(_pg(b"E", wrong.encode()), 0.005).finish(by="server")


def vnc_guess(talk: Dialogue) -> Dialogue:
    """Try one password: challenge of sixteen bytes, answer, failure."""
    talk.open().answer(b"RFB 003.008\n", 0.002).ask(b"RFB 003.008\n").answer(b"\x01\x02").ask(b"\x02")
    talk.answer(talk.dice.randbytes(16)).ask(talk.dice.randbytes(16))
    reason = b"Authentication failed"
    return talk.answer(struct.pack("!II", 1, len(reason)) + reason, 0.3).finish(by="server")


def smb_negotiate(talk: Dialogue) -> Dialogue:
    """Shake hands and agree on a dialect of SMB2."""
    dialects = struct.pack(
        "<HHHHI16sII5H", 36, 5, 1, 0, 0x7F, talk.dice.randbytes(16), 0, 0, 0x202, 0x210, 0x300, 0x302, 0x311
    )
    talk.open().ask(_smb(NEGOTIATE, 0, dialects))
    answer = struct.pack("<HHHH16sIIII", 65, 1, 0x302, 0, bytes(16), 0x2F, 8_388_608, 8_388_608, 8_388_608)
    return talk.answer(_smb(NEGOTIATE, 0, answer + bytes(24) + talk.dice.randbytes(120)), 0.001)


def _ntlm(talk: Dialogue, message: int) -> None:
    first = NTLM + struct.pack("<II", 1, 0xE2088297) + bytes(24)
    talk.ask(_smb(SESSION_SETUP, message, _setup(first)), 0.001)
    second = NTLM + struct.pack("<I", 2) + talk.dice.randbytes(180)
    talk.answer(_smb(SESSION_SETUP, message, _setup(second), MORE_NEEDED), 0.001)
    talk.ask(_smb(SESSION_SETUP, message + 1, _setup(_authenticate(talk))), 0.001)


def _authenticate(talk: Dialogue) -> bytes:
    names = [name.encode("utf-16-le") for name in ("CORP", "administrator", "PC7")]
    proof = talk.dice.randbytes(talk.dice.randrange(290, 320))
    parts = [bytes(24), proof, *names, talk.dice.randbytes(16)]
    fields, at = b"", 64
    for part in parts:
        fields += struct.pack("<HHI", len(part), len(part), at)
        at += len(part)
    return NTLM + struct.pack("<I", 3) + fields + struct.pack("<I", 0xE2088297) + b"".join(parts)


def _rdp_tls(talk: Dialogue, user: str) -> None:
    cookie = f"Cookie: mstshash={user}\r\n".encode()
    request = struct.pack("!BHHB", 0xE0, 0, 0, 0) + cookie + bytes.fromhex("0100080003000000")
    talk.open().ask(_tpkt(request)).answer(_tpkt(bytes.fromhex("d000001234000200080002000000")), 0.002)
    talk.ask(client_hello(talk.dice)).answer(server_hello(talk.dice, 820), 0.004)
    talk.ask(client_finished(talk.dice))


def _mysql_greeting(talk: Dialogue, user: str) -> None:
    hello = b"\x0a8.0.35\0" + talk.dice.randbytes(13) + b"\xff\xff\xff\x02\0\xff\xdf\x15" + bytes(10)
    talk.open().answer(_mysql(0, hello + talk.dice.randbytes(12) + b"\0caching_sha2_password\0"), 0.001)
    head = struct.pack("<IIB23x", 0x00FFA685, 1 << 24, 255)
    talk.ask(
        _mysql(1, head + user.encode() + b"\0\x20" + talk.dice.randbytes(32) + b"caching_sha2_password\0")
    )


def _smb(command: int, message: int, body: bytes, status: int = 0) -> bytes:
    """Return a message of SMB2 in its NetBIOS frame."""
    answers = {SESSION_SETUP: b"\x09", NEGOTIATE: b"\x41", TREE_CONNECT: b"\x10"}
    flags = 1 if status or body[:1] == answers.get(command) else 0
    head = struct.pack(
        "<4sHHIHHIIQIIQ", b"\xfeSMB", 64, 1, status, command, 1, flags, 0, message, 0xFEFF, 0, 1
    )
    whole = head + bytes(16) + body
    return struct.pack("!I", len(whole)) + whole


def _setup(token: bytes) -> bytes:
    return struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token


def _tpkt(payload: bytes) -> bytes:
    return struct.pack("!BBHB", 3, 0, len(payload) + 5, len(payload)) + payload


def _mysql(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


def _tds(kind: int, payload: bytes) -> bytes:
    return struct.pack("!BBHHBB", kind, 1, len(payload) + 8, 0, 1, 0) + payload


def _pg(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!I", len(payload) + 4) + payload
