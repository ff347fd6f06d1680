"""Two detectors that saw the same share the work on claims, and remember what they would have alone."""

import polars as pl

from oddwire.base.window import Hosts, Window
from oddwire.features.contests import Contests, Verdict

SECOND = 1_000_000_000
ROUTER, EVIL = 0x0200_0000_0001, 0x0200_0000_0066
NAMES = {1: "10.0.0.1", 5: "10.0.0.5"}
TALKS = pl.DataFrame(
    schema={
        **dict.fromkeys(("tick", "first", "last", "mac_out", "mac_in", "mac_also_out"), pl.UInt64),
        **dict.fromkeys(("src", "dst", "vlans"), pl.UInt32),
        "mac_also_in": pl.UInt64,
    }
)


def window(at: int) -> Window:
    """Return a tick in which the router's owner, and then another card, tell a host that it is theirs."""
    tick = at * 5 * SECOND
    rows = [
        {
            "tick": tick, "vlan": 0, "frame_src": card, "frame_dst": 0x0200_0000_0005, "operation": 2,
            "sender_mac": card, "sender": 1, "target_mac": 0x0200_0000_0005, "target": 5, "packets": count,
            "first": tick + place, "last": tick + place,
        }
        for place, (card, count) in enumerate([(ROUTER, 1), (EVIL, 4)])
    ]  # fmt: skip
    hosts = Hosts(lambda numbers: [NAMES.get(number) for number in numbers], lambda _: True)
    arp = pl.DataFrame(rows)
    return Window(start_ns=tick, end_ns=tick + 5 * SECOND, talks=TALKS, ended=TALKS, arp=arp, hosts=hosts)


def test_those_of_one_past_share_and_others_do_not() -> None:
    one, two, alone = Contests(), Contests(), Contests()
    for at in range(2):
        same = window(at)
        forged = list(one.found(same, Verdict.FORGED))
        assert forged == list(alone.found(window(at), Verdict.FORGED))
        assert [contest.card for contest in forged] == ["02:00:00:00:00:66"]
        assert not list(two.found(same, Verdict.CONFLICT))
    assert one._held is two._held
    assert one._held is not alone._held
    assert one.save() == two.save() == alone.save()


def test_one_that_remembers_more_goes_on_by_itself() -> None:
    one, two = Contests(), Contests()
    first = window(0)
    list(one.found(first, Verdict.FORGED))
    list(two.found(first, Verdict.CONFLICT))
    before = str(one.save())
    two.merge(window_before := Contests().save())
    assert window_before == Contests().save()
    list(two.found(window(1), Verdict.CONFLICT))
    assert str(one.save()) == before


def test_windows_seen_again_begin_anew() -> None:
    windows = [window(at) for at in range(3)]
    first, again = Contests(), Contests()
    heard = [[len(list(who.found(one, Verdict.FORGED))) for one in windows] for who in (first, again)]
    assert heard[0] == heard[1]
    assert first.save() == again.save()
