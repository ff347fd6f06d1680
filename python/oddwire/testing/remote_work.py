"""What one Windows host does on another from afar: remote calls, files on shares, WinRM."""

import struct
from typing import Literal

from oddwire.testing.dialogue import Dialogue
from oddwire.testing.logins import smb_open

__all__ = ["remote_calls", "share_work", "winrm"]

BIND, BIND_ACK, REQUEST, RESPONSE = 11, 12, 0, 2
EXPORTER = bytes.fromhex("c4fefc9960521b10bbcb00aa0021347a")
NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
CHUNK = 65_536


def remote_calls(talk: Dialogue, calls: int = 2, *, size: int = 300) -> Dialogue:
    """Bind to an interface by DCE/RPC and call it so many times."""
    context = struct.pack("<HBB", 0, 1, 0) + EXPORTER + struct.pack("<I", 0) + NDR
    bound = struct.pack("<HHIBBH", 5_840, 5_840, 0, 1, 0, 0) + context
    talk.open().ask(_pdu(BIND, 1, bound))
    address = struct.pack("<H4s", 4, b"135\0") + bytes(2)
    accepted = (
        struct.pack("<HHI", 5_840, 5_840, 0x1234) + address + struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR
    )
    talk.answer(_pdu(BIND_ACK, 1, accepted), 0.001)
    for call in range(2, calls + 2):
        stub = talk.dice.randbytes(size // 2 + talk.dice.randrange(size))
        talk.ask(_pdu(REQUEST, call, struct.pack("<IHH", len(stub), 0, 9) + stub), 0.003)
        stub = talk.dice.randbytes(size // 2 + talk.dice.randrange(size))
        talk.answer(_pdu(RESPONSE, call, struct.pack("<IHH", len(stub), 0, 0) + stub), 0.004)
    return talk.finish(after=0.5)


def share_work(
    talk: Dialogue, size: int, *, way: Literal["write", "read"] = "write", calls: int = 6
) -> Dialogue:
    """Open a share, write or read a file of so many bytes, and do small things on pipes or directories."""
    smb_open(talk)
    for _ in range(calls):
        talk.ask(_smb(5, talk.dice.randbytes(120)), 0.004).answer(_smb(5, talk.dice.randbytes(88)), 0.001)
    for at in range(0, size, CHUNK):
        part = talk.dice.randbytes(min(CHUNK, size - at))
        if way == "write":
            talk.ask(_smb(9, bytes(48) + part)).answer(_smb(9, bytes(16)), 0.001)
        else:
            talk.ask(_smb(8, bytes(49))).answer(_smb(8, bytes(16) + part), 0.001)
    return talk.ask(_smb(6, bytes(24))).answer(_smb(6, bytes(60))).finish(after=0.2)


def winrm(talk: Dialogue, posts: int) -> Dialogue:
    """Talk to the web service for management: a log-in in two steps, then sealed messages."""
    talk.open()
    for number in range(posts + 2):
        body = talk.dice.randbytes(0 if number < 2 else talk.dice.randrange(900, 3_000))  # noqa: PLR2004  # log-in
        token = f"Authorization: Negotiate {'T' * 80}\r\n" if number < 2 else ""  # noqa: PLR2004  # log-in
        head = (
            f"POST /wsman HTTP/1.1\r\nHost: {talk.server}:5985\r\n{token}Content-Length: {len(body)}\r\n\r\n"
        )
        status = "401 " if number == 0 else "200 OK"
        answer = talk.dice.randbytes(0 if number < 2 else talk.dice.randrange(700, 4_000))  # noqa: PLR2004  # log-in
        talk.ask(head.encode() + body, 0.02)
        talk.answer(f"HTTP/1.1 {status}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer, 0.05)
    return talk.finish(after=0.3)


def _pdu(kind: int, call: int, body: bytes) -> bytes:
    head = struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, call)
    return head + body


def _smb(command: int, body: bytes) -> bytes:
    """Return a sealed message (SMB 3): only its frame and transform header can be read."""
    sealed = b"\xfdSMB" + bytes([command]) * 16 + bytes(16) + struct.pack("<IHHQ", len(body) + 64, 0, 1, 1)
    return struct.pack("!I", len(sealed) + 64 + len(body)) + sealed + bytes(64) + body
