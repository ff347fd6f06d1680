"""Tables for the eye: alignment, narrow terminals, hostile text."""

import os
import sys
from types import SimpleNamespace

import pytest

from oddwire.cli import screen
from oddwire.cli.screen import expendable, print_table, shown
from oddwire.engine.tables import TABLES, columns_of

HEADINGS, RIGHT = ["name", "count", "more"], [False, True, False]


def test_columns_line_up_and_lines_have_no_tail(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [["a", "1", ""], ["longer", "1,000", "x"]], RIGHT)
    assert capsys.readouterr().out.splitlines() == [
        "name    count  more",
        "a           1",
        "longer  1,000  x",
    ]


def test_a_table_without_rows_is_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADINGS, [], RIGHT)
    assert capsys.readouterr().out == "name  count  more\n"


def narrow(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    size = os.terminal_size((width, 24))
    monkeypatch.setattr("oddwire.cli.screen.shutil", SimpleNamespace(get_terminal_size=lambda: size))


def test_a_narrow_terminal_does_without_the_expendable_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow(monkeypatch, 13)
    print_table(HEADINGS, [["a", "1", "x"]], RIGHT, expendable=["count"])
    said = capsys.readouterr()
    assert said.out.splitlines() == ["\x1b[1mname  more\x1b[0m", "a     x"]
    assert said.err == "Left out for lack of width: count\n"


def test_then_it_does_without_those_on_the_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow(monkeypatch, 5)
    print_table(HEADINGS, [["a", "1", "x"]], RIGHT)
    assert capsys.readouterr().err == "Left out for lack of width: count, more\n"


def test_one_column_always_stays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    narrow(monkeypatch, 1)
    print_table(HEADINGS, [["a name that is long", "1", "x"]], RIGHT)
    assert "a name that is long" in capsys.readouterr().out


@pytest.mark.parametrize("table", TABLES)
def test_what_is_shown_exists(table: str) -> None:
    there = {column["name"] for column in columns_of(table)}
    assert set(shown(table)) <= there
    assert set(expendable(table)) < set(shown(table))


@pytest.mark.parametrize(
    ("value", "kind", "unit", "text"),
    [
        (None, "uint64", "bytes", "-"),
        (1_500, "timestamp[ns, UTC]", "", "1970-01-01 00:00:00.000001500"),
        (0, "timestamp[ns, UTC]", "", "1970-01-01 00:00:00"),
        (1234567, "uint64", "bytes", "1,234,567"),
        (50000, "uint16", "", "50000"),
        (1_500_000_000, "uint64", "ns", "1.5 s"),
        (0.123456, "float64", "", "0.123"),
        (123456.7, "float64", "bytes", "123,457"),
        (True, "bool", "", "True"),
        ("\x1b[31mred\n", "string", "", "\\x1b[31mred\\n"),
    ],
)
def test_cells(value: object, kind: str, unit: str, text: str) -> None:
    assert screen._text(value, kind, unit) == text
