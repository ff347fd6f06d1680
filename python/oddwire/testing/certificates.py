"""TLS up to 1.2 as steps of a conversation: its certificate can be read, and may be a program's own."""

import struct
from collections.abc import Iterable, Sequence
from random import Random

from oddwire.testing.conversations import Step

__all__ = ["Named", "certificate", "old_tls"]

# Parts of a name: CN, O, OU ... with their texts.
Named = Sequence[tuple[str, str]]

TYPES = {"CN": 3, "C": 6, "L": 7, "ST": 8, "O": 10, "OU": 11}
RSA_KEY = bytes.fromhex("300d06092a864886f70d0101010500")
RSA_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")
LONG = 0x80
TLS10 = 0x0301
ECDHE, PLAIN_RSA = 0xC02F, 0x0035
FINISHED, HANDSHAKE, CHANGE, APPLICATION = 40, 22, 20, 23


def certificate(
    dice: Random, subject: Named, issuer: Named | None = None, *, years: tuple[int, int] = (23, 33)
) -> bytes:
    """Return an X.509 certificate, signed by itself unless there is an issuer; its key fits nothing."""
    valid = b"".join(_der(0x17, f"{year:02d}0301000000Z".encode()) for year in years)
    modulus = b"\x00" + bytes([dice.randrange(128, 256)]) + dice.randbytes(255)
    key = _der(0x30, _der(2, modulus) + _der(2, b"\x01\x00\x01"))
    body = _der(0xA0, b"\x02\x01\x02") + _der(2, b"\x4a" + dice.randbytes(15)) + RSA_SHA256
    body += _name(issuer or subject) + _der(0x30, valid) + _name(subject)
    body += _der(0x30, RSA_KEY + _der(3, b"\0" + key))
    return _der(0x30, _der(0x30, body) + RSA_SHA256 + _der(3, b"\0" + dice.randbytes(256)))


def old_tls(
    dice: Random,
    pages: Iterable[tuple[float, int, int]],
    chain: Sequence[bytes],
    *,
    name: str = "",
    version: int = 0x0303,
) -> list[Step]:
    """Return a TLS session up to 1.2: each page is (pause before, bytes asked, bytes answered).

    Zero bytes asked means that the server speaks of its own accord.
    """
    cipher = PLAIN_RSA if version == TLS10 else ECDHE
    entries = b"".join(_sized(one) for one in chain)
    flight = _message(2, _hello(dice, version, cipher)) + _message(11, _sized(entries))
    if cipher == ECDHE:
        share = b"\x03\x00\x17\x41\x04" + dice.randbytes(64)
        flight += _message(12, share + b"\x04\x01" + struct.pack("!H", 256) + dice.randbytes(256))
        mine = b"\x41\x04" + dice.randbytes(64)
    else:
        mine = struct.pack("!H", 256) + dice.randbytes(256)
    done = _record(CHANGE, version, b"\x01") + _record(HANDSHAKE, version, dice.randbytes(FINISHED))
    steps: list[Step] = [
        (0.001, True, _record(HANDSHAKE, TLS10, _message(1, _client(dice, version, name)))),
        (0.003, False, _record(HANDSHAKE, version, flight + _message(14, b""))),
        (0.004, True, _record(HANDSHAKE, version, _message(16, mine)) + done),
        (0.003, False, done),
    ]
    for pause, asked, answered in pages:
        if asked:
            steps.append((pause, True, _data(dice, version, asked)))
        if answered:
            steps.append((0.004 if asked else pause, False, _data(dice, version, answered)))
    return steps


def _client(dice: Random, version: int, name: str) -> bytes:
    ciphers = bytes.fromhex("c02cc02bc030c02fc024c023c028c027c00ac009c014c013009d009c0035002f000a")
    extensions = bytes.fromhex("000a00080006001d00170018" + "000b00020100" + "00170000" + "ff01000100")
    if version != TLS10:
        extensions += bytes.fromhex("000d000e000c040105010201040305030203")
    if name:
        host = name.encode()
        size = len(host)
        extensions = struct.pack("!HHHBH", 0, size + 5, size + 3, 0, size) + host + extensions
    body = struct.pack("!H", version) + dice.randbytes(32) + b"\0"
    body += struct.pack("!H", len(ciphers)) + ciphers + b"\x01\x00"
    return body + struct.pack("!H", len(extensions)) + extensions


def _hello(dice: Random, version: int, cipher: int) -> bytes:
    extensions = bytes.fromhex("ff01000100" + "00170000")
    body = struct.pack("!H", version) + dice.randbytes(32) + b"\x20" + dice.randbytes(32)
    return body + struct.pack("!HBH", cipher, 0, len(extensions)) + extensions


def _data(dice: Random, version: int, size: int) -> bytes:
    parts = range(0, size, 16_384)
    return b"".join(
        _record(APPLICATION, version, dice.randbytes(24 + min(16_384, size - at))) for at in parts
    )


def _record(kind: int, version: int, body: bytes) -> bytes:
    return struct.pack("!BHH", kind, version, len(body)) + body


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _sized(body)


def _sized(body: bytes) -> bytes:
    return len(body).to_bytes(3) + body


def _name(parts: Named) -> bytes:
    out = b""
    for kind, text in parts:
        letters = _der(0x13 if kind == "C" else 0x0C, text.encode())
        out += _der(0x31, _der(0x30, bytes([6, 3, 0x55, 4, TYPES[kind]]) + letters))
    return _der(0x30, out)


def _der(tag: int, body: bytes) -> bytes:
    size = len(body)
    if size < LONG:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, LONG | len(length)]) + length + body
