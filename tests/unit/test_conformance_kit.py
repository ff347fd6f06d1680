"""The kit catches detectors that break the rules, each by the check that is there for it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from oddwire.base.detector import Detector, Page, State
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.testing.conformance import CHECKS, Nonconforming, check_detector, complaints

LOUD = 6
MOST_A_TICK = 2_000


class Honest(Detector):
    """Counts, for each host, the SYNs that it sent, and speaks from some on."""

    name = "test_conformance_kit"
    kind = Kind.SYN_FLOOD
    scope = Scope.HOST
    needs = frozenset({"talks.tick", "talks.src", "talks.first", "talks.last", "talks.syn_out"})
    attack = ("T1498.001",)
    page = Page(sees="Many SYNs.", matters="They cost.", wrong_when="Always.", example="An example.")

    def __init__(self, parameters: Any = None) -> None:
        super().__init__(parameters)
        self.counts: dict[str, list[int]] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        for row in self.rows(window):
            name = window.hosts.name(row["src"])
            count, start = self.counts.pop(name, (0, row["first"]))
            self.counts[name] = [count + row["syn_out"], start]
            if len(self.counts) > 1_000:
                del self.counts[next(iter(self.counts))]
            if self.counts[name][0] >= 50:
                yield self.spoken(name, row)

    def rows(self, window: Window) -> list[dict[str, Any]]:
        import polars as pl

        talks = window.talks.filter(pl.col("syn_out") > 0)
        grouped = talks.group_by("tick", "src", maintain_order=True).agg(
            pl.col("first").min(), pl.col("last").max(), pl.col("syn_out").sum()
        )
        few = grouped.filter(pl.int_range(pl.len()).over("tick") < MOST_A_TICK)
        return few.sort("tick", "first", maintain_order=True).to_dicts()

    def spoken(self, name: str, row: Mapping[str, Any], **changed: Any) -> Evidence:
        count, start = self.counts[name]
        said: dict[str, Any] = {
            "kind": Kind.SYN_FLOOD,
            "subject": Party(ip=name),
            "title": f"{name} sent {count} SYNs",
            "score": 0.5,
            "start_ns": start,
            "end_ns": row["last"],
            "at_ns": row["tick"] + TICK_NS,
            "reasons": (Reason(feature="syn", value=float(count), typical=(0.0, 9.0), weight=1.0),),
            "selectors": (Selector(a=name, b=None, from_ns=start, until_ns=row["last"]),),
        }
        return Evidence(**said | changed)

    def save(self) -> State:
        return {"counts": {name: list(one) for name, one in self.counts.items()}}

    def load(self, state: State) -> None:
        self.counts = {name: list(one) for name, one in state["counts"].items()}

    def merge(self, other: State) -> None:
        for name, (count, start) in other["counts"].items():
            mine, began = self.counts.get(name, (0, start))
            self.counts[name] = [mine + count, min(start, began)]


class ReadsMore(Honest):
    """Reads a column that it does not declare."""

    def rows(self, window: Window) -> list[dict[str, Any]]:
        import polars as pl

        return super().rows(window) if window.talks.select(pl.col("dst_port").max()).height else []


class LooksForMore(Honest):
    """Takes a column that it does not declare where it is there, and goes on without."""

    def observe(self, window: Window) -> Iterator[Evidence]:
        if "dst_port" in window.talks.columns:
            yield from super().observe(window)


class NeverForgets(Honest):
    """Keeps everything it ever saw."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__(parameters)
        self.seen: list[float] = []

    def observe(self, window: Window) -> Iterator[Evidence]:
        self.seen += [float(number) for row in window.talks.select("first", "last").rows() for number in row]
        yield from super().observe(window)

    def save(self) -> State:
        return {**super().save(), "seen": self.seen}


class KeepsInSecret(NeverForgets):
    """Keeps everything it ever saw where `save` does not show it."""

    def save(self) -> State:
        return Honest.save(self)


class HangsOnCuts(Honest):
    """Groups by host and forgets the ticks."""

    def rows(self, window: Window) -> list[dict[str, Any]]:
        import polars as pl

        grouped = window.talks.filter(pl.col("syn_out") > 0).group_by("src", maintain_order=True)
        return grouped.agg(
            pl.col("tick").max(), pl.col("first").min(), pl.col("last").max(), pl.col("syn_out").sum()
        ).to_dicts()


class HangsOnNumbers(Honest):
    """Keeps hosts apart by a part of their numbers."""

    def rows(self, window: Window) -> list[dict[str, Any]]:
        return [row for row in super().rows(window) if row["src"] % 3]


class NoJson(Honest):
    """Saves what JSON cannot hold."""

    def save(self) -> State:
        return {**super().save(), "names": set(self.counts)}


class NumbersAsKeys(Honest):
    """Saves keys that JSON makes into text."""

    def save(self) -> State:
        return {"counts": dict(enumerate(self.counts.items()))}

    def load(self, state: State) -> None:
        self.counts = {name: [0, 0] for name in state["counts"]}


class LosesItself(Honest):
    """Forgets when it is loaded."""

    def load(self, state: State) -> None:
        super().load({"counts": dict(list(state["counts"].items())[:1])})


class Overwrites(Honest):
    """Forgets its own when it merges."""

    def merge(self, other: State) -> None:
        self.load(other)


class LooksAtOthers(Honest):
    """Divides along hosts, but judges one by another."""

    def observe(self, window: Window) -> Iterator[Evidence]:
        for evidence in super().observe(window):
            if len(self.counts) > LOUD:
                yield evidence


class Alarmist(Honest):
    """Raises an alarm at every SYN."""

    def observe(self, window: Window) -> Iterator[Evidence]:
        for row in self.rows(window):
            name = window.hosts.name(row["src"])
            self.counts[name] = [1, row["first"]]
            yield self.spoken(name, row)


class CountsWindows(Honest):
    """Speaks in every second window only."""

    turn = 0

    def observe(self, window: Window) -> Iterator[Evidence]:
        self.turn += 1
        found = list(super().observe(window))
        yield from found if self.turn % 2 else ()


class SpeaksBadly(Honest):
    """Says everything wrongly."""

    kinds = (Kind.SYN_FLOOD,)

    def spoken(self, name: str, row: Mapping[str, Any], **_: Any) -> Evidence:
        return super().spoken(
            name,
            row,
            kind=Kind.BEACON,
            title="something\nis wrong",
            score=3.0,
            at_ns=row["tick"] + 10**15,
            targets=(Target(ip=name),),
            selectors=(),
        )


class Misdeclared(Honest):
    """Says wrong things of itself."""

    name = "another"
    attack = ("T99",)
    page = Page(sees="", matters="x", wrong_when="x", example="x")


class Fails(Honest):
    """Fails at the first thing it sees."""

    def observe(self, window: Window) -> Iterator[Evidence]:
        yield from ()
        raise KeyError(window.start_ns)


@pytest.mark.no_cover  # a million hosts; each check by itself is traced below
def test_an_honest_detector_conforms() -> None:
    check_detector(Honest)


@pytest.mark.parametrize(
    ("broken", "check", "words"),
    [
        (ReadsMore, "columns", "does not declare it fails"),
        (LooksForMore, "columns", "says something else"),
        (NeverForgets, "bounds", "bytes of JSON"),
        (KeepsInSecret, "bounds", "objects behind"),
        (HangsOnCuts, "cuts", "says different things"),
        (HangsOnNumbers, "sameness", "the numbers of hosts"),
        (NoJson, "declarations", "written as JSON"),
        (NoJson, "restart", "JSON"),
        (NumbersAsKeys, "restart", "does not save again"),
        (LosesItself, "restart", "does not save again"),
        (Overwrites, "merging", "merging nothing into it"),
        (LooksAtOthers, "merging", "something else than one"),
        (Alarmist, "silence", "an alarm in ordinary traffic"),
        (CountsWindows, "gaps", "empty windows change"),
        (Misdeclared, "declarations", "not that of its module"),
        (Fails, "form", "it fails: KeyError"),
    ],
)
def test_a_broken_detector_is_caught(broken: type[Detector], check: str, words: str) -> None:
    assert words in "\n".join(complaints(broken, check))


def test_every_flaw_of_what_is_said_is_named() -> None:
    found = "\n".join(complaints(SpeaksBadly, "form"))
    for words in ("among the kinds", "printable", "score", "at_ns", "targets", "selects no packets"):
        assert words in found


def test_every_flaw_of_a_declaration_is_named() -> None:
    found = "\n".join(complaints(Misdeclared, "declarations"))
    assert "'T99' is no technique" in found
    assert "nothing of 'sees'" in found


def test_what_is_wrong_is_said_together() -> None:
    with pytest.raises(Nonconforming, match=r"another does not conform:\n  declarations: "):
        check_detector(Misdeclared)


def test_every_check_says_what_it_is_for() -> None:
    assert all((check.__doc__ or "").endswith(".") for check in CHECKS.values())
