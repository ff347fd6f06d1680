"""Who used which service of a local host a short while ago, and what was odd about the way it was used."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask
from oddwire.features.tables import where_there_is
from oddwire.records.judged import TABLES

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ENTRIES_NEED", "Entries", "Entry"]

SECOND = 1_000_000_000
TCP = 6
SYN_A, SYNACK_B = 1 << 0, 1 << 3
MOST_ENTRIES, MOST_PORTS = 10_000, 48
_READ = "tick src dst dst_port protocol service state born first last payload_out payload_in"
_WEB = "tick src dst dst_port born first attack_signs"
_SMB = "tick src dst dst_port born first version auth share name status"
ENTRIES_NEED: frozenset[str] = frozenset(
    {f"talks.{name}" for name in _READ.split()} | {f"smb.{name}" for name in _SMB.split()}
) | where_there_is("http", _WEB.split() if "attack_signs" in TABLES["http"] else ())
MOST_ROWS = 400


@dataclass(slots=True)
class Entry:
    """What one host did with another: from when until when, the port first used, and the ports tried."""

    start_ns: int
    end_ns: int
    port: int
    service: str = ""
    # Port -> when it first took a connection of this client; 0 where it refused.
    opened: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    # What was odd about how files were asked for: nobody's log-in, the pipe share, pipes opened.
    nobody: int = 0
    pipes: int = 0
    named: list[str] = field(default_factory=list)
    # Requests in which the syntax of an attack stands, and of what kind.
    attacks: int = 0
    attack: str = ""

    @property
    def is_taken(self) -> bool:
        """Say whether the host accepted a connection at all."""
        return any(self.opened.values())

    @property
    def is_odd_smb(self) -> bool:
        """Say whether nobody in particular logged in with the old dialect and spoke to pipes alone."""
        return self.nobody > 0 and self.pipes > 0 and all(_is_pipe(name) for name in self.named)


class Entries:
    """Entries by client and server; one that was quiet for long begins anew, of too many the oldest goes."""

    def __init__(self, *, quiet_s: int) -> None:
        self.quiet_ns = quiet_s * SECOND
        self.known: OrderedDict[str, Entry] = OrderedDict()

    def rows(self, window: Window) -> Iterator[dict[str, Any]]:
        """Yield what was done with services of local hosts, with `order`: 0 used, 1 over SMB, 2 attacked."""
        import polars as pl

        state = pl.col("state")
        begun = window.talks.lazy().filter(
            (pl.col("protocol") == TCP)
            # New connections in which something was said, and those in which much may be said to pipes.
            & (pl.col("payload_out") > 0)
            & ((state & SYN_A != 0) | pl.col("dst_port").is_in([139, 445]))
        )
        talks = begun.select(_READ.split()).collect()
        if not talks.is_empty():
            talks = talks.filter(local_mask(talks["dst"], window.hosts))
        used = (
            talks.group_by("tick", "src", "dst", "dst_port", maintain_order=True)
            .agg(
                pl.col("first", "born").min(),
                pl.col("last").max(),
                pl.col("service").drop_nulls().first(),
                pl.col("payload_out", "payload_in").sum(),
                (pl.col("state") & SYNACK_B != 0).any().alias("is_taken"),
            )
            .filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        )
        yield from used.with_columns(pl.lit(0).alias("order")).to_dicts()
        smb, http = window.said.get("smb"), window.said.get("http")
        if smb is not None and not smb.is_empty():
            yield from self._smb(smb)
        if http is not None and "attack_signs" in http.columns:
            found = http.select(_WEB.split()).filter(pl.col("attack_signs").is_not_null())
            found = found.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
            yield from found.with_columns(pl.lit(2).alias("order")).to_dicts()

    def _smb(self, smb: "pl.DataFrame") -> list[dict[str, Any]]:
        import polars as pl

        found = smb.select(_SMB.split()).filter(
            pl.col("version").str.starts_with("SMB1") | pl.col("name").is_not_null()
        )
        found = found.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        return found.with_columns(pl.lit(1).alias("order")).to_dicts()

    def add(self, client: str, server: str, row: Mapping[str, Any]) -> Entry | None:
        """Take a row; return the entry that it belongs to."""
        key = f"{client}|{server}"
        entry = self.known.pop(key, None)
        if row["order"]:
            if entry is not None:
                self.known[key] = entry
                (_add_smb if row["order"] == 1 else _add_attack)(entry, row)
            return entry
        if entry is None or row["first"] - entry.end_ns > self.quiet_ns:
            entry = Entry(start_ns=row["first"], end_ns=row["last"], port=row["dst_port"])
            if len(self.known) >= MOST_ENTRIES:
                self.known.popitem(last=False)
        self.known[key] = entry
        entry.end_ns = max(entry.end_ns, row["last"])
        entry.service = entry.service or row["service"] or ""
        entry.sent += row["payload_out"]
        port = str(row["dst_port"])
        if len(entry.opened) < MOST_PORTS or port in entry.opened:
            before = entry.opened.get(port)
            if not before:
                entry.opened[port] = row["first"] if row["is_taken"] else 0
        return entry

    def find(self, client: str, server: str) -> Entry | None:
        """Return what a client did with a server, if anything."""
        return self.known.get(f"{client}|{server}")

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {key: asdict(one) for key, one in self.known.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.known = OrderedDict((key, Entry(**saved)) for key, saved in state.items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw; of one seen twice the fuller account."""
        for key, saved in state.items():
            theirs, mine = Entry(**saved), self.known.get(key)
            if mine is None or (theirs.end_ns, theirs.sent) > (mine.end_ns, mine.sent):
                self.known[key] = theirs
        ordered = sorted(self.known.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.known = OrderedDict(ordered[-MOST_ENTRIES:])


def _add_smb(entry: Entry, row: Mapping[str, Any]) -> None:
    if (row["version"] or "").startswith("SMB1") and row["auth"] in {"anonymous", "guest"}:
        entry.nobody += 1
    if (row["share"] or "").upper().endswith("IPC$"):
        entry.pipes += 1
    if row["name"] and row["name"] not in entry.named and len(entry.named) < 16:  # noqa: PLR2004  # enough to tell
        entry.named.append(row["name"][:80])


def _add_attack(entry: Entry, row: Mapping[str, Any]) -> None:
    entry.attacks += 1
    entry.attack = entry.attack or str(row["attack_signs"])[:80]


def _is_pipe(name: str) -> bool:
    return "." not in name
