"""What was said in every capture of the pack, cell by cell against tshark."""

import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.heavy.captures import captures
from tests.heavy.differences import Account, rules
from tests.heavy.said.compare import Compared, compare, pairs
from tests.heavy.said.message import Message
from tests.heavy.said.talks import talks
from tests.heavy.tshark_rows import Tshark

pytestmark = pytest.mark.conformance

# Cells and messages that are rightly not what tshark 4.0 says. The first entry that covers one explains it,
# the lists in the order of their names; an entry must cover just as many as it says.
# fields: part and column, or a part alone: a message that only one of both has. protocols: the table.
# verdict: who is right: ours, theirs or neither.
LISTS = Path(__file__).with_name("protocol_differences")
AT_ONCE = 2
SHOWN = 60
# Cells of each protocol that both have, at least.
LEAST = {"dns": 18_000, "tls": 3_500, "quic": 700, "http": 4_500, "ssh": 60, "dhcp": 1_300}


@pytest.fixture(scope="module")
def comparisons(tshark: str, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Compared]:
    """Return what came of every protocol in every capture."""
    reader = Tshark(program=tshark, settings=tmp_path_factory.mktemp("tshark"))
    everything = talks(reader)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(
            lambda path: compare(reader, everything, path, path.relative_to(pack).as_posix()), captures(pack)
        )
        return [one for several in found for one in several]


def test_every_difference_is_listed_with_its_reason(comparisons: list[Compared], tshark: str) -> None:
    version = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True).stdout
    beside = version.splitlines()[0]
    account = Account(rules=[rule for path in sorted(LISTS.glob("*.toml")) for rule in rules(path)])
    account.enter(cell for compared in comparisons for cell in compared.differences)
    shown = "\n".join(str(cell) for cell in account.unexplained[:SHOWN])
    assert not account.unexplained, f"{beside}: {len(account.unexplained)} cells differ:\n{shown}"
    assert not account.wrong(), f"{beside}: entries that do not hold:\n" + "\n".join(account.wrong())


def test_the_comparison_is_not_empty(comparisons: list[Compared]) -> None:
    cells: Counter[str] = Counter()
    for compared in comparisons:
        cells[compared.table] += compared.cells.total()
    assert all(cells[table] >= least for table, least in LEAST.items()), cells


def _message(packet: int, *, again: bool = False) -> Message:
    return Message(part="question", packet=packet, cells={"id": str(packet)}, again=again)


def test_messages_meet_by_packet_then_in_order() -> None:
    ours = [_message(0), _message(4), _message(9)]
    theirs = [_message(3), _message(4), _message(6, again=True), _message(8)]
    met = [(mine and mine.packet, other and other.packet) for mine, other in pairs(ours, theirs)]
    assert met == [(4, 4), (0, 3), (9, 8)]
