"""Series of names: what one client asks for below one domain, and how many of the names are new each time."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zlib import crc32

from oddwire.base.window import Window
from oddwire.features.asked_rows import plain_questions
from oddwire.features.babble import top_level

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "CARRIER",
    "EXOTIC",
    "NAMES_NEED",
    "PLAIN",
    "Asked",
    "Memo",
    "Series",
    "SeriesMemory",
    "asked_names",
]

NAMES_NEED = frozenset(
    f"dns.{name}"
    for name in (
        "tick",
        "src",
        "dst",
        "dst_port",
        "protocol",
        "first",
        "service",
        "message",
        "transaction",
        "operation",
        "query",
        "query_type",
        "domain",
        "code",
        "answers",
        "answer_types",
        "ttl_min",
        "query_bytes",
        "answer_bytes",
        "labels",
        "name_length",
        "latency_ns",
    )
)
QUIET_NS = 1_800_000_000_000
# What another asked for so shortly before was passed on, with time for retries.
PASSED_ON_NS = 10_000_000_000
MOST_SERIES, MOST_ONCE, MOST_NAMES, MOST_MEMOS, MOST_SERVERS, MOST_TEXT = 2_500, 5_000, 192, 32, 4, 64
# Whether a question is one for addresses and the like, for records with room, or for what nobody asks.
PLAIN, CARRIER, EXOTIC = 0, 1, 2
_PLAIN = (
    "A AAAA HTTPS SVCB PTR NS SOA DS DNSKEY RRSIG NSEC NSEC3 NSEC3PARAM CAA TLSA SMIMEA 38 "
    "AXFR IXFR TKEY TSIG DLV OPT CDS CDNSKEY CSYNC ZONEMD OPENPGPKEY AFSDB DHCID EUI48 EUI64"
)
_CARRIER = "TXT CNAME MX SRV SPF ANY NAPTR HINFO CERT RP SSHFP LOC URI DNAME"
# Shorter names below a domain carry nothing worth a tunnel, unless the record does.
LEAST_CHOSEN, LEAST_CHOSEN_ODD = 6, 3
# So many others with so many new names each have the same program.
MANY_ALIKE, LEAST_ALIKE = 2, 4
# Addresses written in names, forwards or backwards: what was asked is an address, whatever the zone.
ADDRESSES = r"(?:^|[^0-9a-z])(?:\d{1,3}[.-]){3}\d{1,3}[.-]|^(?:[0-9a-f]\.){8}"
ROLES = r"(?:^|\.)_"
LONG_ROLE = 90
STANDARD = ("v=spf", "v=dkim", "v=dmarc", "spf2.0", "google-site", "v=sts", "v=tlsrpt", "v=bimi")

Memo: TypeAlias = list[Any]  # time, chosen part, its length, kind, state of answer, its sum, its length, TTL


class Asked(NamedTuple):
    """One question of a client, with what was answered."""

    tick: int
    client: str
    server: str
    port: int
    protocol: int
    time_ns: int
    last_ns: int
    zone: str
    name: str
    kind: int
    record: str
    transaction: int
    state: str
    answer: str
    ttl: int
    bytes_out: int
    bytes_in: int


@dataclass(slots=True)
class Series:
    """What one client asked for below one domain."""

    start_ns: int
    end_ns: int
    fresh: int = 0
    repeats: int = 0
    queries: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    # When to look at it next, what was told last, and since when it is a tunnel.
    due: int = 8
    told: int = 0
    told_ns: int = 0
    began_ns: int = 0
    # The last names, each with the type and the transaction in which it was asked for last.
    names: dict[str, str] = field(default_factory=dict)
    memos: list[Memo] = field(default_factory=list)
    servers: dict[str, int] = field(default_factory=dict)

    @property
    def novelty(self) -> float:
        """Return the share of questions that were for a name not asked for before."""
        return self.fresh / max(self.fresh + self.repeats, 1)

    @property
    def mean_length(self) -> float:
        """Return the mean length of the last names below the domain."""
        return sum(int(memo[2]) for memo in self.memos) / max(len(self.memos), 1)

    def add(self, asked: Asked) -> None:
        """Take one question; copies of a packet count once."""
        name = f"{crc32(asked.name.encode()):08x}"
        # Who asks again for what it asked for last only waits; names beside it are another matter.
        waits = bool(self.names) and next(reversed(self.names)) == name
        mark, before = f"{asked.record}|{asked.transaction}", self.names.pop(name, None)
        self.names[name] = mark
        self.end_ns = max(self.end_ns, asked.last_ns)
        if before == mark:
            return
        self.queries += 1
        self.bytes_out += asked.bytes_out
        self.bytes_in += asked.bytes_in
        place = f"{asked.server}|{asked.port}|{asked.protocol}"
        if place in self.servers or len(self.servers) < MOST_SERVERS:
            self.servers[place] = self.servers.get(place, 0) + 1
        if before is not None:
            # Another type for the same name belongs to it; unanswered questions are asked again by necessity.
            is_same = before.split("|")[0] == asked.record
            self.repeats += is_same and not waits and asked.state != "lost"
            return
        if len(self.names) > MOST_NAMES:
            del self.names[next(iter(self.names))]
        self.fresh += 1
        chosen = asked.name[: len(asked.name) - len(asked.zone) - 1] if asked.zone else asked.name
        sum_ = crc32(asked.answer.encode()) if asked.answer else 0
        self.memos.append(
            [
                asked.time_ns,
                chosen[-MOST_TEXT:],
                len(chosen),
                asked.kind,
                asked.state,
                sum_,
                len(asked.answer),
                asked.ttl,
            ]
        )
        del self.memos[:-MOST_MEMOS]


class SeriesMemory:
    """Series by client and domain; one quiet for half an hour begins anew, of too many the oldest goes."""

    def __init__(self) -> None:
        self.series: OrderedDict[str, Series] = OrderedDict()
        # Most ask below a domain but once: the first questions, by the same keys.
        self.once: OrderedDict[str, Asked] = OrderedDict()

    def add(self, asked: Asked) -> tuple[str, Series | None]:
        """Take a question; return its key and series, if there is more than one question."""
        key = f"{asked.client}|{asked.zone or '@' + asked.server}"
        if key not in self.series:
            first = self.once.pop(key, None)
            if first is None or asked.time_ns - first.last_ns > QUIET_NS:
                if len(self.once) >= MOST_ONCE:
                    self.once.popitem(last=False)
                self.once[key] = asked
                return key, None
            self._add(key, first)
        return key, self._add(key, asked)

    def _add(self, key: str, asked: Asked) -> Series:
        one = self.series.pop(key, None)
        if one is None or asked.time_ns - one.end_ns > QUIET_NS:
            if one is None and len(self.series) >= MOST_SERIES:
                self.series.popitem(last=False)
            one = Series(start_ns=asked.time_ns, end_ns=asked.time_ns)
        self.series[key] = one
        one.add(asked)
        return one

    def is_common(self, key: str, mine: Series) -> bool:
        """Say whether others ask for ever new names of the same length there, too: a name for each visit."""
        zone = key.split("|", 1)[1]
        if zone.startswith("@"):
            return False
        length = mine.mean_length
        alike = 0
        for other_key, other in self.series.items():
            if other_key == key or not other_key.endswith(f"|{zone}") or other.fresh < LEAST_ALIKE:
                continue
            # Who passes on what this one asks for is no other.
            if 4 * len(mine.names.keys() & other.names.keys()) >= min(len(mine.names), len(other.names)):
                continue
            alike += other.novelty >= 0.8 and abs(other.mean_length - length) <= 0.2 * length  # noqa: PLR2004  # of one form
        return alike >= MANY_ALIKE

    def relays(self, key: str, mine: Series) -> bool:
        """Say whether most of these names had just been asked for by another: of this host, or through it."""
        client, zone = key.split("|", 1)
        own = {memo[1]: memo[0] for memo in mine.memos}
        for other_key, other in self.series.items():
            if other_key == key or not other_key.endswith(f"|{zone}"):
                continue
            asked_me = any(place.startswith(f"{client}|") for place in other.servers)
            shared = len(mine.names.keys() & other.names.keys())
            if asked_me and 2 * shared >= min(len(mine.names), len(other.names)):
                return True
            before = sum(0 <= own.get(memo[1], -1) - memo[0] <= PASSED_ON_NS for memo in other.memos)
            if 2 * before > len(own):
                return True
        return False

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "series": {key: list(astuple(one)) for key, one in self.series.items()},
            "once": {key: list(asked) for key, asked in self.once.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.series = OrderedDict((key, _series(saved)) for key, saved in state["series"].items())
        self.once = OrderedDict((key, Asked(*saved)) for key, saved in state["once"].items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another memory saved; of a series that both know, the longer one."""
        for key, saved in state["series"].items():
            theirs, mine = _series(saved), self.series.get(key)
            if mine is None or (theirs.fresh, theirs.end_ns) > (mine.fresh, mine.end_ns):
                self.series[key] = theirs
        ordered = sorted(self.series.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.series = OrderedDict(ordered[-MOST_SERIES:])
        once = {**self.once, **{key: Asked(*saved) for key, saved in state["once"].items()}}
        firsts = sorted(once.items(), key=lambda entry: (entry[1].time_ns, entry[0]))
        self.once = OrderedDict([entry for entry in firsts if entry[0] not in self.series][-MOST_ONCE:])


def _series(saved: list[Any]) -> Series:
    *plain, names, memos, servers = saved
    one = Series(*plain)
    one.names, one.memos, one.servers = dict(names), [list(memo) for memo in memos], dict(servers)
    return one


def asked_names(window: Window) -> Iterator[Asked]:
    """Yield questions for names with room for data, in order; roles, addresses and short names left out."""
    import polars as pl

    rows = window.view(plain_questions)
    if rows.is_empty():
        return
    name = pl.col("query").str.to_lowercase().str.strip_suffix(".")
    rows = rows.select(_READ).filter(pl.col("labels") > 1)
    before = pl.col("name_length").cast(pl.Int64) - pl.col("domain").str.len_bytes().cast(pl.Int64) - 1
    is_plain = pl.col("query_type").is_in(["A", "AAAA", "HTTPS"]) & (before < LEAST_CHOSEN)
    is_short = is_plain & pl.col("domain").str.contains(r"\.(?:com|net|org)$")
    rows = rows.filter(~is_short.fill_null(value=False))
    rows = _zoned(rows.with_columns(name.alias("name")))
    rows = rows.filter(
        (pl.col("chosen") >= pl.when(pl.col("kind") == PLAIN).then(LEAST_CHOSEN).otherwise(LEAST_CHOSEN_ODD))
        & ~pl.col("name").str.ends_with(".arpa")
    )
    rows = rows.filter(
        ~((pl.col("name_length") < LONG_ROLE) & pl.col("name").str.contains(ROLES))
        & ~pl.col("name").str.contains(ADDRESSES)
    ).sort("tick", "first", "name", "transaction", maintain_order=True)
    if rows.is_empty():
        return
    numbers = pl.concat([rows["src"], rows["dst"]]).unique().to_list()
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    filled = [
        (pl.col(name).cast(pl.Int64) if name == "ttl_min" else pl.col(name)).fill_null(value)
        for name, value in _FILLED.items()
    ]
    for row in rows.with_columns(filled).select(_COLUMNS.split()).iter_rows():
        tick, src, dst, port, protocol, first, latency, *named, code, answers, types, ttl, out, back = row
        zone, text, kind, record, transaction = named
        yield Asked(
            tick,
            names[src],
            names[dst],
            port,
            protocol,
            first,
            first + latency,
            zone,
            text,
            kind,
            record,
            transaction,
            _state(code, answers, types),
            answers or "",
            ttl,
            out,
            back,
        )


_COLUMNS = """
    tick src dst dst_port protocol first latency_ns zone name kind query_type transaction code answers
    answer_types ttl_min query_bytes answer_bytes
"""
_READ = tuple(
    name.removeprefix("dns.") for name in sorted(NAMES_NEED) if name not in {"dns.service", "dns.message"}
)
_FILLED = {
    "latency_ns": 0,
    "ttl_min": -1,
    "query_bytes": 0,
    "answer_bytes": 0,
    "transaction": 0,
    "query_type": "",
}


def _zoned(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Add the zone that a name belongs to, how much of the name is chosen, and the kind of its record.

    The zone is the registered domain, the last label where there is no such top-level domain, and nothing
    where that is no word either.
    """
    import polars as pl

    last = pl.col("name").str.extract(r"([^.]*)$", 1)
    is_word = last.str.contains(r"^[a-z-]{1,18}$")
    known = last.is_in(top_level()) | last.str.starts_with("xn--")
    zone = pl.when(known).then(pl.col("domain")).when(is_word).then(last).otherwise(pl.lit(""))
    kind = (
        pl.when(pl.col("query_type").is_null() | pl.col("query_type").is_in(_PLAIN.split()))
        .then(PLAIN)
        .when(pl.col("query_type").is_in(_CARRIER.split()))
        .then(CARRIER)
        .otherwise(EXOTIC)
    )
    zoned = rows.with_columns(zone.alias("zone"), kind.alias("kind")).filter(pl.col("zone").is_not_null())
    chosen = pl.col("name").str.len_chars().cast(pl.Int64) - pl.col("zone").str.len_chars().cast(pl.Int64) - 1
    return zoned.with_columns(chosen.alias("chosen"))


def _state(code: str | None, answers: str | None, types: str | None) -> str:
    """Return what became of a question: lost, nothing, a loopback, a standard text, one record, or more."""
    if code is None:
        return "lost"
    if code != "NOERROR" or not answers:
        return "nothing"
    if answers.startswith("127."):
        return "loop"
    if answers.lower().startswith(STANDARD):
        return "standard"
    return "one" if types and "," not in types else "several"
