"""What was said, message by message and cell by cell, by us and by tshark."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path

from tests.heavy.conformance import Difference
from tests.heavy.said.frames import flow_of, frames, quotes
from tests.heavy.said.message import Frame, Message, Talk
from tests.heavy.said.rows import said_rows
from tests.heavy.tshark_rows import Tshark

# Messages of one kind in one conversation.
Group = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What came of one protocol in one capture."""

    table: str
    # Cells that both have, by field.
    cells: Counter[str]
    differences: list[Difference]


def compare(tshark: Tshark, talks: Sequence[Talk], capture: Path, name: str) -> list[Compared]:
    """Compare every message of every protocol in a capture."""
    seen = frames(tshark, capture, chain.from_iterable(talk.fields for talk in talks))
    flows = {int(frame["frame.number"][0]): flow_of(frame) for frame in seen}
    return [_talk(talk, seen, flows, capture, name) for talk in talks]


def _talk(talk: Talk, seen: Iterable[Frame], flows: Mapping[int, str], capture: Path, name: str) -> Compared:
    theirs: dict[Group, list[Message]] = defaultdict(list)
    for frame in seen:
        if quotes(frame):
            continue
        for message in talk.theirs(frame):
            if not any(message.cells.values()):
                continue
            theirs[flow_of(frame), message.part].append(message)
    ours: dict[Group, list[Message]] = defaultdict(list)
    for row in said_rows(capture, talk.table, talk.columns):
        flow = flows.get(row["packet"], "")
        for message in talk.ours(row):
            ours[flow, message.part].append(message)
    cells: Counter[str] = Counter()
    found: list[Difference] = []
    for group in sorted(ours.keys() | theirs.keys()):
        for mine, other in pairs(ours[group], theirs[group]):
            cells.update(_both(mine, other))
            found += _differences(talk.table, name, mine, other)
    return Compared(table=talk.table, cells=cells, differences=found)


def pairs(
    ours: Sequence[Message], theirs: Sequence[Message]
) -> Iterator[tuple[Message | None, Message | None]]:
    """Return what belongs together: what is of the same packet, then the rest in its order."""
    rest, waiting = [], sorted(theirs, key=_packet)
    for mine in sorted(ours, key=_packet):
        other = next((one for one in waiting if one.packet == mine.packet), None)
        if other is None:
            rest.append(mine)
        else:
            waiting.remove(other)
            yield mine, other
    yield from zip_longest(rest, [one for one in waiting if not (one.again and len(waiting) > len(rest))])


def _packet(message: Message) -> int:
    return message.packet


def _both(ours: Message | None, theirs: Message | None) -> Iterator[str]:
    if ours and theirs:
        yield from (field for field, value in theirs.cells.items() if value)


def _differences(table: str, name: str, ours: Message | None, theirs: Message | None) -> Iterator[Difference]:
    one = theirs or ours
    if one is None:
        return
    part = one.part
    cell = partial(Difference, capture=name, number=one.packet, protocols=table)
    if ours is None or theirs is None:
        if one.again:
            return
        yield cell(field=part, ours=shown(ours), theirs=shown(theirs))
        return
    for field, value in theirs.cells.items():
        if ours.cells[field] != value:
            yield cell(field=f"{part}.{field}", ours=ours.cells[field], theirs=value)


def shown(message: Message | None) -> str:
    """Return a whole message, for a difference that is a missing message."""
    return " | ".join(value for value in message.cells.values() if value) or "there" if message else ""
