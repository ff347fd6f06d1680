"""Hosts that make others act are told by what was said; inventories, shares and old hands are not."""

from pathlib import Path

import pytest

from oddwire.detectors.lateral import Lateral
from oddwire.records.evidence import Evidence
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, tcp
from oddwire.testing.sessions import tcp_session
from tests.unit.remote import CREATED, OPENED, SERVICES, TASKS, WMI, calls, share, shell
from tests.unit.windows import alarms, alike, said

T = 1_710_062_400.0
EVIL, ADMIN = "10.0.0.66", "10.0.0.5"
HOSTS = [f"10.0.0.{last}" for last in range(21, 31)]
EXEC_QUERY, SCHEDULED = 20, 7


def told(tmp_path: Path, packets: list[Timed]) -> list[Evidence]:
    ordered = sorted(packets, key=lambda one: one[0])
    return alarms(alike(Lateral, tmp_path / "x.pcap", ordered))


@pytest.mark.parametrize(("interface", "operation"), [SERVICES, TASKS, WMI])
def test_two_hosts_made_to_run_something_are_enough(tmp_path: Path, interface: str, operation: int) -> None:
    packets = [
        one
        for at, host in enumerate(HOSTS[:2])
        for one in calls(EVIL, host, T + 60 * at, interface, operation)
    ]
    last = told(tmp_path, packets)[-1]
    assert (last.subject.ip, last.target_count) == (EVIL, 2)
    assert not told(tmp_path, calls(EVIL, HOSTS[0], T, interface, operation))


def test_a_program_written_and_started_at_one_host_is_enough(tmp_path: Path) -> None:
    wrote = share(EVIL, HOSTS[0], T, "ADMIN$", {"run.exe": CREATED})
    piped = share(EVIL, HOSTS[0], T + 10, "IPC$", {"svcctl": OPENED})
    [last] = told(tmp_path, wrote + piped)
    assert last.facts["programs"] == ["run.exe"]
    assert not told(tmp_path, wrote)


def test_remote_shells_at_three_hosts_are_told_and_at_two_are_not(tmp_path: Path) -> None:
    packets = [one for at, host in enumerate(HOSTS[:3]) for one in shell(EVIL, host, T + 30 * at)]
    assert told(tmp_path, packets)[-1].target_count == 3
    assert not told(tmp_path, [one for one in packets if one[0] < T + 55])


def test_who_was_taken_and_takes_another_is_a_chain(tmp_path: Path) -> None:
    packets = shell(EVIL, HOSTS[0], T) + shell(HOSTS[0], HOSTS[1], T + 90)
    last = told(tmp_path, packets)[-1]
    assert last.subject.ip == EVIL
    assert last.facts["entered_by"] == [f"{EVIL} > {HOSTS[0]}", f"{HOSTS[0]} > {HOSTS[1]}"]
    back = shell(EVIL, HOSTS[0], T) + shell(HOSTS[0], EVIL, T + 90)
    assert not told(tmp_path, back)


def test_inventories_files_and_old_hands_are_silent(tmp_path: Path) -> None:
    asks = [one for at, host in enumerate(HOSTS) for one in calls(ADMIN, host, T + at, WMI[0], EXEC_QUERY)]
    lists = [one for at, host in enumerate(HOSTS) for one in calls(ADMIN, host, T + at, TASKS[0], SCHEDULED)]
    stores = share(ADMIN, HOSTS[0], T, "tools", {"setup.exe": CREATED, "notes.dll": OPENED})
    reads = [
        one
        for at, host in enumerate(HOSTS)
        for one in share(ADMIN, host, T + 9 * at, "C$", {"a.exe": OPENED})
    ]
    for packets in (asks, lists, stores, reads):
        assert not told(tmp_path, packets)
    early = [one for at, host in enumerate(HOSTS[:4]) for one in calls(ADMIN, host, T + 60 * at, *SERVICES)]
    late = [
        one for at, host in enumerate(HOSTS[4:]) for one in calls(ADMIN, host, T + 7_200 + 60 * at, *SERVICES)
    ]
    found = said(Lateral(), tmp_path / "x.pcap", early + late)
    assert all(one.start_ns / 1e9 < T + 3_600 for one in alarms(found))


def knocks(source: str, start: float, count: int = 40) -> list[Timed]:
    """Return a sweep of one port at hosts that refuse."""
    packets: list[Timed] = []
    for number in range(count):
        there, at = f"10.0.1.{1 + number}", start + 0.1 * number
        packets.append((at, tcp(source, 41_000 + number, there, 445, SYN, seq=9)))
        packets.append((at + 0.004, tcp(there, 445, source, 41_000 + number, RST | ACK, ack=10, window=0)))
    return packets


def test_a_worm_is_told_of_its_first_host(tmp_path: Path) -> None:
    entry = tcp_session(EVIL, 50_000, HOSTS[0], 445, [(900, 400)] * 3, start=T + 8)
    packets = knocks(EVIL, T) + entry + knocks(HOSTS[0], T + 40)
    last = told(tmp_path, packets)[-1]
    assert (last.subject.ip, last.facts["entered_by"]) == (EVIL, [f"{EVIL} > {HOSTS[0]}"])
    assert not told(tmp_path, knocks(EVIL, T) + knocks(HOSTS[0], T + 40))
    assert not told(tmp_path, knocks(EVIL, T) + entry)


def test_what_is_saved_is_remembered(tmp_path: Path) -> None:
    judge, other, both = Lateral(), Lateral(), Lateral()
    packets = knocks(EVIL, T) + shell(EVIL, HOSTS[0], T + 20) + knocks(HOSTS[0], T + 40)
    said(judge, tmp_path / "x.pcap", sorted(packets, key=lambda one: one[0]))
    other.load(judge.save())
    both.merge(judge.save())
    assert other.save() == judge.save() == both.save()
    other.merge(judge.save())
    assert other.save() == judge.save()
