"""The service of every flow beside what nDPI says of it."""

from pathlib import Path

import pytest

from tests.heavy import ndpi
from tests.heavy.differences import Account, rules
from tests.heavy.services import Compared, compare

pytestmark = pytest.mark.conformance

LIST = Path(__file__).with_name("service_differences.toml")
SHARE = 0.95
SHOWN = 60
VERDICTS = {"ours", "theirs", "neither"}


@pytest.fixture(scope="module")
def compared(pack: Path) -> Compared:
    """Return what came of every capture that nDPI has a result for."""
    return compare(pack)


def test_every_disagreement_is_listed_with_its_verdict(compared: Compared) -> None:
    account = Account(rules=rules(LIST))
    account.enter(compared.differences)
    shown = "\n".join(
        f"{cell.capture} {cell.protocols} {cell.field}: {cell.ours or 'none'}, nDPI {cell.theirs or 'none'}"
        for cell in account.unexplained[:SHOWN]
    )
    assert not account.unexplained, f"{len(account.unexplained)} flows differ:\n{shown}"
    assert not account.wrong(), "entries that do not hold:\n" + "\n".join(account.wrong())


def test_every_entry_has_a_verdict() -> None:
    assert {rule.verdict for rule in rules(LIST)} <= VERDICTS


def test_most_flows_are_what_ndpi_says(compared: Compared) -> None:
    total = compared.total()
    assert total.theirs > 1_300
    assert total.same >= SHARE * total.theirs, compared.tallies
    assert total.agreed >= SHARE * total.ours, compared.tallies


LISTED = (
    "\t9\tTCP 10.0.0.1:80 <-> [fe80::0:1]:443 [VLAN: 13][proto: {proto}][IP: 0/Unknown][ClearText]"
    "[Confidence: {how}][FPC: 5/DNS, Confidence: DPI][JA4: t13][JA3S: 4192 (WEAK)]"
)


@pytest.mark.parametrize(
    ("proto", "how", "master", "seen"),
    [
        ("91.58/TLS.Discord", "DPI", "TLS", True),
        ("GTP:7/HTTP", "DPI (cache)", "HTTP", True),
        ("7/HTTP", "Match by port", "HTTP", False),
        ("0/Unknown", "Unknown", "Unknown", False),
    ],
)
def test_a_line_of_ndpi_is_read(tmp_path: Path, proto: str, how: str, master: str, seen: bool) -> None:
    result = tmp_path / "some.out"
    result.write_text(f"Undetected flows:\n{LISTED.format(proto=proto, how=how)}\n\t1\t10.0.0.1 2\n")
    (flow,) = ndpi.flows(result)
    assert flow.ends == ("tcp", ("10.0.0.1", 80), ("fe80::1", 443))
    assert (flow.master, flow.seen) == (master, seen)
    assert flow.prints == {"ja4": "t13", "ja3s": "4192"}
