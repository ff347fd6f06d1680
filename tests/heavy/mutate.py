"""Damaged copies of captures: the same seed gives the same damage."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

PCAPNG = b"\x0a\x0d\x0d\x0a"
PCAP_HEADER, PCAP_RECORD = 24, 16
LITTLE = frozenset({0xD4, 0x4D, 0x34})
# Values at which arithmetic on lengths goes wrong when it does.
LENGTHS = (
    0,
    1,
    3,
    4,
    8,
    12,
    0x7F,
    0xFF,
    0xFFFF,
    0x10000,
    0x40000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFC,
    0xFFFFFFFF,
)
MAX_REPEATS = 40
MAX_FLIPS = 24
# Of longer captures the start is enough: damage is found where it is put.
KEPT = 256 * 1024


def mutated(seed: int, captures: list[Path]) -> tuple[str, bytes]:
    """Return a damaged copy of one of the captures, and in words what it is."""
    rng = random.Random(seed)  # noqa: S311  # the same damage every time is what is wanted
    source, donor = rng.choice(captures), rng.choice(captures)
    kind = rng.choice(sorted(KINDS))
    data = KINDS[kind](rng, source.read_bytes()[:KEPT], donor.read_bytes()[:KEPT])
    return f"{kind} of {source.name}", data


def records(data: bytes) -> list[tuple[int, int]]:
    """Return where the records of a capture start and end, as far as its lengths lead."""
    ng = data.startswith(PCAPNG)
    order = "<" if (data[8:9] == b"\x4d" if ng else data[:1] and data[0] in LITTLE) else ">"
    found, at = [], 0 if ng else PCAP_HEADER
    step = 12 if ng else PCAP_RECORD
    while at + step <= len(data):
        (length,) = struct.unpack_from(f"{order}I", data, at + (4 if ng else 8))
        end = at + length if ng else at + PCAP_RECORD + length
        if end < at + step or end > len(data):
            break
        found.append((at, end))
        at = end
    return found


def _flip(rng: random.Random, data: bytes, _: bytes) -> bytes:
    changed = bytearray(data)
    for _turn in range(rng.randint(1, MAX_FLIPS) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, _: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes, _: bytes) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, 64) :]


def _length(rng: random.Random, data: bytes, _: bytes) -> bytes:
    """Write an odd length where a record keeps one, or into the headers that it carries."""
    places = records(data)
    if not places:
        return data
    start, end = rng.choice(places)
    if rng.random() < 0.5:
        at, size = start + rng.choice((4, 8, 12, 16, 20, 24)), 4
    else:
        at, size = rng.randrange(start, end), rng.choice((1, 2))
    value = rng.choice(LENGTHS) & ((1 << 8 * size) - 1)
    little = struct.pack("<I", value)[:size]
    return data[:at] + (little if rng.random() < 0.5 else little[::-1]) + data[at + size :]


def _repeat(rng: random.Random, data: bytes, _: bytes) -> bytes:
    places = records(data)
    if not places:
        return data
    start, end = rng.choice(places)
    return data[:end] + data[start:end] * rng.randint(1, MAX_REPEATS) + data[end:]


def _splice(rng: random.Random, data: bytes, donor: bytes) -> bytes:
    """Put the start of one capture before the rest of another: link types, byte orders and formats mix."""
    head = rng.choice((4, PCAP_HEADER, rng.randrange(len(donor) + 1)))
    return donor[:head] + data[rng.choice((head, PCAP_HEADER, rng.randrange(len(data) + 1))) :]


def _several(rng: random.Random, data: bytes, donor: bytes) -> bytes:
    for _turn in range(rng.randint(2, 5)):
        data = rng.choice((_flip, _length, _repeat, _drop))(rng, data, donor)[: 4 * KEPT]
    return data


KINDS: dict[str, Callable[[random.Random, bytes, bytes], bytes]] = {
    "bits flipped": _flip,
    "cut": _cut,
    "bytes left out": _drop,
    "odd length": _length,
    "record repeated": _repeat,
    "splice": _splice,
    "several": _several,
}
