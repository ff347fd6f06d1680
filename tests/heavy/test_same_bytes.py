"""One and two threads, and two runs, give the same bytes."""

from pathlib import Path

import pytest

import oddwire
from tests.heavy.captures import captures
from tests.heavy.sameness import unequal

pytestmark = pytest.mark.conformance

LARGEST, OTHERS = 12, 20


def test_threads_and_runs_do_not_change_a_table(pack: Path, tmp_path: Path) -> None:
    by_size = sorted(captures(pack), key=lambda path: (-path.stat().st_size, path))
    others = by_size[LARGEST :: max(1, len(by_size) // OTHERS)]
    chosen = by_size[:LARGEST] + others
    assert len(chosen) >= 30
    assert [line for path in chosen for line in unequal(path, tmp_path)] == []


def test_nor_do_they_where_a_folder_is_read(pack: Path, tmp_path: Path) -> None:
    folder = pack / "detect" / "ddos"
    assert oddwire.read(folder).packets(columns=["number"]).height > 10_000
    assert list(unequal(folder, tmp_path)) == []
