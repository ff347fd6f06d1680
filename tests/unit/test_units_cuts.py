"""Tables of units are the same however windows were cut, and whatever numbers hosts have."""

import random
from pathlib import Path

import polars as pl
import pytest

from oddwire.engine.gathering import gather, gather_spans
from oddwire.engine.settings import LOCAL_NETS
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, HOURS, MINUTES, PAIRS, Member
from oddwire.sources.files import Capture
from oddwire.testing.capture import write_pcap
from oddwire.testing.simulation.tables import addresses, recording_of, spans
from oddwire.testing.simulation.weeks import simulate
from oddwire.testing.windows import WINDOW_NS, hosts_named
from tests.unit.gathered import ALL, HOUR, gathered, packets, seen

NS = 1_000_000_000


def same(made: dict[Member, pl.DataFrame], wanted: dict[Member, pl.DataFrame]) -> None:
    """Fail where tables are not the same to the bit."""
    assert set(made) == set(wanted)
    for member, table in wanted.items():
        assert made[member].equals(table), member.name


def test_all_members_have_rows_of_two_hours() -> None:
    tables = gathered(seen(), ())
    assert set(tables) == set(ALL)
    for member in (HOURS, PAIRS):
        assert tables[member]["window"].unique().sort().to_list() == [(HOUR - 3_600) * NS, HOUR * NS]
    assert tables[MINUTES]["window"].n_unique() > 10


def test_tick_by_tick_is_as_all_at_once() -> None:
    same(gathered(seen()), gathered(seen(), ()))


@pytest.mark.parametrize("seed", range(4))
def test_random_cuts_change_nothing(seed: int) -> None:
    ticks = seen().ticks
    cuts = random.Random(seed).sample(ticks, len(ticks) // 6)  # noqa: S311  # no secret
    same(gathered(seen(), cuts), gathered(seen(), ()))


def test_with_a_past_cuts_change_nothing_either() -> None:
    same(gathered(seen(), familiar=Familiar()), gathered(seen(), (), familiar=Familiar()))


def test_numbers_of_hosts_change_nothing() -> None:
    order = list(range(len(seen().names)))
    random.Random(5).shuffle(order)  # noqa: S311  # no secret
    other = gathered(seen().renumbered(order), ())
    same(other, gathered(seen(), ()))


def test_names_told_in_a_minute_without_talks_are_heard() -> None:
    shown = seen()
    first = shown.talks["tick"].min()
    gap = shown.talks.filter(pl.col("tick") // WINDOW_NS != first // WINDOW_NS + 1)  # type: ignore[operator]
    holed = type(shown)(tables={**shown.tables, "talks": gap}, names=shown.names)
    same(gathered(holed), gathered(holed, ()))


def test_a_capture_file_gives_the_rows_of_its_recording(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", packets())
    told = gather(Capture(inputs=(tmp_path / "a.pcap",)), ALL, LOCAL_NETS)
    shown = seen()
    spoken = gather_spans(iter([(shown.tables, None)]), shown.hosts, ALL, WINDOW_NS)
    for made in (told.tables, spoken):
        same({one: table.sort(table.columns) for one, table in made.items()}, gathered(shown, ()))
    assert told.seen["hosts"] == len(shown.names)


@pytest.mark.parametrize("window_s", [5, 45, 300])
def test_another_window_of_the_run_gives_the_same_minutes(tmp_path: Path, window_s: int) -> None:
    write_pcap(tmp_path / "a.pcap", packets())
    told = gather(Capture(inputs=(tmp_path / "a.pcap",), window_s=window_s), (MINUTES,), LOCAL_NETS)
    assert told.tables[MINUTES].equals(gathered(seen(), (), (MINUTES,))[MINUTES])


def test_tables_of_a_run_are_in_the_order_of_time() -> None:
    shown = seen()
    for table in gather_spans(iter([(shown.tables, None)]), shown.hosts, ALL, WINDOW_NS).values():
        assert table["window"].is_sorted()


def test_a_simulated_day_in_spans_is_as_the_whole() -> None:
    plan = simulate(3, 1, start_day=5)
    whole = recording_of(plan)
    names = addresses(plan)
    hosts = hosts_named(lambda number: names[number])
    cut = gather_spans(spans(plan, hours=3), hosts, ALL, WINDOW_NS)
    once = gather_spans(iter([(whole.tables, None)]), hosts, ALL, WINDOW_NS)
    ordered = [{one: table.sort(table.columns) for one, table in made.items()} for made in (cut, once)]
    same(*ordered)
    assert cut[FLOWS].height > 100
