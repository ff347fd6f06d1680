"""Captures in a file: packets with their times, as pcap."""

import struct
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TypeAlias

__all__ = ["Timed", "pcap_bytes", "write_pcap"]

Timed: TypeAlias = tuple[float, bytes]
MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D


def pcap_bytes(
    packets: Iterable[Timed],
    *,
    link: int = 1,
    snap: int = 262_144,
    nanoseconds: bool = False,
    order: str = "<",
) -> bytes:
    """Return a pcap file: (seconds since the epoch, frame) for each packet, in the given byte order."""
    magic, parts = (NANOSECONDS, 10**9) if nanoseconds else (MICROSECONDS, 10**6)
    out = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for time, frame in packets:
        seconds, part = divmod(round(time * parts), parts)
        kept = frame[:snap]
        out += (struct.pack(f"{order}IIII", seconds, part, len(kept), len(frame)), kept)
    return b"".join(out)


def write_pcap(path: str | PathLike[str], packets: Iterable[Timed]) -> None:
    """Write packets to a pcap file in the order of their times."""
    Path(path).write_bytes(pcap_bytes(sorted(packets, key=lambda packet: packet[0])))
