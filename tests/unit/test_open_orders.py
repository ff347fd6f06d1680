"""Shells, chats and programs sent unasked name who obeys whom."""

import polars as pl
import pytest

from oddwire.base.window import Hosts, Window
from oddwire.features.open_orders import open_rows

WHO = {"tick": 0, "src": 1, "dst": 2, "dst_port": 4_444, "born": 5, "first": 6}


def window(said: dict[str, dict[str, object]]) -> Window:
    """Return a window in which one row of each table was said."""
    nothing = pl.DataFrame()
    return Window(
        start_ns=0,
        end_ns=1,
        talks=nothing,
        ended=nothing,
        arp=nothing,
        hosts=Hosts(lambda numbers: [str(one) for one in numbers], lambda _: False),
        said={name: pl.DataFrame([{**WHO, **row}]) for name, row in said.items()},
    )


@pytest.mark.parametrize(
    ("table", "row", "signs"),
    [
        ("shell", {"event": "begin", "from_client": True, "prompt": "unix"}, ["shell"]),
        (
            "irc",
            {"event": "join", "nick": "[DE0]48213", "channels": "#x"},
            ["chat", "odd_port", "made_up_name"],
        ),
        ("irc", {"nick": "[DE|W7|48213]", "dst_port": 6_667}, ["chat", "numbered_name"]),
        ("irc", {"nick": "anna|away|x1984y", "dst_port": 6_667}, ["chat", "made_up_name"]),
        ("irc", {"event": "join", "nick": "anna", "channels": "#x", "dst_port": 6_667}, ["chat"]),
        ("blob", {"what": "pe", "from_client": False, "offset_bytes": 4}, ["staged"]),
        ("blob", {"what": "elf", "from_client": False, "offset_bytes": 0}, ["sent_program"]),
    ],
)
def test_each_table_shows_its_signs(table: str, row: dict[str, object], signs: list[str]) -> None:
    (found,) = open_rows(window({table: row}))
    assert (found["src"], found["dst"], found["signs"]) == (1, 2, signs)


def test_who_serves_a_shell_obeys_the_client() -> None:
    (found,) = open_rows(window({"shell": {"event": "begin", "from_client": False, "prompt": "unix"}}))
    assert (found["src"], found["dst"], found["signs"]) == (2, 1, ["served_shell"])


def test_nothing_is_made_of_what_nobody_can_tell() -> None:
    assert not open_rows(window({"shell": {"event": "begin", "from_client": None, "prompt": "unix"}}))
    assert not open_rows(window({"blob": {"what": "pe", "from_client": True, "offset_bytes": 0}}))
