"""The commands that read no capture of the user's: columns, doctor, demo."""

import json
from pathlib import Path

import pytest

import oddwire
from oddwire.engine import health
from oddwire.engine.health import Check
from oddwire.engine.tables import TABLES, columns_of
from tests.unit.conftest import Cli


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_described(cli: Cli, table: str) -> None:
    shown = cli("columns", table).out
    for column in columns_of(table):
        assert column["name"] in shown
        assert column["meaning"] in shown


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_unique_and_have_a_sentence(table: str) -> None:
    described = columns_of(table)
    names = [column["name"] for column in described]
    assert len(set(names)) == len(names)
    assert all(column["meaning"][0].isupper() or column["meaning"][0].isdigit() for column in described)


def test_doctor_names_every_part(cli: Cli) -> None:
    done = cli("doctor")
    assert done.code == 0
    for part in ("oddwire", "polars", "jinja2", "libpcap", "processors"):
        assert part in done.out
    checks = json.loads(cli("doctor", "--json").out)
    assert {"name", "there", "needed", "says", "to_do"} == checks[0].keys()


def test_doctor_is_4_when_a_needed_part_is_missing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Check(
        name="polars", there=False, needed=True, says="missing; for tables", to_do="pip install polars"
    )
    monkeypatch.setattr("oddwire.cli.doctor.checks", lambda: [lost])
    done = cli("doctor")
    assert done.code == 4
    assert "MISSING polars" in done.out
    assert "pip install polars" in done.out


def test_a_package_that_is_not_there_names_its_extra() -> None:
    check = health._package("no-such-package-at-all", needed=False, use="nothing", extra="pandas")
    assert (check.there, check.to_do) == (False, "pip install 'oddwire[pandas]'")


def test_demo_makes_what_it_says(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", "--out", tmp_path / "demo")
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        "demo.pcap",
        "findings.jsonl",
        "flows.csv",
        "report.html",
        "summary.html",
    ]
    assert "3 findings to look at: 3 medium." in done.out
    assert oddwire.read(tmp_path / "demo" / "demo.pcap").flows().height > 100


def test_demo_is_the_same_every_time(cli: Cli, tmp_path: Path) -> None:
    for name in ("a", "b"):
        cli("demo", "--out", tmp_path / name)
    for file in ("demo.pcap", "findings.jsonl", "flows.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
