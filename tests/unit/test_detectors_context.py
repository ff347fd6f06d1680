"""Moves inside, hidden channels, listed addresses and context are told; what resembles them is not."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from oddwire.base.detector import Detector
from oddwire.detectors.blocklist import Blocklist
from oddwire.detectors.bogon import Bogon
from oddwire.detectors.covert_channel import CovertChannel
from oddwire.detectors.lateral import Lateral
from oddwire.detectors.long_connection import LongConnection
from oddwire.detectors.new_host import NewHost
from oddwire.detectors.new_service import NewService
from oddwire.detectors.top_talker import TopTalker
from oddwire.detectors.unusual_volume import UnusualVolume
from oddwire.engine import analysis
from oddwire.engine.settings import Settings
from oddwire.errors import UsageError
from oddwire.records.finding import Finding
from oddwire.records.kinds import Severity
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.demo import write_demo
from oddwire.testing.packets import tcp, udp
from oddwire.testing.sessions import tcp_session

BEGIN = 1_710_062_400.0
CLIENT = "10.0.0.7"
CONTEXT = [NewHost, NewService, LongConnection, Bogon, TopTalker, UnusualVolume]
Packets = Callable[[], list[Timed]]


def found(path: Path, packets: list[Timed] | None, judge: Detector, rows: int = 65_536) -> list[Finding]:
    capture = path / "made.pcap"
    if packets is None:
        write_demo(capture)
    else:
        write_pcap(capture, packets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "SPAN_ROWS", rows)
        patch.setattr(Settings, "detectors", lambda _: [judge])
        patch.setattr(analysis, "judges_of", lambda *_: [])
        seen = analysis.analyze(Capture(inputs=(str(capture),)))
    assert not seen.failures
    return list(seen.findings)


def copies(said: int, heard: int, hosts: int, *, commands: bool, client: str = CLIENT) -> list[Timed]:
    packets: list[Timed] = []
    for at in range(hosts):
        server, start = f"10.0.0.{20 + at}", BEGIN + 60 + 40 * at
        packets += tcp_session(client, 50_000 + at, server, 445, [(300, 300), (said, heard)], start=start)
        if commands:
            packets += tcp_session(
                client, 51_000 + at, server, 135, [(160, 120), (200, 180)], start=start + 9
            )
    return packets


def secret(port: int, *, both: bool = True) -> list[Timed]:
    dice, packets = Random(3), list[Timed]()  # noqa: S311  # made traffic, the same every time
    for at in range(300):
        time, size = BEGIN + 0.5 * at, dice.randrange(120, 900)
        packets.append((time, udp(CLIENT, 40_000, "198.51.100.4", port, dice.randbytes(size))))
        if both:
            packets.append((time + 0.03, udp("198.51.100.4", port, CLIENT, 40_000, dice.randbytes(size))))
    return packets


def hours(more: list[Timed]) -> list[Timed]:
    steady = [
        packet
        for at in range(1_000)
        for packet in tcp_session(
            "10.0.0.2", 20_000 + at, "10.0.0.3", 443, [(200, 900)], start=BEGIN + 5 * at, rtt=0.01
        )
    ]
    return steady + more


def late(client: str, port: int, answer: int) -> list[Timed]:
    return hours(
        tcp_session(client, 40_000, "10.0.0.3", port, [(100, answer)], start=BEGIN + 4_500, rtt=0.002)
    )


def open_for_hours() -> list[Timed]:
    return [
        (BEGIN + 60 * at, tcp(CLIENT, 40_000, "198.51.100.9", 443, 24, seq=at, data=b"x"))
        for at in range(300)
    ]


def bogons() -> list[Timed]:
    return [(BEGIN + at, udp("127.8.9.1", 4_000, "10.0.0.3", 9_999, b"?")) for at in range(5)]


HITS: dict[str, tuple[type[Detector], Packets, str]] = {
    "new host": (NewHost, lambda: late("10.0.0.77", 443, 500), "10.0.0.77"),
    "new service": (NewService, lambda: late("10.0.0.2", 4_444, 500), "10.0.0.3"),
    "long": (LongConnection, open_for_hours, CLIENT),
    "bogon": (Bogon, bogons, "127.8.9.1"),
    "volume": (UnusualVolume, lambda: late("10.0.0.2", 443, 30_000_000), "10.0.0.2"),
    "lateral": (Lateral, lambda: copies(200_000, 900, 4, commands=True), CLIENT),
    "hidden": (CovertChannel, lambda: secret(161), CLIENT),
}


@pytest.mark.parametrize("name", HITS)
def test_it_is_told(tmp_path: Path, name: str) -> None:
    kind, make, subject = HITS[name]
    assert subject in [one.subject.name for one in found(tmp_path, make(), kind())]


@pytest.mark.parametrize("name", [one for one in HITS if one != "volume"])
def test_how_ticks_are_cut_changes_nothing(tmp_path: Path, name: str) -> None:
    kind, make, _ = HITS[name]
    packets = make()
    assert found(tmp_path, packets, kind()) == found(tmp_path, packets, kind(), rows=1)


@pytest.mark.parametrize("kind", CONTEXT)
def test_an_office_for_ten_minutes_is_quiet(tmp_path: Path, kind: type[Detector]) -> None:
    assert found(tmp_path, None, kind()) == []


@pytest.mark.parametrize("name", HITS)
def test_what_is_saved_is_remembered(tmp_path: Path, name: str) -> None:
    kind, make, _ = HITS[name]
    judge, other, both = kind(), kind(), kind()
    found(tmp_path, make(), judge)
    other.load(judge.save())
    both.merge(judge.save())
    assert other.save() == judge.save()
    assert other.save().keys() == both.save().keys()


QUIET: dict[str, Packets] = {
    "a backup that pulls": lambda: copies(900, 200_000, 10, commands=False),
    "two copies": lambda: copies(200_000, 900, 2, commands=True),
    "a file server": lambda: [
        packet
        for at in range(20)
        for packet in tcp_session(f"10.0.1.{at}", 50_000, "10.0.0.3", 445, [(200_000, 500)], start=BEGIN + at)
    ],
}


@pytest.mark.parametrize("name", QUIET)
def test_copies_that_are_no_moves(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, QUIET[name](), Lateral()) == []


def test_copies_without_commands_are_low(tmp_path: Path) -> None:
    [one] = found(tmp_path, copies(200_000, 900, 4, commands=False), Lateral())
    assert one.severity is Severity.LOW


def test_a_host_that_passes_on_what_it_got(tmp_path: Path) -> None:
    got = tcp_session(CLIENT, 45_000, "10.0.0.9", 445, [(200_000, 500)], start=BEGIN)
    on = copies(200_000, 900, 2, commands=False, client="10.0.0.9")
    [one] = found(tmp_path, got + on, Lateral())
    assert (one.subject.ip, one.severity) == ("10.0.0.9", Severity.MEDIUM)


def test_one_way_is_no_conversation(tmp_path: Path) -> None:
    assert found(tmp_path, secret(161, both=False), CovertChannel()) == []


def asked_plainly(port: int) -> list[Timed]:
    """One question to the same server and its answer, full of zeros as both protocols are."""
    plain = bytes([0x24, 2, 4, 0xE9]) + bytes(36) + b"\xe9\x01\x02\x03"
    server = "198.51.100.4"
    return [
        (BEGIN - 30, udp("10.0.0.9", 40_001, server, port, plain)),
        (BEGIN - 29.9, udp(server, port, "10.0.0.9", 40_001, plain)),
    ]


# A stream in which hardly a name is understood is no service of names, whatever else its server answers.
@pytest.mark.parametrize(("port", "beside"), [(53, Severity.MEDIUM), (123, Severity.LOW)])
def test_names_and_time_that_nobody_tells_are_a_channel(tmp_path: Path, port: int, beside: Severity) -> None:
    [one] = found(tmp_path, secret(port), CovertChannel())
    assert one.severity is Severity.MEDIUM
    [other] = found(tmp_path, asked_plainly(port) + secret(port), CovertChannel())
    assert other.severity is beside


def test_who_spoke_plainly_is_remembered_by_name(tmp_path: Path) -> None:
    before, after = CovertChannel(), CovertChannel()
    found(tmp_path, asked_plainly(123), before)
    after.load(before.save())
    [low] = found(tmp_path, secret(123), after)
    assert low.severity is Severity.LOW


def test_hosts_without_a_name_yet_are_remembered(tmp_path: Path) -> None:
    before, after = NewHost(), NewHost()
    found(tmp_path, tcp_session("10.0.0.77", 40_000, "10.0.0.3", 443, [(9, 9)], start=BEGIN), before)
    after.load(before.save())
    told = [one.subject.ip for one in found(tmp_path, late("10.0.0.77", 443, 500), after)]
    assert "10.0.0.77" not in told


def test_listed_addresses(tmp_path: Path) -> None:
    judge = Blocklist()
    judge.watch(["# of late", "", "198.51.100.0/24 ; a net", "203.0.113.9"])
    packets = tcp_session(CLIENT, 40_000, "198.51.100.7", 443, [(100, 100)], start=BEGIN)
    packets += [(BEGIN + 1, tcp("10.0.0.8", 40_000, "203.0.113.9", 443, 2))]
    packets += tcp_session(CLIENT, 40_001, "192.0.2.1", 443, [(100, 100)], start=BEGIN)
    told = {one.subject.ip: one.severity for one in found(tmp_path, packets, judge)}
    assert told == {CLIENT: Severity.HIGH, "10.0.0.8": Severity.MEDIUM}


def test_without_a_list_nothing_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, bogons(), Blocklist()) == []


def test_what_is_no_address_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="nowhere"):
        Blocklist().watch(["nowhere.example"])


def test_the_narrowest_entry_names_an_address() -> None:
    judge = Blocklist()
    judge.watch(["198.51.0.0/16", "198.51.100.0/24", "2001:db8::/32"])
    assert judge.entry_for("198.51.100.1") == "198.51.100.0/24"
    assert judge.entry_for("2001:db8::1") == "2001:db8::/32"
    assert judge.entry_for("unnamed") is None
