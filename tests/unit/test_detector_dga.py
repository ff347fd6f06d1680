"""Domains made by rule are found where they do not exist, and dead links are not."""

from pathlib import Path

import pytest

from oddwire.detectors.dga import Dga
from oddwire.features.babble import babble, is_top_level
from oddwire.testing.capture import Timed
from oddwire.testing.wire import dice
from tests.unit.resolved import CLIENT, SERVER, asked
from tests.unit.windows import alarms, alike, said

DICE = dice(9)
LISTED = "apple river stone cloud green table light mouse paper horse chair water music dream happy quick"
WORDS = LISTED.split()


def random_letters(size: int) -> str:
    """Return letters by chance."""
    return "".join(DICE.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(size))


def two_words(number: int) -> str:
    """Return two words as one, another pair for every number."""
    return WORDS[number % len(WORDS)] + WORDS[number // len(WORDS) % len(WORDS)]


def missing(names: list[str], gap: float = 1.0, code: str = "NXDOMAIN", **how: str) -> list[Timed]:
    """Return questions for names that do not exist."""
    packets: list[Timed] = []
    for number, name in enumerate(names):
        packets += asked(name, "A", [], at=gap * number, code=code, **how)  # type: ignore[arg-type]  # as it takes them
    return packets


def ends(number: int) -> str:
    """Return a top-level domain."""
    return ("com", "net", "org", "biz", "info", "ru")[number % 6]


def unanswered(names: list[str], **how: str) -> list[Timed]:
    """Return questions that nobody answers."""
    packets: list[Timed] = []
    for number, name in enumerate(names):
        packets += asked(name, "A", None, at=3.0 * number, **how)  # type: ignore[arg-type]  # as it takes them
    return packets


def codes(count: int) -> list[str]:
    """Return domains of letters by chance."""
    return [f"{random_letters(12)}.com" for _ in range(count)]


RULES = {
    "letters": missing([f"{random_letters(12)}.{ends(at)}" for at in range(40)]),
    "few of them": missing([f"{random_letters(10)}.{ends(at)}" for at in range(14)]),
    "short ones": missing([f"{random_letters(6)}.{ends(at)}" for at in range(80)]),
    "over hours": missing([f"{random_letters(11)}.{ends(at)}" for at in range(60)], gap=300.0),
    "words": missing([f"{two_words(at)}.{ends(at)}" for at in range(90)]),
    "nobody denies": missing([f"{random_letters(12)}.{ends(at)}" for at in range(40)], code="SERVFAIL"),
}

UNANSWERED = {
    "nobody answers at all": unanswered(codes(40)),
    "only others are answered": unanswered(codes(40))
    + [
        packet
        for number in range(12)
        for packet in asked(f"www.site{number}.org", "A", ["52.1.2.3"], at=10.0 * number, client="10.0.0.9")
    ],
}


@pytest.mark.parametrize("case", UNANSWERED)
def test_domains_that_nobody_answers_are_found(tmp_path: Path, case: str) -> None:
    found = alarms(said(Dga(), tmp_path / "a.pcap", sorted(UNANSWERED[case])))
    assert {one.subject.ip for one in found} == {CLIENT}


@pytest.mark.parametrize("case", RULES)
def test_domains_made_by_rule_are_found(tmp_path: Path, case: str) -> None:
    found = alarms(alike(Dga, tmp_path / "a.pcap", RULES[case]))
    assert {one.subject.ip for one in found} == {CLIENT}


def test_who_asked_first_is_named_not_the_resolver(tmp_path: Path) -> None:
    names = [f"{random_letters(12)}.com" for _ in range(40)]
    first, passed = missing(names), missing(names, client=SERVER, server="203.0.113.9")
    packets = sorted(first + [(at + 0.005, packet) for at, packet in passed])
    found = alarms(said(Dga(), tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {CLIENT}


def dead_links() -> list[Timed]:
    """Return what a crawler asks for: one domain in three is gone."""
    packets: list[Timed] = []
    for number in range(200):
        gone = number % 3 == 0
        code, answers = ("NXDOMAIN", []) if gone else ("NOERROR", ["52.1.2.3"])
        packets += asked(f"{two_words(number)}{number}.com", "A", answers, at=1.0 * number, code=code)
    return packets


ORDINARY = {
    "dead links": dead_links(),
    "lists of the bad": missing([f"4.3.2.1.bl{at}.{two_words(at)}.org" for at in range(60)], gap=0.1),
    "one list of the bad": missing([f"{at}.3.2.1.bl.example.org" for at in range(200)], gap=0.1),
    "a search list": missing([f"wpad.{area}.example.com" for area in ("a", "b", "c")] * 20),
    "probes of a browser": missing([random_letters(10) for _ in range(9)]),
    "probes completed": missing([f"{random_letters(10)}.corp.example.com" for _ in range(60)]),
    "no such end": missing([f"{random_letters(10)}.corp" for _ in range(60)]),
    "typing errors": missing([f"{random_letters(9)}.com" for _ in range(5)], gap=60.0),
    "servers are down": missing([f"www.{two_words(at)}.com" for at in range(100)], code="SERVFAIL"),
    "one broken program": missing([f"{random_letters(12)}.com"] * 200),
}


ORDINARY["a server answers nobody"] = [
    packet for last in range(6) for packet in unanswered(codes(40), client=f"10.0.0.{20 + last}")
]


@pytest.mark.parametrize("case", ORDINARY)
def test_what_is_merely_missing_is_silent(tmp_path: Path, case: str) -> None:
    assert not alarms(said(Dga(), tmp_path / "a.pcap", ORDINARY[case]))


def test_letters_tell_names_from_babble() -> None:
    assert max(babble(["microsoft", "wikipedia", "cloudservice", "northwind-traders"])) < 5
    assert min(babble(["xjwqzkvbtp", "qkzvxhtrbn", "3f9a0c7be1d24485"])) > 5
    assert babble([]) == []
    assert babble(["\u00e9" * 300, ""])[1] > 0
    assert is_top_level("com")
    assert not is_top_level("corp")
