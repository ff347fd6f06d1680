"""Every case: what must be found is found, of the right kind and in time, and nothing else is raised."""

import os
from pathlib import Path

import pytest

from tests.heavy.case_runs import case_names, missing_programs, outcomes


@pytest.mark.parametrize("case", case_names())
def test_what_must_be_found_is_found_and_nothing_else(case: str, tmp_path: Path) -> None:
    missing = missing_programs(case)
    if missing or (case.startswith("real_") and os.geteuid() != 0):
        reason = f"needs {', '.join(missing)}" if missing else "needs root, for network namespaces"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    wrong = [f"{one.capture}: {line}" for one in outcomes(case, tmp_path) for line in one.wrong]
    assert not wrong, "\n".join(wrong)
