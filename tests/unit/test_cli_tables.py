"""Tables by the command line: formats, columns, rows, which packets, how many threads."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oddwire import native
from oddwire.engine.tables import TABLES
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo import write_demo
from oddwire.testing.packets import udp
from tests.unit import made
from tests.unit.asked import as_csv, table
from tests.unit.conftest import Cli
from tests.unit.made import CLIENT, SERVER, START

# Tables that hold many rows of the demonstration, whoever talks in it.
FULL = {"packets", "flows", "slices", "profiles", "pairs", "dns", "icmp", "arp"}
MANY = 10

needs_libpcap = pytest.mark.skipif(not native.has_libpcap(), reason="libpcap is not installed")


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a written file, whatever its format."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    if path.suffix == ".arrow":
        return pl.read_ipc(path).to_dicts()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".json":
        rows: list[dict[str, Any]] = json.loads(path.read_text())
        return rows
    separator = "\t" if path.suffix == ".tsv" else ","
    return pl.read_csv(path, separator=separator).to_dicts()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "jsonl", "parquet", "arrow"])
def test_every_format_holds_the_same_rows(
    cli: Cli, small: Path, tmp_path: Path, name: str, ending: str
) -> None:
    out = tmp_path / f"out.{ending}"
    done = cli(name, small, "-o", out)
    assert (done.code, done.out) == (0, "")
    text = [column for column in ("src_ip", "dst_ip", "a_ip", "b_ip") if column in columns(name)]
    expected = [{column: row[column] for column in text} for row in table(cli, name, small)]
    if name != "pairs":
        assert [{column: row[column] for column in text} for row in rows_of(out)] == expected
    assert done.err.startswith(f"{out}: {len(expected)} row")


def columns(name: str) -> set[str]:
    return {column["name"] for column in native.columns(name)} if name != "profiles" else {"src_ip"}


@pytest.mark.parametrize("name", TABLES)
def test_two_threads_write_the_same_bytes(cli: Cli, tmp_path: Path, name: str) -> None:
    write_demo(tmp_path / "demo.pcap")
    written = []
    for threads in (1, 2):
        out = tmp_path / f"{threads}.csv"
        assert cli(name, tmp_path / "demo.pcap", "-o", out, "--threads", threads).code == 0
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert name not in FULL or written[0].count(b"\n") > MANY


@pytest.mark.parametrize("name", TABLES)
def test_two_runs_write_the_same_bytes(cli: Cli, tmp_path: Path, name: str) -> None:
    write_demo(tmp_path / "demo.pcap")
    first, second = (cli(name, tmp_path / "demo.pcap", "--format", "csv").out for _ in range(2))
    assert first == second


def test_columns_come_in_the_order_asked(cli: Cli, small: Path) -> None:
    for name, columns in (("flows", "dst_port, src_ip"), ("profiles", "packets,src_ip")):
        out = cli(name, small, "--columns", columns, "--format", "csv").out
        assert out.splitlines()[0] == columns.replace(" ", "")


@pytest.mark.parametrize("name", TABLES)
def test_all_columns_are_all(cli: Cli, small: Path, name: str) -> None:
    described = json.loads(cli("columns", name, "--json").out)
    header = cli(name, small, "--columns", "all", "--format", "csv").out.splitlines()[0]
    assert header.split(",") == [column["name"] for column in described]


@pytest.mark.parametrize("name", ["packets", "flows", "slices", "profiles"])
@pytest.mark.parametrize("limit", [0, 1, 3])
def test_a_limit_limits(cli: Cli, small: Path, name: str, limit: int) -> None:
    done = cli(name, small, "--limit", limit, "--format", "csv")
    assert done.code == 0
    assert len(as_csv(done.out)) == limit
    shown = cli(name, small, "--limit", limit)
    assert len(shown.out.splitlines()) == limit + 1
    assert "more with" not in shown.err


def test_the_screen_says_that_there_is_more(cli: Cli, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.pcap")
    done = cli("packets", tmp_path / "demo.pcap")
    assert len(done.out.splitlines()) == 21
    assert done.err == "The first 20 rows; more with --limit N, all with -o FILE.\n"


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["--since", "2024-03-10T09:20:03"], [17, 18, 19]),
        (["--until", "2024-03-10T09:20:01"], [1, 2]),
        (["--since", "2024-03-10T10:20:02+01:00", "--until", "2024-03-10T09:20:03Z"], [15, 16]),
        (["--filter", "app == dns"], [1, 2, 18, 19]),
        (["--filter", "src_ip in 2001:db8::/32 and length > 66"], [19]),
        (["--filter", "dst_port is null"], [15, 16, 17]),
    ],
)
def test_packets_are_chosen(cli: Cli, small: Path, words: list[str], numbers: list[int]) -> None:
    assert [row["number"] for row in table(cli, "packets", small, *words)] == numbers


@needs_libpcap
@pytest.mark.parametrize("option", ["--bpf", "--filter"])
def test_packets_are_chosen_in_the_words_of_tcpdump(cli: Cli, small: Path, option: str) -> None:
    rows = table(cli, "packets", small, option, "udp port 53 and host 192.168.1.1")
    assert [row["number"] for row in rows] == [1, 2]


@needs_libpcap
def test_a_packet_filter_applies_to_flows(cli: Cli, small: Path) -> None:
    assert [row["dst_port"] for row in table(cli, "flows", small, "--bpf", "tcp")] == [443]
    assert cli("flows", small, "--bpf", "tcp portt 443").code == 2


def test_what_is_neither_kind_of_filter_is_explained_as_an_expression(cli: Cli, small: Path) -> None:
    done = cli("packets", small, "--filter", "dst_prt == 53")
    assert done.code == 2
    assert "unknown column 'dst_prt'" in done.err


def test_windows_have_the_length_asked(cli: Cli, small: Path) -> None:
    windows = {row["window"] for row in table(cli, "slices", small, "--window", "2s")}
    assert sorted(window[17:19] for window in windows) == ["00", "02", "04"]


def test_idle_time_divides_flows(cli: Cli, tmp_path: Path) -> None:
    packets = [(START + at, udp(CLIENT, 1000, SERVER, 53)) for at in (0, 5, 60)]
    write_pcap(tmp_path / "a.pcap", packets)
    assert [row["packets"] for row in table(cli, "flows", tmp_path / "a.pcap")] == [3]
    assert [row["packets"] for row in table(cli, "flows", tmp_path / "a.pcap", "--idle", "10s")] == [2, 1]


def test_statistics_go_to_a_file(cli: Cli, small: Path, tmp_path: Path) -> None:
    stats = tmp_path / "stats.json"
    assert cli("flows", small, "-o", tmp_path / "o.csv", "--stats", stats).code == 0
    facts = json.loads(stats.read_text())
    assert (facts["packets"], facts["rows"]) == (made.PACKETS, 4)
    assert facts["most_live_flows"] == facts["most_live"] >= 1
    assert facts["inputs"][0]["packets"] == made.PACKETS


def test_the_formula_guard_can_be_put_off(cli: Cli, small: Path) -> None:
    assert cli("packets", small, "--format", "csv", "--no-formula-guard").code == 0


def test_sqlite_by_any_of_its_endings(cli: Cli, small: Path, tmp_path: Path) -> None:
    for ending in ("sqlite", "db", "sqlite3"):
        assert cli("profiles", small, "-o", tmp_path / f"t.{ending}").code == 0
        assert (tmp_path / f"t.{ending}").read_bytes().startswith(b"SQLite format 3")


def test_json_without_a_format_is_json(cli: Cli, small: Path) -> None:
    assert len(json.loads(cli("flows", small, "--json").out)) == 4


def test_the_screen_shows_durations_and_separators(cli: Cli, tmp_path: Path) -> None:
    packets = [(START + 15 * at, udp(CLIENT, 1000 + at, SERVER, 53, b"x" * 958)) for at in range(4)]
    write_pcap(tmp_path / "a.pcap", packets)
    line = cli("pairs", tmp_path / "a.pcap").out.splitlines()[1]
    assert line.split() == [CLIENT, SERVER, "53", "dns", "4", "4", "4,000", "0", "15", "s"]
