"""Rows beside their own kind: known groups by their own past, unknown ones by everybody's."""

import numpy as np
import polars as pl
import pytest

from oddwire.errors import ModelError
from oddwire.learning import contexts
from oddwire.learning.contexts import LEAST_ROWS, Context, context_of


def hosts(**rows: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Return rows of hosts: each does about as much as its place in the list says."""
    random = np.random.default_rng(0)
    names = [name for name, count in rows.items() for _ in range(count)]
    level = np.array([at for at, count in enumerate(rows.values()) for _ in range(count)], dtype=float)
    matrix = (level * 5 + random.normal(size=len(names)))[:, None].astype(np.float32)
    return pl.DataFrame({"host": names}), matrix


def test_a_value_is_odd_for_the_host_that_never_had_it() -> None:
    table, matrix = hosts(quiet=400, busy=400)
    everybody, own = context_of(table, matrix, ""), context_of(table, matrix, "host")
    asked = pl.DataFrame({"host": ["quiet", "busy", "stranger"]})
    values = np.full((3, 1), 5.0)
    among = everybody.surprise(values, everybody.places(asked), np.zeros((3, 1)))
    assert among[0] == among[1] == among[2]
    quiet, busy, stranger = own.surprise(values, own.places(asked), among)[:, 0]
    assert quiet > 2
    assert busy < 1
    assert stranger == among[2]


def test_what_does_not_stand_in_the_table_is_not_known() -> None:
    table, matrix = hosts(a=LEAST_ROWS, b=LEAST_ROWS, few=LEAST_ROWS - 1)
    own = context_of(table, matrix, "host")
    assert own.keys.size == 2
    places = own.places(pl.DataFrame({"host": ["b", "few", "a", "zebra"]}))
    assert places[1] == places[3] == -1
    assert sorted(places[[0, 2]]) == [0, 1]
    nobody = context_of(table[:5], matrix[:5], "host")
    assert nobody.places(table).tolist() == [-1] * table.height
    assert nobody.surprise(matrix, nobody.places(table), matrix.astype(float)).tolist() == matrix.tolist()


def test_the_groups_with_most_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "MOST_GROUPS", 2)
    table, matrix = hosts(a=40, b=60, c=50)
    own = context_of(table, matrix, "host")
    known = own.places(pl.DataFrame({"host": ["a", "b", "c"]})) >= 0
    assert known.tolist() == [False, True, True]


def test_few_rows_of_its_own_count_little() -> None:
    table, matrix = hosts(short=LEAST_ROWS, long=5_000)
    own = context_of(table, matrix, "host")
    asked, value = pl.DataFrame({"host": ["short", "long"]}), np.full((2, 1), 30.0)
    short, long = own.surprise(value, own.places(asked), np.zeros((2, 1)))[:, 0]
    assert 0 < short < long


def test_numbers_are_groups_too_and_no_row_is_none() -> None:
    _, matrix = hosts(a=40, b=40)
    table = pl.DataFrame({"port": [53] * 40 + [443] * 40})
    by_port = context_of(table, matrix, "port")
    assert by_port.keys.tolist() == [53, 443]
    assert by_port.places(table.clear()).tolist() == []
    by_host = context_of(*hosts(a=40, b=40), "host")
    assert by_host.places(pl.DataFrame({"host": []}, schema={"host": pl.String})).tolist() == []


def test_the_order_of_rows_changes_nothing() -> None:
    table, matrix = hosts(a=100, b=50)
    order = np.random.default_rng(1).permutation(150)
    once, again = (
        context_of(one, two, "host").arrays() for one, two in ((table, matrix), (table[order], matrix[order]))
    )
    assert all(np.array_equal(once[name], again[name], equal_nan=True) for name in once)


def test_a_context_comes_back_and_a_damaged_one_does_not() -> None:
    table, matrix = hosts(a=100, b=50)
    made = context_of(table, matrix, "host")
    arrays = dict(made.arrays())
    again = Context.of(arrays, "host", features=1)
    assert again.places(table).tolist() == made.places(table).tolist()
    for damage in (
        {"host_keys": made.keys[:1]},
        {"host_keys": made.keys[::-1]},
        {"host_keys": np.repeat(made.keys[:1], 2)},
        {"host_keys": made.keys.astype(np.int64)},
        {"host_values": arrays["host_values"][:1]},
        {"host_rows": arrays["host_rows"][:, :0]},
    ):
        with pytest.raises(ModelError, match="host_"):
            Context.of({**arrays, **damage}, "host", features=1)
    with pytest.raises(ModelError, match="all_keys"):
        Context.of(arrays, "", features=1)
    everybody = dict(context_of(table, matrix, "").arrays())
    with pytest.raises(ModelError, match="all_keys"):
        Context.of({**everybody, "all_keys": made.keys}, "", features=1)
