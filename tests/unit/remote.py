"""Conversations by which one Windows host makes another one run something, byte by byte."""

import struct
from uuid import UUID

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, seeded

__all__ = ["CREATED", "OPENED", "SERVICES", "TASKS", "WMI", "calls", "share", "shell"]

SERVICES = ("367abb81-9844-35f1-ad32-98f038001003", 12)
TASKS = ("86d35949-83c9-4044-b424-db363231fd0c", 1)
WMI = ("9556dc99-828c-11cf-a37e-00aa003240c7", 24)
CREATED, OPENED = 2, 1


def _talk(client: str, server: str, port: int, start: float) -> Dialogue:
    talk = Dialogue(
        client=client,
        cport=50_000 + int(start) % 5_000 + port % 7,
        server=server,
        sport=port,
        start=start,
        dice=seeded(int(start)),
        rtt=0.001,
    )
    return talk.open()


def _rpc(kind: int, body: bytes) -> bytes:
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", 16 + len(body), 0, 1) + body


def calls(client: str, server: str, start: float, interface: str, *operations: int) -> list[Timed]:
    """Return remote calls of an interface."""
    syntax = UUID(interface).bytes_le + struct.pack("<I", 2) + b"\x04" * 20
    bind = struct.pack("<HHIBBHHBB", 4_280, 4_280, 0, 1, 0, 0, 0, 1, 0) + syntax
    accept = struct.pack("<HHIH", 4_280, 4_280, 0, 4) + b"135\0\0\0" + b"\x01\0\0\0" + bytes(4) + b"\x04" * 20
    talk = _talk(client, server, 49_670, start).ask(_rpc(11, bind)).answer(_rpc(12, accept))
    for operation in operations:
        talk.ask(_rpc(0, struct.pack("<IHH", 0, 0, operation) + b"A" * 300))
        talk.answer(_rpc(2, struct.pack("<IHH", 0, 0, 0) + b"B" * 40))
    return talk.finish().packets


def _smb(command: int, ids: tuple[int, int], body: bytes, *, answers: bool = False) -> bytes:
    tree, number = ids
    head = b"\xfeSMB\x40\0\x01\0" + struct.pack("<IHHIIQIIQ", 0, command, 1, answers, 0, number, 0, tree, 9)
    message = head + bytes(16) + body
    return struct.pack(">I", len(message)) + message


def share(client: str, server: str, start: float, path: str, names: dict[str, int]) -> list[Timed]:
    """Return a share that is connected to, and the files or pipes opened there; each with what that did."""
    talk = _talk(client, server, 445, start)
    offers = b"\x24\0\x02\0" + bytes(32) + b"\x10\x02\x02\x03"
    talk.ask(_smb(0, (0, 0), offers)).answer(
        _smb(0, (0, 0), b"\x41\0\x03\0\x02\x03" + bytes(58), answers=True)
    )
    where = f"\\\\{server}\\{path}".encode("utf-16-le")
    kind = 2 if path == "IPC$" else 1
    talk.ask(_smb(3, (0, 1), b"\x09\0\0\0\x48\0" + struct.pack("<H", len(where)) + where))
    talk.answer(_smb(3, (1, 1), bytes([16, 0, kind]) + bytes(13), answers=True))
    for number, (name, action) in enumerate(names.items(), 2):
        wide = name.encode("utf-16-le")
        body = b"\x39\0" + bytes(42) + b"\x78\0" + struct.pack("<H", len(wide)) + bytes(8) + wide
        talk.ask(_smb(5, (1, number), body))
        talk.answer(_smb(5, (1, number), bytes([89, 0, 0, 0, action]) + bytes(83), answers=True))
    return talk.finish().packets


def shell(client: str, server: str, start: float) -> list[Timed]:
    """Return a remote shell over HTTP."""
    talk = _talk(client, server, 5_985, start)
    for _ in range(4):
        talk.ask(b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n" + b"x" * 400)
        talk.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"y" * 300)
    return talk.finish().packets
