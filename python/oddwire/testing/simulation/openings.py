"""What a service says before all is opaque: hellos with names, heads, banners, questions with answers."""

import struct
from functools import lru_cache
from ipaddress import ip_address
from random import Random
from typing import NamedTuple, TypeAlias

from oddwire.testing.dns_messages import ANSWER, KINDS, NO_SUCH_NAME, QUERY, SERVER_FAILED, host, text
from oddwire.testing.services import client_hello, files, ssh
from oddwire.testing.tls_records import server_hello
from oddwire.testing.wire import noise
from oddwire.testing.x509 import der

__all__ = ["Opening", "Turn", "kerberos_messages", "opening", "polled", "question_and_answer"]

# Whether the client speaks, and what it says.
Turn: TypeAlias = tuple[bool, bytes]

MSS = 1_460
MOST_CERTIFICATES, FEWEST_CERTIFICATES = 2_800, 64
TLS_PORTS = frozenset({443, 465, 636, 853, 993, 995, 8_443, 5_061, 8_883})
SNMP_BYTES = 30
HEAD_BYTES, RECORD_BYTES, LASTS_S, LONGEST_ANSWER = 12, 12, 60, 900
EDNS_BYTES, OPTION_BYTES, PADDING = 11, 4, 12
FAILURES = {"NXDOMAIN": NO_SUCH_NAME, "SERVFAIL": SERVER_FAILED}


class Opening(NamedTuple):
    """The first messages of a conversation, in order, and how what follows is framed."""

    turns: tuple[Turn, ...]
    framed: str = ""


def opening(service: str | None, name: str, verb: str, port: int, sizes: tuple[int, int]) -> Opening:
    """Return what is said first over TCP where so many bytes are said in all, there and back."""
    out, back = sizes
    if service in {"tls", "https"} or (service in {"imap", "smtp", "ldap"} and port in TLS_PORTS):
        return _tls(name, back)
    if service == "http":
        return _http(name or "localhost", verb or "GET", out, back)
    if service == "smtp":
        return _smtp()
    fixed = _FIXED.get(service or "")
    return fixed(back) if fixed else Opening(())


def _tls(name: str, back: int) -> Opening:
    turns: list[Turn] = [(True, _hello(name))]
    certificates = min(MOST_CERTIFICATES, back - 150)
    if back:
        turns.append((False, _answer(max(FEWEST_CERTIFICATES, certificates))))
    return Opening(tuple(turns), "tls")


@lru_cache(maxsize=4_096)
def _hello(name: str) -> bytes:
    return client_hello(name, len(name) * 7)


@lru_cache(maxsize=4_096)
def _answer(certificates: int) -> bytes:
    return server_hello(Random(certificates), certificates)  # noqa: S311  # made traffic


def _http(name: str, verb: str, out: int, back: int) -> Opening:
    """Return a request and its answer; the length that each names is that of all that follows it."""
    head = f"{verb} /{_path(name)} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"
    left = out - len(head) - 2
    if verb in {"POST", "PUT"}:
        left -= len("Content-Length: \r\n")
        left -= len(str(max(left, 0)))
        head += f"Content-Length: {max(left, 0)}\r\n"
    elif left > len("Cookie: \r\n"):
        head += f"Cookie: {'k' * (min(left, MSS - len(head) - 2) - len('Cookie: ') - 2)}\r\n"
    answer = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\n"
    rest = back - len(answer) - len("Content-Length: \r\n\r\n")
    rest -= len(str(max(rest, 0)))
    answer += f"Content-Length: {max(rest, 0)}\r\n\r\n"
    turns: list[Turn] = [(True, (head + "\r\n").encode())]
    if back:
        turns.append((False, answer.encode()))
    return Opening(tuple(turns))


def _path(name: str) -> str:
    return "index.html" if name[:1] in "aeiou" else f"v{len(name)}/status"


def _smtp() -> Opening:
    said = (
        (False, "220 mx.mail.example ESMTP\r\n"),
        (True, "EHLO client.mail.example\r\n"),
        (False, "250 mx.mail.example\r\n"),
        (True, "MAIL FROM:<news@mail.example>\r\n"),
        (False, "250 2.1.0 Ok\r\n"),
        (True, "RCPT TO:<someone@mail.example>\r\n"),
        (False, "250 2.1.5 Ok\r\n"),
        (True, "DATA\r\n"),
        (False, "354 End data with <CR><LF>.<CR><LF>\r\n"),
        (True, "Subject: News\r\nContent-Type: text/plain\r\n\r\n"),
    )
    return Opening(tuple((mine, line.encode()) for mine, line in said), "text")


def _imap(_: int) -> Opening:
    said = ((False, "* OK IMAP4rev1 ready\r\n"), (True, "a1 CAPABILITY\r\n"))
    return Opening(tuple((mine, line.encode()) for mine, line in said), "text")


def _ssh(_: int) -> Opening:
    steps = ssh((), 3)[:7]
    return Opening(tuple((mine, data) for _, mine, data in steps))


def _smb(_: int) -> Opening:
    return Opening(tuple((mine, data) for _, mine, data in files((), 3)[:2]), "smb")


def _rdp(back: int) -> Opening:
    """Return a request for security by TLS and its grant; then TLS is spoken."""
    ask = bytes.fromhex("030000130ee000000000000100080003000000")
    grant = bytes.fromhex("030000130ed000001234000209080001000000")
    turns: list[Turn] = [(True, ask), (False, grant), *_tls("", max(1, back - len(grant))).turns]
    return Opening(tuple(turns), "tls")


def _printing(_: int) -> Opening:
    return Opening(((True, b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n"),))


def _kerberos(_: int) -> Opening:
    ask, reply = kerberos_messages()
    return Opening(((True, len(ask).to_bytes(4) + ask), (False, len(reply).to_bytes(4) + reply)))


def kerberos_messages() -> tuple[bytes, bytes]:
    """Return a request for a ticket and its answer, whose tickets are noise."""

    def number(place: int, value: bytes) -> bytes:
        return der(0xA0 | place, der(2, value))

    def name(place: int, kind: bytes, *parts: bytes) -> bytes:
        words = der(0xA1, der(0x30, *(der(0x1B, part) for part in parts)))
        return der(0xA0 | place, der(0x30, number(0, kind), words))

    def sealed(place: int, size: int) -> bytes:
        return der(0xA0 | place, der(0x30, number(0, b"\x12"), der(0xA2, der(4, noise(size, size)))))

    realm, client, service = b"OFFICE.EXAMPLE", b"someone", (b"krbtgt", b"OFFICE.EXAMPLE")
    wish = (
        der(0xA0, der(3, bytes.fromhex("0050800000")))
        + name(1, b"\x01", client)
        + der(0xA2, der(0x1B, realm))
    )
    wish += (
        name(3, b"\x02", *service) + der(0xA5, der(0x18, b"20370913024805Z")) + number(7, b"\x1f\x4a\x22\x10")
    )
    wish += der(0xA8, der(0x30, der(2, b"\x12"), der(2, b"\x11")))
    ask = der(0x6A, der(0x30, number(1, b"\x05"), number(2, b"\x0a"), der(0xA4, der(0x30, wish))))
    ticket = der(
        0x61,
        der(
            0x30, number(0, b"\x05"), der(0xA1, der(0x1B, realm)), name(2, b"\x02", *service), sealed(3, 330)
        ),
    )
    reply = number(0, b"\x05") + number(1, b"\x0b") + der(0xA3, der(0x1B, realm)) + name(4, b"\x01", client)
    return ask, der(0x6B, der(0x30, reply, der(0xA5, ticket), sealed(6, 210)))


def polled(out: int, back: int) -> tuple[bytes, bytes]:
    """Return an SNMP question and its answer of about these sizes: as many variables as it takes."""
    oid = bytes.fromhex("06082b06010201010300")
    count = max(1, round((out - SNMP_BYTES) / (len(oid) + 4)))
    ask = _snmp(0xA0, *(der(0x30, oid, b"\x05\x00") for _ in range(count)))
    filled = noise(max((back - SNMP_BYTES) // count - len(oid) - 4, 1), back)
    return ask, _snmp(0xA2, *(der(0x30, oid, der(4, filled)) for _ in range(count)))


def _snmp(kind: int, *variables: bytes) -> bytes:
    numbers = der(2, b"\x01\x23\x45"), der(2, b"\0"), der(2, b"\0")
    return der(0x30, der(2, b"\x01"), der(4, b"public"), der(kind, *numbers, der(0x30, *variables)))


_FIXED = {"imap": _imap, "ssh": _ssh, "smb": _smb, "rdp": _rdp, "printing": _printing, "kerberos": _kerberos}


def question_and_answer(
    name: str, verb: str, answer: str | None, ident: int, sizes: tuple[int, int]
) -> tuple[bytes, bytes]:
    """Return a DNS question and its answer, padded (EDNS) up to the sizes of the plan."""
    verb = verb if verb in KINDS else "A"
    asked = host(name) + struct.pack("!HH", KINDS[verb], 1)
    code = FAILURES.get(answer or "", 0)
    records = [] if code else _records(verb, answer, sizes[1] - HEAD_BYTES - len(asked))
    said = b"".join(
        b"\xc0\x0c" + struct.pack("!HHIH", KINDS[verb], 1, LASTS_S, len(data)) + data for data in records
    )
    ask = struct.pack("!HHHHHH", ident, QUERY, 1, 0, 0, 0) + asked
    reply = struct.pack("!HHHHHH", ident, ANSWER | code, 1, len(records), 0, 0) + asked + said
    return _padded(ask, sizes[0]), _padded(reply, sizes[1])


def _records(verb: str, answer: str | None, room: int) -> list[bytes]:
    """Return the data of an answer's records; what is no address fills the room there is."""
    if verb in {"A", "AAAA"}:
        version = ":" if verb == "AAAA" else "."
        return [_packed(one) for one in (answer or "").split(",") if version in one]
    if verb in {"CNAME", "PTR", "NS"}:
        return [host(answer if answer and "." in answer else "host.office.example")]
    if verb == "MX":
        return [struct.pack("!H", 10) + host("mx.mail.example")]
    data = noise(min(max(room - RECORD_BYTES, 0), LONGEST_ANSWER), room)
    if not data or verb not in {"TXT", "NULL", "KEY"}:
        return []
    # Each string of a text of at most 255 bytes has its length before it.
    return [text(data[: len(data) - -(-len(data) // 256)]) if verb == "TXT" else data]


def _packed(ip: str) -> bytes:
    return bytes(map(int, ip.split("."))) if "." in ip else ip_address(ip).packed


def _padded(text: bytes, size: int) -> bytes:
    missing = size - len(text) - EDNS_BYTES - OPTION_BYTES
    if missing < 0:
        return text
    option = struct.pack("!HH", PADDING, missing) + bytes(missing)
    more = b"\0" + struct.pack("!HHIH", 41, 1_232, 0, len(option)) + option
    return text[:10] + struct.pack("!H", 1) + text[12:] + more
