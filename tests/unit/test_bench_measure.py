import json
import sys
from pathlib import Path

import pytest

from benchmarks.measure import run
from benchmarks.memory import bytes_a_flow, read_live
from benchmarks.rounds import Row, scaled


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_scaling_counts_the_start_once() -> None:
    assert scaled(1.5, factor=10.0, start_s=0.5) == pytest.approx(10.5)


def test_scaling_never_makes_work_negative() -> None:
    assert scaled(0.4, factor=10.0, start_s=0.5) == pytest.approx(0.5)


def test_a_row_is_the_median_and_a_reason_voids_it() -> None:
    row = Row(contender="a", capture="real", cpu_s=[3.0, 1.0, 2.0], peak_mb=[1.0, 1.0, 4.0])
    assert (row.cpu, row.peak) == (2.0, 1.0)
    row.reason = "exit 1"
    assert (row.cpu, row.peak) == (None, None)


def test_bytes_a_live_flow() -> None:
    assert bytes_a_flow(full_mb=201.0, empty_mb=1.0, live=1024 * 1024) == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("text", "live"),
    [(json.dumps({"most_live_flows": 7}), 7), ("[]", None), ("{}", None), ("not json", None)],
)
def test_live_flows_come_from_the_stats_file(tmp_path: Path, text: str, live: int | None) -> None:
    stats = tmp_path / "stats.json"
    stats.write_text(text)
    assert read_live(stats) == live


def test_no_stats_file_is_no_count(tmp_path: Path) -> None:
    assert read_live(tmp_path / "none.json") is None


def test_work_of_children_is_counted() -> None:
    child = "sum(i * i for i in range(3_000_000))"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {child!r}], check=True)"
    assert run(python(outer), limit_s=60).cpu_s > run(python("pass"), limit_s=60).cpu_s + 0.03


def test_a_failure_keeps_the_last_line_of_its_message() -> None:
    result = run(python("raise SystemExit('first\\nno such file')"), limit_s=60)
    assert result.failure == "exit 1: no such file"


def test_a_run_beyond_its_limit_is_stopped() -> None:
    result = run(python("import time; time.sleep(60)"), limit_s=0.2)
    assert result.timed_out
    assert result.wall_s < 30


def test_peak_memory_is_the_childs_own() -> None:
    result = run(python("import time; block = bytearray(200_000_000); time.sleep(0.1)"), limit_s=60)
    assert 190 < result.peak_mb < 300


def test_a_feed_becomes_standard_input() -> None:
    count = "import sys; print(len(sys.stdin.read()))"
    result = run(python(count), limit_s=60, feed=python("print('x' * 99)"), keep_stdout=True)
    assert result.stdout.strip() == "100"
