"""Conversations that look like a log-in which failed, by their sizes: what guessing passwords is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.records.judged import TICK_NS

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "FAMILIES",
    "LOGINS_NEED",
    "OTHER",
    "WEB",
    "Family",
    "Group",
    "Session",
    "Waiting",
    "is_refused_ssh",
    "short_sessions",
]

TCP = 6
SECOND = 1_000_000_000
# Bits of `state`: both ends said goodbye, or one hung up.
FIN_A, FIN_B, RST_ANY = 1 << 4, 1 << 5, 1 << 6 | 1 << 7
# How long after its last packet it is certain that a conversation has ended, closed properly or just silent.
CLOSED_NS, SILENT_NS = 5 * SECOND, 120 * SECOND
MOST_WAITING = 200_000
FOREVER = 1 << 62
MANY_REQUESTS = 50
# Messages of a client before its first password: greeting, offer, key, ready, service, who.
SSH_BEFORE = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A service that asks who one is, and the sizes between which a refused log-in lies on the wire.

    `said` is how few and how many messages a client sends that gets no further; `worded` says that passwords
    travel in the open, so that different ones make requests of different lengths.
    """

    name: str
    ports: tuple[int, ...]
    out: tuple[int, int]
    back: tuple[int, int]
    said: tuple[int, int]
    worded: bool = False
    sprays: bool = True


FAMILIES: tuple[Family, ...] = (
    Family(name="SSH", ports=(22, 222, 2200, 2222, 22222), out=(700, 3_400), back=(700, 4_200), said=(4, 40)),
    Family(name="Telnet", ports=(23, 2323), out=(4, 600), back=(30, 3_000), said=(1, 40), worded=True),
    Family(name="FTP", ports=(21, 2121), out=(10, 200), back=(40, 900), said=(1, 8), worded=True),
    Family(name="POP3", ports=(110,), out=(10, 160), back=(20, 400), said=(1, 6), worded=True),
    Family(name="IMAP", ports=(143,), out=(10, 200), back=(40, 900), said=(1, 6), worded=True),
    Family(
        name="SMTP",
        ports=(25, 587, 2525),
        out=(30, 350),
        back=(120, 1_200),
        said=(2, 8),
        worded=True,
        sprays=False,
    ),
    Family(name="MySQL", ports=(3306,), out=(30, 420), back=(130, 260), said=(1, 2)),
    Family(name="PostgreSQL", ports=(5432,), out=(60, 420), back=(60, 320), said=(2, 5)),
    Family(name="SQL Server", ports=(1433,), out=(150, 3_500), back=(60, 2_800), said=(1, 5)),
    Family(name="VNC", ports=(5900, 5901, 5902, 5903), out=(13, 64), back=(20, 200), said=(2, 4)),
    Family(name="RDP", ports=(3389,), out=(500, 4_500), back=(500, 6_500), said=(3, 14)),
    Family(name="SMB", ports=(139, 445), out=(300, 1_800), back=(200, 1_500), said=(2, 4)),
    Family(
        name="HTTP",
        ports=(80, 81, 3000, 5000, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090, 10000),
        out=(60, 2_500),
        back=(60, 6_000),
        said=(1, 3),
        worded=True,
        sprays=False,
    ),
    Family(name="TCP", ports=(), out=(10, 1_500), back=(10, 3_000), said=(1, 6), worded=True, sprays=False),
)
WEB, OTHER = len(FAMILIES) - 2, len(FAMILIES) - 1
# Services whose ordinary short conversations look the same, or whose log-ins are hidden in sessions too
# alike.
LEFT_OUT = (53, 88, 102, 123, 135, 179, 389, 443, 502, 636, 853, 993, 995, 1883, 2404, 3268, 5060, 5061, 8443)
LEFT_OUT_TOO = (4840, 6379, 8883, 9100, 9200, 11211, 20000, 44818)
FIRST_PRIVATE = 49_152
# What SSH says first is lists of words, in both directions: bits per byte, in 8,192ths.
WORDS = (4.2 * 8192, 5.9 * 8192)
LEAST_MEASURED = 400

LOGINS_NEED: frozenset[str] = frozenset(
    f"ended.{name}"
    for name in [
        *(
            "tick",
            "src",
            "dst",
            "dst_port",
            "src_port",
            "protocol",
            "sure",
            "state",
            "ended",
            "first",
            "last",
        ),
        *("payload_out", "payload_in", "payload_packets_out", "payload_packets_in"),
        *("entropy_out", "entropy_in", "entropy_bytes_out", "entropy_bytes_in"),
    ]
) | {"talks.tick"}


@dataclass(slots=True)
class Session:
    """One conversation that ended."""

    first: int
    last: int
    out: int
    back: int
    said: int
    heard: int


def is_refused_ssh(one: Session) -> bool:
    """Say whether an SSH conversation went as refusals do: only passwords, each answered after a while.

    A command that is let in takes a few more messages, which follow fast; a copy takes much longer.
    """
    seconds = (one.last - one.first) / SECOND
    passwords = one.said - SSH_BEFORE
    return passwords <= 2 or 1.2 * passwords <= seconds <= 4 * passwords + 14  # noqa: PLR2004  # seconds each


@dataclass(slots=True)
class Group:
    """What one client had with one service: its conversations, and which of them look refused."""

    client: str
    server: str
    port: int
    family: int
    sessions: list[Session] = field(default_factory=list)
    fits: list[bool] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what it is remembered by."""
        return f"{self.client}|{self.server}|{self.port}|{self.family}"


def short_sessions(window: Window) -> "pl.DataFrame":
    """Return conversations that ended with services that may ask for a password, and if they look refused.

    `known` is the time from which on a conversation has been told for certain, however ticks were cut.
    """
    import polars as pl

    ended = window.ended.filter(
        (pl.col("protocol") == TCP)
        & (pl.col("dst_port") < FIRST_PRIVATE)
        & ~pl.col("dst_port").is_in([*LEFT_OUT, *LEFT_OUT_TOO])
        & (pl.col("sure") | (pl.col("dst_port") <= pl.col("src_port")))
    )
    families = pl.DataFrame(
        [(port, at, *one.out, *one.back, *one.said) for at, one in enumerate(FAMILIES) for port in one.ports],
        schema={"dst_port": pl.UInt16} | dict.fromkeys(_BOUNDS, pl.UInt64),
        orient="row",
    )
    other = FAMILIES[OTHER]
    rest = dict(zip(_BOUNDS, (OTHER, *other.out, *other.back, *other.said), strict=True))
    joined = ended.join(families, on="dst_port", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(value) for name, value in rest.items()
    )
    state = pl.col("state")
    closed = (state & RST_ANY != 0) | ((state & FIN_A != 0) & (state & FIN_B != 0))
    linger = pl.when(closed).then(CLOSED_NS).otherwise(SILENT_NS)
    fits = (
        pl.col("payload_out").is_between(pl.col("out_low"), pl.col("out_high"))
        & pl.col("payload_in").is_between(pl.col("back_low"), pl.col("back_high"))
        & pl.col("payload_packets_out").is_between(pl.col("least_said"), pl.col("most_said"))
    )
    # What is asked of anybody's short conversations is only whether they are equal: those that fit are
    # enough.
    # Many requests of different length in one connection, all answered with as many bytes, are kept as well.
    requests = pl.col("payload_packets_out")
    kept_alive = (
        (pl.col("family") == WEB)
        & (requests >= MANY_REQUESTS)
        & (pl.col("payload_in") % requests == 0)
        & (pl.col("payload_out") % requests != 0)
    )
    joined = joined.filter((pl.col("family") < WEB) | fits | kept_alive)
    if joined.is_empty():
        return pl.DataFrame(schema=_schema())
    numbers = pl.concat([joined["src"], joined["dst"]]).unique()
    texts = pl.Series(window.hosts.names(numbers.to_list()), dtype=pl.String)
    return joined.select(
        pl.col("src").replace_strict(numbers, texts, return_dtype=pl.String).alias("client"),
        pl.col("dst").replace_strict(numbers, texts, return_dtype=pl.String).alias("server"),
        pl.col("dst_port").alias("port"),
        pl.col("src_port"),
        pl.when(_is_wordy()).then(0).otherwise(pl.col("family")).cast(pl.UInt8).alias("family"),
        fits.alias("fits"),
        pl.col("first").cast(pl.Int64),
        pl.col("last").cast(pl.Int64),
        pl.col("payload_out").cast(pl.Int64).alias("out"),
        pl.col("payload_in").cast(pl.Int64).alias("back"),
        pl.col("payload_packets_out").cast(pl.Int64).alias("said"),
        pl.col("payload_packets_in").cast(pl.Int64).alias("heard"),
        ((pl.col("last").cast(pl.Int64) + linger) // TICK_NS * TICK_NS + 2 * TICK_NS).alias("known"),
    )


_BOUNDS = ("family", "out_low", "out_high", "back_low", "back_high", "least_said", "most_said")


def _is_wordy() -> "pl.Expr":
    """Return whether both ends begin as SSH does, on a port of nobody's."""
    import polars as pl

    ssh = FAMILIES[0]
    return (
        (pl.col("family") == OTHER)
        & pl.col("entropy_out").is_between(*WORDS)
        & pl.col("entropy_in").is_between(*WORDS)
        & (pl.col("entropy_bytes_out") >= LEAST_MEASURED)
        & (pl.col("entropy_bytes_in") >= LEAST_MEASURED)
        & pl.col("payload_out").is_between(*ssh.out)
        & pl.col("payload_in").is_between(*ssh.back)
        & (pl.col("payload_packets_out") >= 5)  # noqa: PLR2004  # banner, offer, key, ready, who
    )


_ORDER = (
    "known",
    "client",
    "server",
    "port",
    "family",
    "fits",
    "first",
    "last",
    "out",
    "back",
    "said",
    "heard",
)


class Waiting:
    """Conversations that wait until it is certain that all which ended before them are known too.

    When a conversation is told depends on how ticks are cut; by the time it is let out it no longer does.
    """

    def __init__(self, families: Sequence[int]) -> None:
        self.families = list(families)
        self.rows: pl.DataFrame | None = None
        self.latest_ns = 0

    def pass_through(self, window: Window) -> Iterator[tuple[int, list["Group"]]]:
        """Take what a window tells; yield times of judgement, and the conversations known by then."""
        import polars as pl

        told = window.view(short_sessions)
        told = told.filter(pl.col("family").is_in(self.families))
        if not window.talks.is_empty():
            self.latest_ns = max(self.latest_ns, int(window.talks["tick"][-1]))
        rows = told if self.rows is None else pl.concat([self.rows, told])
        if rows.is_empty():
            return
        ready = pl.col("known") <= window.end_ns
        self.rows = rows.filter(~ready).tail(MOST_WAITING)
        out = rows.filter(ready).sort("known", "last", "first", "client", "src_port")
        for known, part in groupby(out.select(_ORDER).iter_rows(), key=lambda row: int(row[0])):
            groups: dict[tuple[str, str, int, int], Group] = {}
            for _, client, server, port, family, fits, *sizes in part:
                key = (client, server, port, family)
                group = groups.get(key)
                if group is None:
                    group = groups[key] = Group(client, server, port, family)
                group.sessions.append(Session(*sizes))
                group.fits.append(fits)
            # At the very end all is known at once.
            is_end = window.end_ns >= FOREVER
            yield min(known, self.latest_ns + TICK_NS) if is_end else known, list(groups.values())

    def save(self) -> dict[str, Any]:
        """Return what waits as plain values."""
        rows = {} if self.rows is None else self.rows.to_dict(as_series=False)
        return {"rows": rows, "latest_ns": self.latest_ns}

    def load(self, state: Mapping[str, Any]) -> None:
        """Let these wait, and nothing else."""
        self.rows, self.latest_ns = _frame(state["rows"]), state["latest_ns"]

    def merge(self, state: Mapping[str, Any]) -> None:
        """Let these wait too."""
        import polars as pl

        both = [one for one in (self.rows, _frame(state["rows"])) if one is not None]
        self.rows = pl.concat(both).tail(MOST_WAITING) if both else None
        self.latest_ns = max(self.latest_ns, state["latest_ns"])


def _frame(rows: Mapping[str, list[Any]]) -> "pl.DataFrame | None":
    import polars as pl

    return pl.DataFrame(rows, schema=_schema()) if rows else None


def _schema() -> "dict[str, type[pl.DataType]]":
    """Return the columns of `short_sessions`."""
    import polars as pl

    numbers = ("first", "last", "out", "back", "said", "heard", "known")
    return {
        "client": pl.String,
        "server": pl.String,
        "port": pl.UInt16,
        "src_port": pl.UInt16,
        "family": pl.UInt8,
        "fits": pl.Boolean,
    } | dict.fromkeys(numbers, pl.Int64)
