"""What is wrong with the form of what a detector says, whatever it says."""

import json
from collections.abc import Iterator
from ipaddress import ip_address

from oddwire.base.detector import Detector
from oddwire.base.window import Window
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Selector
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Cadence

__all__ = ["flaws"]

MAC_OCTETS = 6
# Weights are shares; a rounding error is forgiven.
MOST_WEIGHT = 1.01
LONGEST_TITLE = 240


def flaws(detector: type[Detector], window: Window, evidence: Evidence) -> Iterator[str]:
    """Yield what is wrong, each as a sentence."""
    yield from _times(detector, window, evidence)
    yield from _words(detector, evidence)
    yield from _targets(evidence)
    yield from _reasons(evidence)
    yield from _selectors(evidence)


def _times(detector: type[Detector], window: Window, evidence: Evidence) -> Iterator[str]:
    ticks = [table["tick"].max() for table in (window.talks, window.ended, window.arp, *window.said.values())]
    latest = max((tick for tick in ticks if isinstance(tick, int)), default=window.start_ns)
    # The last window of a run has no end; what judges tick by tick knows when its last tick was.
    end_ns = min(window.end_ns, latest + TICK_NS) if detector.cadence is Cadence.TICK else window.end_ns
    if not window.start_ns < evidence.at_ns <= end_ns:
        yield f"at_ns {evidence.at_ns} is not in the window shown ({window.start_ns}, {end_ns}]"
    if not 0 < evidence.start_ns <= evidence.end_ns <= evidence.at_ns:
        yield f"start {evidence.start_ns}, end {evidence.end_ns} and at {evidence.at_ns} are not in order"


def _words(detector: type[Detector], evidence: Evidence) -> Iterator[str]:
    if evidence.kind not in detector.kinds:
        yield f"{evidence.kind} is not among the kinds declared"
    yield from _party(evidence.subject)
    title = evidence.title
    if not title or not title.isprintable() or title != title.strip() or len(title) > LONGEST_TITLE:
        yield f"the title is not one printable line of at most {LONGEST_TITLE} letters: {title!r}"
    if not any(name and name in title for name in (evidence.subject.ip, evidence.subject.mac)):
        yield f"the title does not name its subject {evidence.subject.name}: {title!r}"
    if not 0 <= evidence.score <= 1:
        yield f"the score {evidence.score} is not between 0 and 1"
    try:
        json.dumps(dict(evidence.facts), allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f"the facts cannot be written as JSON: {error}"


def _party(party: Party) -> Iterator[str]:
    if party.ip is None and party.mac is None:
        yield "the subject has neither address"
    if party.ip is not None and not _is_ip(party.ip):
        yield f"the subject's address is none: {party.ip!r}"
    if party.mac is not None and not _is_mac(party.mac):
        yield f"the subject's hardware address is none: {party.mac!r}"


def _targets(evidence: Evidence) -> Iterator[str]:
    named = len(evidence.targets)
    if named > MOST_TARGETS:
        yield f"it names {named} targets, more than {MOST_TARGETS}"
    if evidence.target_count < named:
        yield f"it counts {evidence.target_count} targets and names {named}"


def _reasons(evidence: Evidence) -> Iterator[str]:
    if not evidence.reasons:
        yield "it gives no reason"
    if sum(one.weight for one in evidence.reasons) > MOST_WEIGHT:
        yield "the weights of its reasons are more than 1"
    for one in evidence.reasons:
        if one.weight < 0 or one.typical[0] > one.typical[1]:
            yield f"the reason {one.feature} has a negative weight or a range the wrong way round"


def _selectors(evidence: Evidence) -> Iterator[str]:
    if not evidence.selectors:
        yield "it selects no packets"
        return
    first = min(one.from_ns for one in evidence.selectors)
    last = max(one.until_ns for one in evidence.selectors)
    if first > evidence.start_ns or last < evidence.end_ns:
        yield f"its selectors cover {first} to {last}, not {evidence.start_ns} to {evidence.end_ns}"
    for one in evidence.selectors:
        yield from _selector(one)


def _selector(selector: Selector) -> Iterator[str]:
    if selector.from_ns > selector.until_ns:
        yield "a selector ends before it begins"
    if selector.a is None and selector.b is None and selector.protocol is None:
        yield "a selector selects everything"
    for end in (selector.a, selector.b):
        if end is not None and not (_is_ip(end) or _is_mac(end)):
            yield f"a selector names {end!r}, which is no address"


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_mac(text: str) -> bool:
    parts = text.split(":")
    return len(parts) == MAC_OCTETS and all(len(part) == 2 for part in parts)  # noqa: PLR2004  # hex digits
