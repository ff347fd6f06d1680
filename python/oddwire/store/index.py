"""The index of a workspace: one SQLite file, made anew from the parts whenever it does not fit them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.errors import StoreError
from oddwire.store.migration import VERSION

if TYPE_CHECKING:
    import sqlite3

__all__ = ["FILE", "Index", "fresh_index", "index_in_memory", "open_index", "remove_index"]

FILE = "index.sqlite"
PATIENCE_S = 10.0
# `outbox` waits for the commands that fill it.
SCHEMA = """
CREATE TABLE state (digest TEXT NOT NULL);
CREATE TABLE runs (
    run TEXT PRIMARY KEY, inputs TEXT NOT NULL, options TEXT NOT NULL, findings INTEGER NOT NULL
);
CREATE TABLE findings (
    position INTEGER PRIMARY KEY, run TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    detector TEXT NOT NULL, severity TEXT NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
    subject_ip TEXT NOT NULL, subject_mac TEXT NOT NULL, title TEXT NOT NULL, line TEXT NOT NULL
);
CREATE INDEX findings_by_id ON findings (id);
CREATE INDEX findings_by_run ON findings (run);
CREATE TABLE suppressions (number INTEGER PRIMARY KEY, rule TEXT NOT NULL);
CREATE TABLE feedback (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL,
    line TEXT NOT NULL
);
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, channel TEXT NOT NULL, body TEXT NOT NULL
);
INSERT INTO state VALUES ('');
"""
ADD_RUN = "INSERT INTO runs VALUES (:run, :inputs, :options, :findings)"
ADD_FINDING = (
    "INSERT INTO findings VALUES (NULL, :run, :id, :kind, :detector, :severity, :start, :end, :subject_ip,"
    " :subject_mac, :title, :line)"
)
ADD_RULE = "INSERT INTO suppressions VALUES (:number, :rule)"
ADD_FEEDBACK = "INSERT INTO feedback VALUES (:number, :id, :verdict, :note, :line)"
# Of a finding that several runs hold, the latest counts.
BY_PREFIX = """
SELECT max(findings.position), findings.id, line, title, runs.run, inputs, options, runs.findings
FROM findings JOIN runs ON runs.run = findings.run
WHERE id >= :prefix AND id < :beyond GROUP BY id ORDER BY id LIMIT :limit
"""
SEARCH = """
SELECT line FROM findings
WHERE (:run IS NULL OR run = :run) AND (:kind IS NULL OR kind = :kind)
  AND (:detector IS NULL OR detector = :detector) AND (:severity IS NULL OR severity = :severity)
  AND (:subject IS NULL OR subject_ip = :subject OR subject_mac = :subject)
  AND (:incident IS NULL OR json_extract(line, '$.incident') = :incident)
ORDER BY position LIMIT :limit
"""
Row: TypeAlias = Mapping[str, Any]


class Index:
    """The questions that one asks an index, and the changes that one makes."""

    def __init__(self, base: "sqlite3.Connection") -> None:
        import sqlite3

        base.row_factory = sqlite3.Row
        self._base = base

    def close(self) -> None:
        """Let go of it."""
        self._base.close()

    def digest(self) -> str:
        """Return which state of the workspace this is the index of."""
        return str(self._base.execute("SELECT digest FROM state").fetchone()[0])

    def ask(self, question: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows that answer a question."""
        return [dict(row) for row in self._base.execute(question, values or {})]

    def by_prefix(self, prefix: str, limit: int) -> list[Row]:
        """Return findings whose id begins so, with their runs."""
        return self.ask(BY_PREFIX, {"prefix": prefix, "beyond": prefix + "\U0010ffff", "limit": limit})

    def search(self, **conditions: object) -> list[Row]:
        """Return the lines of the findings that meet all conditions; None is no condition."""
        return self.ask(SEARCH, conditions)

    def runs(self) -> list[Row]:
        """Return the runs in the order in which they came."""
        return self.ask("SELECT * FROM runs ORDER BY rowid")

    def rules(self) -> list[Row]:
        """Return the suppressions."""
        return self.ask("SELECT * FROM suppressions ORDER BY number")

    def feedback(self) -> list[Row]:
        """Return the log of verdicts."""
        return self.ask("SELECT * FROM feedback ORDER BY number")

    def add(self, digest: str, *, runs: Iterable[Row], findings: Iterable[Row]) -> None:
        """Add runs and findings, in one step."""
        with self._change(digest):
            self._base.executemany(ADD_RUN, runs)
            self._base.executemany(ADD_FINDING, findings)

    def add_feedback(self, digest: str, rows: Iterable[Row]) -> None:
        """Add verdicts, in one step."""
        with self._change(digest):
            self._base.executemany(ADD_FEEDBACK, rows)

    def replace_rules(self, digest: str, rules: Iterable[Row]) -> None:
        """Put other suppressions in place of those there are, in one step."""
        with self._change(digest):
            self._base.execute("DELETE FROM suppressions")
            self._base.executemany(ADD_RULE, rules)

    def replace_all(
        self,
        digest: str,
        *,
        runs: Iterable[Row],
        findings: Iterable[Row],
        rules: Iterable[Row],
        feedback: Iterable[Row],
    ) -> None:
        """Put the whole of a state in place of what there is, in one step."""
        with self._change(digest):
            for table in ("runs", "findings", "suppressions", "feedback"):
                self._base.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
            self._base.executemany(ADD_RUN, runs)
            self._base.executemany(ADD_FINDING, findings)
            self._base.executemany(ADD_RULE, rules)
            self._base.executemany(ADD_FEEDBACK, feedback)

    @contextmanager
    def _change(self, digest: str) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("UPDATE state SET digest = ?", (digest,))
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")


@contextmanager
def open_index(path: Path, *, write: bool) -> Iterator[Index | None]:
    """Open an index as one moment's state, or None where there is none that this version can use."""
    import sqlite3

    try:
        mode = "rw" if write else "ro"
        address = f"{path.absolute().as_uri()}?mode={mode}"
        base = sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE_S)
    except sqlite3.Error:
        yield None
        return
    with closing(base):
        yield _usable(base, path, write=write)


def _usable(base: "sqlite3.Connection", path: Path, *, write: bool) -> Index | None:
    import sqlite3

    try:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreError(
                f"this index has version {version}, and this Oddwire knows up to {VERSION}",
                where=str(path),
                hint="update Oddwire, or choose another folder with --store",
            )
        if version < VERSION:
            return None  # an older index is not mended but made anew
        if not write:
            base.execute("BEGIN")
        index = Index(base)
        index.digest()
    except sqlite3.Error:
        return None
    return index


def fresh_index(path: Path) -> None:
    """Make an empty index in place of what is there."""
    import sqlite3

    remove_index(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


def index_in_memory() -> Index:
    """Return an empty index that lasts as long as it is held."""
    import sqlite3

    base = sqlite3.connect(":memory:", isolation_level=None)
    base.executescript(SCHEMA)
    return Index(base)


def remove_index(path: Path) -> None:
    """Remove an index and what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).unlink()
