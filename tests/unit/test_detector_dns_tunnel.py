"""Names that carry data are found, whatever the record, and names that are merely many are not."""

from pathlib import Path
from typing import Any

import pytest

from oddwire.detectors.dns_tunnel import DnsTunnel
from oddwire.testing.capture import Timed
from oddwire.testing.wire import dice, twice
from tests.unit.resolved import CLIENT, SERVER, asked
from tests.unit.windows import alarms, alike, said

DICE = dice(7)
LISTED = "apple river stone cloud green table light mouse paper horse chair water music dream happy quick"
WORDS = LISTED.split()


def coded(size: int, letters: str = "0123456789abcdef") -> str:
    """Return letters by chance."""
    return "".join(DICE.choice(letters) for _ in range(size))


def base32(size: int) -> str:
    """Return letters of base 32 by chance."""
    return coded(size, "abcdefghijklmnopqrstuvwxyz234567")


def public() -> str:
    """Return an address of a cloud."""
    return f"52.{DICE.randrange(256)}.{DICE.randrange(256)}.{DICE.randrange(1, 255)}"


def worded(count: int) -> str:
    """Return words joined by hyphens."""
    return "-".join(DICE.choice(WORDS) for _ in range(count))


def stream(
    name: str, kind: str = "A", answer: str | None = "", *, gap: float = 0.3, **how: Any
) -> list[Timed]:
    """Return sixty questions; in what is given # is the number, {} is code, and <> is code of base 32."""
    packets: list[Timed] = []
    for number in range(60):
        made = _filled(name, number)
        answers = None if answer is None else [_filled(answer, number)] if answer else []
        packets += asked(made, kind, answers, at=gap * number, **how)
    return packets


def _filled(text: str, number: int) -> str:
    while "{}" in text or "<>" in text:
        text = text.replace("{}", coded(40), 1).replace("<>", base32(50), 1)
    return text.replace("#", f"{number:x}").replace("@", public()).replace("~", worded(6))


# The name, the type, the answer, the pause and how else it is asked.
TUNNELS: dict[str, tuple[str, str, str | None, float, dict[str, Any]]] = {
    "to a server without a domain": ("tun.{}", "TXT", "{}", 1.0, {}),
    "null records": ("<>.t.example.com", "NULL", "{}{}", 0.3, {"ttl": 0}),
    "private records": ("#a.t.example.com", "PRIVATE", "{}", 0.3, {"ttl": 0}),
    "aliases": ("<>.t.example.com", "CNAME", "{}.t.example.com", 0.3, {"ttl": 0}),
    "mail servers": ("{}.t.example.com", "MX", "{}.t.example.com", 2.0, {}),
    "a laboratory": ("{}.tunnel.example.test", "TXT", "{}", 0.5, {}),
    "files to nobody": ("#.<>.x.example.org", "A", "", 0.2, {"code": "NXDOMAIN"}),
    "files without an answer": ("<>.x.example.org", "A", None, 0.5, {}),
    "words": ("~.example.org", "A", "5.6.7.8", 1.0, {"ttl": 0}),
    "answers in addresses": ("<>.example.org", "A", "@", 1.0, {"ttl": 5}),
    "questions for orders": ("#.1a2b3c4d.example.org", "A", "9.9.9.9", 20.0, {"ttl": 1}),
    "a slow shell": ("#0c7.cmd.example.org", "TXT", "none", 10.0, {"ttl": 1}),
    "words and several addresses": ("~.cdn.example.org", "A", "@", 1.0, {"ttl": 1}),
    "over IPv6": ("{}.t.example.com", "TXT", "{}", 0.5, {"client": "fd00::5", "server": "fd00::53"}),
    "only answers": ("<>.t.example.com", "TXT", "{}", 0.3, {"asks": False}),
}


@pytest.mark.parametrize("case", TUNNELS)
def test_streams_in_names_are_found(tmp_path: Path, case: str) -> None:
    name, kind, answer, gap, how = TUNNELS[case]
    packets = stream(name, kind, answer, gap=gap, **how)
    found = alarms(alike(DnsTunnel, tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {how.get("client", CLIENT)}
    assert alarms(said(DnsTunnel(), tmp_path / "b.pcap", twice(sorted(packets))))


ORDINARY: dict[str, tuple[str, str, str, float, dict[str, Any]]] = {
    "content networks": ("d3a#.cdn.example.net", "A", "@", 5.0, {}),
    "lists of the bad": ("1.2.#.4.bl.example.org", "A", "127.0.0.2", 0.3, {}),
    "hashes of files": ("{}.files.example.com", "A", "127.0.0.1", 0.3, {"ttl": 300}),
    "reputation in text": ("4.1f.<>.<>.sxl4.sophosxl.net", "TXT", "x 1f", 0.3, {"ttl": 600}),
    "keys of mail": ("s#._domainkey.example.com", "TXT", "v=DKIM1; p=<>", 1.0, {}),
    "reverse names": ("#.2.0.10.in-addr.arpa", "PTR", "wks-#.example.com", 0.2, {}),
    "an inventory": ("wks-#.example.com", "A", "10.1.2.3", 0.3, {"ttl": 1_200}),
    "probes of a browser": ("<>", "A", "", 20.0, {"code": "NXDOMAIN"}),
    "one name again": ("status.example.com", "TXT", "0.103.#:62", 10.0, {"ttl": 60}),
    "a search list": ("www.site#.com.svc.cluster.local", "A", "", 0.3, {"code": "NXDOMAIN"}),
    "a server of each visit": ("~-#.shop.example.com", "A", "@,@", 3.0, {"ttl": 3_600}),
}


@pytest.mark.parametrize("case", ORDINARY)
def test_many_names_are_silent(tmp_path: Path, case: str) -> None:
    name, kind, answer, gap, how = ORDINARY[case]
    packets = [] if "," in answer else stream(name, kind, answer, gap=gap, **how)
    for number in range(60 if "," in answer else 0):
        packets += asked(_filled(name, number), kind, [public(), public()], at=gap * number, ttl=3_600)
    assert not alarms(said(DnsTunnel(), tmp_path / "a.pcap", packets))


@pytest.mark.parametrize("answer", ["5.6.7.8", "@"])
def test_what_several_ask_alike_is_a_name_for_each_visit(tmp_path: Path, answer: str) -> None:
    packets: list[Timed] = []
    for last in range(5):
        how = {"client": f"10.0.0.{20 + last}", "ttl": 60}
        packets += stream("{}-#.rum.example.com", "A", answer, gap=9.0 + last, **how)
    assert not alarms(said(DnsTunnel(), tmp_path / "a.pcap", sorted(packets)))


def test_a_name_that_is_asked_for_again_does_not_hide_a_stream(tmp_path: Path) -> None:
    packets: list[Timed] = []
    for number in range(60):
        packets += asked("1a2b3c4d.x.example.com", "A", ["5.6.7.8"], at=30.0 * number, ttl=1)
    for number in range(24):
        name = f"a{number:x}.1a2b3c4d.x.example.com"
        packets += asked(name, "TXT", [coded(180)], at=1_830.0 + 0.2 * number, ttl=1)
    assert alarms(alike(DnsTunnel, tmp_path / "a.pcap", packets))


def test_who_asked_first_is_named_not_who_passed_it_on(tmp_path: Path) -> None:
    packets: list[Timed] = []
    for number in range(60):
        name = f"{base32(50)}.t.example.com"
        packets += asked(name, "TXT", [coded(60)], at=0.5 * number, rtt=0.1)
        packets += asked(
            name, "TXT", [coded(60)], at=0.5 * number + 0.02, rtt=0.05, client=SERVER, server="203.0.113.9"
        )
    found = alarms(said(DnsTunnel(), tmp_path / "a.pcap", packets))
    assert {one.subject.ip for one in found} == {CLIENT}
    upstream = [packet for packet in packets if packet[1][26:30] != bytes([10, 0, 0, 5])]
    upstream = [packet for packet in upstream if packet[1][30:34] != bytes([10, 0, 0, 5])]
    assert {one.subject.ip for one in alarms(said(DnsTunnel(), tmp_path / "b.pcap", upstream))} == {SERVER}


def test_it_is_told_early_and_says_where_from(tmp_path: Path) -> None:
    packets = stream("{}.t.example.com", "TXT", "{}", gap=1.0)
    first = alarms(said(DnsTunnel(), tmp_path / "a.pcap", packets))[0]
    assert first.at_ns - first.start_ns <= 20_000_000_000
    assert first.facts["domain"] == "t.example.com"
    assert (first.targets[0].ip, first.targets[0].port) == (SERVER, 53)
