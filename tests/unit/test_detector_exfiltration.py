"""Data that leave: found by what is odd about an upload, silent where sending is the trade of a host."""

from pathlib import Path

from oddwire.detectors.exfiltration import Exfiltration
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Severity
from oddwire.testing.capture import Timed
from oddwire.testing.sessions import dns_lookup, tcp_session
from tests.unit.windows import alarms, alike, said

T = 1_700_000_040.0
HOST, RESOLVER, OUTSIDE = "10.0.0.8", "10.0.0.2", "203.0.113.9"
SITES = [(f"www{number}.example.com", f"198.51.100.{number + 10}") for number in range(6)]


def browsing(seconds: float = 240) -> list[Timed]:
    """Return looks at named sites, one each twenty seconds."""
    packets: list[Timed] = []
    for turn in range(int(seconds / 20)):
        name, address = SITES[turn % len(SITES)]
        start, port = T + 20 * turn, 40_000 + 2 * turn
        packets += dns_lookup(HOST, port, RESOLVER, name, address, start=start, ident=port)
        packets += tcp_session(HOST, port + 1, address, 443, [(3_000, 40_000)], start=start + 0.1)
    return packets


def upload(to: str, port: int, size: int, at: float = 250.0) -> list[Timed]:
    return tcp_session(
        HOST, 51_000, to, port, [(min(size, 60_000), 40)] * (size // 60_000 or 1), start=T + at
    )


def loudest(found: list[Evidence]) -> Severity:
    return max((one.severity or Severity.HIGH for one in found), default=Severity.LOW)


def test_much_to_a_new_nameless_host_by_no_known_protocol_is_grave(tmp_path: Path) -> None:
    packets = sorted(browsing() + upload(OUTSIDE, 8_089, 3_000_000), key=lambda one: one[0])
    found = alike(Exfiltration, tmp_path / "x.pcap", packets)
    assert loudest(found) is Severity.HIGH
    last = found[-1]
    assert last.subject.ip == HOST
    assert [(one.ip, one.port, one.proto) for one in last.targets] == [(OUTSIDE, 8_089, "tcp")]
    assert "a new peer" in last.facts["signs"]  # type: ignore[operator]  # a list of words
    assert last.start_ns / 1e9 >= T + 249


def test_the_same_to_a_host_with_a_name_and_a_past_is_no_alarm(tmp_path: Path) -> None:
    lookup = dns_lookup(HOST, 39_000, RESOLVER, "backup.example.net", OUTSIDE, start=T + 1, ident=9)
    early = tcp_session(HOST, 39_001, OUTSIDE, 443, [(4_000, 1_000)], start=T + 1.1)
    packets = browsing() + lookup + early + upload(OUTSIDE, 443, 3_000_000)
    assert alarms(said(Exfiltration(), tmp_path / "x.pcap", packets)) == []


def test_a_download_is_none(tmp_path: Path) -> None:
    packets = browsing() + tcp_session(HOST, 51_000, OUTSIDE, 8_089, [(400, 60_000)] * 40, start=T + 250)
    assert said(Exfiltration(), tmp_path / "x.pcap", packets) == []


def test_what_is_little_is_none(tmp_path: Path) -> None:
    packets = browsing() + upload(OUTSIDE, 8_089, 300_000)
    assert said(Exfiltration(), tmp_path / "x.pcap", packets) == []


def test_mail_goes_out_by_trade(tmp_path: Path) -> None:
    packets = browsing() + upload(OUTSIDE, 587, 3_000_000)
    assert said(Exfiltration(), tmp_path / "x.pcap", packets) == []


def test_split_over_several_hosts_it_is_still_seen(tmp_path: Path) -> None:
    parts = [
        tcp_session(HOST, 51_000 + at, f"203.0.113.{20 + at}", 8_443, [(60_000, 40)] * 8, start=T + 250 + at)
        for at in range(6)
    ]
    packets = browsing() + [one for part in parts for one in part]
    found = alarms(said(Exfiltration(), tmp_path / "x.pcap", packets))
    assert found
    assert found[-1].target_count >= 3


def test_small_parts_for_long_add_up(tmp_path: Path) -> None:
    parts = [
        tcp_session(HOST, 52_000 + at, OUTSIDE, 8_089, [(20_000, 60)], start=T + 250 + 120 * at)
        for at in range(30)
    ]
    packets = browsing() + [one for part in parts for one in part]
    found = alarms(said(Exfiltration(), tmp_path / "x.pcap", packets))
    assert found
    assert "in small parts for long" in found[0].facts["signs"]  # type: ignore[operator]  # a list of words
