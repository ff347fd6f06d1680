"""The first datagrams of QUIC, encrypted as the standard says (RFC 9001), so that the name can be read.

AES-128 in GCM mode is written out here: the kit needs no library for it, and each name is encrypted once.
"""

import hmac
import struct
from functools import cache, lru_cache
from random import Random

from oddwire.testing.tls_records import server_hello

__all__ = ["first_datagrams"]

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
CIPHERS = bytes.fromhex("130113021303")
BLOCK, DATAGRAM, TAG = 16, 1_200, 16
# The polynomial of the field in which GCM multiplies, bits turned round.
FIELD = 0xE1 << 120
HIGH_BIT, BYTE = 0x80, 0xFF


@lru_cache(maxsize=2_048)
def first_datagrams(name: str, variant: int) -> tuple[bytes, bytes]:
    """Return the Initial of a client that wants a name, and that of the server."""
    dice = Random(f"{name} {variant}")  # noqa: S311  # made traffic
    theirs, ours = dice.randbytes(8), dice.randbytes(8)
    secret = hmac.digest(SALT, theirs, "sha256")
    answer = server_hello(dice, 64)
    said = answer[5 : 5 + int.from_bytes(answer[3:5])]
    client = _initial(_crypto(_hello(name, dice)), secret, b"client in", theirs, b"")
    server = _initial(b"\x02\0\0\0\0" + _crypto(said), secret, b"server in", b"", ours)
    return client, server


def _hello(name: str, dice: Random) -> bytes:
    """Return the hello of a browser that speaks HTTP/3."""
    host = name.encode()
    extensions = [
        (0, struct.pack("!HBH", len(host) + 3, 0, len(host)) + host),
        (10, bytes.fromhex("0006001d00170018")),
        (16, b"\x00\x03\x02h3"),
        (13, bytes.fromhex("00080403080404010503")),
        (51, b"\x00\x24\x00\x1d\x00\x20" + dice.randbytes(32)),
        (45, b"\x01\x01"),
        (43, b"\x02\x03\x04"),
        (57, bytes.fromhex("010480007530" + "040480100000" + "080240640f00")),
    ]
    body = b"".join(struct.pack("!HH", kind, len(data)) + data for kind, data in extensions)
    hello = b"\x03\x03" + dice.randbytes(32) + b"\0" + struct.pack("!H", len(CIPHERS)) + CIPHERS + b"\x01\0"
    hello += struct.pack("!H", len(body)) + body
    return b"\x01" + len(hello).to_bytes(3) + hello


def _crypto(said: bytes) -> bytes:
    return b"\x06\x00" + struct.pack("!H", 0x4000 | len(said)) + said


def _initial(frames: bytes, secret: bytes, side: bytes, target: bytes, source: bytes) -> bytes:
    """Return one Initial that fills a datagram."""
    keys = _expand(secret, side, 32)
    key, start, cover = (
        _expand(keys, b"quic key", 16),
        _expand(keys, b"quic iv", 12),
        _expand(keys, b"quic hp", 16),
    )
    head = b"\xc3\x00\x00\x00\x01" + bytes([len(target)]) + target + bytes([len(source)]) + source + b"\0"
    length = DATAGRAM - len(head) - 2
    head += struct.pack("!HI", 0x4000 | length, 0)
    plain = frames.ljust(length - 4 - TAG, b"\0")
    sealed = _sealed(key, start, plain, head)
    mask = _encrypted(_schedule(cover), sealed[:BLOCK])
    number = bytes(byte ^ hidden for byte, hidden in zip(head[-4:], mask[1:5], strict=True))
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + number + sealed


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    full = b"tls13 " + label
    info = struct.pack("!HB", size, len(full)) + full + b"\0\x01"
    return hmac.digest(secret, info, "sha256")[:size]


def _sealed(key: bytes, start: bytes, plain: bytes, head: bytes) -> bytes:
    """Return what AES-128-GCM makes of a text, with the tag over it and the head."""
    words = _schedule(key)
    count = -(-len(plain) // BLOCK)
    stream = b"".join(_encrypted(words, start + (2 + block).to_bytes(4)) for block in range(count))
    hidden = (int.from_bytes(plain) ^ int.from_bytes(stream[: len(plain)])).to_bytes(len(plain))
    table = _multiples(int.from_bytes(_encrypted(words, bytes(BLOCK))))
    lengths = struct.pack("!QQ", 8 * len(head), 8 * len(hidden))
    padded = head + bytes(-len(head) % BLOCK) + hidden + bytes(-len(hidden) % BLOCK) + lengths
    total = 0
    for at in range(0, len(padded), BLOCK):
        total = _times(total ^ int.from_bytes(padded[at : at + BLOCK]), table)
    tag = total ^ int.from_bytes(_encrypted(words, start + b"\0\0\0\x01"))
    return hidden + tag.to_bytes(TAG)


def _multiples(factor: int) -> list[int]:
    """Return a factor shifted by every number of bits, within the field."""
    found = []
    for _ in range(128):
        found.append(factor)
        factor = factor >> 1 ^ (FIELD if factor & 1 else 0)
    return found


def _times(value: int, table: list[int]) -> int:
    product = 0
    for place, multiple in enumerate(table):
        if value >> (127 - place) & 1:
            product ^= multiple
    return product


def _doubled(byte: int) -> int:
    return (byte << 1 ^ (0x1B if byte & HIGH_BIT else 0)) & BYTE


@cache
def _boxes() -> bytes:
    """Return the substitution of AES, computed from its definition."""
    box = bytearray(256)
    one = inverse = 1
    while True:
        one ^= _doubled(one)
        inverse ^= inverse << 1
        inverse ^= inverse << 2
        inverse ^= inverse << 4
        inverse &= BYTE
        inverse ^= 0x09 if inverse & HIGH_BIT else 0
        turned = inverse | inverse << 8
        mixed = inverse ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4
        box[one] = mixed & BYTE ^ 0x63
        if one == 1:
            break
    box[0] = 0x63
    return bytes(box)


def _schedule(key: bytes) -> list[bytes]:
    """Return the keys of the eleven rounds."""
    box, words, constant = _boxes(), [key[at : at + 4] for at in range(0, BLOCK, 4)], 1
    for number in range(4, 44):
        last = words[-1]
        if number % 4 == 0:
            last = bytes(box[byte] for byte in last[1:] + last[:1])
            last = bytes([last[0] ^ constant]) + last[1:]
            constant = _doubled(constant)
        words.append(bytes(one ^ two for one, two in zip(words[number - 4], last, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, 44, 4)]


# Where each byte of a block comes from when the rows are shifted.
SHIFTED = tuple((at + 4 * (at % 4)) % BLOCK for at in range(BLOCK))


def _encrypted(words: list[bytes], block: bytes) -> bytes:
    box = _boxes()
    state = [one ^ two for one, two in zip(block, words[0], strict=True)]
    for number in range(1, 11):
        state = [box[state[at]] for at in SHIFTED]
        if number < 10:  # noqa: PLR2004  # the last round mixes no columns
            state = _mixed(state)
        state = [one ^ two for one, two in zip(state, words[number], strict=True)]
    return bytes(state)


def _mixed(state: list[int]) -> list[int]:
    out: list[int] = []
    for at in range(0, BLOCK, 4):
        column = state[at : at + 4]
        total = column[0] ^ column[1] ^ column[2] ^ column[3]
        out += [column[row] ^ total ^ _doubled(column[row] ^ column[(row + 1) % 4]) for row in range(4)]
    return out
