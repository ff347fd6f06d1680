"""Contacts are remembered within bounds, and the same however they came."""

import json

from oddwire.base.window import Window
from oddwire.features.contacts import MOST_STARTS, Contacts
from oddwire.features.waiting import Waiting
from oddwire.records.judged import TICK_NS
from oddwire.testing.windows import arp_frame, hosts_named, nothing_said, talk_frame

BEGIN = 1_710_062_400_000_000_000


def window(starts: list[tuple[int, int]], dst_port: int = 443) -> Window:
    """Return new connections: each the number of a destination and a second."""
    times = [BEGIN + second * 1_000_000_000 for _, second in starts]
    return Window(
        start_ns=0,
        end_ns=2**62,
        talks=talk_frame(
            tick=[time - time % TICK_NS for time in times],
            src=0,
            dst=[1 + number for number, _ in starts],
            src_port=[20_000 + place % 40_000 for place in range(len(starts))],
            dst_port=dst_port,
            protocol=6,
            born=times,
            first=times,
            last=times,
            syn_out=1,
            payload_out=100,
            payload_in=50,
        ),
        ended=talk_frame().clear(),
        arp=arp_frame().clear(),
        hosts=hosts_named(
            lambda number: f"203.0.{number // 256}.{number % 256 - 1}" if number else "10.0.0.5"
        ),
        said=nothing_said(),
    )


def test_the_fifth_contact_is_still_a_row_and_the_sixth_a_pair() -> None:
    contacts = Contacts()
    assert not list(contacts.due(window([(1, 60 * number) for number in range(5)])))
    assert not contacts.pairs
    assert not list(contacts.due(window([(1, 300)])))
    (pair,) = contacts.pairs.values()
    assert [start - BEGIN for start in pair.fresh.starts] == [60_000_000_000 * number for number in range(6)]


def test_what_is_said_in_one_visit_is_no_pair() -> None:
    contacts = Contacts()
    assert not list(contacts.due(window([(1, number // 10) for number in range(60)])))
    assert not contacts.pairs
    list(contacts.due(window([(1, 60)])))
    assert contacts.pairs


def test_what_waited_comes_back_when_its_hosts_do() -> None:
    whole, first, second = Contacts(), Contacts(), Contacts()
    early, late = [(1, 60 * number) for number in range(5)], [(2, 290), (1, 300)]
    list(whole.due(window(early + late)))
    list(first.due(window(early)))
    second.load(json.loads(json.dumps(first.save())))
    list(second.due(window(late)))
    ours, theirs = (next(iter(one.pairs.values())) for one in (second, whole))
    assert ours.fresh == theirs.fresh
    assert len(second.save()["waiting"]) == len(whole.save()["waiting"]) == 1


def test_starts_pairs_and_rows_are_bounded() -> None:
    contacts = Contacts(most_pairs=8, waiting=Waiting(most=16))
    list(contacts.due(window([(1, second) for second in range(2 * MOST_STARTS)])))
    (pair,) = contacts.pairs.values()
    assert (len(pair.fresh.starts), pair.fresh.total) == (MOST_STARTS, 2 * MOST_STARTS)
    list(
        contacts.due(
            window([(number, 1_000 + second) for second in range(0, 60, 10) for number in range(30)])
        )
    )
    assert len(contacts.pairs) <= 8
    list(contacts.due(window([(number, 2_000) for number in range(60)], dst_port=80)))
    assert len(contacts.save()["waiting"]) == 16


def test_what_is_saved_is_plain_and_comes_back() -> None:
    first, second, both = Contacts(), Contacts(), Contacts()
    list(first.due(window([(1, 60 * number) for number in range(6)] + [(2, 400)])))
    saved = json.loads(json.dumps(first.save()))
    second.load(saved)
    assert second.save() == first.save()
    both.merge(saved)
    assert both.save()["pairs"] == first.save()["pairs"]
    both.merge(saved)
    assert next(iter(both.pairs.values())).fresh.total == 12
