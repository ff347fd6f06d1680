import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from oddwire.errors import OutputError
from oddwire.sinks.sqlite import write_sqlite

COLUMNS = [
    ("time", "timestamp[ns, UTC]"),
    ("name", "string"),
    ("n", "uint64"),
    ("r", "float64"),
    ("b", "bool"),
]


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as base:
        return base.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # our own name


def test_rows_come_back_with_times_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    written = write_sqlite(
        path, "flows", COLUMNS, [[(0, "a", 1, 0.5, True)], [(None, None, None, None, None)]]
    )
    assert written == 2
    assert rows(path, "flows") == [("1970-01-01 00:00:00.000000", "a", 1, 0.5, 1), (None,) * 5]


def test_numbers_beyond_sqlite_are_kept_as_near_as_it_can(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    write_sqlite(path, "t", [("n", "uint64")], [[(2**64 - 1,), (2**63 - 1,)]])
    assert rows(path, "t") == [(float(2**64 - 1),), (2**63 - 1,)]


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    write_sqlite(path, "t", [("name", "string")], [[("'); DROP TABLE t; --",)]])
    assert rows(path, "t") == [("'); DROP TABLE t; --",)]


def test_an_old_table_is_replaced_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    write_sqlite(path, "a", [("n", "uint8")], [[(1,)]])
    write_sqlite(path, "b", [("n", "uint8")], [[(2,)]])
    write_sqlite(path, "a", [("n", "uint8")], [[(3,)]])
    assert (rows(path, "a"), rows(path, "b")) == ([(3,)], [(2,)])


def test_a_failure_in_the_middle_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    write_sqlite(path, "a", [("n", "uint8")], [[(1,)]])

    def failing() -> Iterator[list[tuple[int]]]:
        yield [(2,)]
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        write_sqlite(path, "a", [("n", "uint8")], failing())
    assert rows(path, "a") == [(1,)]


def test_a_failure_leaves_no_file_that_was_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_sqlite(tmp_path / "new.sqlite", "t", [("n", "uint8"), ("n", "uint8")], [])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    path.write_text("not a database at all, but long enough to be taken for one by its size" * 20)
    with pytest.raises(OutputError, match=r"t\.sqlite: cannot write the database"):
        write_sqlite(path, "a", [("n", "uint8")], [[(1,)]])
