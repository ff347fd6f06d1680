from dataclasses import replace
from typing import Any

import pytest

from oddwire.engine.difference import LEAST_BYTES, Moved, compare, scale_of
from oddwire.engine.one_side import Side
from oddwire.records.evidence import Party
from oddwire.records.finding import Finding
from oddwire.records.kinds import Kind, Severity

A, B, C = "10.0.0.1", "10.0.0.2", "198.51.100.3"
CARD, ROUTER = "02:00:00:00:00:01", "02:00:00:00:00:fe"
MINUTE_NS = 60_000_000_000
EMPTY = Side(name="x", span_ns=MINUTE_NS)


def is_local(address: str) -> bool:
    return address.startswith(("10.", "fd00:"))


def finding(kind: Kind = Kind.PORT_SCAN, ip: str = A, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding(
        id=f"{kind}-{ip}",
        detector=str(kind),
        kind=kind,
        title=f"{ip} did {kind}",
        severity=severity,
        score=0.9,
        start_ns=0,
        end_ns=1,
        detected_ns=1,
        updated_ns=1,
        subject=Party(ip=ip),
        targets=(),
        target_count=0,
        facts={},
        reasons=(),
        attack=(),
        selectors=(),
    )


def side(**parts: Any) -> Side:
    return replace(EMPTY, **parts)


def test_two_equal_sides_differ_in_nothing() -> None:
    one = side(hosts={A: 10}, macs={CARD: frozenset({A})}, services={(A, 80, "tcp"): "http"})
    found = compare(one, one, is_local)
    assert found.is_none
    assert found.scale is None


def test_hosts_come_and_go_our_own_first_and_the_largest_first() -> None:
    found = compare(side(hosts={A: 10}), side(hosts={B: 10, "10.0.0.7": 20, C: 99}), is_local)
    assert (found.hosts_new, found.hosts_gone) == (["10.0.0.7", B, C], [A])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({A}, {B}, [Moved(mac=CARD, base=A, new=B)]),
        ({A, "fd00::1"}, {A, "fd00::2"}, [Moved(mac=CARD, base="fd00::1", new="fd00::2")]),
        # A router carries the addresses of others.
        ({A, "10.0.0.9"}, {B}, []),
        ({"198.51.100.9"}, {C}, []),
        ({A}, {A}, []),
    ],
)
def test_a_card_with_another_address_is_no_new_host(
    before: set[str], after: set[str], expected: list[Moved]
) -> None:
    base = side(hosts=dict.fromkeys(before, 1), macs={CARD: frozenset(before)})
    new = side(hosts=dict.fromkeys(after, 1), macs={CARD: frozenset(after)})
    found = compare(base, new, is_local)
    assert found.moved == expected
    told = {*found.hosts_new, *(one.new for one in found.moved)}
    assert told == after - before


def test_an_address_that_both_have_did_not_move() -> None:
    base = side(hosts={A: 1}, macs={CARD: frozenset({A})})
    new = side(hosts={A: 1, B: 1}, macs={CARD: frozenset({B}), ROUTER: frozenset({A})})
    found = compare(base, new, is_local)
    assert (found.moved, found.hosts_new, found.macs_new) == ([], [B], [ROUTER])


def test_services_of_our_own_and_of_known_hosts_come_first() -> None:
    services = {(C, 443, "tcp"): "https", (A, 80, "tcp"): "http", (B, 22, "tcp"): "ssh"}
    new = side(services=services, hosts={A: 1, B: 1, C: 1})
    found = compare(side(hosts={B: 1, C: 1}), new, is_local)
    assert found.services_new == [(B, 22, "tcp"), (A, 80, "tcp"), (C, 443, "tcp")]
    assert compare(new, side(hosts={B: 1, C: 1}), is_local).services_gone == found.services_new


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (LEAST_BYTES, 3 * LEAST_BYTES, True),
        (LEAST_BYTES, 3 * LEAST_BYTES - 1, False),
        (3 * LEAST_BYTES, LEAST_BYTES, True),
        # Threefold, but little.
        (30_000, 100_000, False),
        (0, LEAST_BYTES, True),
        (0, LEAST_BYTES - 1, False),
        (LEAST_BYTES, 0, True),
    ],
)
def test_a_change_of_volume_is_both_manifold_and_much(before: int, after: int, told: bool) -> None:
    base, new = (
        side(hosts={A: sent}, volumes={(A, "https"): sent} if sent else {}) for sent in (before, after)
    )
    assert bool(compare(base, new, is_local).volumes) is told


def test_volumes_are_of_hosts_that_both_have() -> None:
    new = side(hosts={A: 10**7}, volumes={(A, "https"): 10**7})
    assert compare(EMPTY, new, is_local).volumes == []


@pytest.mark.parametrize(
    ("base_s", "new_s", "scale"),
    [(60, 60, None), (60, 64, None), (60, 120, 2.0), (120, 60, 0.5), (0.5, 60, None)],
)
def test_lengths_that_differ_are_evened_out(base_s: float, new_s: float, scale: float | None) -> None:
    base, new = (side(span_ns=round(length * 1e9)) for length in (base_s, new_s))
    assert scale_of(base, new) == scale


def test_a_longer_capture_of_the_same_rate_did_not_change() -> None:
    base = side(hosts={A: 10**6}, volumes={(A, "https"): 10**6})
    new = side(hosts={A: 10**7}, volumes={(A, "https"): 10**7}, span_ns=10 * MINUTE_NS)
    assert compare(base, new, is_local).volumes == []
    assert compare(base, replace(new, span_ns=MINUTE_NS), is_local).volumes[0].factor == 10


def test_findings_are_the_same_by_detector_kind_and_subject() -> None:
    base = side(findings=[finding(), finding(Kind.BEACON)])
    again = replace(finding(), id="later", start_ns=5)
    new = side(findings=[again, again, finding(ip=B), finding(Kind.C2, B, Severity.HIGH)])
    found = compare(base, new, is_local)
    assert [one.title for one in found.findings_new] == [f"{B} did c2", f"{B} did port_scan"]
    assert [str(one.kind) for one in found.findings_gone] == ["beacon"]
    assert len(found.findings_same) == 1


def test_protocols_come_and_go() -> None:
    found = compare(side(protocols={"arp": 60}), side(protocols={"dns": 10, "tcp": 90}), is_local)
    assert (found.protocols_new, found.protocols_gone) == (["tcp", "dns"], ["arp"])
