"""Servers that lead clients astray are found; pairs of servers and renumbering are not."""

from pathlib import Path

import pytest

from oddwire.detectors.rogue_dhcp import RogueDhcp
from oddwire.testing.addressing import NOBODY, dhcp_answer, dhcp_question
from oddwire.testing.advertisements import GiverV6, Prefix, advertisement, joins_v6, link_local
from oddwire.testing.capture import Timed
from oddwire.testing.packets import mac_of
from oddwire.testing.sessions import tcp_session
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
TRUE, ROGUE = "10.0.0.1", "10.0.0.66"
ROGUE_MAC = "02:00:0a:00:00:42"
ACK = 5


def client(number: int) -> str:
    return f"02:11:22:33:{number >> 8:02x}:{number & 255:02x}"


def lease(
    number: int, at: float, server: str = TRUE, *, router: str = TRUE, names: tuple[str, ...] = ()
) -> list[Timed]:
    """Return one host that gets its address."""
    given = f"10.0.0.{100 + number}"
    mac = client(number)
    return [
        (START + at, dhcp_question(mac, number, hostname="pc")),
        (START + at + 0.01, dhcp_answer(server, mac, number, given, router=router, names=names)),
        (START + at + 0.02, dhcp_question(mac, number, kind=3, hostname="pc")),
        (START + at + 0.03, dhcp_answer(server, mac, number, given, router=router, names=names, kind=ACK)),
    ]


def rogue_offer(number: int, at: float, **more: object) -> Timed:
    offer = {"router": ROGUE, "names": (ROGUE,), **more}
    return (START + at, dhcp_answer(ROGUE, client(number), number, f"10.0.0.{180 + number}", **offer))  # type: ignore[arg-type]


def test_a_second_server_with_another_router(tmp_path: Path) -> None:
    packets = [packet for n in range(6) for packet in lease(n, 60 * n)] + [
        rogue_offer(4, 240.008),
        rogue_offer(5, 300.02),
    ]
    found = alarms(alike(RogueDhcp, tmp_path / "a.pcap", sorted(packets, key=lambda one: one[0])))
    assert {(one.subject.ip, one.subject.mac) for one in found} == {(ROGUE, ROGUE_MAC)}
    assert found[0].facts["known_server"] == TRUE


def test_a_client_that_serves(tmp_path: Path) -> None:
    own = [
        (START, dhcp_question(ROGUE_MAC, 77)),
        (START + 0.01, dhcp_answer(TRUE, ROGUE_MAC, 77, ROGUE, router=TRUE, kind=ACK)),
    ]
    found = alarms(
        said(RogueDhcp(), tmp_path / "a.pcap", [*own, rogue_offer(1, 50, router=None, names=("8.8.8.8",))])
    )
    assert [one.facts["why"] for one in found] == ["client"]


def test_a_server_beside_a_relay(tmp_path: Path) -> None:
    mac = client(4)
    packets = [
        (START, dhcp_question(mac, 4, hostname="pc")),
        (START + 0.01, dhcp_answer(ROGUE, mac, 4, "10.0.0.184", router=ROGUE)),
        (START + 0.02, dhcp_answer("10.9.9.9", mac, 4, "10.0.0.104", router=TRUE, relay=TRUE)),
        (START + 60, dhcp_question(mac, 5, hostname="pc")),
        (START + 60.01, dhcp_answer("10.9.9.9", mac, 5, "10.0.0.104", router=TRUE, relay=TRUE)),
        (START + 60.02, dhcp_answer(ROGUE, mac, 5, "10.0.0.184", router=ROGUE)),
    ]
    found = alarms(said(RogueDhcp(), tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {ROGUE}


def test_starvation(tmp_path: Path) -> None:
    packets = [(START + 0.05 * n, dhcp_question(client(n), n)) for n in range(300)]
    found = alarms(alike(RogueDhcp, tmp_path / "a.pcap", packets))
    assert found[-1].part == "starvation"


@pytest.mark.parametrize(
    "packets",
    [
        [packet for n in range(6) for packet in lease(n, 60 * n)],
        [p for n in range(6) for p in lease(n, 60 * n, "10.0.0.2" if n % 2 else TRUE, names=("10.0.0.9",))],
        [p for n in range(6) for p in lease(n, 60 * n, router=TRUE if n < 3 else "10.0.0.254")],
        [*lease(1, 0), (START + 0.5, dhcp_answer("10.0.0.7", client(1), 1, NOBODY))],
        [(START + 0.05 * n, dhcp_question(client(n), n, hostname="pc")) for n in range(300)],
        [*lease(1, 0), *lease(1, 900, "10.0.0.254", router="10.0.0.254")],
    ],
    ids=[
        "one server",
        "a pair",
        "another router of the same server",
        "boot server",
        "a crowd with names",
        "carried to another link",
    ],
)
def test_ordinary_service_is_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(RogueDhcp(), tmp_path / "a.pcap", packets))


def goes_out(host: str, at: float) -> list[Timed]:
    """Return a look of a host at something outside."""
    return tcp_session(host, 40_000, "198.51.100.7", 443, [(300, 4_000)], start=START + at)


def asks_v6(number: int, at: float, mac: str) -> list[Timed]:
    """Return a host that gets an address of IPv6 from a machine that gives itself as name server."""
    giver = GiverV6(mac=mac, resolver=link_local(mac))
    return joins_v6(client(number), f"fe80::77:{number}", [giver], start=START + at)


def test_the_only_server_gives_itself_as_router_but_uses_another(tmp_path: Path) -> None:
    packets = [*lease(1, 0, ROGUE, router=ROGUE), *goes_out(ROGUE, 20), *lease(2, 40, ROGUE, router=ROGUE)]
    found = alarms(alike(RogueDhcp, tmp_path / "a.pcap", packets))
    assert (found[0].subject.mac, found[0].facts["why"]) == (ROGUE_MAC, "goes out elsewhere")
    assert found[0].start_ns < (START + 1) * 1e9


def test_a_name_server_by_dhcpv6_beside_the_router(tmp_path: Path) -> None:
    packets = [*lease(1, 0), *asks_v6(1, 5, ROGUE_MAC), *asks_v6(2, 90, ROGUE_MAC)]
    found = alarms(alike(RogueDhcp, tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {link_local(ROGUE_MAC)}


@pytest.mark.parametrize(
    "packets",
    [
        [*lease(1, 0, "10.0.0.5", names=("10.0.0.5",)), *goes_out("10.0.0.5", 20)],
        [*lease(1, 0, router=TRUE, names=(TRUE,)), *goes_out("10.0.0.9", 20), *lease(2, 40)],
        [*lease(1, 0), *asks_v6(1, 5, mac_of(TRUE))],
        [*asks_v6(1, 5, ROGUE_MAC), *asks_v6(2, 50, ROGUE_MAC)],
        [
            *lease(1, 0),
            (START + 3, advertisement(ROGUE_MAC, [Prefix("2001:db8:1::/64")])),
            *asks_v6(1, 5, ROGUE_MAC),
        ],
    ],
    ids=[
        "a name server that gives addresses",
        "a router whose clients go out",
        "the router by both families",
        "nothing else is known of the link",
        "another router for each family",
    ],
)
def test_who_may_give_himself(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(RogueDhcp(), tmp_path / "a.pcap", packets))
