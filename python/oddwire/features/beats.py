"""Beats: what is known of a series of contacts when it is judged, and signs that no ordinary app makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from oddwire.features.contacts import Pair, Series
from oddwire.features.rhythm import Rhythm, rhythm_of

__all__ = ["Beat", "beat_of"]

SECOND = 1_000_000_000
# Check-ins with nothing to say are of one size, but for what counts and times take in them.
NEAR_BYTES, NEAR_SHARE = 24, 0.06
# Where fewer contacts are alike they are somebody's work.
LEAST_SAME = 0.5
# What is kept open for less may be anything.
KEPT_NS = 1_500 * SECOND
# A pause of so many beats, and so long, parts one spell from the next, if that has so many contacts.
PAUSE_BEATS, PAUSE_NS, LEAST_SPELL = 10, 900 * SECOND, 8
HTTP_PORTS = frozenset({80, 81, 443, 591, 3128, 5000, 8000, 8008, 8080, 8081, 8088, 8443, 8888, 9090})
TLS_PORTS = frozenset({443, 563, 636, 989, 990, 994, 4433, 8443, 9443})
# So fast is haste; a little slower is, too, when it goes on for so long.
HASTE_S, STEADY_HASTE_S = 60, 150
PRESSING_CONTACTS, PRESSING_S = 40, 3_600
# A timer of ordinary software strays by less than this share of the beat, or than answers take.
EVEN_SPREAD = 0.01
TIMER_SPREAD, TIMER_S = 0.02, 0.1
# People sleep, and so do their pages; what goes on for so long, with so many seconds more or less, does not.
DAY_AND_NIGHT_S, DAY_AND_NIGHT_CONTACTS, LOOSE_S = 12 * 3_600, 40, 5
HALF, MOST, FEW = 0.5, 0.8, 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """A series of contacts with a rhythm, as it stood at a tick."""

    tick: int
    src: str
    dst: str
    via: str
    port: int
    way: str
    series: str
    rhythm: Rhythm
    contacts: int
    # How many of them were seen with their signs.
    watched: int
    heard: float
    start_ns: int
    end_ns: int
    out: int
    back: int
    same_out: float
    same_back: float
    sources: int
    # How many destinations the host contacts with as many bytes, whether at a beat or not.
    alike: int
    # Whether the destination belongs to another of our own networks, and is the only kind there is.
    is_inner: bool
    is_lab: bool
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

    @property
    def is_pressing(self) -> bool:
        """Say whether contacts follow each other so fast, or fast for so long, that an app would wait less.

        Whoever asks so often keeps its connection, or lets itself be told; unless it does not care.
        """
        is_steady = self.contacts >= PRESSING_CONTACTS and self.span_s >= PRESSING_S
        return self.rhythm.beat_s <= (STEADY_HASTE_S if is_steady else HASTE_S)

    @property
    def strays_s(self) -> float:
        """Return by how many seconds contacts stray from the beat."""
        return self.rhythm.spread * self.rhythm.beat_s

    @property
    def is_timer(self) -> bool:
        """Say whether the beat is as exact as the timers of apps and devices; beacons are often skewed."""
        return self.strays_s <= max(TIMER_SPREAD * self.rhythm.beat_s, TIMER_S)

    def signs(self, *, is_named: bool, asks: bool) -> dict[str, int]:
        """Return what no ordinary app does, with what it weighs.

        `is_named` says whether the address stood in an answer of DNS, `asks` whether the host asks at all.
        """
        found = self._of_name(is_named=is_named, asks=asks)
        hellos, requests = self.marks.get("hello", 0), self.marks.get("request", 0)
        if self.way == "tcp" and (
            (hellos and self.port not in TLS_PORTS) or (requests and self.port not in HTTP_PORTS)
        ):
            found["an unusual port"] = 1
        is_unknown = self.way != "http" and self.heard and not self.services and not hellos
        # Machines of a plant speak what few know.
        if is_unknown and not self.is_inner:
            found["an unknown protocol"] = 1
        # A session that is resumed shows no certificate again.
        if self.marks.get("self-signed", 0) + self.marks.get("resumed", 0) > HALF * hellos and (
            "self-signed" in self.marks
        ):
            found["a certificate signed by itself"] = 1
        is_fresh = self.series == "fresh" and self.way == "tcp"
        is_full = hellos >= MOST * self.watched and self.share("resumed", "hello") <= FEW
        if is_fresh and is_full and self.is_pressing and not self.is_timer:
            found["a full handshake each time"] = 1
        if self._tells():
            found["something told each time"] = 1
        return found

    def _tells(self) -> bool:
        """Say whether each request tells something, as no app would that keeps its connection."""
        if self.share("referrer", "request") > FEW:
            return False
        # Tickers ask the same question at a beat, and agents post to the name that they are made for.
        marks = ["cookie"]
        if self.rhythm.spread > EVEN_SPREAD:
            marks += ["post"] if self.is_timer else ["post", "tells"]
        if self.is_pressing:
            return max(self.share(mark, "request") for mark in marks) >= MOST
        is_long = self.contacts >= DAY_AND_NIGHT_CONTACTS and self.span_s >= DAY_AND_NIGHT_S
        return is_long and self.strays_s >= LOOSE_S and self.share("cookie", "request") >= MOST

    def _of_name(self, *, is_named: bool, asks: bool) -> dict[str, int]:
        """Return what speaks for a destination without a name; inside, few have one."""
        hellos, requests = self.marks.get("hello", 0), self.marks.get("request", 0)
        by_host = requests and self.share("address", "request") < HALF
        if is_named or self.marks.get("named", 0) or by_host:
            return {}
        if asks or requests:
            return {"no name": 1 if self.is_inner else 2}
        return {"no name in the handshake": 1} if hellos else {}


def beat_of(
    pair: Pair, name: str, tick: int, *, sources: int, alike: int, is_inner: bool, is_lab: bool
) -> Beat | None:
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
    contacts = len(starts) if first else series.total
    out, back = median(series.out[first:]), median(series.back[first:])
    return Beat(
        tick=tick,
        src=pair.src,
        dst=pair.dst,
        via=pair.via,
        port=pair.port,
        way=pair.way,
        series=name,
        rhythm=rhythm,
        contacts=contacts,
        watched=max(contacts - pair.early, 1),
        heard=series.heard / series.total,
        start_ns=starts[0] if first else series.spell_ns,
        end_ns=series.end_ns,
        out=round(out),
        back=round(back),
        same_out=_near(series.out[first:]),
        same_back=_near(series.back[first:]),
        sources=sources,
        alike=alike,
        is_inner=is_inner,
        is_lab=is_lab,
        services=tuple(sorted(pair.services)),
        marks=dict(pair.marks),
    )


def _spell(starts: Sequence[int], rhythm: Rhythm) -> int:
    """Return the place of the first contact behind the last long pause."""
    longest = max(PAUSE_NS, round(PAUSE_BEATS * rhythm.beat_s * SECOND))
    places = [place for place in range(1, len(starts)) if starts[place] - starts[place - 1] > longest]
    # What little lies behind the pause is told with what was before it.
    return next((place for place in reversed(places) if len(starts) - place >= LEAST_SPELL), 0)


def _near(sizes: Sequence[int]) -> float:
    """Return the share of sizes that are nearly the one in the middle."""
    middle = sorted(sizes)[len(sizes) // 2]
    near = max(NEAR_BYTES, NEAR_SHARE * middle)
    return sum(abs(size - middle) <= near for size in sizes) / len(sizes)
