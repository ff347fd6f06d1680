"""Detectors that judge by names keep to what every detector must, where there is something to say."""

from functools import cache

import pytest

from oddwire.base.detector import Detector
from oddwire.detectors.dga import Dga
from oddwire.detectors.dns_tunnel import DnsTunnel
from oddwire.detectors.rogue_dns import RogueDns
from oddwire.testing.capture import Timed
from oddwire.testing.conformance import CHECKS, Stage, complaints, our_stage
from oddwire.testing.windows import recorded
from oddwire.testing.wire import dice
from tests.unit.resolved import asked

DICE = dice(5)


def coded(size: int) -> str:
    """Return letters by chance."""
    return "".join(DICE.choice("bcdfghjklmnpqrstvwxyz") for _ in range(size))


def lies(number: int, at: float) -> list[Timed]:
    """Return two answers to a question, a name turned inside, a stray answer and a call answered."""
    client, server, liar = f"10.2.{number % 4}.5", f"10.2.{number % 4}.53", f"10.2.{number % 4}.66"
    site = f"www.site{number // 4 % 12}.com"
    twice = asked(f"bank{number}.com", "A", ["52.1.1.1"], at=at, client=client, server=server, rtt=0.04)
    twice += asked(f"bank{number}.com", "A", [liar], at=at, client=client, server=server)[1:]
    turned = asked(site, "A", ["52.2.2.2" if number < 60 else liar], at=at, client=client, server=server)
    stray = asked("x.bank1.com", "A", ["6.6.6.6"], at=at, client=client, server=server, asks=False)
    call = asked(
        coded(8), "A", [liar], at=at, client=client, server=liar, service=5_355, called="224.0.0.252"
    )
    return [*twice, *turned, *stray, *call]


@cache
def stage() -> Stage:
    """Return five minutes of tunnels, domains made by rule and lies, of several hosts each."""
    packets: list[Timed] = []
    for number in range(240):
        at, host = 1.2 * number, f"10.1.{number % 4}.5"
        server = f"10.1.{number % 4}.53"
        packets += asked(f"{coded(40)}.t.example.com", "TXT", [coded(60)], at=at, client=host, server=server)
        packets += asked(f"{coded(12)}.com", "A", [], at=at, client=host, server=server, code="NXDOMAIN")
        packets += lies(number, at)
    return Stage(loud=recorded(sorted(packets)), quiet=our_stage().quiet)


@pytest.mark.parametrize("check", sorted(set(CHECKS) - {"bounds"}))
@pytest.mark.parametrize("detector", [DnsTunnel, Dga, RogueDns], ids=lambda one: one.name)
def test_they_conform_when_they_speak(detector: type[Detector], check: str) -> None:
    assert stage().heard(detector)
    assert complaints(detector, check, stage()) == []
