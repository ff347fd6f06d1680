"""Rows that wait: of hosts that turned to each other seldom so far, by the numbers of this run.

Most couples of hosts never get further, and are never named.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Hosts, Window
from oddwire.features.outward import contact_times, couple, frame, named, outward_rows, unnamed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RARE", "WORTHWHILE", "WORTHWHILE_TICKS", "Waiting", "worthwhile"]

# So many contacts make a couple worth a look, when they are not all of one visit.
WORTHWHILE, WORTHWHILE_TICKS = 6, 3
MOST_WAITING = 32_768
# Couples that are known by their numbers; of too many all are found again by name.
MOST_COUPLES = 65_536
# A certificate is shown once, when sessions are resumed.
RARE = "self-signed"


def worthwhile(of: str) -> "pl.Expr":
    """Return whether there are enough contacts with the same in this column."""
    import polars as pl

    ticks = pl.col("tick").filter("is_contact")
    return (ticks.len().over(of) >= WORTHWHILE) & (ticks.n_unique().over(of) >= WORTHWHILE_TICKS)


class Waiting:
    """Rows by numbers; those remembered from another run by name, until their hosts are seen again."""

    def __init__(self, *, most: int = MOST_WAITING) -> None:
        self.most = most
        self.rows: pl.DataFrame | None = None
        self.told: pl.DataFrame | None = None
        # Couples that never wait, and the names, with `|`, of those not seen in this run yet.
        self.couples: set[int] = set()
        self.unseen: set[str] = set()
        self._hosts: Hosts | None = None

    def ready(self, window: Window) -> "pl.DataFrame | None":
        """Return the rows of couples that may have enough contacts, with what waited of them, named.

        A column `place` is for `put_back`. None where nothing was said at all.
        """
        import polars as pl

        self._hosts = window.hosts
        contacts = contact_times(window)
        if self.unseen or self.told is not None:
            self._recall(window)
        if self.rows is not None:
            waiting = self.rows.lazy().filter("is_contact").select("couple", "tick")
            contacts = pl.concat([waiting, contacts])
        times = contacts.group_by("couple").agg(pl.len(), ticks=pl.max("tick") - pl.min("tick"))
        often = times.filter((pl.col("len") >= WORTHWHILE) & (pl.col("ticks") > 0)).collect()["couple"]
        known = pl.concat([often, pl.Series("couple", list(self.couples), dtype=pl.UInt64)])
        found = outward_rows(window, known)
        if found.is_empty():
            return None
        if self.rows is not None:
            found = pl.concat([self.rows, found])
        is_ready = found["couple"].is_in(known.implode()) | found["asked"].is_not_null()
        self._keep(found.filter(~is_ready))
        self._ready = found.filter(is_ready).with_row_index("place")
        return named(self._ready, window.hosts)

    def put_back(self, places: "pl.Series") -> None:
        """Let rows that were ready, by their places, wait on."""
        import polars as pl

        if places.is_empty():
            return
        rows = self._ready.filter(pl.col("place").is_in(places.implode())).drop("place")
        self._keep(rows if self.rows is None else pl.concat([self.rows, rows]))

    def know(self, places: "pl.Series", names: Iterable[str]) -> None:
        """Note that couples, by places of their rows, never wait again; `names` are those of all."""
        import polars as pl

        at = pl.col("place").is_in(places.implode())
        self.couples.update(self._ready.filter(at)["couple"].unique().to_list())
        if len(self.couples) > MOST_COUPLES:
            self.couples, self.unseen = set(), set(names)

    def _keep(self, rows: "pl.DataFrame") -> None:
        """Let rows wait, the latest of too many that are outward at all."""
        import polars as pl

        if len(rows) > self.most and self._hosts is not None:
            places = named(rows.with_row_index("place"), self._hosts)["place"]
            rows = rows[places].sort("tick", maintain_order=True).tail(self.most)
        self.rows = rows.sort(pl.col("tick"), maintain_order=True)

    def _recall(self, window: Window) -> None:
        """Find what is remembered by name of the couples that are seen now."""
        import polars as pl

        hosts = window.hosts
        seen = [table.select(couple(), "src", "dst") for table in (window.talks, window.said["http"])]
        pairs = pl.concat(seen).unique(maintain_order=True)
        pairs = pairs.with_columns(
            src_name=pl.Series(hosts.names(pairs["src"].to_list()), dtype=pl.String),
            dst_name=pl.Series(hosts.names(pairs["dst"].to_list()), dtype=pl.String),
        ).with_columns(names=pl.concat_str("src_name", "dst_name", separator="|"))
        for number, names in pairs.select("couple", "names").iter_rows():
            if names in self.unseen:
                self.unseen.discard(names)
                self.couples.add(number)
        if self.told is None:
            return
        again = unnamed(self.told, pairs)
        if not again.is_empty():
            keys = {"left_on": ["src", "via"], "right_on": ["src_name", "dst_name"]}
            self.told = self.told.join(pairs, how="anti", **keys)  # type: ignore[arg-type]  # names of columns
            self._keep(again if self.rows is None else pl.concat([again, self.rows]))

    def save(self) -> list[list[Any]]:
        """Return all rows by name, as plain values."""
        import polars as pl

        parts = [] if self.told is None else [self.told]
        if self.rows is not None and self._hosts is not None:
            parts.append(named(self.rows.with_row_index("place"), self._hosts).drop("place"))
        if not parts:
            return []
        return [
            list(row) for row in pl.concat(parts).sort("tick", maintain_order=True).tail(self.most).rows()
        ]

    def load(self, rows: Iterable[Iterable[Any]], names: Iterable[str]) -> None:
        """Remember what was saved, and the couples that need not wait, and nothing else."""
        self.rows, self.told = None, frame(rows)
        self.couples, self.unseen = set(), set(names)

    def merge(self, rows: Iterable[Iterable[Any]], names: Iterable[str]) -> None:
        """Remember also what another saved."""
        import polars as pl

        more = frame(rows)
        self.told = more if self.told is None else pl.concat([self.told, more])
        self.unseen.update(names)
