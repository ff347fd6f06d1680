"""What happened to a host since it fetched a program: the steps in order, and what they weigh together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["BURST", "CONTACT", "DOWNLOAD", "Step", "Stories", "Story"]

SECOND = 1_000_000_000
MOST_HOSTS, MOST_STEPS = 2_000, 24
DOWNLOAD, CONTACT, BURST = "download", "contact", "burst"
# A download or a contact that weighs less is what everybody has now and then.
LEAST_ODD, USUAL = 2.0, 1.5
# What each kind of step can add at most.
MOST_OF_DOWNLOADS, MOST_OF_CONTACTS, MOST_OF_BURSTS = 7.0, 5.0, 4.0


@dataclass(slots=True)
class Step:
    """One thing that happened: when, with whom, what, and what it weighs."""

    kind: str
    start_ns: int
    end_ns: int
    words: str
    server: str
    port: int
    weight: float


@dataclass(slots=True)
class Story:
    """The steps of one host, by what makes each the same step told again."""

    start_ns: int
    end_ns: int
    steps: dict[str, Step] = field(default_factory=dict)
    # What was last told: gravity, number of steps, and when it ended.
    told: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, key: str, step: Step) -> None:
        """Add a step, or tell one again that grew."""
        known = self.steps.get(key)
        if known is None and len(self.steps) >= MOST_STEPS:
            return
        if known is not None:
            step.start_ns, step.weight = min(known.start_ns, step.start_ns), max(known.weight, step.weight)
        self.steps[key] = step
        self.start_ns, self.end_ns = min(self.start_ns, step.start_ns), max(self.end_ns, step.end_ns)

    @property
    def in_order(self) -> list[Step]:
        """Return the steps as they happened."""
        return sorted(self.steps.values(), key=lambda step: (step.start_ns, step.kind, step.words))

    def weight_of(self, kind: str) -> float:
        """Return what the steps of a kind weigh: the heaviest whole, of the others a part."""
        weights = sorted((step.weight for step in self.steps.values() if step.kind == kind), reverse=True)
        return sum(weights[:1]) + sum(min(one, 2.0) / 2 for one in weights[1:4])

    @property
    def points(self) -> float:
        """Return what all steps weigh together."""
        fetched = self.weight_of(DOWNLOAD)
        odd = sum(step.kind == CONTACT and step.weight >= LEAST_ODD for step in self.steps.values())
        if fetched < LEAST_ODD and odd < 2:  # noqa: PLR2004  # one may be chance
            fetched -= USUAL
        return (
            min(fetched, MOST_OF_DOWNLOADS)
            + min(self.weight_of(CONTACT), MOST_OF_CONTACTS)
            + min(self.weight_of(BURST), MOST_OF_BURSTS)
        )


class Stories:
    """Stories by host; one that was quiet for long is forgotten, of too many the oldest goes."""

    def __init__(self, *, quiet_s: int) -> None:
        self.quiet_ns = quiet_s * SECOND
        self.known: dict[str, Story] = {}

    def at(self, host: str, time_ns: int) -> Story:
        """Return the story of a host as of a time."""
        story = self.known.pop(host, None)
        if story is None or time_ns - story.end_ns > self.quiet_ns:
            story = Story(start_ns=time_ns, end_ns=time_ns)
        if len(self.known) >= MOST_HOSTS:
            del self.known[next(iter(self.known))]
        self.known[host] = story
        return story

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {host: asdict(story) for host, story in self.known.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.known = {host: _story(saved) for host, saved in state.items()}

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        for host, saved in state.items():
            theirs, mine = _story(saved), self.known.get(host)
            if mine is None:
                self.known[host] = theirs
                continue
            mine.told = max(mine.told, theirs.told)
            for key, step in theirs.steps.items():
                mine.add(key, step)
        ordered = sorted(self.known.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.known = dict(ordered[-MOST_HOSTS:])


def _story(saved: Mapping[str, Any]) -> Story:
    return Story(**{**saved, "steps": {key: Step(**step) for key, step in saved["steps"].items()}})
