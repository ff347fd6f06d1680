"""Who is outside, for which place an address stands, and what is new or strange about it."""

import numpy as np
import polars as pl
import pytest

from oddwire.base.window import Hosts
from oddwire.engine.analysis import local_test
from oddwire.engine.settings import LOCAL_NETS
from oddwire.features.units import familiar as familiar_module
from oddwire.features.units import keys
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import HOURS, MINUTES, PAIRS
from oddwire.features.units.keys import GROUP, INSIDE, OUTSIDE, Book
from oddwire.features.units.past import hours_with_past, learn, pairs_with_past, without_keys
from oddwire.testing.conversations import conversation
from oddwire.testing.names import lookup
from oddwire.testing.packets import udp
from oddwire.testing.services import tls
from oddwire.testing.windows import hosts_named, recorded
from tests.unit.gathered import BEGIN, HOUR, ME, NOBODY, OTHER, gathered, seen

FIRST, SECOND, THIRD = "93.184.216.34", "8.39.17.4", "77.8.9.10"


def book(*names: str, nets: tuple[str, ...] = LOCAL_NETS) -> Book:
    return Book(Hosts(lambda numbers: [names[number] for number in numbers], local_test(nets)))


def numbers(*each: int) -> pl.Series:
    return pl.Series(each, dtype=pl.UInt32)


SIDES = [
    ("192.168.1.7", INSIDE),
    ("fd00::7", INSIDE),
    ("fe80::1", INSIDE),
    ("10.1.2.254", INSIDE),
    ("10.1.2.255", GROUP),
    ("255.255.255.255", GROUP),
    ("224.0.0.251", GROUP),
    ("239.255.255.250", GROUP),
    ("ff02::fb", GROUP),
    ("::", GROUP),
    (NOBODY, GROUP),
    ("unnamed", GROUP),
    ("8.8.8.8", OUTSIDE),
    ("2a00::1", OUTSIDE),
    # Nobody can hide outside behind the last address of a block.
    ("93.184.216.255", OUTSIDE),
]


@pytest.mark.parametrize(("name", "side"), SIDES)
def test_sides(name: str, side: int) -> None:
    assert book(name).sides(numbers(0, 0)).tolist() == [side, side]


@pytest.mark.parametrize("name", ["224.0.0.251", "ff02::fb", "255.255.255.255"])
def test_groups_are_groups_where_everything_is_local(name: str) -> None:
    assert book(name, nets=("0.0.0.0/0", "::/0")).sides(numbers(0)).tolist() == [GROUP]


def test_addresses_stand_for_their_network_until_they_are_called() -> None:
    told = book(
        "93.184.216.34", "93.184.216.9", "93.184.217.9", "2a00:1:2:3::1", "2a00:1:2:4::1", "2a00:1:3::1"
    )
    places = told.places(numbers(*range(6)))
    assert places[0] == places[1] != places[2]
    assert places[3] == places[4] != places[5]


def test_hosts_inside_stand_for_themselves_whatever_they_are_called() -> None:
    told = book("192.168.1.7", "192.168.1.8")
    told.call({"dns": answered("www.example.com", "192.168.1.7,192.168.1.8")})
    places = told.places(numbers(0, 1))
    assert places[0] != places[1]
    assert places.tolist() == book("192.168.1.7", "192.168.1.8").places(numbers(0, 1)).tolist()


def answered(name: str, answers: str | None, tick: int = 0) -> pl.DataFrame:
    return pl.DataFrame(
        {"tick": [tick], "query": [name], "answers": [answers]},
        schema={"tick": pl.UInt64, "query": pl.String, "answers": pl.String},
    )


def test_addresses_stand_for_the_domain_by_which_they_were_called_last() -> None:
    told = book(FIRST, SECOND, THIRD)
    told.call({"dns": answered("www.example.com", f"{FIRST},{SECOND}")})
    told.call({"dns": answered("img.Example.COM", THIRD)})
    assert len(set(told.places(numbers(0, 1, 2)).tolist())) == 1
    told.call({"dns": answered("www.example.co.uk", SECOND)})
    places = told.places(numbers(0, 1, 2))
    assert places[0] == places[2] != places[1]


@pytest.mark.parametrize(("name", "answers"), [("a.example.com", None), ("a.example.com", ""), ("", FIRST)])
def test_empty_names_and_answers_do_no_harm(name: str, answers: str | None) -> None:
    told = book(FIRST)
    told.call({"dns": answered(name, answers)})
    assert told.places(numbers(0)).size == 1


def test_what_was_called_is_bounded_and_the_longest_unheard_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_CALLED", 3)
    told = book("1.1.1.1")
    for turn, address in enumerate(["1.0.0.1", "1.0.0.2", "1.0.0.3", "1.0.0.1", "1.0.0.4"]):
        told.call({"dns": answered("a.example.com", address, turn)})
    assert list(told.called) == ["1.0.0.3", "1.0.0.1", "1.0.0.4"]


def contacts(*said: tuple[float, str, str | None]) -> pl.DataFrame:
    """Return a recording of contacts with addresses that DNS called so before, if it did."""
    made = []
    for turn, (at, address, name) in enumerate(said):
        if name is not None:
            made += lookup(ME, 50_000 + turn, "192.168.10.1", name, [address], start=at)
        made += [(at + 1 + n, udp(ME, 40_000 + turn, address, 4_433, b"x" * 100)) for n in range(3)]
    return gathered(recorded(made), (), familiar=Familiar())[HOURS]


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ([(0, FIRST, "www.example.com"), (3_600, SECOND, "img.example.com")], [1, 0]),
        ([(0, FIRST, "www.example.com"), (3_600, SECOND, "www.elsewhere.org")], [1, 1]),
        ([(0, FIRST, None), (3_600, "93.184.216.77", None)], [1, 0]),
        ([(0, FIRST, None), (3_600, "93.184.217.34", None)], [1, 1]),
        ([(0, "2a00:1:2:3::1", None), (3_600, "2a00:1:2:9::2", None)], [1, 0]),
        ([(0, FIRST, None), (60, SECOND, None), (120, THIRD, None)], [3]),
    ],
)
def test_another_address_of_the_same_place_is_no_news(
    said: list[tuple[float, str, str | None]], new: list[int]
) -> None:
    table = contacts(*((HOUR + at, address, name) for at, address, name in said))
    assert table.filter(pl.col("host") == ME).sort("window")["new_outside"].to_list() == new


def test_hellos_of_tls_tell_names_too() -> None:
    told = [(FIRST, "www.example.com"), (SECOND, "cdn.example.com")]
    made = [
        packet
        for turn, (address, name) in enumerate(told)
        for packet in conversation(
            (ME, 40_001 + turn, address, 443), tls(name, [(0.1, 300, 900)]), start=HOUR + 3_600.0 * turn
        )
    ]
    table = gathered(recorded(made), (), familiar=Familiar())[HOURS]
    assert table.filter(pl.col("host") == ME).sort("window")["new_outside"].to_list() == [1, 0]


def test_what_training_saw_is_not_strange_and_the_rest_is() -> None:
    trained = Familiar()
    tables = gathered(seen(), ())
    half = tables[PAIRS].filter(pl.col("window") < HOUR * 1_000_000_000)
    learn(trained, half)
    told = gathered(seen(), (), familiar=Familiar.load(trained.save()))
    known = set(half["pair"].to_list())
    wanted = tables[PAIRS].with_columns(wanted=(~pl.col("pair").is_in(known)).cast(pl.Float32))
    both = wanted.join(told[PAIRS], on=["window", "host", "peer", "port", "protocol"])
    assert both.height == told[PAIRS].height == tables[PAIRS].height
    assert (both["wanted"] == both["strange"]).all()
    assert 0 < both["strange"].sum() < both.height
    hours = told[HOURS].filter(pl.col("window") < HOUR * 1_000_000_000)
    assert hours["strange_out"].sum() == hours["strange_contacts"].sum() == hours["new_outside"].sum() == 0
    outside = both.filter(pl.col("outside") & (pl.col("host") == ME))
    late = told[HOURS].filter((pl.col("host") == ME) & (pl.col("window") >= HOUR * 1_000_000_000))
    assert late["strange_contacts"][0] == outside.filter(pl.col("strange") > 0)["contacts"].sum()
    assert late["strange_out"][0] == outside.filter(pl.col("strange") > 0)["payload_out"].sum()
    assert told[MINUTES].filter(pl.col("window") < HOUR * 1_000_000_000)["new_inside"].sum() == 0


def test_told_afterwards_the_past_is_the_same_as_told_on_the_way() -> None:
    raw, told = gathered(seen(), ()), gathered(seen(), (), familiar=Familiar())
    ordered = raw[PAIRS].sort("window", maintain_order=True)
    pairs = pairs_with_past(ordered, Familiar())
    hours = hours_with_past(raw[HOURS], pairs)
    assert (
        without_keys(pairs)
        .sort("window", "host", "peer", "port", "protocol")
        .equals(told[PAIRS].sort("window", "host", "peer", "port", "protocol"))
    )
    assert hours.select(told[HOURS].columns).sort("window", "host").equals(told[HOURS].sort("window", "host"))


def test_others_are_counted_by_place_and_port() -> None:
    made = [
        (BEGIN + turn, udp(host, 40_000 + turn, FIRST, port, b"x"))
        for turn, (host, port) in enumerate([(ME, 443), (OTHER, 443), (ME, 80)])
    ]
    shown = recorded(made)
    trained = Familiar()
    learn(trained, gathered(shown, ())[PAIRS])
    told = gathered(shown, (), familiar=trained)[PAIRS].sort("port", "host")
    assert told["others"].to_list() == [1, 2, 2]
    assert told["port_use"].to_list() == [1, 2, 2]


def test_hours_of_a_day_are_counted_once_and_forgotten_after_it() -> None:
    known = Familiar()
    one, two = np.array([7], dtype=np.uint64), np.array([3, 7], dtype=np.uint64)
    assert known.hours_of(one, 0).tolist() == [1]
    assert known.hours_of(one, 0).tolist() == [1]
    assert known.hours_of(two, 1).tolist() == [1, 2]
    assert known.hours_of(one, 23).tolist() == [3]
    assert known.hours_of(one, 24).tolist() == [3]
    assert known.hours_of(two, 90).tolist() == [1, 1]
    # Another capture, of the days before.
    assert known.hours_of(one, 5).tolist() == [1]


def test_what_is_familiar_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(familiar_module, "MOST", 10)
    known = Familiar()
    for turn in range(5):
        many = np.arange(turn * 8, turn * 8 + 8, dtype=np.uint64)
        assert known.first_of(many).all()
        known.hours_of(many, turn)
        assert known.first_service(many).all()
    assert max(known.since.size, known.services.size, known.recent_keys.size) <= 10
    # What was there first is still known.
    assert not known.first_of(np.arange(8, dtype=np.uint64)).any()


def test_saved_is_what_training_taught_and_no_more() -> None:
    known = Familiar()
    learn(known, gathered(seen(), ())[PAIRS])
    known.first_of(np.array([1, 2, 3], dtype=np.uint64))
    again = known.fresh()
    assert again.since.size == again.recent_keys.size == 0
    for name, array in known.save().items():
        assert np.array_equal(again.save()[name], array)
        assert array.size > 0


def test_names_that_are_none_are_groups() -> None:
    told = Book(hosts_named(lambda _: None))
    assert told.sides(numbers(0, 5)).tolist() == [GROUP, GROUP]
