"""How every command ends: exit codes, one line an error, results on stdout and nothing else there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oddwire.cli.group import COMMANDS
from oddwire.engine.tables import TABLES
from oddwire.testing.demo import write_demo
from tests.unit import made
from tests.unit.conftest import Cli

READERS = ["summary", *TABLES]


@pytest.mark.parametrize("command", READERS)
def test_a_missing_file_is_3_and_one_line(cli: Cli, command: str) -> None:
    done = cli(command, "nowhere.pcap")
    assert done.code == 3
    assert done.out == ""
    assert done.err == "oddwire: nowhere.pcap: there is no such file or folder; check the name\n"


@pytest.mark.parametrize("command", READERS)
def test_what_is_no_capture_is_3(cli: Cli, tmp_path: Path, command: str) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("these are notes, and no capture at all")
    done = cli(command, text)
    assert (done.code, done.out) == (3, "")
    assert done.err == f"oddwire: {text}: is neither a pcap nor a pcapng capture\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_3(cli: Cli, small: Path) -> None:
    small.chmod(0)
    assert cli("flows", small).code == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nope"], "no such command 'nope'; see `oddwire --help`"),
        (["flows"], "missing argument 'FILE...'; see `oddwire flows --help`"),
        (["flows", "x.pcap", "--nope"], "no such option"),
        (["flows", "{small}", "--window", "1x"], "'1x' is no duration; write it as 60s"),
        (["flows", "{small}", "--window", "10ms"], "a window of 10ms is too short; use 1s or more"),
        (["flows", "{small}", "--since", "soon"], "'soon' is no time"),
        (["flows", "{small}", "--max-memory", "much"], "'much' is no size"),
        (["flows", "{small}", "--threads", "0"], "0 is not in the range"),
        (["flows", "{small}", "--columns", "strt", "--format", "csv"], "unknown column 'strt'"),
        (["profiles", "{small}", "--columns", "windw"], "did you mean 'window'?"),
        (["flows", "{small}", "--filter", "dstport == 1"], "did you mean 'dst_port'?"),
        (["profiles", "{small}", "--filter", "nope == 1"], "unknown column 'nope'"),
        (["flows", "{small}", "--format", "xls"], "unknown format 'xls'; choose one of csv, "),
        (["flows", "{small}", "-o", "out.xls"], "unknown format 'xls'; choose one of csv, "),
        (
            ["flows", "{small}", "--format", "table", "-o", "x.csv"],
            "a table for the screen goes to the screen",
        ),
        (["flows", "{small}", "--format", "sqlite"], "SQLite needs a file; name it with -o"),
        (["flows", "{small}", "--format", "csv", "-o", "/nowhere/at/all.csv"], "/nowhere/at/all.csv: "),
        (["flows", "{small}", "--stats", "/nowhere/at/all.json"], "/nowhere/at/all.json: "),
        (["summary", "{small}", "--report", "/nowhere/at/all.html"], "/nowhere/at/all.html: "),
        (["summary", "-", "--sample", "3"], "standard input can be read only once; save it to a file"),
        (["columns", "nope"], "'nope' is not one of"),
    ],
)
def test_a_misuse_is_2_and_one_line(cli: Cli, small: Path, words: list[str], says: str) -> None:
    done = cli(*[small if word == "{small}" else word for word in words])
    assert done.code == 2
    line = done.err.splitlines()[-1]
    assert line.startswith("oddwire: ")
    assert says in line
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        (["flows", "nowhere.pcap"], "not_found", 3),
        (["flows"], "usage", 2),
        (["flows", "{small}", "--filter", "dstport == 1"], "filter", 2),
        (["flows", "{small}", "-o", "/nowhere/x.csv"], "output", 2),
    ],
)
def test_json_gives_errors_as_json(cli: Cli, small: Path, words: list[str], kind: str, code: int) -> None:
    done = cli(*[small if word == "{small}" else word for word in words], "--json")
    error = json.loads(done.err)["error"]
    assert (done.code, error["kind"], error["exit_code"]) == (code, kind, code)
    assert error["message"]


def test_a_filter_error_says_its_place(cli: Cli, small: Path) -> None:
    done = cli("flows", small, "--filter", "packets > 1 and dstport == 1", "--json")
    assert json.loads(done.err)["error"]["position"] == 16


def test_a_file_without_a_byte_warns_and_is_0(cli: Cli, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pcap"
    nothing.touch()
    done = cli("flows", nothing)
    assert (done.code, done.out) == (0, "")
    assert "is empty" in done.err


@pytest.mark.parametrize("command", READERS)
def test_an_empty_capture_warns_and_is_0(cli: Cli, tmp_path: Path, command: str) -> None:
    empty = made.empty_capture(tmp_path / "empty.pcap")
    done = cli(command, empty)
    assert done.code == 0
    assert "no packets" in done.err
    assert cli(command, empty, "--quiet").err == ""


@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_capture_is_0_with_its_place_on_stderr(cli: Cli, tmp_path: Path, table: str) -> None:
    damaged = made.damaged_capture(tmp_path / "damaged.pcap")
    done = cli(table, damaged, "--format", "csv")
    assert done.code == 0
    assert f"{damaged}: byte " in done.err
    assert "damaged" not in done.out


@pytest.mark.parametrize("table", TABLES)
def test_quiet_says_nothing_beside_the_rows(cli: Cli, tmp_path: Path, table: str) -> None:
    damaged = made.damaged_capture(tmp_path / "damaged.pcap")
    done = cli(table, damaged, "--format", "csv", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert done.out
    assert cli(table, damaged, "--quiet").err == ""
    assert cli(table, damaged, "-q", "-o", tmp_path / "out.csv").err == ""


@pytest.mark.parametrize("words", [["--help"], ["-h"], *[[name, "--help"] for name in COMMANDS]])
def test_help_is_0_and_shows_an_example(cli: Cli, words: list[str]) -> None:
    done = cli(*words)
    assert (done.code, done.err) == (0, "")
    assert "Example" in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_the_version_is_the_projects(cli: Cli) -> None:
    assert cli("--version").out == "oddwire 0.1.0\n"


def test_it_runs_as_a_module_and_reads_standard_input(small: Path) -> None:
    with small.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "oddwire", "packets", "-", "--format", "csv", "--columns", "number"],
            stdin=stream,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["number", *map(str, range(1, made.PACKETS + 1))]


def test_a_bare_call_shows_the_help(cli: Cli) -> None:
    done = cli()
    assert (done.code, done.out) == (0, cli("--help").out)


@pytest.mark.parametrize(
    "words", ["packets {} --format csv", "packets {} --format json", "packets {} --limit 5000"]
)
def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path, words: str) -> None:
    write_demo(tmp_path / "demo.pcap")
    command = words.format(tmp_path / "demo.pcap")
    program = f"{sys.executable} -m oddwire {command} | head -c 7"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) == 7


def test_a_hostile_name_stays_on_one_line(cli: Cli, tmp_path: Path) -> None:
    name = tmp_path / "a\n\x1b[2Jb.pcap"
    assert cli("flows", name).err.count("\n") == 1
    made.small_capture(name)
    done = cli("summary", name)
    assert done.code == 0
    assert "\x1b[2J" not in done.out


def test_who_stops_a_run_gets_130(cli: Cli, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("oddwire.cli.summary.inspect", stopped)
    done = cli("summary", small)
    assert (done.code, done.err) == (130, "oddwire: stopped\n")
