"""Updating: what was flagged is never learned, a small step passes, and many small steps lead nowhere."""

from functools import cache

import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.learning.references import Reference, reference_of
from oddwire.learning.updating import MOST_NEW, Flagged, admitted, chain_of, guard, learnable
from tests.unit.weeks_of_units import HOSTS, weeks

NS = 1_000_000_000
MINUTE, HOUR = 60 * NS, 3_600 * NS
NOON = 1_699_272_000 * NS


def rows(*minutes: int, host: str = "a", **more: object) -> pl.DataFrame:
    return pl.DataFrame(
        {"window": [NOON + one * MINUTE for one in minutes], "host": host, "x": 1.0}
    ).with_columns(**{name: pl.lit(value) for name, value in more.items()})


def flagged(host: str = "a", *, start: int = 0, end: int = 5, reason: str = "finding") -> Flagged:
    return Flagged(host=host, start_ns=NOON + start * MINUTE, end_ns=NOON + end * MINUTE, reason=reason)


def left(table: pl.DataFrame) -> list[int]:
    return [(one - NOON) // MINUTE for one in table["window"].to_list()]


def test_what_was_flagged_is_left_out_with_an_hour_around_it() -> None:
    table = rows(-120, -62, -61, -60, -1, 0, 5, 6, 65, 66, 120)
    kept, out = learnable(table, [flagged()])
    # A window of a minute that begins 61 minutes before ends an hour before: it touches.
    assert left(kept) == [-120, -62, 66, 120]
    assert out == {"finding": 3, "near: finding": 4}


def test_other_hosts_are_learned() -> None:
    kept, out = learnable(pl.concat([rows(0), rows(0, host="b")]), [flagged("b")])
    assert kept["host"].to_list() == ["a"]
    assert out == {"finding": 1}


def test_a_pair_belongs_to_both_its_hosts() -> None:
    kept, out = learnable(rows(0, 300, peer="b"), [flagged("b")])
    assert (left(kept), out) == ([300], {"finding": 1})


def test_a_row_with_an_end_lasts_until_then() -> None:
    long = rows(-300).with_columns(end=pl.lit(NOON + 2 * MINUTE))
    assert learnable(long, [flagged()])[0].is_empty()
    short = rows(-300).with_columns(end=pl.lit(NOON - 200 * MINUTE))
    assert learnable(short, [flagged()])[0].height == 1


def test_the_grave_reason_counts_and_spans_may_overlap() -> None:
    those = [
        flagged(start=0, end=100),
        flagged(start=10, end=20),
        flagged(start=150, end=160, reason="surprise"),
    ]
    kept, out = learnable(rows(90, 155, 400), those)
    assert left(kept) == [400]
    assert out == {"finding": 1, "surprise": 1}


def test_nothing_flagged_is_all_learned() -> None:
    kept, out = learnable(rows(0, 1), [])
    assert (kept.height, out) == (2, {})
    assert learnable(rows(), [flagged()])[0].is_empty()


def test_new_rows_are_a_bounded_share() -> None:
    table = pl.concat([rows(*range(300), host=host) for host in "abcd"])
    kept = admitted(600, table, seed=3)
    assert kept.height == 200
    assert abs(kept.height / (600 + kept.height) - MOST_NEW) < 0.01
    assert kept.equals(admitted(600, table, seed=3))
    assert not kept.equals(admitted(600, table, seed=4))
    assert admitted(100_000, table).height == table.height


def test_no_host_gives_more_than_half() -> None:
    loud = pl.concat([rows(*range(900), host="loud"), rows(*range(100))])
    kept = admitted(100_000, loud)
    assert kept["host"].value_counts().sort("host")["count"].to_list() == [100, 100]


@cache
def three_weeks() -> pl.DataFrame:
    return weeks(1, 21)


@cache
def anchor() -> Reference:
    return reference_of(three_weeks())


def with_new(factor: float, *, host: str | None = None) -> Reference:
    """Return what would be learned when a week comes in which some things are more."""
    new = weeks(1, 7, start=21)
    those = pl.lit(value=True) if host is None else pl.col("host") == host
    more = pl.when(those).then(factor).otherwise(1.0)
    return reference_of(pl.concat([three_weeks(), new.with_columns(pl.col("bytes_out") * more)]))


def test_an_ordinary_week_may_be_learned() -> None:
    said = guard(anchor(), anchor(), with_new(1.0))
    assert said.allowed
    assert not said.held_hosts
    assert said.moved < 0.03
    said.refuse()


def test_a_flood_of_new_rows_is_refused() -> None:
    said = guard(anchor(), anchor(), reference_of(three_weeks().with_columns(pl.col("bytes_out") * 20)))
    assert not said.allowed
    with pytest.raises(UsageError, match=r"leads too far: bytes_out moved by .* since"):
        said.refuse()


def test_one_host_that_moves_is_held_back() -> None:
    poisoned = three_weeks().with_columns(
        pl.col("bytes_out") * pl.when(pl.col("host") == HOSTS[2]).then(30.0).otherwise(1.0)
    )
    said = guard(anchor(), anchor(), reference_of(poisoned))
    assert said.held_hosts == (HOSTS[2],)
    assert said.allowed


def test_small_steps_end_at_the_anchor() -> None:
    old = new = anchor()
    steps, said = 0, guard(old, old, new)
    for steps in range(1, 40):
        new = reference_of(three_weeks().with_columns(pl.col("bytes_out") * 1.1**steps))
        said = guard(anchor(), old, new)
        if not said.allowed:
            break
        assert said.moved < 0.05
        old = new
    assert 2 < steps < 39
    assert {one.against for one in said.reasons if not one.host} <= {"anchor"}
    # Each step alone would have passed, for ever.
    assert guard(old, old, new).moved < 0.05


def test_other_features_are_refused() -> None:
    other = reference_of(three_weeks().drop("peers"))
    with pytest.raises(UsageError, match="other features"):
        guard(anchor(), anchor(), other)


def test_the_chain_keeps_every_update() -> None:
    said = guard(anchor(), anchor(), with_new(1.0))
    chain = chain_of([], digest="aa", rows=5, left_out={"finding": 2}, guarded=said)
    chain = chain_of(chain, digest="bb", rows=7, left_out={}, guarded=said)
    assert [(one["from"], one["rows"], one["left_out"]) for one in chain] == [
        ("aa", 5, {"finding": 2}),
        ("bb", 7, {}),
    ]
