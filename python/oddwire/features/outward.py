"""What hosts say to other networks, row by row: connections, exchanges, requests, and their manner."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from oddwire.base.window import Hosts, Window
from oddwire.features.seen import local_mask

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "BEGINNING_NS",
    "OUTWARD_NEED",
    "Row",
    "contact_times",
    "couple",
    "frame",
    "named",
    "outward_rows",
    "unnamed",
]

TCP, UDP = 6, 17
# What keeps a beat by its nature, told by content.
_STEADY = """
    dns mdns llmnr nbns ntp dhcp dhcpv6 ssdp snmp stun turn mqtt sip rtp rtcp quic igmp bgp radius
    syslog netbios coap wireguard openvpn ipsec isakmp ike bittorrent rtsp xmpp teredo gtp modbus
    dnp3
"""
# Where mail, names, messages, files, calls and remote desktops keep a beat of their own.
STEADY_PORTS = frozenset(
    {21, 22, 25, 53, 110, 119, 123, 143, 161, 465, 514, 587, 853, 873, 993, 995, 1194, 1883, 3389, 3478}
    | {4500, 5060, 5061, 5222, 5223, 5228, 5229, 5230, 5269, 5349, 5900, 5938, 6568, 8883, 51820}
)
GROUPS = r"^(22[4-9]|23\d|255)\.|^ff|^0\.0\.0\.0$|^::$|\.255$|^unnamed$"
# Hosts whose addresses begin alike are one network.
NETWORK4, NETWORK6 = r"^(\d+\.\d+)\.", r"^([0-9a-f]*:[0-9a-f]*:[0-9a-f]*:[0-9a-f]*:)"
PRIVATE = r"^(10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\."
# A request so long after its connection began was made in one that was kept.
KEPT_NS = 2_000_000_000
# What a connection exchanges so early belongs to its beginning; from such an age on it is one that is kept.
BEGINNING_NS, LONG_NS = 10_000_000_000, 300_000_000_000
NO_CONTENT = 204

_TALKS = """
    tick src dst src_port dst_port protocol service born first last payload_out payload_in syn_out
"""
_FLOW = "tick src dst src_port dst_port born first"
_TLS = f"{_FLOW} sni resumed self_signed"
_HTTP = f"""
    {_FLOW} method host path query_bytes status agent referrer request_bytes response_bytes cookies proxied
    address_as_host
"""
# The columns of rows by numbers.
_NUMBERED = """
    src dst tick dst_port src_port born first last asked out back is_contact is_fresh is_heard service mark
    way couple
"""
OUTWARD_NEED = frozenset(
    [
        *(f"talks.{name}" for name in _TALKS.split()),
        *(f"tls.{name}" for name in _TLS.split()),
        *(f"http.{name}" for name in _HTTP.split()),
    ]
)


class Row(NamedTuple):
    """What one flow did in one tick, one request, or (`way` is `sign`) only marks of the manner of a flow."""

    key: str
    tick: int
    src: str
    dst: str
    # The address spoken to, which is the proxy's where there is one.
    via: str
    dst_port: int
    way: str
    src_port: int
    born: int
    first: int
    last: int
    out: int
    back: int
    # Whether it is a contact by itself: a new connection, a request, an exchange in one that is kept.
    is_contact: bool
    is_fresh: bool
    is_heard: bool
    # Whether the destination is in another of our own networks.
    is_inner: bool
    service: str | None
    mark: str


def couple() -> "pl.Expr":
    """Return the numbers of two hosts as one."""
    import polars as pl

    return (pl.col("src").cast(pl.UInt64) * 2**32 + pl.col("dst")).alias("couple")


def contact_times(window: Window) -> "pl.LazyFrame":
    """Return the couple of hosts and the tick of each contact."""
    import polars as pl

    masks = _masks()
    talks = window.talks.lazy().filter(masks.is_spoken & masks.is_contact)
    http = window.said["http"].lazy().filter(pl.col("method").is_not_null() & (_is_proxied() | _is_late()))
    return pl.concat([part.select(couple(), pl.col("tick").cast(pl.Int64)) for part in (talks, http)])


def outward_rows(window: Window, ready: "pl.Series") -> "pl.DataFrame":
    """Return what hosts said to each other, by numbers and in the order of ticks.

    Of couples that are not ready only contacts, and certificates signed by themselves.
    """
    import polars as pl

    is_ready = couple().is_in(ready.implode())
    parts = (
        _talks(window.talks.lazy(), is_ready),
        _hellos(window.said["tls"].lazy().filter(is_ready | pl.col("self_signed"))),
        *_requests(window.said["http"].lazy(), is_ready),
    )
    return pl.concat(parts).with_columns(couple()).select(_NUMBERED.split()).collect()


def named(rows: "pl.DataFrame", hosts: Hosts) -> "pl.DataFrame":
    """Return those of the rows, with a `place`, that were said to other networks, as `Row`."""
    import polars as pl

    ends = _ends(pl.concat([rows["src"], rows["dst"]]).unique(), hosts)
    found = rows.lazy()
    for end in ("src", "dst"):
        told = ends.select(pl.all().name.prefix(f"{end}_")).rename({f"{end}_number": end})
        found = found.join(told.lazy(), on=end, how="left", maintain_order="left")
    asked = pl.col("asked")
    is_inner = pl.when(asked.is_null()).then(pl.col("dst_local")).otherwise(asked.str.contains(PRIVATE))
    # What comes from outside to us is no contact of ours, and what stays in a network is none outward.
    is_direct = ~pl.col("dst_group") & (
        (pl.col("src_local") & ~pl.col("dst_local"))
        | ((pl.col("src_local") == pl.col("dst_local")) & pl.col("src_net").ne(pl.col("dst_net")))
    )
    return (
        found.filter(~pl.col("src_group") & pl.when(asked.is_null()).then(is_direct).otherwise(~is_inner))
        .with_columns(
            src=pl.col("src_name"),
            dst=pl.coalesce("asked", "dst_name"),
            via=pl.col("dst_name"),
            is_inner=is_inner,
        )
        .with_columns(
            key=pl.concat_str(
                "src", "dst", "dst_port", pl.col("way").str.strip_prefix("sign "), separator="|"
            ),
            way=pl.when(pl.col("way") == "sign tcp").then(pl.lit("sign")).otherwise(pl.col("way")),
        )
        .select(*_schema(), "place")
        .collect()
    )


def unnamed(rows: "pl.DataFrame", couples: "pl.DataFrame") -> "pl.DataFrame":
    """Return those of named rows whose hosts are among couples, by their numbers again."""
    import polars as pl

    return (
        rows.rename({"src": "src_name", "via": "dst_name"})
        .join(couples, on=["src_name", "dst_name"], how="inner", suffix="_number", maintain_order="left")
        .with_columns(
            asked=pl.when(pl.col("dst") != pl.col("dst_name")).then(pl.col("dst")),
            dst=pl.col("dst_number"),
            way=pl.when(pl.col("way") == "sign").then(pl.lit("sign tcp")).otherwise(pl.col("way")),
        )
        .select(_NUMBERED.split())
    )


def frame(rows: Iterable[Iterable[Any]]) -> "pl.DataFrame":
    """Return rows, as they were saved, as a table."""
    import polars as pl

    return pl.DataFrame([tuple(row) for row in rows], schema=_schema(), orient="row")


def _ends(numbers: "pl.Series", hosts: Hosts) -> "pl.DataFrame":
    """Return the hosts of these numbers: name, network, whether local, and whether no host at all."""
    import polars as pl

    if numbers.is_empty():
        names, local = pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.Boolean)
    else:
        names = pl.Series(hosts.names(numbers.to_list()), dtype=pl.String)
        local = local_mask(numbers, hosts)
    table = pl.DataFrame({"number": numbers, "name": names, "local": local})
    name = pl.col("name")
    return table.with_columns(
        group=name.str.contains(GROUPS),
        net=pl.coalesce(name.str.extract(NETWORK4), name.str.extract(NETWORK6), name),
    )


class _Masks(NamedTuple):
    """Which rows of talks are new connections, count as contacts, or belong to one, and are looked at."""

    is_fresh: "pl.Expr"
    is_contact: "pl.Expr"
    is_spoken: "pl.Expr"


def _masks() -> _Masks:
    """Return new connections, and exchanges in those that are kept; of datagrams only what is new."""
    import polars as pl

    is_tcp = pl.col("protocol") == TCP
    is_fresh = (pl.col("first") == pl.col("born")) & ((pl.col("syn_out") > 0) | ~is_tcp)
    age = pl.col("first").cast(pl.Int64) - pl.col("born").cast(pl.Int64)
    has_payload = pl.col("payload_out") + pl.col("payload_in") > 0
    is_kept = has_payload & ((age <= BEGINNING_NS) | (is_tcp & (age > LONG_NS)))
    is_spoken = (
        (is_tcp | (pl.col("protocol") == UDP))
        & (is_fresh | is_kept)
        & ~pl.col("dst_port").is_in(STEADY_PORTS)
        & ~pl.col("service").is_in(_STEADY.split()).fill_null(value=False)
    )
    return _Masks(is_fresh, is_fresh | (age > LONG_NS), is_spoken)


def _talks(talks: "pl.LazyFrame", is_ready: "pl.Expr") -> "pl.LazyFrame":
    """Return what was exchanged."""
    import polars as pl

    masks = _masks()
    return _made(
        talks.filter(masks.is_spoken & (masks.is_contact | is_ready)),
        way=pl.when(pl.col("protocol") == TCP).then(pl.lit("tcp")).otherwise(pl.lit("udp")),
        last=pl.col("last"),
        out=pl.col("payload_out"),
        back=pl.col("payload_in"),
        is_contact=masks.is_contact,
        is_fresh=masks.is_fresh,
        is_heard=pl.col("payload_in") > 0,
        service=pl.col("service"),
    )


def _hellos(tls: "pl.LazyFrame") -> "pl.LazyFrame":
    """Return the signs of handshakes."""
    import polars as pl

    mark = pl.concat_str(
        pl.lit("hello,"),
        _sign(pl.col("resumed"), "resumed"),
        _sign(pl.col("self_signed"), "self-signed"),
        _sign(pl.col("sni").is_not_null(), "named"),
    )
    return _made(tls, way=pl.lit("sign tcp"), mark=mark)


def _requests(http: "pl.LazyFrame", is_ready: "pl.Expr") -> "tuple[pl.LazyFrame, pl.LazyFrame]":
    """Return the signs of requests, and requests over a proxy or late in a connection that was kept."""
    import polars as pl

    rows = http.filter(pl.col("method").is_not_null())
    proxied = _is_proxied()
    sent = pl.col("request_bytes").fill_null(0) + pl.col("query_bytes").fill_null(0)
    mark = pl.concat_str(
        pl.lit("request,"),
        _sign(pl.col("method") == "POST", "post"),
        _sign(proxied, "proxied"),
        _sign(sent > 0, "tells"),
        _sign(pl.col("cookies") > 0, "cookie"),
        _sign(pl.col("referrer").is_not_null(), "referrer"),
        _sign(pl.col("status") == NO_CONTENT, "nothing"),
        _sign(pl.col("address_as_host"), "address"),
    )
    return (
        _made(rows.filter(~proxied & is_ready), way=pl.lit("sign tcp"), mark=mark),
        _made(
            rows.filter(proxied | _is_late()),
            asked=pl.when(proxied).then(pl.col("host")),
            way=pl.lit("http"),
            out=sent,
            back=pl.col("response_bytes").fill_null(0),
            is_contact=pl.lit(value=True),
            is_fresh=pl.lit(value=True),
            is_heard=pl.col("status").is_not_null(),
            service=pl.lit("http"),
            mark=mark,
        ),
    )


def _is_proxied() -> "pl.Expr":
    import polars as pl

    return pl.col("proxied").fill_null(value=False)


def _is_late() -> "pl.Expr":
    """Return whether requests were made late in a connection that was kept."""
    import polars as pl

    return (pl.col("first").cast(pl.Int64) - pl.col("born").cast(pl.Int64)) > KEPT_NS


def _sign(condition: "pl.Expr", word: str) -> "pl.Expr":
    """Return a word where a condition holds."""
    import polars as pl

    return pl.when(condition.fill_null(value=False)).then(pl.lit(word + ",")).otherwise(pl.lit(""))


def _made(rows: "pl.LazyFrame", **columns: "pl.Expr") -> "pl.LazyFrame":
    """Return rows of one form; what is not given is nothing."""
    import polars as pl

    schema = _schema()
    usual = {
        "last": pl.col("first"),
        "asked": pl.lit(None, dtype=pl.String),
        "out": pl.lit(0),
        "back": pl.lit(0),
        "is_contact": pl.lit(value=False),
        "is_fresh": pl.lit(value=False),
        "is_heard": pl.lit(value=False),
        "service": pl.lit(None, dtype=pl.String),
        "mark": pl.lit(""),
    }
    told = {**usual, **columns}
    return rows.select(
        "src",
        "dst",
        *(pl.col(name).cast(pl.Int64) for name in ("tick", "dst_port", "src_port", "born", "first")),
        *(expression.cast(schema.get(name, pl.String())).alias(name) for name, expression in told.items()),
    )


def _schema() -> "dict[str, pl.DataType]":
    """Return the types of the columns of rows."""
    import polars as pl

    types: dict[Any, pl.DataType] = {int: pl.Int64(), bool: pl.Boolean()}
    return {name: types.get(kind, pl.String()) for name, kind in Row.__annotations__.items()}
