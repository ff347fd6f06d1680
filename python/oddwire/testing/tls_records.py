"""TLS as it is seen from outside: a client's hello with a name, a server's hello, records of any size."""

import random
import struct

__all__ = ["client_finished", "client_hello", "record", "server_hello"]

HANDSHAKE, APPLICATION = 22, 23
LARGEST = 16_384
CIPHERS = bytes.fromhex("130213031301c02cc030009fcca9cca8ccaac02bc02f009e")
CHANGE_CIPHER = bytes.fromhex("140303000101")
GROUPS = bytes.fromhex("000a00080006001d00170018")
SIGNATURES = bytes.fromhex("000d0012001004030804040105030805050108060601")
VERSIONS = bytes.fromhex("002b0005040304" + "0303")
MODES = bytes.fromhex("002d00020101")


def client_hello(dice: random.Random, name: str = "") -> bytes:
    """Return the first record of a client, with the server's name when there is one."""
    share = struct.pack("!HHHHH", 51, 38, 36, 29, 32) + dice.randbytes(32)
    extensions = GROUPS + SIGNATURES + VERSIONS + MODES + share
    if name:
        host = name.encode()
        size = len(host)
        extensions = struct.pack("!HHHBH", 0, size + 5, size + 3, 0, size) + host + extensions
    body = b"\x03\x03" + dice.randbytes(32) + b"\x20" + dice.randbytes(32)
    body += struct.pack("!H", len(CIPHERS)) + CIPHERS + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    return _framed(HANDSHAKE, _message(1, body), version=0x0301)


def server_hello(dice: random.Random, certificates: int = 2_800) -> bytes:
    """Return a server's first flight (TLS 1.3): its hello, and the certificates in an encrypted record."""
    share = struct.pack("!HHHH", 51, 36, 29, 32) + dice.randbytes(32)
    extensions = bytes.fromhex("002b00020304") + share
    body = b"\x03\x03" + dice.randbytes(32) + b"\x20" + dice.randbytes(32) + b"\x13\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    return _framed(HANDSHAKE, _message(2, body)) + CHANGE_CIPHER + record(dice, certificates)


def client_finished(dice: random.Random) -> bytes:
    """Return a client's second flight."""
    return CHANGE_CIPHER + record(dice, 53)


def record(dice: random.Random, size: int) -> bytes:
    """Return encrypted records that carry so many bytes in all."""
    starts = range(0, size, LARGEST)
    return b"".join(_framed(APPLICATION, dice.randbytes(min(LARGEST, size - at))) for at in starts)


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def _framed(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(body)) + body
