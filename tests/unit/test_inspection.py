from typing import Any

import pytest

from oddwire.engine.inspection import Inspection, quality_lines, summary_quality

CLEAN: dict[str, Any] = {
    "name": "a.pcap",
    "error": None,
    "warnings": [],
    "warning_count": 0,
    "skipped_bytes": 0,
    "dropped": None,
    "untimed": 0,
}


def test_nothing_wrong_is_no_line() -> None:
    assert quality_lines({"inputs": [CLEAN]}) == []


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"error": ("io", "broke off")}, "a.pcap: broke off"),
        ({"warnings": ["a.pcap: byte 5: odd"], "warning_count": 1}, "a.pcap: byte 5: odd"),
        ({"warnings": [], "warning_count": 1200}, "a.pcap: 1,200 further warnings"),
        ({"skipped_bytes": 2048}, "a.pcap: 2.0 KiB passed over because of damage"),
        ({"dropped": 1}, "a.pcap: 1 packet dropped while capturing"),
        ({"untimed": 2}, "a.pcap: 2 packets without a time of their own"),
    ],
)
def test_what_was_wrong_with_an_input(facts: dict[str, Any], line: str) -> None:
    assert quality_lines({"inputs": [CLEAN | facts]}) == [line]


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("evicted", "2 flows ended early for lack of memory"),
        ("damaged", "2 packets with damaged headers"),
        ("cut", "2 packets cut at the snap length"),
        ("repeated", "2 repeated packets left out"),
        ("left_out", "2 packets left out by time or filter"),
        ("late", "2 packets out of time order by more than 5 s"),
        ("clamped", "2 packets with an unbelievable time"),
        ("fragments_lost", "2 fragmented datagrams never completed"),
    ],
)
def test_what_was_wrong_with_packets(key: str, line: str) -> None:
    assert quality_lines({"inputs": [], key: 2}) == [line]
    assert quality_lines({"inputs": [], key: 0}) == []


def test_a_summary_adds_what_its_figures_lack() -> None:
    seen = {"inputs": [CLEAN], "damage_lines": [f"a.pcap: packet {at}: bad" for at in range(9)]}
    figures = {"offload": 3, "hosts_forgotten": (1, 40)}
    lines = summary_quality(Inspection(figures=figures, seen=seen))
    assert lines[:5] == [f"a.pcap: packet {at}: bad" for at in range(5)]
    assert lines[5].startswith("3 packets larger than a link carries")
    assert lines[6] == "1 small host forgotten; rankings may lack up to 40 packets a host"
