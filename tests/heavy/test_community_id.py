"""Community IDs of flows are those of the specification's own baseline."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import oddwire

pytestmark = pytest.mark.conformance

PORTED = frozenset({6, 17, 132})
COLUMNS = ("protocol", "src_ip", "src_port", "dst_ip", "dst_port", "community_id")
# A conversation without its direction, and its identifier.
Named = tuple[int, frozenset[tuple[str, int | None]], str]


@pytest.fixture(scope="module")
def folder(pack: Path) -> Path:
    """Return the folder of the vectors."""
    return pack / "conf" / "communityid"


def test_the_combined_capture_has_the_ids_of_the_baseline(folder: Path) -> None:
    (combined,) = folder.glob("*combined.pcap.gz")
    assert set(_flows(combined)) == set(_baseline(folder))


def test_the_single_captures_have_them_together(folder: Path) -> None:
    singles = sorted(folder.glob("*.pcap"))
    assert len(singles) >= 8
    assert {named for path in singles for named in _flows(path)} == set(_baseline(folder))


def _flows(path: Path) -> Iterator[Named]:
    for row in oddwire.read(path).flows(columns=COLUMNS).iter_rows():
        protocol, src, src_port, dst, dst_port, name = row
        yield _named(protocol, (src, src_port), (dst, dst_port), name)


def _baseline(folder: Path) -> Iterator[Named]:
    (file,) = folder.glob("*baseline_deflt.json")
    for entry in json.loads(file.read_text(encoding="utf-8")):
        ends = ((entry["saddr"], entry.get("sport")), (entry["daddr"], entry.get("dport")))
        yield _named(entry["proto"], ends[0], ends[1], entry["communityid"])


def _named(protocol: int, one: tuple[str, int | None], other: tuple[str, int | None], name: str) -> Named:
    ends = (one, other) if protocol in PORTED else ((one[0], None), (other[0], None))
    return protocol, frozenset(ends), name
