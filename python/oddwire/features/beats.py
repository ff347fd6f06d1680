"""Beats: what is known of one series of contacts when it is judged, and the signs that no ordinary app makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from oddwire.features.contacts import Pair, Series
from oddwire.features.rhythm import Rhythm, rhythm_of

__all__ = ["Beat", "beat_of"]

SECOND = 1_000_000_000
# Check-ins with nothing to say are of one size, but for what counts and times take in them.
NEAR_BYTES, NEAR_SHARE = 24, 0.06
# A pause of so many beats, and so long, parts one spell from the next.
# Where fewer contacts are alike they are somebody's work.
LEAST_SAME = 0.5
# What is kept open for less may be anything.
KEPT_NS = 1_500 * SECOND
PAUSE_BEATS, PAUSE_NS = 10, 900 * SECOND
# Contacts of which so few are off may carry an order or its result now and then.
HTTP_PORTS = frozenset({80, 81, 591, 3128, 5000, 8000, 8008, 8080, 8081, 8088, 8888, 9090})
TLS_PORTS = frozenset(
    {443, 465, 563, 587, 636, 853, 989, 990, 993, 994, 995, 3389, 4433, 5061, 5223, 5228, 8443, 8883, 9443}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """A series of contacts with a rhythm, as it stood at a tick."""

    tick: int
    src: str
    dst: str
    port: int
    way: str
    series: str
    rhythm: Rhythm
    contacts: int
    heard: float
    start_ns: int
    end_ns: int
    out: int
    back: int
    same_out: float
    same_back: float
    sources: int
    services: tuple[str, ...]
    marks: dict[str, int]

    @property
    def span_s(self) -> float:
        """Return how long it has gone on."""
        return (self.end_ns - self.start_ns) / SECOND

    @property
    def same(self) -> float:
        """Return the share of contacts of nearly one size, in the way in which fewer are."""
        return min(self.same_out, self.same_back)

    def share(self, mark: str, of: str) -> float:
        """Return how many of what was marked one way were marked another way, too."""
        return self.marks.get(mark, 0) / max(self.marks.get(of, 0), 1)

    def signs(self, *, is_named: bool, asks: bool) -> dict[str, int]:
        """Return what no ordinary app does, with what it weighs; `is_named` is of the address, in answers."""
        requests, hellos = self.marks.get("request", 0), self.marks.get("hello", 0)
        by_name = (
            is_named
            or self.marks.get("named", 0) > 0
            or (requests and self.share("address", "request") < 0.5)
        )  # noqa: PLR2004  # most
        found: dict[str, int] = {}
        if not by_name and (asks or requests):
            found["no name"] = 2
        if (hellos and self.port not in TLS_PORTS) or (
            requests and self.way == "tcp" and self.port not in HTTP_PORTS | TLS_PORTS
        ):
            found["an unusual port"] = 1
        if self.way == "tcp" and self.heard and not self.services and not hellos:
            found["an unknown protocol"] = 1
        if 2 * self.marks.get("self-signed", 0) > hellos > 0 or (
            self.marks.get("self-signed", 0) and self.share("resumed", "hello") > 0.5
        ):  # noqa: PLR2004  # most
            found["a certificate signed by itself"] = 1
        is_hasty = self.series == "fresh" and self.way == "tcp" and self.rhythm.beat_s <= HASTE_S
        if is_hasty and hellos >= 0.8 * self.contacts and self.share("resumed", "hello") < 0.1:  # noqa: PLR2004  # nearly each
            found["a full handshake each time"] = 1
        tells = max(self.share(mark, "request") for mark in ("post", "tells", "cookie"))
        if requests and tells >= 0.8 and self.share("referrer", "request") <= 0.1:  # noqa: PLR2004  # nearly each
            found["something told each time"] = 1
        return found


# Whoever asks so often keeps its connection, unless it does not care.
HASTE_S = 60


def beat_of(pair: Pair, name: str, tick: int, sources: int) -> Beat | None:
    """Return the beat of a series of a pair; None where there is none."""
    series: Series = pair.fresh if name == "fresh" else pair.kept
    is_kept = name == "kept" or pair.way == "udp"
    if is_kept and (series.end_ns - series.spell_ns < KEPT_NS or 4 * series.busy > series.total):
        return None
    if _near(series.out) < LEAST_SAME or _near(series.back) < LEAST_SAME:
        return None
    rhythm = rhythm_of(series.starts)
    if rhythm is None or rhythm.evidence <= 0:
        return None
    first = _spell(series.starts, rhythm)
    starts = series.starts[first:]
    out, back = median(series.out[first:]), median(series.back[first:])
    return Beat(
        tick=tick,
        src=pair.src,
        dst=pair.dst,
        port=pair.port,
        way=pair.way,
        series=name,
        rhythm=rhythm,
        contacts=len(starts) if first else series.total,
        heard=series.heard / series.total,
        start_ns=starts[0] if first else series.spell_ns,
        end_ns=series.end_ns,
        out=round(out),
        back=round(back),
        same_out=_near(series.out[first:]),
        same_back=_near(series.back[first:]),
        sources=sources,
        services=tuple(sorted(pair.services)),
        marks=dict(pair.marks),
    )


def _spell(starts: Sequence[int], rhythm: Rhythm) -> int:
    """Return the place of the first contact behind the last long pause."""
    longest = max(PAUSE_NS, round(PAUSE_BEATS * rhythm.beat_s * SECOND))
    places = [place for place in range(1, len(starts)) if starts[place] - starts[place - 1] > longest]
    # What little lies behind the pause is told with what was before it.
    return next((place for place in reversed(places) if len(starts) - place >= 8), 0)  # noqa: PLR2004  # enough for a beat


def _near(sizes: Sequence[int]) -> float:
    """Return the share of sizes that are nearly the one in the middle."""
    middle = sorted(sizes)[len(sizes) // 2]
    near = max(NEAR_BYTES, NEAR_SHARE * middle)
    return sum(abs(size - middle) <= near for size in sizes) / len(sizes)
