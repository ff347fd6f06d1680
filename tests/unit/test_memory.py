"""What a memory promises: bounds, order, a new beginning after quiet, and saving, loading, merging."""

import json

from hypothesis import given
from hypothesis import strategies as st

from oddwire.features.memory import BURST_GAP_NS, Memory

SECOND = 1_000_000_000
QUIET = 3_600 * SECOND
KEYS = st.sampled_from("abcdef")
THINGS = st.lists(st.sampled_from("uvwxyz"), max_size=4)
STEPS = st.lists(st.tuples(KEYS, THINGS, st.integers(0, 400)), max_size=40)


def memory() -> Memory:
    return Memory(quiet_ns=QUIET, most_keys=4, most_things=3)


def played(steps: list[tuple[str, list[str], int]], start_s: int = 1, into: Memory | None = None) -> Memory:
    """Return a memory after steps of (subject, things, seconds since the step before)."""
    found, now = into or memory(), start_s * SECOND
    for key, things, pause in steps:
        now += pause * SECOND
        found.touch(key, things, now, "tried").add(times=1, things=len(things))
    return found


@given(STEPS)
def test_it_stays_within_its_bounds(steps: list[tuple[str, list[str], int]]) -> None:
    found = played(steps)
    assert len(found) <= 4
    assert all(len(track.things) <= 3 for _, track in found.items())


@given(STEPS)
def test_times_of_a_track_are_in_order(steps: list[tuple[str, list[str], int]]) -> None:
    # A subject that is only looked at, and touches nothing, keeps its end.
    for track in played([step for step in steps if step[1]]).tracks.values():
        assert track.start_ns <= track.burst_ns <= track.end_ns
        times = [time_ns for time_ns, _ in track.things.values()]
        assert times == sorted(times)
        assert all(time_ns <= track.end_ns for time_ns in times)


@given(STEPS, STEPS)
def test_saved_as_json_and_loaded_it_goes_on_the_same(
    before: list[tuple[str, list[str], int]], after: list[tuple[str, list[str], int]]
) -> None:
    one, other = played(before), played([("z", ["z"], 1)])
    other.load(json.loads(json.dumps(one.save())))
    assert json.dumps(other.save()) == json.dumps(one.save())
    assert played(after, 20_000, other).save() == played(after, 20_000, one).save()


@given(STEPS)
def test_merged_with_nothing_nothing_changes(steps: list[tuple[str, list[str], int]]) -> None:
    one, other = played(steps), memory()
    other.merge(one.save())
    assert other.save() == one.save()
    one.merge(memory().save())
    assert other.save() == one.save()


@given(STEPS, STEPS)
def test_merging_hangs_on_no_order(
    mine: list[tuple[str, list[str], int]], theirs: list[tuple[str, list[str], int]]
) -> None:
    one, other = played(mine), played(theirs)
    first, second = memory(), memory()
    for merged, parts in ((first, (one, other)), (second, (other, one))):
        for part in parts:
            merged.merge(part.save())
    assert json.dumps(first.save()) == json.dumps(second.save())
    assert len(first) <= 4


def test_two_halves_of_the_subjects_make_the_whole() -> None:
    steps = [(key, [thing], 5) for key in "abc" for thing in "uv"]
    whole, parts = played(steps), memory()
    for key in "abc":
        alone, now = memory(), SECOND
        for step, things, pause in steps:
            now += pause * SECOND
            if step == key:
                alone.touch(key, things, now, "tried").add(times=1, things=len(things))
        parts.merge(alone.save())
    assert parts.save() == whole.save()


def test_of_too_many_subjects_the_longest_untouched_goes() -> None:
    found = played([(key, ["x"], 1) for key in "abcd"] + [("a", ["y"], 1), ("e", ["x"], 1)])
    assert [key for key, _ in found.items()] == ["c", "d", "a", "e"]
    assert found.evicted == 1


def test_of_too_many_things_the_longest_untouched_goes_and_is_counted() -> None:
    found = played([("a", ["u", "v", "w"], 1), ("a", ["u"], 1), ("a", ["x"], 1)]).find("a")
    assert found is not None
    assert list(found.things) == ["w", "u", "x"]
    assert found.beyond == 1


def test_a_subject_quiet_for_long_begins_anew() -> None:
    found = played([("a", ["u"], 1), ("a", ["v"], 3_601)]).find("a")
    assert found is not None
    assert list(found.things) == ["v"]
    assert found.start_ns == found.end_ns
    assert found.sums == {"times": 1, "things": 1}


def test_a_pause_begins_a_new_burst_of_the_same_track() -> None:
    pause = BURST_GAP_NS // SECOND
    same = played([("a", ["u"], 1), ("a", ["v"], pause)]).find("a")
    later = played([("a", ["u"], 1), ("a", ["v"], pause + 1)]).find("a")
    assert same is not None
    assert later is not None
    assert same.burst_ns == same.start_ns
    assert later.start_ns < later.burst_ns == later.end_ns


def test_what_is_older_can_be_asked_for_and_forgotten() -> None:
    track = played([("a", ["u"], 1), ("a", ["v"], 10)]).find("a")
    assert track is not None
    assert list(track.since(12 * SECOND)) == ["v"]
    track.forget_before(12 * SECOND)
    assert list(track.things) == ["v"]
