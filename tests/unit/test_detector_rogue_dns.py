"""Forged answers and hosts that answer to any name are found; portals, balancing and copies are not."""

from pathlib import Path

import pytest

from oddwire.detectors.rogue_dns import RogueDns
from oddwire.testing.capture import Timed
from oddwire.testing.wire import dice, twice
from tests.unit.resolved import CLIENT, SERVER, asked
from tests.unit.windows import alarms, alike, said

DICE = dice(11)
LIAR, LIAR_MAC = "10.0.0.66", "02:00:de:ad:be:ef"
SITES = [f"www.site{number}.com" for number in range(40)]
GROUPS = {5_355: "224.0.0.252", 137: "10.0.0.255"}


def public() -> str:
    """Return an address of a cloud."""
    return f"52.{DICE.randrange(256)}.{DICE.randrange(256)}.{DICE.randrange(1, 255)}"


def visits(start: float = 0.0, sites: list[str] = SITES, **how: str) -> list[Timed]:
    """Return questions for sites and true answers."""
    packets: list[Timed] = []
    for number, site in enumerate(sites):
        packets += asked(site, "A", [public()], at=start + number, **how)  # type: ignore[arg-type]  # as it takes them
    return packets


def turned(address: str, start: float, sites: list[str] = SITES, **how: str) -> list[Timed]:
    """Return the same, and all are at one address."""
    packets: list[Timed] = []
    for number, site in enumerate(sites):
        packets += asked(site, "A", [address], at=start + number, **how)  # type: ignore[arg-type]  # as it takes them
    return packets


def raced(count: int, mac: str | None = None) -> list[Timed]:
    """Return questions with two answers, the first of them forged."""
    packets = visits()
    for number in range(count):
        at = 60.0 + 2 * number
        packets += asked(f"bank{number}.com", "A", [public()], at=at, rtt=0.03)
        when, wire = asked(f"bank{number}.com", "A", [LIAR], at=at, rtt=0.005)[1]
        packets.append((when, wire[:6] + bytes.fromhex(mac.replace(":", "")) + wire[12:] if mac else wire))
    return sorted(packets)


def called(names: list[str], service: int = 5_355) -> list[Timed]:
    """Return calls of neighbours for names, all answered by one host."""
    packets: list[Timed] = []
    for number, name in enumerate(names):
        packets += asked(
            name,
            "NB" if service == 137 else "A",
            [LIAR],
            at=10.0 * number,
            client=f"10.0.0.{20 + number}",
            server=LIAR,
            service=service,
            called=GROUPS[service],
            port=137 if service == 137 else None,
        )
    return packets


def flood(count: int) -> list[Timed]:
    """Return answers about a domain that was asked for, with all transactions in turn."""
    packets = asked("www.bank.com", "A", [public()], at=0) + asked(
        "a.bank.com", "A", [], at=0.5, code="NXDOMAIN"
    )
    for number in range(count):
        packets += asked(
            "x.bank.com",
            "A",
            ["6.6.6.6"],
            at=1 + 0.002 * number,
            asks=False,
            ident=7 * number % 65_536,
            port=33_333,
            server="203.0.113.53",
        )
    return packets


def test_a_second_answer_names_the_hardware_that_gave_it(tmp_path: Path) -> None:
    found = alarms(alike(RogueDns, tmp_path / "a.pcap", raced(3, LIAR_MAC)))
    assert {one.subject.mac for one in found} == {LIAR_MAC}


def elsewhere(address: str | None, agreed: bool = False) -> list[Timed]:
    """Return sites that one server leads to one address, or to any, and where they are for another."""
    packets: list[Timed] = []
    for turn in range(24):
        site = f"www.bank{turn % 6}.com"
        true = address if agreed and address else f"52.{turn % 6}.7.{turn % 6}"
        there = address or public()
        packets += asked(site, "A", [true], at=4.0 * turn)
        packets += asked(site, "A", [there], at=4.0 * turn + 2, client="10.0.0.7", server="203.0.113.53")
    return packets


LIES = {
    "names led astray": (elsewhere("198.51.100.66"), "203.0.113.53"),
    "an inside address by a neighbour": (
        visits(sites=[f"api.site{number}.com" for number in range(40)])
        + turned(LIAR, 50.0, client="10.0.0.7", server=LIAR),
        LIAR,
    ),
    "races far away": (raced(4), SERVER),
    "names turned inside": (visits() + turned(LIAR, 100.0), SERVER),
    "a flood of answers": (flood(900), "203.0.113.53"),
    "calls answered": (called(["fileserv", "wpad", "prnt", "intranett"]), LIAR),
    "a proxy and one more": (called(["wpad", "filesrv"]), LIAR),
    "calls by NetBIOS": (called(["FILESERV", "PRNT", "INTRA", "SRV9", "DB1"], 137), LIAR),
}


@pytest.mark.parametrize("case", LIES)
def test_lies_are_found(tmp_path: Path, case: str) -> None:
    packets, subject = LIES[case]
    found = alarms(alike(RogueDns, tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {subject}


def retried() -> list[Timed]:
    """Return questions asked twice with one transaction, each answered by another balancer."""
    packets: list[Timed] = []
    for number, site in enumerate(SITES):
        for again in (0.0, 0.01):
            packets += asked(site, "A", [public()], at=number + again, port=5_000 + number, ident=number)
    return packets


SPLIT = [f"host{number}.corp.com" for number in range(20)]
ADVERTS = [f"ads{number}.tracker{number}.com" for number in range(10)]
ORDINARY = {
    "every packet twice": twice(sorted(visits())),
    "retries and balancing": retried(),
    "a portal at the start": turned("10.0.0.1", 0.0) + visits(60.0),
    "two views of one domain": visits(0.0, SPLIT, server="8.8.8.8") + turned("10.0.0.9", 60.0, SPLIT),
    "adverts blocked": visits(0.0, ADVERTS, server="8.8.8.8") + visits(50.0) + turned(SERVER, 60.0, ADVERTS),
    "one provider of many sites": elsewhere("198.51.100.66", agreed=True),
    "other balancers elsewhere": elsewhere(None),
    "a host with its name": called(["host66"] * 20),
    "a host and its group": called(["HOST66", "WORKGROUP"] * 5, 137),
    "reflections": [packet for packet in flood(900) if packet[0] > 1_710_062_400.9],
}


@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_answers_are_silent(tmp_path: Path, case: str) -> None:
    assert CLIENT
    assert not alarms(said(RogueDns(), tmp_path / "a.pcap", ORDINARY[case]))
