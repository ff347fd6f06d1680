"""The same packets with other words in them: every payload of a transport replaced, nothing else touched."""

import random
import struct
from collections.abc import Iterable

from oddwire.testing.capture import Timed

__all__ = ["scrambled"]

IPV4, IPV6, VLAN = 0x0800, 0x86DD, 0x8100
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58


def scrambled(packets: Iterable[Timed], dice: random.Random) -> list[Timed]:
    """Return the packets with payloads of the same length; checksums are left as they were."""
    return [(time, _scrambled(frame, dice)) for time, frame in packets]


def _scrambled(frame: bytes, dice: random.Random) -> bytes:
    start, end = _payload(frame)
    fill = dice.choice(
        (dice.randbytes, lambda size: b"\0" * size, lambda size: b"GET / \r\n" * (size // 8 + 1))
    )
    return frame[:start] + fill(end - start)[: end - start] + frame[end:]


def _payload(frame: bytes) -> tuple[int, int]:
    """Return where the payload of the transport begins and ends; nothing where there is none."""
    at = 12
    while frame[at : at + 2] == struct.pack("!H", VLAN):
        at += 4
    ethertype = int.from_bytes(frame[at : at + 2], "big")
    at += 2
    if ethertype == IPV4:
        start, end = at + (frame[at] & 15) * 4, at + int.from_bytes(frame[at + 2 : at + 4], "big")
        protocol, later = frame[at + 9], int.from_bytes(frame[at + 6 : at + 8], "big") & 0x1FFF
        return (start, end) if later else (min(start + _header(frame, start, protocol), end), end)
    if ethertype == IPV6:
        start = at + 40
        end = start + int.from_bytes(frame[at + 4 : at + 6], "big")
        return min(start + _header(frame, start, frame[at + 6]), end), end
    return len(frame), len(frame)


def _header(frame: bytes, start: int, protocol: int) -> int:
    """Return the length of a transport's header; of others nothing is replaced."""
    if protocol == TCP:
        return (frame[start + 12] >> 4) * 4
    return 8 if protocol in {UDP, ICMP, ICMPV6} else len(frame)
