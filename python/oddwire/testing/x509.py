"""Certificates as servers show them (X.509), with keys and signatures that are noise."""

from datetime import UTC, datetime
from random import Random

__all__ = ["certificate", "der"]

SHORT_FORM = 128
SHA256_RSA, RSA = "2a864886f70d01010b", "2a864886f70d010101"
COMMON_NAME, ALTERNATIVE_NAMES = "550403", "551d11"


def der(tag: int, *parts: bytes) -> bytes:
    """Return a value with its tag and length."""
    body = b"".join(parts)
    size = len(body)
    if size < SHORT_FORM:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, SHORT_FORM | len(length)]) + length + body


def _algorithm(number: str) -> bytes:
    return der(0x30, der(6, bytes.fromhex(number)), der(5))


def _name(common: str) -> bytes:
    pair = der(0x30, der(6, bytes.fromhex(COMMON_NAME)), der(0x0C, common.encode()))
    return der(0x30, der(0x31, pair))


def _moment(time: float) -> bytes:
    return der(0x17, datetime.fromtimestamp(time, UTC).strftime("%y%m%d%H%M%SZ").encode())


def certificate(dice: Random, name: str, *, begins: float, ends: float, issuer: str = "") -> bytes:
    """Return a certificate for a name; without an issuer it is signed by itself. Times are of the epoch."""
    modulus = b"\0" + bytes([0x80 | dice.randrange(128)]) + dice.randbytes(255)
    key = der(0x30, der(2, modulus), der(2, b"\x01\x00\x01"))
    holder = der(0x30, _algorithm(RSA), der(3, b"\0", key))
    names = der(4, der(0x30, der(0x82, name.encode())))
    more = der(0xA3, der(0x30, der(0x30, der(6, bytes.fromhex(ALTERNATIVE_NAMES)), names)))
    number = der(2, bytes([1 + dice.randrange(126)]) + dice.randbytes(15))
    times = der(0x30, _moment(begins), _moment(ends))
    version = der(0xA0, der(2, b"\x02"))
    said = der(
        0x30, version, number, _algorithm(SHA256_RSA), _name(issuer or name), times, _name(name), holder, more
    )
    return der(0x30, said, _algorithm(SHA256_RSA), der(3, b"\0", dice.randbytes(256)))
