"""Every case: what must be found is found, of the right kind and in time, and nothing else is raised.

Of the cases that record real software two run here; the others, which need more programs, are long.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.heavy.case_runs import case_names, missing_programs, outcomes
from tests.heavy.needs import missing

RECORDED = "real_"
SMOKE = {"real_port_scans", "real_ssh"}
HERE = [name for name in case_names() if not name.startswith(RECORDED) or name in SMOKE]


def marked(case: str) -> Any:
    """Return a case as a parameter: who else is at work shows in the times of a recorded one."""
    return case if case.startswith(RECORDED) else pytest.param(case, marks=pytest.mark.shared)


@pytest.mark.parametrize("case", [marked(name) for name in HERE])
def test_what_must_be_found_is_found_and_nothing_else(case: str, tmp_path: Path) -> None:
    check(case, tmp_path)


def check(case: str, folder: Path) -> None:
    if case.startswith(RECORDED) and os.geteuid() != 0:
        missing("the right to make network namespaces (root)")
    if lacking := missing_programs(case):
        missing(", ".join(lacking))
    wrong = [f"{one.capture}: {line}" for one in outcomes(case, folder) for line in one.wrong]
    assert not wrong, "\n".join(wrong)
