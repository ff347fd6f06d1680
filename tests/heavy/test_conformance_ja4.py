"""The fingerprints of every hello, beside those of the makers of JA4 and those of nDPI."""

from pathlib import Path

import pytest

from tests.heavy import ja4_expected, ndpi
from tests.heavy.differences import Account, rules
from tests.heavy.fingerprints import Print, counted, differences, ours, without_marks

pytestmark = pytest.mark.conformance

LIST = Path(__file__).with_name("ja4_differences.toml")


@pytest.fixture(scope="module")
def makers(pack: Path) -> dict[Path, set[Print]]:
    """Return the fingerprints that the makers of JA4 give, by capture."""
    return {capture: ja4_expected.expected(capture) for capture in ja4_expected.captures(pack)}


@pytest.fixture(scope="module")
def others(pack: Path) -> dict[Path, set[Print]]:
    """Return the fingerprints that nDPI gives, by capture."""
    return {ndpi.capture_of(result): ndpi.fingerprints(result) for result in ndpi.results(pack)}


def test_every_fingerprint_is_the_expected_one(
    pack: Path, makers: dict[Path, set[Print]], others: dict[Path, set[Print]]
) -> None:
    account = Account(rules=rules(LIST))
    for capture, theirs in makers.items():
        name = capture.relative_to(pack).as_posix()
        account.enter(differences(name, ours(capture), theirs, extra=True))
    for capture, theirs in others.items():
        name, mine = capture.relative_to(pack).as_posix(), without_marks(ours(capture))
        account.enter(differences(name, mine, without_marks(theirs), extra=False))
    shown = "\n".join(
        f"{cell.capture} {cell.protocols} {cell.field}: {cell.ours or 'none'}, not {cell.theirs or 'none'}"
        for cell in account.unexplained
    )
    assert not account.unexplained, f"{len(account.unexplained)} fingerprints differ:\n{shown}"
    assert not account.wrong(), "entries that do not hold:\n" + "\n".join(account.wrong())


def test_the_comparison_is_not_empty(makers: dict[Path, set[Print]], others: dict[Path, set[Print]]) -> None:
    assert counted(makers.values(), "ja4") >= 212
    assert counted(others.values(), "ja4") >= 318
    assert counted(others.values(), "ja3") >= 318
    assert counted(others.values(), "ja3s") >= 172
