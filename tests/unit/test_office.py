"""The office: ordinary, the same every time, and with attacks in it."""

from collections.abc import Callable

import pytest

from oddwire.testing import office_attacks
from oddwire.testing.capture import Timed
from oddwire.testing.office import SEGMENTS, SERVERS, WORKSTATIONS, office

BEGIN = 1_700_000_000.0
ATTACKS: list[Callable[[float], list[Timed]]] = [
    office_attacks.slow_syn_scan,
    office_attacks.udp_scan,
    office_attacks.arp_scan,
    office_attacks.smb_sweep,
    lambda start: office_attacks.ssh_guessing(start, port=2_222),
    office_attacks.syn_flood,
    office_attacks.dns_reflection,
    office_attacks.slowloris,
    office_attacks.icmp_tunnel,
]


@pytest.fixture(scope="module")
def day() -> list[Timed]:
    return office(begin=BEGIN, seconds=300)


def test_a_day_is_the_same_every_time_and_in_order(day: list[Timed]) -> None:
    assert day == office(begin=BEGIN, seconds=300)
    assert [time for time, _ in day] == sorted(time for time, _ in day)
    assert day != office(begin=BEGIN, seconds=300, seed=2)


def test_everybody_of_the_office_speaks(day: list[Timed]) -> None:
    speaking = {".".join(map(str, wire[26:30])) for _, wire in day if wire[12:14] == b"\x08\x00"}
    assert {*WORKSTATIONS, *SERVERS.values()} - {SERVERS["backup"]} <= speaking
    assert len(SEGMENTS) == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_begins_when_it_is_said_to(attack: Callable[[float], list[Timed]]) -> None:
    packets = attack(BEGIN)
    assert packets == attack(BEGIN)
    assert BEGIN - 30 < min(time for time, _ in packets) < BEGIN + 5


def test_a_host_between_two_others_sees_what_they_say(day: list[Timed]) -> None:
    attacked = office_attacks.between(day, start=BEGIN + 60, end=BEGIN + 260)
    liar = bytes.fromhex(office_attacks.LIAR.replace(":", ""))
    passed_on = [wire for _, wire in attacked if wire[6:12] == liar and wire[12:14] == b"\x08\x00"]
    claims = [wire for _, wire in attacked if wire[6:12] == liar and wire[12:14] == b"\x08\x06"]
    assert len(claims) == 200
    assert len(attacked) == len(day) + len(claims) + len(passed_on)
    assert passed_on
