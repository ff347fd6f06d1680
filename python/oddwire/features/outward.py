"""What hosts say to other networks, row by row: connections, exchanges, requests, and their manner."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from oddwire.base.window import Hosts, Window
from oddwire.features.seen import Locals

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BEGINNING_NS", "OUTWARD_NEED", "Named", "Outward", "Row"]

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
ADDRESS = r"^([0-9]+\.){3}[0-9]+$|:"
# A request so long after its connection began was made in one that was kept.
KEPT_NS = 2_000_000_000
# What a connection exchanges so early belongs to its beginning; from such an age on it is one that is kept.
BEGINNING_NS, LONG_NS = 10_000_000_000, 300_000_000_000
MOST_NAMED = 65_536

_TALKS = """
    tick src dst src_port dst_port protocol service born first last payload_out payload_in syn_out
"""
_FLOW = "tick src dst src_port dst_port born first"
_TLS = f"{_FLOW} sni resumed self_signed"
_HTTP = f"""
    {_FLOW} method host path query_bytes status agent referrer request_bytes response_bytes cookies proxied
    address_as_host
"""
OUTWARD_NEED = frozenset(
    [
        *(f"talks.{name}" for name in _TALKS.split()),
        *(f"tls.{name}" for name in _TLS.split()),
        *(f"http.{name}" for name in _HTTP.split()),
        *(f"dns.{name}" for name in ("tick", "src", "answers")),
    ]
)


class Row(NamedTuple):
    """What one flow did in one tick, one request, or (`way` is `sign`) only marks of the manner of a flow."""

    key: str
    tick: int
    src: str
    dst: str
    dst_port: int
    way: str
    src_port: int
    born: int
    first: int
    last: int
    out: int
    back: int
    is_fresh: bool
    is_heard: bool
    # Whether the destination is in another of our own networks.
    is_inner: bool
    service: str | None
    mark: str


class Outward:
    """Makes the rows; remembers only, as a note to itself, which numbers are local hosts."""

    def __init__(self) -> None:
        self._locals = Locals()

    def rows(self, window: Window) -> "pl.DataFrame | None":
        """Return what was said to other networks, in the order of ticks; None where nothing was."""
        import polars as pl

        parts = [
            *self._talks(window),
            *self._tls(window),
            *self._http(window),
        ]
        if not parts:
            return None
        rows = pl.concat(parts)
        return rows.with_columns(
            pl.format("{}|{}|{}|{}", "src", "dst", "dst_port", pl.col("way").str.replace("^sign ", "")).alias(
                "key"
            ),
            pl.col("way").str.replace("^sign .*", "sign"),
        ).select(self.frame([]).columns)

    @staticmethod
    def frame(rows: Iterable[Iterable[Any]]) -> "pl.DataFrame":
        """Return rows, as they were saved, as a table."""
        import polars as pl

        return pl.DataFrame([tuple(row) for row in rows], schema=_schema(), orient="row")

    def _talks(self, window: Window) -> "list[pl.DataFrame]":
        import polars as pl

        is_new = pl.col("first") == pl.col("born")
        is_tcp = pl.col("protocol") == TCP
        is_fresh = pl.when(is_tcp).then(is_new & (pl.col("syn_out") > 0)).otherwise(is_new)
        age = pl.col("first").cast(pl.Int64) - pl.col("born").cast(pl.Int64)
        has_payload = pl.col("payload_out") + pl.col("payload_in") > 0
        rows = window.talks.filter(
            (is_tcp | (pl.col("protocol") == UDP))
            & (is_fresh | (has_payload & ((age <= BEGINNING_NS) | (age > LONG_NS))))
            & ~pl.col("dst_port").is_in(STEADY_PORTS)
            & ~pl.col("service").is_in(_STEADY.split()).fill_null(value=False)
        )
        return self._made(
            rows,
            window.hosts,
            way=pl.when(is_tcp).then(pl.lit("tcp")).otherwise(pl.lit("udp")),
            last=pl.col("last"),
            out=pl.col("payload_out"),
            back=pl.col("payload_in"),
            is_fresh=is_fresh,
            is_heard=pl.col("payload_in") > 0,
            service=pl.col("service"),
            mark=pl.lit(""),
        )

    def _tls(self, window: Window) -> "list[pl.DataFrame]":
        import polars as pl

        rows = window.said["tls"]
        mark = pl.concat_str(
            pl.lit("hello,"),
            pl.when(pl.col("resumed").fill_null(value=False)).then(pl.lit("resumed,")).otherwise(pl.lit("")),
            pl.when(pl.col("self_signed").fill_null(value=False))
            .then(pl.lit("self-signed,"))
            .otherwise(pl.lit("")),
            pl.when(pl.col("sni").is_not_null()).then(pl.lit("named,")).otherwise(pl.lit("")),
        )
        return self._made(rows, window.hosts, way=pl.lit("sign tcp"), mark=mark, **_nothing())

    def _http(self, window: Window) -> "list[pl.DataFrame]":
        import polars as pl

        rows = window.said["http"].filter(pl.col("method").is_not_null())
        if rows.is_empty():
            return []

        def sign(condition: "pl.Expr", word: str) -> "pl.Expr":
            found = pl.when(condition.fill_null(value=False))
            return found.then(pl.lit(word + ",")).otherwise(pl.lit(""))

        proxied = pl.col("proxied").fill_null(value=False)
        sent = pl.col("request_bytes").fill_null(0) + pl.col("query_bytes").fill_null(0)
        mark = pl.concat_str(
            pl.lit("request,"),
            sign(pl.col("method") == "POST", "post"),
            sign(proxied, "proxied"),
            sign(sent > 0, "tells"),
            sign(pl.col("cookies") > 0, "cookie"),
            sign(pl.col("referrer").is_not_null(), "referrer"),
            sign(pl.col("status") == 204, "nothing"),  # noqa: PLR2004  # no content
            sign(pl.col("address_as_host"), "address"),
        )
        signs = self._made(
            rows.filter(~proxied), window.hosts, way=pl.lit("sign tcp"), mark=mark, **_nothing()
        )
        late = (pl.col("first").cast(pl.Int64) - pl.col("born").cast(pl.Int64)) > KEPT_NS
        requests = self._made(
            rows.filter(proxied | late),
            window.hosts,
            asked=pl.when(proxied).then(pl.col("host")),
            way=pl.lit("http"),
            last=pl.col("first"),
            out=sent,
            back=pl.col("response_bytes").fill_null(0),
            is_fresh=pl.lit(value=True),
            is_heard=pl.col("status").is_not_null(),
            service=pl.lit("http"),
            mark=mark,
        )
        return signs + requests

    def _made(
        self,
        rows: "pl.DataFrame",
        hosts: Hosts,
        *,
        asked: "pl.Expr | None" = None,
        **columns: "pl.Expr",
    ) -> "list[pl.DataFrame]":
        """Return the rows that lead from our hosts to another network, with names in place of numbers."""
        import polars as pl

        if rows.is_empty():
            return []
        src, dst = (self._locals.mask(rows[name], hosts) for name in ("src", "dst"))
        if asked is None:
            # What comes from outside to us is no contact of ours.
            keep = src | ~dst
            rows, src, dst = rows.filter(keep), src.filter(keep), dst.filter(keep)
        if rows.is_empty():
            return []
        schema = _schema()
        numbers = pl.concat([rows["src"], rows["dst"]]).unique()
        names = pl.DataFrame({"number": numbers, "name": hosts.names(numbers.to_list())})
        made = rows.select(
            pl.col("tick").cast(pl.Int64),
            "src",
            "dst",
            (pl.lit(None, dtype=pl.String) if asked is None else asked).alias("asked"),
            *(pl.col(name).cast(pl.Int64) for name in ("dst_port", "src_port", "born", "first")),
            *(expression.cast(schema[name]).alias(name) for name, expression in columns.items()),
        ).with_columns(is_crossing=src & ~dst, is_inner=dst)
        for end in ("src", "dst"):
            made = made.join(
                names.rename({"number": end, "name": f"{end}_name"}),
                on=end,
                how="left",
                maintain_order="left",
            )
        made = made.with_columns(
            pl.col("src_name").alias("src"), pl.coalesce("asked", "dst_name").alias("dst")
        ).filter(~pl.col("dst").str.contains(GROUPS) & (pl.col("src") != "unnamed"))
        elsewhere = (pl.col("asked").is_not_null() & ~pl.col("asked").str.contains(PRIVATE)) | _network(
            "src"
        ).ne_missing(_network("dst"))
        return [
            made.filter(pl.col("is_crossing") | elsewhere).select(name for name in schema if name != "key")
        ]


def _schema() -> "dict[str, pl.DataType]":
    """Return the types of the columns of rows."""
    import polars as pl

    types: dict[Any, pl.DataType] = {int: pl.Int64(), bool: pl.Boolean()}
    return {name: types.get(kind, pl.String()) for name, kind in Row.__annotations__.items()}


def _nothing() -> dict[str, "pl.Expr"]:
    """Return the columns of a row that only bears a sign."""
    import polars as pl

    return {
        "last": pl.col("first"),
        "out": pl.lit(0),
        "back": pl.lit(0),
        "is_fresh": pl.lit(value=False),
        "is_heard": pl.lit(value=False),
        "service": pl.lit(None, dtype=pl.String),
    }


def _network(end: str) -> "pl.Expr":
    import polars as pl

    return pl.coalesce(pl.col(end).str.extract(NETWORK4), pl.col(end).str.extract(NETWORK6), pl.col(end))


class Named:
    """Addresses that a name stood for, and hosts that asked for names, with the tick of the first."""

    def __init__(self, *, most: int = MOST_NAMED) -> None:
        self.most = most
        self.addresses: dict[str, int] = {}
        self.askers: dict[str, int] = {}

    def see(self, window: Window) -> None:
        """Note what the answers of a window say."""
        import polars as pl

        rows = window.said["dns"].filter(pl.col("answers").is_not_null())
        if rows.is_empty():
            return
        told = (
            rows.lazy()
            .select("tick", pl.col("answers").str.split(","))
            .unique("answers", keep="first", maintain_order=True)
            .explode("answers")
            .filter(pl.col("answers").str.contains(ADDRESS))
            .unique("answers", keep="first", maintain_order=True)
            .collect()
        )
        for tick, address in told.iter_rows():
            _note(self.addresses, address, tick, self.most)
        asked = rows.unique("src", keep="first", maintain_order=True).select("src", "tick").rows()
        names = window.hosts.names([number for number, _ in asked])
        for (_, tick), name in zip(asked, names, strict=True):
            _note(self.askers, name, tick, self.most)

    def is_named(self, address: str, tick: int) -> bool:
        """Say whether a name was known for an address by a tick."""
        return self.addresses.get(address, tick + 1) <= tick

    def asks(self, host: str, tick: int) -> bool:
        """Say whether a host had asked for names by a tick."""
        return self.askers.get(host, tick + 1) <= tick

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"addresses": dict(self.addresses), "askers": dict(self.askers)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.addresses, self.askers = dict(state["addresses"]), dict(state["askers"])

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for mine, theirs in ((self.addresses, state["addresses"]), (self.askers, state["askers"])):
            for name, tick in theirs.items():
                mine[name] = min(tick, mine.get(name, tick))
            for name in list(mine)[: max(len(mine) - self.most, 0)]:
                del mine[name]


def _note(known: dict[str, int], name: str, tick: int, most: int) -> None:
    if name not in known:
        if len(known) >= most:
            del known[next(iter(known))]
        known[name] = tick
