"""SYN floods: forged, from one host, to many ports; and what only looks like one."""

from random import Random

import pytest

from oddwire.detectors.syn_flood import SynFlood
from oddwire.records.kinds import Severity
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, tcp
from oddwire.testing.sessions import tcp_session
from tests.unit.onslaughts import (
    START,
    VICTIM,
    addresses,
    assert_merges,
    assert_same_however_cut,
    judge,
    last_words,
    spread_over,
)

ATTACKER = "198.51.100.66"
ECE_CWR = 64 | 128


def forged(count: int = 1_000, *, flags: int = SYN, ports: int = 1, seconds: float = 4.0) -> list[Timed]:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    return spread_over(
        seconds,
        [
            tcp(one, draw.randint(1_024, 65_000), VICTIM, 80 + draw.randrange(ports), flags)
            for one in addresses(count)
        ],
    )


def from_one(count: int, seconds: float) -> list[Timed]:
    return spread_over(seconds, [tcp(ATTACKER, 2_000 + at, VICTIM, 443, SYN) for at in range(count)])


def scan() -> list[Timed]:
    return spread_over(
        10.0,
        [
            frame
            for port in range(1, 1_001)
            for frame in (
                tcp(ATTACKER, 40_000, VICTIM, port, SYN),
                tcp(VICTIM, port, ATTACKER, 40_000, RST | ACK, ack=1),
            )
        ],
    )


def busy() -> list[Timed]:
    return [
        packet
        for at, one in enumerate(addresses(800))
        for packet in tcp_session(one, 20_000 + at, VICTIM, 443, [(400, 3_000)], start=START + at * 0.01)
    ]


def down() -> list[Timed]:
    return [
        packet
        for at in range(300)
        for packet in [
            (START + at * 0.1, tcp(f"10.0.0.{at % 4 + 1}", 2_000 + at, VICTIM, 80, SYN)),
            (START + at * 0.1 + 0.001, tcp(VICTIM, 80, f"10.0.0.{at % 4 + 1}", 2_000 + at, RST | ACK, ack=1)),
        ]
    ]


@pytest.mark.parametrize("flags", [SYN, SYN | ECE_CWR, SYN | 1, SYN | 32])
@pytest.mark.parametrize("ports", [1, 4, 60_000])
def test_forged_sources_make_the_victim_the_subject(flags: int, ports: int) -> None:
    (one,) = last_words(judge(SynFlood, forged(flags=flags, ports=ports))).values()
    assert one.subject.ip == VICTIM
    assert one.facts["role"] == "victim"
    assert one.facts["packets"] == 1_000
    assert one.target_count == 1_000


def test_one_source_is_the_subject() -> None:
    (one,) = last_words(judge(SynFlood, from_one(1_000, 5.0))).values()
    assert (one.subject.ip, one.targets[0].ip, one.targets[0].port) == (ATTACKER, VICTIM, 443)
    assert one.title == f"{ATTACKER} sent {VICTIM} 1,000 SYN packets in 5 s and finished no handshake"


def test_a_slow_flood_is_raised_within_ten_seconds_with_less_severity() -> None:
    first = judge(SynFlood, from_one(1_200, 20.0))[0]
    assert first.at_ns - first.start_ns <= 10_000_000_000
    assert first.severity is Severity.MEDIUM


def test_a_flood_hides_in_no_crowd() -> None:
    assert [one.subject.ip for one in judge(SynFlood, busy() + forged(2_000, seconds=5.0))] != []


@pytest.mark.parametrize("ordinary", [scan, busy, down])
def test_scans_busy_and_dead_services_are_none(ordinary: object) -> None:
    assert judge(SynFlood, ordinary()) == []  # type: ignore[operator]


def test_memory_and_cuts() -> None:
    assert_same_however_cut(SynFlood, forged(2_000, seconds=21.0) + from_one(1_000, 12.0))
    assert_merges(SynFlood, forged(2_000, seconds=21.0))
