"""An ordinary office, seen badly: one direction, the middle, the heads alone, everything twice."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.office import office
from oddwire.testing.packets import SYN
from oddwire.testing.wire import tagged, twice, without

BEGIN = 1_700_900_000.0
INSIDE = ("192.168.0.0/16",)
IPV4, TCP = b"\x08\x00", 6
OUTSIDE = tuple(f"{first}.0.0.0/8" for first in range(1, 224) if first not in {10, 127, 192})


def captures() -> Iterator[tuple[str, list[Timed]]]:
    seen = office(begin=BEGIN, seconds=400, seed=31)
    yield "only-what-we-send", without(seen, sources=OUTSIDE)
    yield "only-what-comes-in", without(seen, sources=INSIDE)
    yield (
        "middle",
        [
            packet
            for packet in office(begin=BEGIN - 250, seconds=560, seed=32)
            if 0 <= packet[0] - BEGIN < 300
        ],
    )
    yield "no-openings", [packet for packet in seen if not _opens(packet[1])]
    yield "heads-only", seen
    yield "twice", twice(seen)
    yield "tagged", tagged(seen, 110)
    yield "only-answers-of-servers", [packet for packet in seen if _from_a_service(packet[1])]


def _opens(frame: bytes) -> bool:
    return frame[12:14] == IPV4 and frame[23] == TCP and bool(frame[47] & SYN)


def _from_a_service(frame: bytes) -> bool:
    """Asymmetric routes: what clients say goes another way, what services answer is seen here."""
    return frame[12:14] == IPV4 and int.from_bytes(frame[34:36]) < 10_000
