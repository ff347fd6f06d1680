"""Our fingerprints of hellos beside those that others give for the same captures."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.heavy.conformance import Difference
from tests.heavy.ndpi import Ends, ends, shown
from tests.heavy.said.rows import said_rows

KINDS = ("ja3", "ja3s", "ja4")
# What the rows of each table have of them.
TABLES = {"tls": ("ja3", "ja3s", "ja4", "ja4_retry"), "quic": ("ja3", "ja4")}
ENDS = ("transport", "src_ip", "src_port", "dst_ip", "dst_port")

# Whose fingerprint: both ends, which of the three, and its value.
Print = tuple[Ends, str, str]


def ours(capture: Path) -> set[Print]:
    """Return the fingerprints of all our rows of a capture."""
    rows = (row for table, names in TABLES.items() for row in said_rows(capture, table, (*ENDS, *names)))
    return {found for row in rows for found in _of(row)}


def _of(row: dict[str, object]) -> Iterator[Print]:
    transport, src, src_port, dst, dst_port = (row[name] for name in ENDS)
    both = ends(str(transport), (str(src), int(str(src_port))), (str(dst), int(str(dst_port))))
    for name in (*KINDS, "ja4_retry"):
        if row.get(name):
            yield both, name.removesuffix("_retry"), str(row[name])


def without_marks(prints: set[Print]) -> set[Print]:
    """Return fingerprints without the two marks of JA4 that nDPI made in its own way when it was asked.

    It took the first two characters of the ALPN for the first and the last one, and said that a server was
    named where none was.
    """
    return {
        (both, kind, value[:3] + value[4:8] + value[10:] if kind == "ja4" else value)
        for both, kind, value in prints
    }


def differences(name: str, mine: set[Print], theirs: set[Print], *, extra: bool) -> Iterator[Difference]:
    """Return what only one side says of a capture, what only ours say if `extra` is set."""
    said = {(both, kind) for both, kind, _ in theirs}
    kinds = {kind for _, kind in said} if extra else set()
    by_flow: dict[tuple[Ends, str], list[str]] = defaultdict(list)
    for both, kind, value in sorted(mine):
        by_flow[both, kind].append(value)
    for both, kind, value in sorted(theirs - mine):
        yield _difference(name, both, kind, ours=", ".join(by_flow[both, kind]), theirs=value)
    for both, kind, value in sorted(mine - theirs):
        if kind in kinds and (both, kind) not in said:
            yield _difference(name, both, kind, ours=value, theirs="")


def _difference(name: str, both: Ends, kind: str, *, ours: str, theirs: str) -> Difference:
    return Difference(capture=name, number=0, field=kind, ours=ours, theirs=theirs, protocols=shown(both))


def counted(prints: Iterable[set[Print]], kind: str) -> int:
    """Return how many fingerprints of a kind there are."""
    return sum(one == kind for found in prints for _, one, _ in found)
