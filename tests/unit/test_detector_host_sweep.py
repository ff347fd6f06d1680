"""Sweeps are found, and what meets many hosts for good reasons is not."""

from pathlib import Path

from oddwire.detectors.host_sweep import HostSweep
from oddwire.testing.capture import Timed
from oddwire.testing.packets import RST, SYN, icmp, tcp
from oddwire.testing.sessions import tcp_session
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
BOT = "10.0.0.66"


def knocks(port: int, hosts: list[str], gap: float, *, refused: int = 0) -> list[Timed]:
    """Return SYNs to hosts, of which the first few refuse."""
    found = [(START + gap * at, tcp(BOT, 40_000 + at, host, port, SYN)) for at, host in enumerate(hosts)]
    return found + [
        (START + gap * at + 0.01, tcp(host, port, BOT, 40_000 + at, RST))
        for at, host in enumerate(hosts[:refused])
    ]


def test_a_bot_that_seeks_telnet_everywhere_is_found(tmp_path: Path) -> None:
    hosts = [f"{11 + at}.{3 * at}.{200 - at}.9" for at in range(40)]
    found = alarms(alike(HostSweep, tmp_path / "a.pcap", knocks(23, hosts, 1.5)))
    assert found[-1].subject.ip == BOT
    assert found[-1].facts["hosts"] == len(hosts)


def test_a_segment_swept_slowly_is_found(tmp_path: Path) -> None:
    hosts = [f"10.0.1.{at}" for at in range(1, 120)]
    assert alarms(alike(HostSweep, tmp_path / "a.pcap", knocks(445, hosts, 30.0, refused=20)))


def test_pings_that_are_all_answered_are_a_sweep_of_a_whole_network(tmp_path: Path) -> None:
    packets = [(START + at / 99, icmp(BOT, f"10.0.2.{at}", 8)) for at in range(256)]
    packets += [(START + at / 99 + 0.001, icmp(f"10.0.2.{at}", BOT, 0)) for at in range(256)]
    assert alarms(alike(HostSweep, tmp_path / "a.pcap", packets))


def test_peers_and_browsing_and_monitoring_are_no_sweeps(tmp_path: Path) -> None:
    dead = knocks(6881, [f"{11 + at}.{3 * at % 251}.{200 - at}.9" for at in range(150)], 1.0)
    pages = [
        packet
        for at in range(150)
        for packet in tcp_session(BOT, 50_000 + at, f"{20 + at}.1.2.3", 443, [(500, 2_000)], start=START + at)
    ]
    known = [f"10.0.3.{at}" for at in range(1, 31)]
    watch = [
        (START + 60 * turn + at / 9, icmp(BOT, host, 8)) for turn in range(9) for at, host in enumerate(known)
    ]
    watch += [
        (START + 60 * turn + at / 9 + 0.01, icmp(host, BOT, 0))
        for turn in range(9)
        for at, host in enumerate(known[3:], 3)
    ]
    assert not alarms(said(HostSweep(), tmp_path / "a.pcap", dead + pages + watch))
