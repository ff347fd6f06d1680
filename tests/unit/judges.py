"""Small detectors and evidence for the tests of what stands around them."""

from collections.abc import Callable, Iterator
from typing import Any

from oddwire.base.detector import Detector, Page, State
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence, Party, Selector
from oddwire.records.kinds import Kind, Scope

SECOND = 1_000_000_000
HOST = "10.0.0.5"


def evidence(start_s: float, end_s: float | None = None, **changed: Any) -> Evidence:
    """Return evidence of a scan by one host; `at` is its end."""
    start_ns, end_ns = round(start_s * SECOND), round((start_s if end_s is None else end_s) * SECOND)
    said: dict[str, Any] = {
        "kind": Kind.PORT_SCAN,
        "subject": Party(ip=HOST),
        "title": f"{HOST} did something",
        "score": 0.5,
        "start_ns": start_ns,
        "end_ns": end_ns,
        "at_ns": end_ns,
        "selectors": (Selector(a=HOST, b=None, from_ns=start_ns, until_ns=end_ns),),
    }
    return Evidence(**said | changed)


class Judge(Detector):
    """Says what a function makes of each window, and remembers nothing."""

    name = "judge"
    kind = Kind.PORT_SCAN
    scope = Scope.HOST
    needs = frozenset({"talks.tick"})
    page = Page(sees="x", matters="x", wrong_when="x", example="x")
    attack = ("T1046",)

    def __init__(self, says: Callable[[Window], list[Evidence]] | None = None) -> None:
        super().__init__()
        self.says = says
        self.shown: list[Window] = []

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Keep the window, and say what the function says."""
        self.shown.append(window)
        yield from self.says(window) if self.says else ()

    def save(self) -> State:
        """Return nothing."""
        return {}

    def load(self, state: State) -> None:
        """Take nothing."""

    def merge(self, other: State) -> None:
        """Take nothing."""


class Other(Judge):
    """Another one, with another name."""

    name = "other"
