"""Every packet of every capture of the pack, cell by cell against tshark."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.heavy.captures import captures
from tests.heavy.conformance import COLUMNS, Comparison, compare
from tests.heavy.described import cells, epoch_ns
from tests.heavy.differences import Account, rules
from tests.heavy.tshark_rows import FIELDS, Row, Tshark

pytestmark = pytest.mark.conformance

AT_ONCE = 2
SHOWN = 40


@pytest.fixture(scope="module")
def comparisons(tshark: str, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Comparison]:
    """Return what came of every capture."""
    reader = Tshark.with_settings(tshark, tmp_path_factory.mktemp("tshark"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(
            pool.map(lambda path: compare(reader, path, path.relative_to(pack).as_posix()), captures(pack))
        )


def test_every_difference_is_listed_with_its_reason(comparisons: list[Comparison], tshark: str) -> None:
    version = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True).stdout
    beside = version.splitlines()[0]
    account = Account(rules=rules())
    account.enter(cell for comparison in comparisons for cell in comparison.differences)
    shown = "\n".join(str(cell) for cell in account.unexplained[:SHOWN])
    assert not account.unexplained, f"{beside}: {len(account.unexplained)} cells differ:\n{shown}"
    assert not account.wrong(), f"{beside}: entries that do not hold:\n" + "\n".join(account.wrong())


def test_the_comparison_is_not_empty(comparisons: list[Comparison]) -> None:
    packets = sum(comparison.packets for comparison in comparisons)
    filled = {name: sum(comparison.filled[name] for comparison in comparisons) for name in COLUMNS[1:]}
    assert packets > 200_000
    assert all(count > 500 for count in filled.values()), filled


def _row(protocols: str, **values: str) -> Row:
    said = {name.replace("_", "."): tuple(value.split(";")) for name, value in values.items()}
    row = {name: said.get(name.replace("_", "."), ()) for name in FIELDS}
    return row | {"frame.protocols": (protocols,)}


TUNNELLED = _row(
    "eth:ethertype:ip:gre:ip:udp",
    ip_src="10.0.0.1;1.1.1.1", ip_dst="10.0.0.2;2.2.2.2", ip_proto="47;17", ip_ttl="9;64",
    udp_srcport="53", udp_dstport="5353",
)  # fmt: skip
QUOTED = _row(
    "eth:ethertype:ip:icmp:ip:udp",
    ip_src="10.0.0.1;1.1.1.1", ip_dst="10.0.0.2;2.2.2.2", ip_proto="1;17", ip_ttl="9;64",
    udp_srcport="53", udp_dstport="5353",
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (TUNNELLED, {"src_ip": "1.1.1.1", "protocol": "17", "ttl": "64", "src_port": "53"}),
        (QUOTED, {"src_ip": "10.0.0.1", "protocol": "1", "ttl": "9", "src_port": ""}),
    ],
    ids=["the innermost packet", "but not what an error quotes"],
)
def test_the_right_occurrence_is_chosen(row: Row, expected: dict[str, str]) -> None:
    assert expected.items() <= cells(row).items()


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("1.000000001", 1_000_000_001), ("7.1000000000", 8_000_000_000), ("-1.500000000", -1_500_000_000)],
)
def test_printed_times_are_nanoseconds(printed: str, expected: int) -> None:
    assert epoch_ns((printed,)) == expected
