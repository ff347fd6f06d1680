"""Answers that rival with others: a second and different one to a question, or many without a question."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from oddwire.base.window import Window
from oddwire.features.asked_rows import plain_questions

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RIVAL_NEED", "Rival", "Rivals", "Unasked", "plain_answers"]

RIVAL_NEED = frozenset(
    f"dns.{name}"
    for name in (
        "tick",
        "src",
        "dst",
        "src_port",
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
        "ttl_min",
        "latency_ns",
        "tries",
        "answer_bytes",
    )
)
# A forged answer must come about when the true one does.
RACE_NS = 3_000_000_000
HELD_TICKS_NS = 10_000_000_000
MOST_HELD = 5_000
LEAST_FLOOD, MOST_SENDERS, MOST_BYTES = 50, 8, 600
ONE_ZONE, UNLIKE = 0.8, 0.5
QUESTION = ("client", "server", "src_port", "transaction", "name", "query_type")
HELD = (*QUESTION, "tick", "answered_ns", "answers", "ttl_min", "tries", "first")


ORDER = ("tick", "answered_ns", "name", "transaction", "src_port")


_READ = (
    *("tick", "src", "dst", "src_port", "first", "message", "transaction", "query", "query_type", "domain"),
    *("answers", "ttl_min", "latency_ns", "tries", "answer_bytes"),
)


class Rival(NamedTuple):
    """A second answer to one question that says something else than the first."""

    tick: int
    client: str
    server: str
    port: int
    name: str
    time_ns: int
    last_ns: int
    one: str
    other: str


class Unasked(NamedTuple):
    """Many answers in a tick that a host did not ask for, with ever other transactions, about one domain."""

    tick: int
    client: str
    server: str
    domain: str
    answers: int
    transactions: int
    senders: int
    time_ns: int
    last_ns: int


def plain_answers(window: Window) -> "pl.DataFrame | None":
    """Return what name servers were asked and answered."""
    import polars as pl

    rows = window.view(plain_questions)
    if rows.is_empty():
        return None
    return rows.select(_READ).with_columns(
        pl.col("query").str.to_lowercase().alias("name"),
        (pl.col("first") + pl.col("latency_ns").fill_null(0)).alias("answered_ns"),
    )


def _named(rows: "pl.DataFrame", window: Window) -> "pl.DataFrame":
    """Add the addresses of both ends as text."""
    import polars as pl

    numbers = pl.concat([rows["src"], rows["dst"]]).unique()
    known = pl.DataFrame(
        {"number": numbers, "text": window.hosts.names(numbers.to_list())},
        schema={"number": numbers.dtype, "text": pl.String},
    )
    for column, text in (("src", "client"), ("dst", "server")):
        named = known.rename({"number": column, "text": text})
        rows = rows.join(named, on=column, how="left", maintain_order="left")
    return rows


class Rivals:
    """Holds the answers of the last seconds beside later ones."""

    def __init__(self) -> None:
        self.held: list[list[Any]] = []

    def compare(self, rows: "pl.DataFrame", window: Window) -> tuple[list[Rival], list[Unasked]]:
        """Return the second answers of these rows, and the answers that nobody asked for in numbers."""
        import polars as pl

        late = rows.filter(pl.col("message") == "response").sort(*ORDER, maintain_order=True)
        found: list[Rival] = []
        floods: list[Unasked] = []
        if not late.is_empty():
            exchanged = (pl.col("message") == "exchange") & pl.col("answers").is_not_null()
            told = (
                rows.filter(exchanged)
                .join(late, on=["src", "dst", "src_port", "transaction"], how="semi", maintain_order="left")
                .sort(*ORDER, maintain_order=True)
            )
            told = _named(told, window).select(HELD)
            if self.held:
                told = pl.concat([pl.DataFrame(self.held, schema=told.schema, orient="row"), told])
            pairs = (
                _named(late, window)
                .select(pl.all().exclude("tries"))
                .join(told, on=QUESTION, how="left", suffix="_told", maintain_order="left_right")
            )
            found = list(self._rivals(pairs))
            floods = list(_floods(pairs)) if late.height >= LEAST_FLOOD else []
        self._hold(rows, window)
        return found, floods

    def _rivals(self, pairs: "pl.DataFrame") -> Iterator[Rival]:
        import polars as pl

        gap = pl.col("answered_ns").cast(pl.Int64) - pl.col("answered_ns_told").cast(pl.Int64)
        raced = pairs.filter(
            pl.col("answers_told").is_not_null()
            & pl.col("answers").is_not_null()
            & gap.is_between(0, RACE_NS)
            & (pl.col("tries") <= 1)
            & pl.col("query_type").is_in(["A", "AAAA"])
            & (pl.col("answers") != pl.col("answers_told"))
        )
        for row in raced.iter_rows(named=True):
            one, other = (set(row[name].split(",")) for name in ("answers_told", "answers"))
            if one.isdisjoint(other):
                yield Rival(
                    row["tick"],
                    row["client"],
                    row["server"],
                    row["src_port"],
                    row["name"],
                    row["first_told"],
                    row["answered_ns"],
                    row["answers_told"],
                    row["answers"],
                )

    def _hold(self, rows: "pl.DataFrame", window: Window) -> None:
        """Hold the answers of the last two ticks."""
        import polars as pl

        last = int(rows["tick"][-1])
        kept = rows.filter(
            (pl.col("message") == "exchange")
            & pl.col("answers").is_not_null()
            & pl.col("query_type").is_in(["A", "AAAA"])
            & (pl.col("tick").cast(pl.Int64) > last - HELD_TICKS_NS)
        ).sort(*ORDER, maintain_order=True)
        tick = HELD.index("tick")
        before = [row for row in self.held if row[tick] > last - HELD_TICKS_NS]
        self.held = [*before, *map(list, _named(kept, window).select(HELD).rows())][-MOST_HELD:]

    def merge(self, held: list[list[Any]]) -> None:
        """Hold also what another held."""
        tick = HELD.index("tick")
        self.held = sorted([*self.held, *map(list, held)], key=lambda row: (row[tick], str(row)))[-MOST_HELD:]


def _floods(pairs: "pl.DataFrame") -> Iterator[Unasked]:
    """Yield answers to no question, where they are many: copies of answered ones are none."""
    import polars as pl

    grouped = (
        pairs.filter(pl.col("answered_ns_told").is_null() & pl.col("domain").is_not_null())
        .group_by("tick", "client", "domain", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("transaction").n_unique().alias("transactions"),
            pl.col("server").n_unique().alias("senders"),
            pl.col("server").mode().sort().first().alias("server"),
            pl.col("answered_ns").min().alias("first"),
            pl.col("answered_ns").max().alias("last"),
            pl.col("answer_bytes").mean().alias("bytes"),
        )
        .filter(
            (pl.col("count") >= LEAST_FLOOD)
            & (pl.col("senders") <= MOST_SENDERS)
            & (pl.col("bytes") <= MOST_BYTES)
            & (pl.col("transactions") >= UNLIKE * pl.col("count"))
        )
    )
    for row in grouped.iter_rows(named=True):
        yield Unasked(
            row["tick"],
            row["client"],
            row["server"],
            row["domain"],
            row["count"],
            row["transactions"],
            row["senders"],
            row["first"],
            row["last"],
        )
