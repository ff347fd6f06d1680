"""Windows for tests are those of a real run: the same columns, the same rows however they are cut."""

from typing import Any

import pytest

from oddwire.base.window import Window
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Cadence
from oddwire.testing.crowd import crowd
from oddwire.testing.stage import our_stage
from oddwire.testing.windows import WINDOW_NS, Recording, arp_frame, talk_frame


@pytest.fixture(scope="module")
def loud() -> Recording:
    """Return the traffic of the stimulus."""
    return our_stage().loud


def rows(windows: list[Window], table: str) -> list[tuple[Any, ...]]:
    return [row for window in windows for row in getattr(window, table).rows()]


def test_made_tables_have_the_columns_of_the_core(loud: Recording) -> None:
    assert talk_frame().schema == loud.talks.schema == loud.ended.schema
    assert arp_frame().schema == loud.arp.schema
    assert talk_frame(tick=[]).schema == loud.talks.schema


def test_made_tables_take_one_value_or_one_a_row() -> None:
    frame = talk_frame(src=[1, 2], protocol=6, icmp_type=None, sure=True)
    assert frame.select("src", "protocol", "icmp_type", "sure", "bytes_out").rows() == [
        (1, 6, None, True, 0),
        (2, 6, None, True, 0),
    ]
    with pytest.raises(TypeError, match="no column sorce"):
        talk_frame(sorce=1)


@pytest.mark.parametrize("table", ["talks", "ended", "arp"])
def test_however_it_is_cut_every_row_is_shown_once(loud: Recording, table: str) -> None:
    whole = getattr(loud, table).rows()
    for cuts in (None, [], loud.ticks[::7]):
        assert rows(loud.windows(cuts), table) == whole


def test_a_window_holds_its_own_ticks_alone(loud: Recording) -> None:
    for window in loud.windows():
        ticks = {*window.talks["tick"], *window.ended["tick"], *window.arp["tick"]}
        assert ticks == {max(ticks)}
        assert window.start_ns <= max(ticks) < window.end_ns


def test_whole_windows_end_where_windows_end(loud: Recording) -> None:
    shown = loud.windows(cadence=Cadence.WINDOW)
    assert len(shown) > 3
    assert all(window.end_ns % WINDOW_NS == 0 for window in shown[:-1])
    assert rows(shown, "talks") == loud.talks.rows()


def test_other_numbers_are_the_same_hosts(loud: Recording) -> None:
    order = list(range(len(loud.names)))[::-1]
    turned = loud.renumbered(order)
    for table, column in (("talks", "src"), ("talks", "dst"), ("arp", "sender"), ("arp", "target")):
        names = [one.hosts.names(getattr(one, table)[column].to_list()) for one in (loud, turned)]
        assert names[0] == names[1]
    assert turned.talks["src"].to_list() != loud.talks["src"].to_list()


def test_a_crowd_is_new_hosts_every_tick() -> None:
    first, second = crowd(ticks=2, hosts=1_000)
    assert first.end_ns == second.start_ns == first.start_ns + TICK_NS
    senders = [{*window.talks["src"], *window.talks["dst"]} for window in (first, second)]
    assert [len(one) for one in senders] == [1_002, 1_002]
    assert len(senders[0] & senders[1]) == 2
    assert len({*first.arp["sender_mac"], *second.arp["sender_mac"]}) == 2_000
    names = first.hosts.names(sorted(senders[0]))
    assert len(set(names)) == 1_002
