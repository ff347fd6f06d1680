"""The cases that record real software, all of them: scanners, web servers, backups, a network at work."""

from pathlib import Path

import pytest

from tests.heavy.case_runs import case_names
from tests.heavy.test_cases import HERE, check

pytestmark = pytest.mark.long


@pytest.mark.parametrize("case", [name for name in case_names() if name not in HERE])
def test_what_must_be_found_is_found_and_nothing_else(case: str, tmp_path: Path) -> None:
    check(case, tmp_path)
