"""One and two threads, and two runs, give the same bytes, for every capture of the pack."""

from pathlib import Path

import pytest

from tests.heavy.captures import captures
from tests.heavy.sameness import unequal

pytestmark = [pytest.mark.long, pytest.mark.conformance]


def test_threads_and_runs_do_not_change_a_table(pack: Path, tmp_path: Path) -> None:
    assert [line for path in captures(pack) for line in unequal(path, tmp_path)] == []
