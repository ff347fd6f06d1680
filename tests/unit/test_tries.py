"""First contacts: which flows count, how they were begun, what came of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oddwire.base.window import Window
from oddwire.features.tries import SERVICE_PORTS, TRIES_NEED, is_service_port, tries
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import conversation, port_closed, refused, stray_reset, unanswered
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, icmp, tcp, udp
from oddwire.testing.windows import arp_frame, hosts_named, recorded, talk_frame

A, B, T = "192.168.1.10", "192.168.1.20", 1_710_062_400.0
ENDS = (A, 40_000, B, 80)
URG = 32
SAID = b"hello"


def outcomes(packets: list[Timed]) -> list[tuple[str, str]]:
    """Return how each try of some traffic was made, and what came of it."""
    shown = recorded(packets).windows([])
    return [row for window in shown for row in tries(window).select("how", "outcome").rows()]


def probe(flags: int, *answers: int, data: bytes = b"") -> list[Timed]:
    packets = [(T, tcp(A, 40_000, B, 80, flags, data=data))]
    return packets + [
        (T + 0.01 * number, tcp(B, 80, A, 40_000, answer)) for number, answer in enumerate(answers, 1)
    ]


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        (unanswered(ENDS, start=T, tries=2), ("syn", "silent")),
        (refused(ENDS, start=T), ("syn", "refused")),
        (conversation(ENDS, [], start=T), ("syn", "open")),
        (conversation(ENDS, [(0.0, True, SAID), (0.0, False, SAID)], start=T), ("syn", "spoken")),
        (probe(SYN, SYN | ACK), ("syn", "open")),
        (probe(SYN, data=SAID), ("syn", "silent")),
        (probe(SYN, RST | ACK, data=SAID), ("syn", "refused")),
        (probe(FIN), ("fin", "silent")),
        (probe(FIN, RST | ACK), ("fin", "refused")),
        (probe(0), ("null", "silent")),
        (probe(FIN | PSH | URG, RST | ACK), ("xmas", "refused")),
        (probe(FIN | ACK, RST), ("maimon", "refused")),
        (probe(ACK), ("ack", "silent")),
        (probe(ACK, RST), ("ack", "refused")),
        ([(T, udp(A, 40_000, B, 161, SAID))], ("udp", "silent")),
        (port_closed((A, 40_000, B, 9), SAID, start=T), ("udp", "silent")),
        ([(T, udp(A, 40_000, B, 161)), (T + 0.1, udp(B, 161, A, 40_000))], ("udp", "spoken")),
        (stray_reset(ENDS, SAID, start=T), ("ack", "spoken")),
    ],
)
def test_a_try_is_named(packets: list[Timed], expected: tuple[str, str]) -> None:
    assert outcomes(packets)[:1] == [expected]


@pytest.mark.parametrize(
    "packets",
    [
        [(T, icmp(A, B, 8)), (T + 0.01, icmp(B, A, 0))],
        [(T, tcp(A, 40_000, B, 80, RST))],
        [(T, tcp(A, 80, B, 40_000, SYN | ACK))],
    ],
    ids=["ping", "reset", "answer"],
)
def test_what_is_no_try_is_left_out(packets: list[Timed]) -> None:
    assert outcomes(packets) == []


def test_only_the_first_slice_of_a_flow_is_a_try() -> None:
    talk = conversation(ENDS, [(20.0, True, SAID)] * 3, start=T)
    assert outcomes(talk) == [("syn", "open")]


ROW = st.fixed_dictionaries(
    {
        "protocol": st.sampled_from([1, 6, 17, 47, 58]),
        "state": st.integers(0, 2**12 - 1),
        "packets_out": st.integers(0, 9),
        "packets_in": st.integers(0, 9),
        "payload_out": st.sampled_from([0, 9]),
        "rst_out": st.integers(0, 2),
        "rst_in": st.integers(0, 2),
        "syn_in": st.integers(0, 2),
        "fin_out": st.integers(0, 1),
        "urg_out": st.integers(0, 1),
        "ack_out": st.integers(0, 1),
        "born": st.integers(1, 2),
        "first": st.just(2),
    }
)


def window(rows: list[dict[str, Any]]) -> Window:
    talks = talk_frame(**{name: [row[name] for row in rows] for name in rows[0]})
    return Window(
        start_ns=0,
        end_ns=5,
        talks=talks,
        ended=talk_frame(tick=[]),
        arp=arp_frame(tick=[]),
        hosts=hosts_named(str),
    )


@settings(max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=12))
def test_each_row_is_judged_by_itself_and_by_declared_columns(rows: list[dict[str, Any]]) -> None:
    names = ("how", "outcome")
    together = tries(window(rows)).select(*names).rows()
    apart = [row for one in rows for row in tries(window([one])).select(*names).rows()]
    assert together == apart
    assert tries(window(rows).restricted(TRIES_NEED)).select(*names).rows() == together
    assert {outcome for _, outcome in together} <= {"silent", "refused", "open", "spoken"}


def test_services_are_looked_for_at_low_ports_and_known_ones() -> None:
    assert is_service_port(1)
    assert is_service_port(3_389)
    assert not is_service_port(0)
    assert not is_service_port(40_000)
    assert all(is_service_port(port) for port in SERVICE_PORTS)
