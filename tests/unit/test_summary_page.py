import re
from pathlib import Path

import oddwire
from oddwire.engine.inspection import Inspection, inspect, summary_quality
from oddwire.sinks.summary_page import page, write_page
from oddwire.testing.capture import write_pcap
from oddwire.testing.packets import icmp
from tests.unit import made


def of(path: Path) -> tuple[Inspection, str]:
    """Return a capture's summary and its page."""
    seen = inspect(oddwire.read(path), top=20, describe=False)
    return seen, page(seen.to_dict(), summary_quality(seen))


def test_a_page_needs_nothing_from_outside(small: Path) -> None:
    _, text = of(small)
    assert "default-src 'none'" in text
    assert not re.search(r"<script|src=|href=|@import|url\(", text)


def test_a_page_says_what_the_summary_says(small: Path) -> None:
    _, text = of(small)
    for part in ("4.5 KiB", "63.2 %", "203.0.113.5", "Nothing damaged", "https", "2024-03-10 09:20:00"):
        assert part in text, part


def test_quality_stands_before_the_traffic(tmp_path: Path) -> None:
    _, text = of(made.damaged_capture(tmp_path / "d.pcap"))
    assert 'class="quality wrong"' in text
    assert text.index("d.pcap: byte ") < text.index("Protocols")


def test_no_table_is_empty(tmp_path: Path) -> None:
    write_pcap(tmp_path / "ping.pcap", [(made.START, icmp(made.CLIENT, made.GATEWAY, 8))])
    _, text = of(tmp_path / "ping.pcap")
    assert "Services by port" not in text
    assert all(
        table.count("<tr>") > 1 for table in re.findall(r"<table>(?!\n<tr><td>).*?</table>", text, re.DOTALL)
    )


def test_an_empty_capture_has_a_page_that_says_what_to_do(tmp_path: Path) -> None:
    _, text = of(made.empty_capture(tmp_path / "e.pcap"))
    assert "No packets in it. Check that" in text
    assert "Top sources" not in text


def test_a_hostile_name_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 200 + "<script>alert(1)<!--\u202e\x1b.pcap")
    made.small_capture(path)
    _, text = of(path)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_a_long_capture_has_few_bars(tmp_path: Path) -> None:
    write_pcap(
        tmp_path / "a.pcap",
        [(made.START + 97 * at, icmp(made.CLIENT, made.GATEWAY, 8)) for at in range(3000)],
    )
    _, text = of(tmp_path / "a.pcap")
    assert 24 < text.count("<rect") <= 121


def test_a_page_is_written(small: Path, tmp_path: Path) -> None:
    seen, text = of(small)
    write_page(tmp_path / "p.html", seen.to_dict(), summary_quality(seen))
    assert (tmp_path / "p.html").read_text(encoding="utf-8") == text
