"""TCP connections whose protocol nobody knows: what was said in them so far, tick by tick, and by whom."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "LEAST_LINES",
    "LEAST_PUSH",
    "LEAST_TEXT",
    "STREAM_COLUMNS",
    "STREAM_NEED",
    "TEXT",
    "Stream",
    "Streams",
]

SECOND = 1_000_000_000
MOST_STREAMS, MOST_PIECES = 10_000, 32
TCP = 6
# Bits of `state`, A being the originator: it began, one end said goodbye or hung up.
SYN_A, OVER = 1 << 0, 0b1111 << 4
# Entropy is given in bit / 8192 a byte; written language and what programs print lies between.
TEXT = (2.2 * 8_192, 5.9 * 8_192)
LEAST_TEXT = 48
# What a person types, or a script sends for one, in a line; and what is printed for it.
LONGEST_LINE, LEAST_LINES, LEAST_KINDS, LEAST_PRINTED, TURNED = 80, 3, 3, 240, 3
# What a program tells of its own accord: in so many ticks, and so much more than it hears.
LEAST_TOLD, REPORTED = 12, 4
# What is pushed at once, unasked, before the other end has said anything.
LEAST_PUSH = 4_096
_READ = """
    tick src dst src_port dst_port protocol service sure state born first last payload_out payload_in
    payload_packets_out payload_packets_in entropy_out entropy_in entropy_bytes_out entropy_bytes_in
"""
STREAM_NEED: frozenset[str] = frozenset(f"talks.{name}" for name in _READ.split())
# What of that a stream takes; the rest only says which rows those are.
STREAM_COLUMNS = [name for name in _READ.split() if name not in {"protocol", "service", "sure"}]


@dataclass(slots=True)
class Stream:
    """One connection: bytes and pieces there and back, and the sizes of single pieces of the server."""

    born: int
    last: int
    port: int
    out: int = 0
    back: int = 0
    said: int = 0
    heard: int = 0
    # Ticks in which the client spoke, the server spoke, and both did.
    ticks_out: int = 0
    ticks_in: int = 0
    ticks_both: int = 0
    pieces: list[int] = field(default_factory=list)
    # What the server sent in the first tick with data, if the client said nothing.
    pushed: int = 0
    is_text_out: bool = False
    is_text_in: bool = True
    is_over: bool = False

    def add(self, row: Mapping[str, Any]) -> None:
        """Take what was said in a tick."""
        out, back = row["payload_out"], row["payload_in"]
        if row["state"] & SYN_A and back >= LEAST_PUSH and not out:
            self.pushed = back
        self.out += out
        self.back += back
        self.said += row["payload_packets_out"]
        self.heard += row["payload_packets_in"]
        self.ticks_out += out > 0
        self.ticks_in += back > 0
        self.ticks_both += out > 0 and back > 0
        if row["payload_packets_in"] == 1 and len(self.pieces) < MOST_PIECES:
            self.pieces.append(back)
        low, high = TEXT
        self.is_text_out = row["entropy_bytes_out"] >= LEAST_TEXT and low <= row["entropy_out"] <= high
        if row["entropy_bytes_in"] >= LEAST_TEXT:
            self.is_text_in = low <= row["entropy_in"] <= high
        self.last = max(self.last, row["last"])
        self.is_over = self.is_over or bool(row["state"] & OVER)

    @property
    def is_kept(self) -> bool:
        """Say whether both sides still spoke after a while, in small pieces."""
        small = self.out + self.back <= 400 * max(self.said + self.heard, 1)
        return self.last - self.born >= 60 * SECOND and self.ticks_both >= 3 and small  # noqa: PLR2004  # again and again

    @property
    def reports(self) -> bool:
        """Say whether the client goes on telling, line by line, in text, what the server hardly answers.

        A log that is delivered is never answered; here the server says short things now and then.
        """
        return (
            self.ticks_out >= LEAST_TOLD
            and self.is_text_out
            and self.is_text_in
            and self.is_kept
            and self.heard >= LEAST_LINES
            and self.back <= LONGEST_LINE * self.heard
            and self.ticks_in <= 0.75 * self.ticks_out
            and self.out >= max(LEAST_PRINTED, REPORTED * self.back)
        )

    @property
    def is_turned(self) -> bool:
        """Say whether the server gives short orders, and the client prints long answers, all in text.

        Whoever asks for a service opens the connection and asks; here the one that opened it answers.
        Receipts for what a client delivers are short too, but all alike.
        """
        return (
            self.is_text_out
            and self.is_text_in
            and self.ticks_in >= LEAST_LINES
            and self.heard >= LEAST_LINES
            and self.back <= LONGEST_LINE * self.heard
            and len(set(self.pieces)) >= LEAST_KINDS
            and max(self.pieces) <= 4 * LONGEST_LINE
            and self.out >= max(LEAST_PRINTED, TURNED * self.back)
            and self.ticks_both >= 0.75 * self.ticks_out
        )


class Streams:
    """Connections by their ends and birth; of too many the longest untouched goes."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self.most = most
        self.known: OrderedDict[str, Stream] = OrderedDict()

    def add(self, client: str, server: str, row: Mapping[str, Any]) -> Stream:
        """Take a row of a connection."""
        key = f"{client}|{server}|{row['src_port']}|{row['dst_port']}|{row['born']}"
        stream = self.known.pop(key, None)
        if stream is None:
            stream = Stream(born=row["born"], last=row["last"], port=row["dst_port"])
            if len(self.known) >= self.most:
                self.known.popitem(last=False)
        stream.add(row)
        if not stream.is_over:
            self.known[key] = stream
        return stream

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {key: asdict(one) for key, one in self.known.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.known = OrderedDict((key, Stream(**saved)) for key, saved in state.items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw; of a connection seen twice the fuller account."""
        for key, saved in state.items():
            theirs, mine = Stream(**saved), self.known.get(key)
            if mine is None or (theirs.last, theirs.out, theirs.back) > (mine.last, mine.out, mine.back):
                self.known[key] = theirs
        ordered = sorted(self.known.items(), key=lambda entry: (entry[1].last, entry[0]))
        self.known = OrderedDict(ordered[-self.most :])
