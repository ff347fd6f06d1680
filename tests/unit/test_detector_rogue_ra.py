"""Routers that should not be are found; those of the link are not."""

from pathlib import Path

import pytest

from oddwire.detectors.rogue_ra import RogueRa
from oddwire.testing.addressing import advertisement, solicitation
from oddwire.testing.capture import Timed
from oddwire.testing.sessions import tcp_session
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
TRUE, SECOND_ROUTER, ROGUE, HOST = "fe80::1", "fe80::2", "fe80::66", "fe80::77"
NETWORK, OTHER = ("2001:db8:1::/64",), ("2001:db8:66::/64",)


def steady(router: str = TRUE, networks: tuple[str, ...] = NETWORK, *, turns: int = 6) -> list[Timed]:
    return [(START + 200 * turn, advertisement(router, networks)) for turn in range(turns)]


def found_of(path: Path, packets: list[Timed]) -> list[str]:
    found = alarms(alike(RogueRa, path / "a.pcap", sorted(packets, key=lambda one: one[0])))
    return [f"{one.subject.ip} {one.subject.mac} {one.facts['why']}" for one in found]


def test_another_router_with_another_network(tmp_path: Path) -> None:
    late = [(START + 700 + 10 * n, advertisement(ROGUE, OTHER)) for n in range(4)]
    assert found_of(tmp_path, steady() + late)[0] == f"{ROGUE} 02:00:00:00:00:66 another router"


def test_a_host_that_asked_for_routers_and_now_is_one(tmp_path: Path) -> None:
    packets = [(START, solicitation(ROGUE)), (START + 0.2, advertisement(TRUE, NETWORK))]
    packets += [(START + 20, advertisement(ROGUE, OTHER))]
    assert len(found_of(tmp_path, packets)) == 1


def test_a_router_withdrawn_in_its_name(tmp_path: Path) -> None:
    packets = [*steady(), (START + 500, advertisement(TRUE, lifetime=0, mac="02:00:00:00:00:99"))]
    assert found_of(tmp_path, packets) == [f"{TRUE} 02:00:00:00:00:99 withdrawn in its name"]


def test_a_crowd(tmp_path: Path) -> None:
    packets = [
        (START + 0.01 * n, advertisement(f"fe80::{n + 1:x}", (f"2001:db8:{n + 1:x}::/64",)))
        for n in range(200)
    ]
    assert "crowd" in found_of(tmp_path, packets)[0]


@pytest.mark.parametrize(
    "packets",
    [
        steady(),
        steady() + steady(SECOND_ROUTER),
        steady() + steady(networks=OTHER, turns=3),
        [*steady(), (START + 1_100, advertisement(TRUE, NETWORK, lifetime=0))],
        [*steady(), (START + 900, advertisement(SECOND_ROUTER, ("fd12:3456::/64",), lifetime=0))],
        [
            *steady(),
            (START + 1_200, solicitation(HOST)),
            (START + 1_201, advertisement(SECOND_ROUTER, OTHER)),
        ],
        [
            (START, solicitation(HOST)),
            *steady(),
            *[(at + 0.4, data) for at, data in steady(SECOND_ROUTER, OTHER)],
        ],
    ],
    ids=[
        "one",
        "two of one network",
        "renumbered",
        "switched off",
        "a network without a way out",
        "carried to another link",
        "two at once",
    ],
)
def test_ordinary_routers_are_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(RogueRa(), tmp_path / "a.pcap", sorted(packets, key=lambda one: one[0])))


def resolver(at: float, *, turns: int = 6, every: float = 30) -> list[Timed]:
    """Return one that gives no way out, but itself as name server."""
    given = advertisement(ROGUE, lifetime=0, names=(ROGUE,))
    return [(START + at + every * turn, given) for turn in range(turns)]


def own_traffic(mac_of: str, at: float) -> list[Timed]:
    """Return what the machine behind an address of the link has to do with the outside, by IPv4."""
    card = bytes.fromhex(mac_of.replace(":", ""))
    packets = tcp_session("10.0.0.66", 40_000, "198.51.100.7", 443, [(300, 4_000)], start=START + at)
    inside = packets[0][1][6:12]
    return [(time, data.replace(inside, card)) for time, data in packets]


def test_a_name_server_that_came(tmp_path: Path) -> None:
    assert len(found_of(tmp_path, [*steady(), *resolver(100)])) >= 1


def test_a_host_as_router_where_none_was(tmp_path: Path) -> None:
    late = [(START + 120 + 20 * turn, advertisement(ROGUE, OTHER)) for turn in range(5)]
    packets = [(START, solicitation(HOST)), *late, *own_traffic("02:00:00:00:00:66", 130)]
    assert found_of(tmp_path, packets)[0] == f"{ROGUE} 02:00:00:00:00:66 a host as router"


@pytest.mark.parametrize(
    "packets",
    [
        steady() + resolver(1),
        steady() + resolver(100, every=300),
        [(START, solicitation(HOST)), *[(at + 120, data) for at, data in steady()]],
    ],
    ids=["a name server from the start", "a seldom name server", "a router that is switched on"],
)
def test_name_servers_and_new_links_are_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(RogueRa(), tmp_path / "a.pcap", sorted(packets, key=lambda one: one[0])))
