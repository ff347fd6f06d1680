"""Units of little, of nothing, of too much; and the words for each of their figures."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from oddwire.base.window import Hosts, Window
from oddwire.engine.analysis import local_test
from oddwire.engine.gathering import gather_spans
from oddwire.features.units import held as held_module
from oddwire.features.units import pair_rows as pairs_module
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, HOURS, MEMBERS, MINUTES, PAIRS, Gatherer, gather_need
from oddwire.features.units.schema import UNIT_FEATURES
from oddwire.records.judged import TABLES
from oddwire.records.unit import IDENTITY, Scale, Unit
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import conversation
from oddwire.testing.crowd import crowd
from oddwire.testing.packets import icmp, udp
from oddwire.testing.windows import WINDOW_NS, nothing_said, recorded, talk_frame
from tests.unit.gathered import ALL, HOUR, ME, OTHER, gathered, seen

# Of a table without a past: what tells it again once a past is known.
MARKS = {"pair", "place_port", "port_key", "key", "outside"}
NS = 1_000_000_000


@pytest.mark.parametrize("unit", list(Unit))
def test_every_figure_has_words_and_every_word_a_figure(unit: Unit) -> None:
    tables = {
        name
        for made in (gathered(seen(), (), familiar=Familiar()),)
        for member, one in made.items()
        if member.unit is unit
        for name in one.columns
    }
    features = UNIT_FEATURES[unit]
    assert tables - set(IDENTITY) == {one.name for one in features}
    assert len({one.name for one in features}) == len(features)
    for one in features:
        assert one.words
        assert one.meaning.endswith(".")
        assert one.scale is Scale.PLAIN or one.unit
        assert one.scale is Scale.LOG or one.formula


def test_without_a_past_only_marks_are_more() -> None:
    raw, told = gathered(seen(), ()), gathered(seen(), (), familiar=Familiar())
    assert raw[MINUTES].columns == told[MINUTES].columns
    assert set(raw[PAIRS].columns) - set(told[PAIRS].columns) == MARKS
    assert set(raw[FLOWS].columns) - set(told[FLOWS].columns) == {"port_key"}


def test_features_are_small_floats_and_none_is_infinite() -> None:
    for table in gathered(seen(), (), familiar=Familiar()).values():
        for name in set(table.columns) - set(IDENTITY):
            assert table[name].dtype == pl.Float32, name
            assert table[name].drop_nulls().is_finite().all(), name


@pytest.mark.parametrize("members", [[one] for one in MEMBERS.values()])
def test_each_member_alone_is_as_among_the_others(members: list) -> None:  # type: ignore[type-arg]  # members
    needs = gather_need(members)
    windows = [one.restricted(needs) for one in seen().windows(())]
    alone = gathered(windows, members=members)
    assert alone[members[0]].equals(gathered(seen(), ())[members[0]])


def test_needs_are_columns_that_there_are() -> None:
    known = {f"{table}.{name}" for table, names in TABLES.items() for name in names}
    assert gather_need(ALL) <= known


def few(*packets: Timed, familiar: Familiar | None = None) -> dict[str, pl.DataFrame]:
    shown = recorded(list(packets))
    return {one.name: table for one, table in gathered(shown, (), familiar=familiar).items()}


def test_nothing_gives_nothing() -> None:
    shown = recorded([])
    assert gather_spans(iter([(shown.tables, None)]), shown.hosts, ALL, WINDOW_NS) == {}
    gatherer = Gatherer(shown.hosts, ALL)
    assert gatherer.finish() == []


@pytest.mark.parametrize("past", [None, Familiar()])
def test_without_local_hosts_there_are_no_rows(past: Familiar | None) -> None:
    made = conversation(("8.8.4.4", 40_000, "9.9.9.9", 443), [(0.1, True, b"x" * 50)], start=HOUR)
    assert few(*made, (HOUR + 4000.0, udp("2a00::1", 4, "2a00::2", 5, b"x")), familiar=past) == {}


def test_only_groups_and_no_peers() -> None:
    tables = few((float(HOUR), udp(ME, 5_353, "224.0.0.251", 5_353, b"x" * 30)))
    assert set(tables) == {"hosts-minute", "hosts-hour"}
    one = tables["hosts-hour"].row(0, named=True)
    assert (one["packets_out"], one["contacted_outside"], one["contacted_inside"]) == (1, 0, 0)
    assert (one["payload_out_outside"], one["payload_out_inside"], one["upload_share"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("host", "peer"), [(ME, OTHER), (ME, "8.8.8.8"), ("fd00::1", "fd00::2"), ("fd00::1", "2a00::1")]
)
def test_echoes_alone(host: str, peer: str) -> None:
    kinds = (128, 129) if ":" in host else (8, 0)
    tables = few((HOUR + 1.0, icmp(host, peer, kinds[0])), (HOUR + 1.1, icmp(peer, host, kinds[1])))
    one = tables["hosts-minute"].filter(pl.col("host") == host).row(0, named=True)
    assert (one["icmp_out"], one["udp_out"], one["begun"], one["failed"]) == (1, 0, 1, 0)
    assert tables["pairs-hour"].height == 1


def test_a_capture_at_the_beginning_of_time() -> None:
    tables = few(
        *((at, udp(ME, 4_000, "8.8.8.8", 9_000, b"x")) for at in (0.0, 3_601.0)), familiar=Familiar()
    )
    assert tables["hosts-hour"]["window"].to_list() == [0, 3_600 * NS]
    assert tables["pairs-hour"]["hours_of_day"].to_list() == [1, 2]


def test_a_conversation_that_was_there_before_and_goes_on() -> None:
    steps = [(30.0, True, b"x" * 100)] * 6
    made = conversation((ME, 40_000, "8.8.8.8", 443), steps, start=HOUR - 90.0, opening=False, ending="open")
    hours = few(*made)["hosts-hour"].sort("window")
    assert hours["begun"].to_list() == [1, 0]
    assert (hours["packets_out"] > 0).all()


def test_hosts_beyond_the_bound_have_no_names_and_no_rows() -> None:
    shown = seen()
    nobody = Hosts(lambda numbers: [None] * len(numbers), local_test(("10.0.0.0/8",)))
    assert gather_spans(iter([(shown.tables, None)]), nobody, ALL, WINDOW_NS) == {}


def flood(times: Collection[int], host: int = 0) -> Window:
    """Return a window in which one host begins one conversation with many others."""
    many = 400
    numbers = np.arange(1, many + 1, dtype=np.uint32)
    tables = [
        talk_frame(
            tick=tick,
            src=host,
            dst=numbers,
            src_port=4_000,
            dst_port=9,
            protocol=17,
            born=tick + 1,
            packets_out=1,
            bytes_out=60,
            length_max_out=60,
        )
        for tick in times
    ]
    names = [f"10.0.{number // 250}.{number % 250 + 1}" for number in range(many + 1)]
    return Window(
        start_ns=min(times),
        end_ns=max(times) + WINDOW_NS,
        talks=pl.concat(tables),
        ended=talk_frame(tick=[]),
        arp=seen().arp.clear(),
        said=nothing_said(),
        hosts=Hosts(lambda asked: [names[one] for one in asked], local_test(("10.0.0.0/8",))),
    )


def test_what_is_held_of_an_hour_is_put_together_without_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = [flood([HOUR * NS + turn * WINDOW_NS]) for turn in range(8)]
    whole = gathered(windows, members=(HOURS, PAIRS))
    monkeypatch.setattr(held_module.HeldHour, "__init__", _narrow(held_module.HeldHour.__init__, 1_000))
    monkeypatch.setattr(held_module, "_first_of_each", lambda births: births)
    close = gathered(windows, members=(HOURS, PAIRS))
    assert close[HOURS].equals(whole[HOURS])
    plain = pl.exclude("rhythm", "interval")
    assert close[PAIRS].select(plain).equals(whole[PAIRS].select(plain))
    assert whole[PAIRS]["active_minutes"].to_list() == [8] * 400


def _narrow(init, most: int):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  # of any class
    def made(self, **given: object) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        init(self, **given, most=most)

    return made


def test_what_is_held_of_an_hour_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_module.HeldHour, "__init__", _narrow(held_module.HeldHour.__init__, 300))
    gatherer = Gatherer(flood([HOUR * NS]).hosts, (HOURS, PAIRS))
    for turn in range(4):
        gatherer.add(flood([HOUR * NS + turn * WINDOW_NS]))
        (hour,) = gatherer._held.values()
        assert hour.steps().height <= 300
        assert hour.births().height <= 300
    tables = dict(gatherer.finish())
    assert tables[PAIRS].height == 300


def test_pairs_of_an_hour_are_bounded_and_the_busiest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs_module, "MOST_PAIRS", 50)
    busy = flood([HOUR * NS, HOUR * NS + WINDOW_NS])
    talks = busy.talks.filter((pl.col("tick") == HOUR * NS) | (pl.col("dst") <= 50))
    tables = gathered([replace(busy, talks=talks)], members=(PAIRS,))
    assert tables[PAIRS]["contacts"].to_list() == [2] * 50


def test_a_crowd_of_hosts_is_counted() -> None:
    windows = list(crowd(2, 3_000))
    tables = gathered(windows, members=(MINUTES, HOURS, PAIRS))
    tried = [f"10.0.{number >> 8}.{number & 255}" for number in range(3, 6_003, 2)]
    one = tables[HOURS].sort("contacted_inside").row(-1, named=True)
    assert (one["failed_share"], one["ports"]) == (1, 1)
    assert one["contacted_inside"] == sum(not name.endswith(".255") for name in tried)
