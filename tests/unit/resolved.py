"""Questions to name servers and their answers, as packets, for the tests of what is judged by names."""

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from zlib import crc32

from oddwire.testing.capture import Timed
from oddwire.testing.packets import udp

__all__ = ["CLIENT", "SERVER", "START", "asked", "record"]

START = 1_710_062_400.0
CLIENT, SERVER = "10.0.0.5", "10.0.0.53"
KINDS = {
    "A": 1, "NS": 2, "CNAME": 5, "NULL": 10, "PTR": 12, "MX": 15, "TXT": 16, "KEY": 25, "AAAA": 28, "NB": 32,
    "SRV": 33, "PRIVATE": 65_399,
}  # fmt: skip
CODES = {"NOERROR": 0, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
RESPONSE, RECURSION = 0x8000, 0x0180


def record(kind: str, value: str) -> bytes:
    """Return the data of a record."""
    if kind in {"A", "AAAA"}:
        return ip_address(value).packed
    if kind == "TXT":
        parts = [value[at : at + 255] for at in range(0, len(value), 255)] or [""]
        return b"".join(bytes([len(part)]) + part.encode("latin-1") for part in parts)
    if kind in {"CNAME", "PTR", "NS"}:
        return _name(value)
    if kind == "MX":
        return struct.pack("!H", 10) + _name(value)
    if kind == "NB":
        return struct.pack("!H", 0) + ip_address(value).packed
    return value.encode("latin-1")


def _name(name: str) -> bytes:
    labels = name.split(".") if name else []
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in labels) + b"\0"


def _netbios(name: str) -> bytes:
    padded = name.upper().ljust(15)[:15].encode() + b"\0"
    return b"\x20" + bytes(65 + part for byte in padded for part in divmod(byte, 16)) + b"\0"


def asked(
    name: str,
    kind: str = "A",
    answers: Sequence[str] | None = (),
    *,
    at: float,
    client: str = CLIENT,
    server: str = SERVER,
    port: int | None = None,
    ident: int | None = None,
    code: str = "NOERROR",
    ttl: int = 60,
    rtt: float = 0.02,
    asks: bool = True,
    service: int = 53,
    called: str | None = None,
) -> list[Timed]:
    """Return a question and its answer: no answer for None, only the answer unless it `asks`.

    With `called` the question goes to that address (a group or all), and the server answers to it.
    """
    mark = crc32(f"{client}{name}{kind}{at}".encode())
    port = 20_000 + mark % 40_000 if port is None else port
    ident = mark >> 16 if ident is None else ident
    wire = _netbios(name) if service == 137 else _name(name)
    tail = struct.pack("!HH", KINDS[kind], 1)
    flags = 0 if called else RECURSION
    ask = struct.pack("!HHHHHH", ident, flags & 0x0100, 1, 0, 0, 0) + wire + tail
    packets = [(START + at, udp(client, port, called or server, service, ask))] if asks else []
    if answers is None:
        return packets
    head = struct.pack("!HHHHHH", ident, RESPONSE | flags | CODES[code], service != 137, len(answers), 0, 0)
    body = head + wire + tail if service != 137 else head
    for answer in answers:
        data = record(kind, answer)
        owner = wire if service == 137 else b"\xc0\x0c"
        body += owner + tail + struct.pack("!IH", ttl, len(data)) + data
    return [*packets, (START + at + rtt, udp(server, service, client, port, body))]
