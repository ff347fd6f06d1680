"""Who may take orders from whom: goes through what was said and notes the weak signs of each pair."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Hosts, Window
from oddwire.features.certificates import shown_by
from oddwire.features.names_seen import NAMES_NEED, NamesSeen
from oddwire.features.open_orders import OPEN_NEED, open_rows
from oddwire.features.seen import local_mask
from oddwire.features.signs import Pair, Pairs
from oddwire.features.streams import (
    LEAST_LINES,
    LEAST_PUSH,
    LEAST_TEXT,
    STREAM_COLUMNS,
    STREAM_NEED,
    TEXT,
    Stream,
    Streams,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ORDERS_NEED", "PROGRAMS", "Orders", "is_disguised"]

TCP = 6
SYN_A, OVER, GAPS = 1 << 0, 0b1111 << 4, 0b111 << 14
# What runs when it is opened, by what it begins like.
PROGRAMS = ("exe", "elf", "macho", "script", "java_class")
# Types and endings that promise something else than a program.
HARMLESS = ("image/", "text/html", "text/css", "audio/", "video/", "font/", "application/pdf")
HARMLESS_ENDINGS = ("jpg", "jpeg", "png", "gif", "bmp", "ico", "css", "txt", "pdf", "mp3", "mp4", "woff")
TINY = 256
# Where these protocols are at home.
_TLS_PORTS = """
    21 25 80 110 143 389 443 465 563 587 636 853 989 990 993 995 1194 1433 1883 2083 2087 2096 2376 2484 3268
    3269 3306 3389 3478 4433 4443 5061 5222 5223 5228 5269 5349 5432 5671 5938 5986 6443 6514 6568 6697 7443
    8080 8443 8531 8883 9443 10443 27017
"""
_WEB_PORTS = """
    80 81 88 591 631 1900 3000 3128 5000 5357 5985 7547 8000 8008 8010 8080 8081 8088 8090 8123 8888 9000 9080
    9090
"""
TLS_PORTS = frozenset(map(int, _TLS_PORTS.split()))
WEB_PORTS = frozenset(map(int, _WEB_PORTS.split()))
# Ports that promise a protocol which is known by its first bytes.
PROMISED = frozenset({53, 80, 443})
# Ports of services whose clients send much and are answered by short lines.
DELIVERED = frozenset(
    {21, 25, 110, 119, 143, 389, 465, 515, 587, 631, 1433, 3306, 5222, 5432, 6379, 9100, 11211}
)
MOST_ROWS = 400
FOREVER = 1 << 62
MOST_SIZES = 64
# What is spoken at a port shows by then, and by so many bytes each way, more than a word.
LEAST_FALSE = 16
EARLY_NS = 15_000_000_000
HTTPS = 443
# Ports from here on are agreed upon in FTP and RPC.
FIRST_HIGH = 10_000

_SAID = {
    "tls": "tick src dst dst_port born first service established sni subject not_before not_after self_signed"
    " certificates client_alpn",
    "http": "tick src dst dst_port born first message method path agent referrer content_type request_bytes"
    " response_bytes proxied address_as_host body_kind",
}
ORDERS_NEED: frozenset[str] = (
    NAMES_NEED
    | OPEN_NEED
    | STREAM_NEED
    | frozenset(f"{table}.{name}" for table, names in _SAID.items() for name in names.split())
)


class Orders:
    """Signs of all pairs, and what they hang on: names that were told, connections that are open."""

    def __init__(self) -> None:
        self.names = NamesSeen()
        self.streams = Streams()
        self.pairs = Pairs()
        self._only: list[int] | None = None
        # Notes to oneself: the numbers of hosts by name, of this run.
        self._numbers: dict[str, int] = {}
        self._hosts: Hosts | None = None

    def pass_through(
        self, window: Window, since: Mapping[str, int] | None = None
    ) -> Iterator[tuple[int, list[tuple[str, str, Pair]]]]:
        """Go through the ticks; yield the pairs that were touched in each, with what is known of them.

        With `since`, only these hosts are looked at, and what they began after that time.
        """
        self.names.add(window)
        self._only = None
        if since is not None:
            numbers = (window.hosts.number(host) for host in since)
            self._only = [number for number in numbers if number is not None]
        events = [*self._tls(window), *self._http(window), *self._unknown(window), *self._open(window)]
        events += self._going_on(window, events)
        events.sort(key=lambda event: (event["tick"], event["order"], event["first"]))
        ends = sorted({event[end] for event in events for end in ("src", "dst")})
        names = dict(zip(ends, window.hosts.names(ends), strict=True))
        touched: dict[str, tuple[str, str, Pair]] = {}
        tick = 0
        for event in events:
            if event["tick"] != tick and touched:
                yield tick, list(touched.values())
                touched = {}
            tick, client, server = event["tick"], names[event["src"]], names[event["dst"]]
            if since is not None and event["born"] < since.get(client, FOREVER):
                continue
            pair = self._take(client, server, event)
            if pair is not None:
                touched[f"{client}|{server}"] = (client, server, pair)
        if touched:
            yield tick, list(touched.values())

    def _take(self, client: str, server: str, event: Mapping[str, Any]) -> Pair | None:
        """Note what an event shows of its pair."""
        order = event["order"]
        if order == GOING_ON:
            return self._took_going_on(client, server, event)
        if order == UNKNOWN:
            return self._took_unknown(client, server, event)
        # Of requests each counts, however many a connection carries.
        began = event["first"] if order == HTTP else event["born"]
        pair = self.pairs.at(client, server, began)
        pair.meet(began, event["dst_port"])
        pair.end_ns, pair.spoke = max(pair.end_ns, event["first"]), True
        if (place := self._place(client, server, event["tick"])) is not None:
            pair.show(place)
        if order == TLS:
            for sign in shown_by(event):
                pair.show(sign)
            if event["dst_port"] not in TLS_PORTS:
                pair.show("odd_port")
        elif order == OPEN:
            for sign in event["signs"]:
                pair.show(sign)
        else:
            _took_http(pair, event)
        return pair

    def _place(self, client: str, server: str, tick: int) -> str | None:
        """Return what is odd about how a destination was found."""
        if self.names.is_dynamic(server, tick):
            return "dynamic"
        return "nameless" if self.names.is_nameless(client, server, tick) else None

    def _took_going_on(self, client: str, server: str, event: Mapping[str, Any]) -> Pair | None:
        """Note when a pair was last heard of, and how much short connections said."""
        pair = self.pairs.find(client, server)
        if pair is None or not pair.spoke:
            return None
        pair.end_ns = max(pair.end_ns, event["last"])
        pair.hear(event["said"])
        pair.sizes += event["sizes"]
        del pair.sizes[:-MOST_SIZES]
        return pair

    def _took_unknown(self, client: str, server: str, event: Mapping[str, Any]) -> Pair | None:
        """Note what a connection shows whose protocol nobody knows."""
        stream = self.streams.add(client, server, event)
        shown = _shown_by(stream)
        if not shown:
            return None
        place = self._place(client, server, event["tick"])
        if place is not None:
            shown.append(place)
        elif shown == ["kept"]:
            # By itself it is nothing: half of all programs speak protocols of their own.
            return None
        pair = self.pairs.at(client, server, stream.born)
        pair.meet(stream.born, stream.port)
        pair.end_ns = max(pair.end_ns, stream.last)
        for sign in shown:
            pair.show(sign)
        return pair

    def _open(self, window: Window) -> list[dict[str, Any]]:
        """Return orders given in the open, inside too; chat inside is a matter of the house."""
        rows = open_rows(window)
        ends = window.hosts.names([row["dst"] for row in rows])
        return [
            {**row, "order": OPEN}
            for row, server in zip(rows, ends, strict=True)
            if ("chat" not in row["signs"] or not window.hosts.is_local(server))
            and (self._only is None or row["src"] in self._only)
        ]

    def _tls(self, window: Window) -> list[dict[str, Any]]:
        """Return the TLS connections to the outside that show a sign."""
        import polars as pl

        table = window.said.get("tls")
        if table is None or table.is_empty():
            return []
        found = table.lazy().filter(
            (pl.col("service") == "tls")
            & (pl.col("established") | (pl.col("certificates") > 0))
            & (
                pl.col("sni").is_null()
                | pl.col("self_signed").fill_null(value=False)
                | ~pl.col("dst_port").is_in(TLS_PORTS)
            )
        )
        return self._outside(found.select(_SAID["tls"].split()).collect(), window, TLS)

    def _http(self, window: Window) -> list[dict[str, Any]]:
        """Return the requests to the outside that show a sign."""
        import polars as pl

        table = window.said.get("http")
        if table is None or table.is_empty():
            return []
        found = table.lazy().filter(
            (pl.col("message") != "response")
            & ~pl.col("proxied").fill_null(value=False)
            & (
                pl.col("body_kind").is_in(PROGRAMS)
                # What leads on from another page is somebody reading.
                | pl.col("referrer").is_null()
                & (
                    pl.col("address_as_host").fill_null(value=False)
                    | pl.col("agent").is_null()
                    | (pl.col("method") == "POST")
                )
            )
        )
        return self._outside(found.select(_SAID["http"].split()).collect(), window, HTTP)

    def _unknown(self, window: Window) -> list[dict[str, Any]]:
        """Return what was said to the outside over TCP in protocols that nobody knows."""
        import polars as pl

        state, out, back = pl.col("state"), pl.col("payload_out"), pl.col("payload_in")
        low, high = TEXT
        is_brief = (state & OVER != 0) & (pl.col("born") >= pl.col("tick"))
        is_push = (state & SYN_A != 0) & (back >= LEAST_PUSH) & (out == 0)
        is_text = (pl.col("entropy_bytes_out") >= LEAST_TEXT) & pl.col("entropy_out").is_between(low, high)
        is_early = (
            pl.col("dst_port").is_in(PROMISED)
            & (out >= LEAST_FALSE)
            & (back >= LEAST_FALSE)
            & (pl.col("tick") < pl.col("born") + EARLY_NS)
        )
        found = window.talks.lazy().filter(
            (pl.col("protocol") == TCP)
            & (pl.col("service").is_null() | pl.col("service").is_in(["shell", "blob"]))
            & ((out > 0) | (back > 0))
            & pl.col("sure")
            & (state & GAPS == 0)
            # What is over at once can be no more than pushed, or at the wrong port.
            & (is_early | is_push | (~is_brief & is_text))
        )
        return self._outside(found.select(STREAM_COLUMNS).collect(), window, UNKNOWN)

    def _outside(self, found: "pl.DataFrame", window: Window, order: int) -> list[dict[str, Any]]:
        """Return the rows whose server is no local host, a bounded number of each tick."""
        import polars as pl

        if self._only is not None:
            found = found.filter(pl.col("src").is_in(self._only))
        if found.is_empty():
            return []
        found = found.filter(~local_mask(found["dst"], window.hosts))
        found = found.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        return found.with_columns(pl.lit(order).alias("order")).to_dicts()

    def _going_on(self, window: Window, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return when pairs of interest were last heard of, and what short connections said."""
        import polars as pl

        servers = {event["dst"] for event in events if event["order"] != UNKNOWN}
        servers |= self._known_servers(window.hosts)
        if not servers:
            return []
        is_whole = (pl.col("state") & OVER != 0) & (pl.col("born") >= pl.col("tick"))
        return (
            window.talks.filter(
                pl.col("dst").is_in(sorted(servers))
                & (pl.col("protocol") == TCP)
                & ((pl.col("payload_out") > 0) | (pl.col("payload_in") > 0))
            )
            .group_by("tick", "src", "dst", maintain_order=True)
            .agg(
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("born").max(),
                (pl.col("payload_out") + pl.col("payload_in")).sum().alias("said"),
                pl.col("payload_out").filter(is_whole).head(MOST_SIZES).alias("sizes"),
                pl.lit(GOING_ON).alias("order"),
            )
            .filter(pl.int_range(pl.len()).over("tick") < 10 * MOST_ROWS)
            .to_dicts()
        )

    def _known_servers(self, hosts: Hosts) -> set[int]:
        """Return the numbers of the destinations of interest; each is looked up once."""
        if self._hosts is not hosts:
            self._hosts, self._numbers = hosts, {}
        names = {key.partition("|")[2] for key, pair in self.pairs.known.items() if pair.spoke}
        for name in names - self._numbers.keys():
            if (number := hosts.number(name)) is not None:
                self._numbers[name] = number
        return {self._numbers[name] for name in names if name in self._numbers}

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "names": self.names.save(),
            "streams": self.streams.save(),
            "pairs": self.pairs.save(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.names.load(state["names"])
        self.streams.load(state["streams"])
        self.pairs.load(state["pairs"])

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        self.names.merge(state["names"])
        self.streams.merge(state["streams"])
        self.pairs.merge(state["pairs"])


# Kinds of events, in the order in which those of one tick are taken.
TLS, HTTP, OPEN, UNKNOWN, GOING_ON = range(5)


def _shown_by(stream: Stream) -> list[str]:
    """Return the signs of a connection whose protocol nobody knows."""
    shown: list[str] = []
    if stream.ticks_in < LEAST_LINES and not stream.pushed and stream.port not in PROMISED:
        # Nothing else shows so early.
        return shown
    if min(stream.out, stream.back) >= LEAST_FALSE and stream.port in PROMISED:
        shown.append("false_port")
    if stream.pushed and not stream.said and not _may_be_ftp(stream.port):
        shown.append("pushed")
    if stream.is_turned and stream.port not in DELIVERED:
        shown.append("turned")
    if stream.reports and stream.port not in DELIVERED:
        shown.append("reports")
    if stream.is_kept:
        shown.append("kept")
    return shown


def _may_be_ftp(port: int) -> bool:
    """Say whether a file may have been fetched over FTP, whose data come on ports agreed upon."""
    return port >= FIRST_HIGH


def _took_http(pair: Pair, event: Mapping[str, Any]) -> None:
    """Note what a request shows."""
    if event["address_as_host"]:
        pair.show("address_host")
    if event["agent"] is None:
        pair.show("no_agent")
    if event["dst_port"] == HTTPS:
        pair.show("false_port")
    elif event["dst_port"] not in WEB_PORTS:
        pair.show("odd_port")
    if event["body_kind"] in PROGRAMS:
        pair.show("disguised" if is_disguised(event) else "program")
    if event["response_bytes"] is not None:
        pair.asked += 1
        pair.tiny += event["response_bytes"] <= TINY
    if event["method"] == "POST":
        if event["address_as_host"]:
            pair.show("address_post")
        if event["path"] != pair.path:
            pair.path, pair.posts = (event["path"] or "")[:200], []
        pair.posts.append(event["request_bytes"] or 0)
        del pair.posts[:-64]


def is_disguised(event: Mapping[str, Any]) -> bool:
    """Say whether a program came under a type or a name that promises something harmless."""
    if event["body_kind"] == "script":
        return False
    kind, path = (event["content_type"] or "").lower(), (event["path"] or "").lower()
    return kind.startswith(HARMLESS) or path.rpartition(".")[2] in HARMLESS_ENDINGS
