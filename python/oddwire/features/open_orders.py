"""Orders that are given in the open: command shells, chat that programs sit in, programs sent unasked."""

import re
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.tables import where_there_is

if TYPE_CHECKING:
    import polars as pl

__all__ = ["OPEN_NEED", "open_rows"]

WHO = ("tick", "src", "dst", "dst_port", "born", "first")
SHELL = (*WHO, "event", "from_client", "prompt")
IRC = (*WHO, "event", "nick", "user", "channels")
BLOB = (*WHO, "what", "from_client", "offset_bytes")
OPEN_NEED: frozenset[str] = (
    where_there_is("shell", SHELL) | where_there_is("irc", IRC) | where_there_is("blob", BLOB)
)
MOST_ROWS = 200
# Where chat is at home.
CHAT_PORTS = frozenset({194, 994, *range(6_660, 6_670), 6_679, 6_697, 7_000})
# A stager sends the length of what follows before it.
LENGTH_BYTES = 4
# Names that programs make up: a fixed part and a number, or letters at random.
_MADE_UP = re.compile(r"(?i)[\[\]|{}].*\d{2}|\d{4}|^(?=.*\d)[a-z0-9]{10,}$")


# What no person takes: three fields or more, one of them a number; land, system and number of a machine.
_NUMBERED = re.compile(r"^[\[{(]?[^|\]\[{}]{1,12}[|\]\[{}]+[^|\]\[{}]{1,12}[|\]\[{}]+(.*\D)?\d{4,}[\]})]?$")


def open_rows(window: Window) -> list[dict[str, Any]]:
    """Return what each table shows: the host that obeys, the one that orders, and the signs."""
    rows = [*_shells(_table(window, "shell")), *_chats(_table(window, "irc"))]
    return rows + _blobs(_table(window, "blob"))


def _table(window: Window, name: str) -> "pl.DataFrame | None":
    import polars as pl

    table = window.said.get(name)
    if table is None or table.is_empty():
        return None
    return table.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)


def _shells(table: "pl.DataFrame | None") -> list[dict[str, Any]]:
    """Return shells: one that the side which opened the connection shows is never a service."""
    rows = []
    for row in [] if table is None else table.to_dicts():
        if row["from_client"] is None:
            continue
        if row["from_client"]:
            rows.append(_obeys(row, ["shell"]))
        else:
            turned = {**row, "src": row["dst"], "dst": row["src"]}
            rows.append(_obeys(turned, ["served_shell"]))
    return rows


def _chats(table: "pl.DataFrame | None") -> list[dict[str, Any]]:
    rows = []
    for row in [] if table is None else table.to_dicts():
        signs = ["chat"]
        if row["dst_port"] not in CHAT_PORTS:
            signs.append("false_port" if row["dst_port"] in {53, 80, 443} else "odd_port")
        if _NUMBERED.search(row["nick"] or ""):
            signs.append("numbered_name")
        elif _MADE_UP.search(row["nick"] or ""):
            signs.append("made_up_name")
        rows.append(_obeys(row, signs))
    return rows


def _blobs(table: "pl.DataFrame | None") -> list[dict[str, Any]]:
    """Return programs that a server sent at the very beginning of a connection."""
    rows = []
    for row in [] if table is None else table.to_dicts():
        if row["from_client"] is False:
            is_staged = row["offset_bytes"] == LENGTH_BYTES
            rows.append(_obeys(row, ["staged" if is_staged else "sent_program"]))
    return rows


def _obeys(row: dict[str, Any], signs: list[str]) -> dict[str, Any]:
    return {**{name: row[name] for name in WHO}, "signs": signs}
