"""Conversations cut into ticks of five seconds: which packets fall into which tick."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.records.judged import TICK_NS
from oddwire.testing.simulation.conversations import NS

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["IDLE_NS", "TCP", "UDP", "Pieces", "pieces_of"]

TCP, UDP = 6, 17
IDLE_NS = 120 * NS
SEGMENT, DATAGRAM = 1_448, 1_350
# What a handshake above TCP says, before what is meant.
HEAD_OUT, HEAD_IN, HEAD_PACKETS = 640, 1_400, 2
# How fast a burst is.
PATIENCE_NS, BYTES_A_NS = NS // 5, 6e-3
# Once more after one, three and seven seconds, then it is given up.
TRIES_NS = (0, NS, 3 * NS, 7 * NS)
ROUND_TRIP_NS = 2_000_000
TINY = 1e-9


@dataclass(kw_only=True)
class Pieces:
    """What each conversation did in each tick: one entry a piece, those of one together, in order."""

    # The conversation, as a row of the plan.
    row: "np.ndarray"
    tick: "np.ndarray"
    first: "np.ndarray"
    last: "np.ndarray"
    # Packets with payload and their bytes; to the server and back.
    packets: "tuple[np.ndarray, np.ndarray]"
    payload: "tuple[np.ndarray, np.ndarray]"
    opens: "np.ndarray"
    closes: "np.ndarray"
    # Attempts to connect that nobody answers, and those that are refused.
    tries: "np.ndarray"
    refused: "np.ndarray"


def pieces_of(plan: "pl.DataFrame") -> Pieces:
    """Cut the conversations of a plan."""
    import numpy as np

    said = {name: plan[name].to_numpy() for name in ("start_ns", "duration_ns", "protocol")}
    dead = ((plan["outcome"] != "answered") & (plan["protocol"] == TCP)).to_numpy()
    spoken = _talks(plan, np.flatnonzero(~dead), said)
    merged = _merged([*spoken, _attempts(plan, np.flatnonzero(dead), said)])
    return _taken(merged, np.lexsort((merged.tick, merged.row)))


@dataclass(kw_only=True)
class _Grid:
    """Where the pieces of spoken conversations lie; one entry a piece."""

    # The conversation, as a place among those that are cut.
    at: "np.ndarray"
    tick: "np.ndarray"
    moment: "np.ndarray"
    by_beat: "np.ndarray"
    # When all was said, if it is not said in beats.
    said: "np.ndarray"
    # How much of the payload was said until the end of it.
    share: "np.ndarray"
    is_first: "np.ndarray"
    is_last: "np.ndarray"


def _talks(plan: "pl.DataFrame", rows: "np.ndarray", said: "dict[str, np.ndarray]") -> list[Pieces]:
    """Cut those that are spoken; what closes them long after the last word is apart."""
    import numpy as np

    plan = plan[rows]
    start, lasts, is_tcp = said["start_ns"][rows], said["duration_ns"][rows], said["protocol"][rows] == TCP
    shape = plan["shape"].to_numpy()
    payload = [plan[f"payload_{way}"].to_numpy().copy() for way in ("out", "in")]
    payload[1][(plan["outcome"] != "answered").to_numpy()] = 0
    packets = [
        _packets(plan[f"packets_{way}"].to_numpy(), payload[number], is_tcp)
        for number, way in enumerate(("out", "in"))
    ]
    most = np.maximum(np.maximum(packets[0], packets[1]), 1)
    beat = np.where(shape == "beats", plan["beat_ns"].to_numpy(), lasts // most)
    grid = _grid(start, lasts, shape, beat, payload[0] + payload[1])
    at, tick = grid.at, grid.tick
    parts = [_dealt(grid, payload[way], packets[way], is_tcp, way) for way in (0, 1)]
    first = np.where(grid.by_beat, grid.moment, np.maximum(start[at], tick))
    end = start[at] + lasts[at]
    last = np.where(grid.is_last, end, grid.said)
    last = np.where(grid.by_beat, grid.moment + ROUND_TRIP_NS, last)
    last = np.minimum(np.minimum(last, tick + TICK_NS - 1_000), np.maximum(end, first))
    opens = grid.is_first & is_tcp[at]
    closes = grid.is_last & is_tcp[at] & (plan["close"] != "open").to_numpy()[at]
    late = closes & (end // TICK_NS * TICK_NS > tick)
    kept = (parts[0][0] + parts[1][0] > 0) | opens | (closes & ~late)
    spoken = Pieces(
        row=rows[at],
        tick=tick,
        first=first,
        last=np.maximum(first, last),
        packets=(parts[0][0], parts[1][0]),
        payload=(parts[0][1], parts[1][1]),
        opens=opens,
        closes=closes & ~late,
        tries=np.zeros(len(at), dtype=np.int64),
        refused=np.zeros(len(at), dtype=bool),
    )
    return [_taken(spoken, np.flatnonzero(kept)), _farewell(rows[at[late]], end[late])]


def _grid(
    start: "np.ndarray", lasts: "np.ndarray", shape: "np.ndarray", beat: "np.ndarray", size: "np.ndarray"
) -> _Grid:
    """Lay out pieces: one a beat where beats lie further apart than ticks, else one a tick."""
    import numpy as np

    by_beat = (shape != "burst") & (beat >= TICK_NS)
    beats = np.maximum(1, lasts // np.maximum(beat, 1) + (shape == "beats"))
    count = np.where(by_beat, beats, (start + lasts) // TICK_NS - start // TICK_NS + 1)
    at = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    moment = start[at] + step * beat[at]
    tick = np.where(by_beat[at], moment // TICK_NS, start[at] // TICK_NS + step) * TICK_NS
    passed = (tick + TICK_NS - start[at]).astype(np.float64)
    whole = np.where(shape == "burst", _burst(lasts, size), np.maximum(lasts, 1))
    share = np.clip(passed / whole[at], 0, 1)
    share = np.where(by_beat[at], (step + 1) / count[at], share)
    is_last = step == count[at] - 1
    share[is_last] = 1.0
    return _Grid(
        at=at,
        tick=tick,
        moment=moment,
        by_beat=by_beat[at],
        said=(start + whole)[at],
        share=share,
        is_first=step == 0,
        is_last=is_last,
    )


def _farewell(row: "np.ndarray", end: "np.ndarray") -> Pieces:
    """Return the pieces in which a conversation is only closed."""
    import numpy as np

    nothing, no = np.zeros(len(row), dtype=np.int64), np.zeros(len(row), dtype=bool)
    tick = end // TICK_NS * TICK_NS
    return Pieces(
        row=row,
        tick=tick,
        first=np.maximum(end - ROUND_TRIP_NS, tick),
        last=end,
        packets=(nothing, nothing),
        payload=(nothing, nothing),
        opens=no,
        closes=~no,
        tries=nothing,
        refused=no,
    )


def _packets(given: "np.ndarray", payload: "np.ndarray", is_tcp: "np.ndarray") -> "np.ndarray":
    """Return how many packets carry the payload: as many as are asked for, none larger than a link takes."""
    import numpy as np

    least = -(-payload // np.where(is_tcp, SEGMENT, DATAGRAM))
    # Those of the handshake are not full.
    least += np.where(is_tcp & (least > HEAD_PACKETS), HEAD_PACKETS, 0)
    return np.where(payload > 0, np.minimum(np.maximum(given, least), payload), 0)


def _burst(lasts: "np.ndarray", size: "np.ndarray") -> "np.ndarray":
    """Return how long it takes to say everything that is said in a burst."""
    import numpy as np

    return np.clip(PATIENCE_NS + (size / BYTES_A_NS).astype(np.int64), 1, np.maximum(lasts, 1))


def _dealt(
    grid: _Grid, payload: "np.ndarray", packets: "np.ndarray", is_tcp: "np.ndarray", way: int
) -> "tuple[np.ndarray, np.ndarray]":
    """Return packets and bytes of each piece, so that their sums are those of the conversation."""
    import numpy as np

    head = np.where(is_tcp & (packets > 2 * HEAD_PACKETS), HEAD_PACKETS, 0)
    head_bytes = np.where(head > 0, np.minimum(payload - (packets - head), (HEAD_OUT, HEAD_IN)[way]), 0)
    rest, rest_bytes = (packets - head)[grid.at], (payload - head_bytes)[grid.at]
    # The question comes before its answer.
    so_far = np.ceil(rest * grid.share - TINY) if way == 0 else np.floor(rest * grid.share + TINY)
    so_far = np.clip(so_far.astype(np.int64), 0, rest)
    if way == 1:
        # Where nothing is closed, the last datagram from the server says when it was over.
        so_far = np.where(is_tcp[grid.at] | grid.is_last, so_far, np.minimum(so_far, np.maximum(rest - 1, 0)))
    bytes_so_far = (rest_bytes * (so_far / np.maximum(rest, 1))).astype(np.int64)
    bytes_so_far = np.where(so_far == rest, rest_bytes, np.maximum(bytes_so_far, so_far))
    many, much = so_far + head[grid.at], bytes_so_far + head_bytes[grid.at]
    before = [np.where(grid.is_first, 0, np.concatenate([[0], sums[:-1]])) for sums in (many, much)]
    return many - before[0], much - before[1]


def _attempts(plan: "pl.DataFrame", rows: "np.ndarray", said: "dict[str, np.ndarray]") -> Pieces:
    """Cut the attempts to connect that come to nothing."""
    import numpy as np

    refused = (plan["outcome"] == "refused").to_numpy()[rows]
    times = said["start_ns"][rows][:, None] + np.asarray(TRIES_NS)[None, :]
    # A tool that makes its own packets tries once; stacks try as often as there are tries.
    most = np.where(refused, 1, plan["packets_out"].to_numpy()[rows])
    wanted = np.arange(len(TRIES_NS))[None, :] < np.where(most > 0, most, len(TRIES_NS))[:, None]
    at, _ = np.nonzero(wanted)
    moment = times[wanted]
    tick = moment // TICK_NS * TICK_NS
    is_new = (np.diff(at, prepend=-1) != 0) | (np.diff(tick, prepend=-1) != 0)
    starts = np.flatnonzero(is_new)
    count = np.diff(np.append(starts, len(at)))
    ends = starts + count - 1
    zero = np.zeros(len(starts), dtype=np.int64)
    no = np.zeros(len(starts), dtype=bool)
    first = moment[starts]
    turned_down = refused[at[starts]]
    last = np.where(turned_down, np.minimum(first + ROUND_TRIP_NS, tick[starts] + TICK_NS - 1), moment[ends])
    return Pieces(
        row=rows[at[starts]],
        tick=tick[starts],
        first=first,
        last=last,
        packets=(zero, zero),
        payload=(zero, zero),
        opens=no,
        closes=no,
        tries=count,
        refused=turned_down,
    )


def _merged(parts: list[Pieces]) -> Pieces:
    """Return pieces of several kinds as one."""
    import numpy as np

    def together(name: str) -> object:
        values = [getattr(one, name) for one in parts]
        if isinstance(values[0], tuple):
            return tuple(np.concatenate(ways) for ways in zip(*values, strict=True))
        return np.concatenate(values)

    made: dict[str, Any] = {name: together(name) for name in Pieces.__dataclass_fields__}
    return Pieces(**made)


def _taken(pieces: Pieces, order: "np.ndarray") -> Pieces:
    """Return some of the pieces, in an order."""
    made: dict[str, Any] = {
        name: tuple(one[order] for one in value) if isinstance(value, tuple) else value[order]
        for name, value in vars(pieces).items()
    }
    return Pieces(**made)
