"""The builders of scenes: what they say can be read, and what repeats does so as often as was asked."""

from pathlib import Path
from typing import Any

import pytest

import oddwire
from oddwire.testing.capture import write_pcap
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.conversations import Step
from oddwire.testing.scene import Scene
from oddwire.testing.shells import filler_program, shell
from oddwire.testing.smb1 import Smb1
from oddwire.testing.web import fetch, request, response, through_proxy

BEGIN = 1_700_000_000.0
HOST, OUTSIDE = "192.168.10.107", "203.0.113.8"


def told(folder: Path, table: str, steps: list[Step], port: int) -> list[dict[str, Any]]:
    """Return the rows of a table for one conversation."""
    scene = Scene(1, BEGIN)
    scene.say(HOST, OUTSIDE, port, steps, at=BEGIN)
    write_pcap(folder / "one.pcap", scene.seen())
    return list(oddwire.read(folder / "one.pcap").table(table).iter_rows(named=True))


@pytest.mark.parametrize(("version", "name"), [(0x0301, "TLSv1.0"), (0x0303, "TLSv1.2")])
def test_the_certificate_can_be_read(tmp_path: Path, version: int, name: str) -> None:
    dice = Scene(2, BEGIN).dice
    chain = [certificate(dice, [("O", "Attic"), ("CN", "own")])]
    (row,) = told(
        tmp_path, "tls", old_tls(dice, [(0.1, 50, 90), (1.0, 0, 40)], chain, version=version), 4_782
    )
    assert (row["version"], row["sni"], row["subject"], row["self_signed"]) == (
        name,
        None,
        "CN=own,O=Attic",
        True,
    )
    assert row["established"]


def test_a_certificate_of_somebody_else_is_not_self_signed(tmp_path: Path) -> None:
    dice = Scene(3, BEGIN).dice
    chain = [certificate(dice, [("CN", "www")], [("CN", "Authority")])]
    (row,) = told(tmp_path, "tls", old_tls(dice, [(0.1, 50, 90)], chain, name="www.example.com"), 443)
    assert (row["sni"], row["issuer"], row["self_signed"]) == ("www.example.com", "CN=Authority", False)


def test_the_first_smb_opens_shares_and_pipes(tmp_path: Path) -> None:
    talk = Smb1(OUTSIDE)
    talk.log_on("IPC$")
    talk.open_file("\\browser")
    rows = told(tmp_path, "smb", talk.steps, 445)
    assert {row["version"] for row in rows} == {"SMB1"}
    assert [row["event"] for row in rows] == ["negotiate", "login", "tree", "open"]
    assert rows[-1]["name"] == "\\browser"


def test_requests_and_tunnels_of_a_proxy_are_read(tmp_path: Path) -> None:
    steps = fetch(request("www.example.com", "/a", agent="curl/8"), response(b"hello", kind="text/plain"))
    (row,) = told(tmp_path, "http", steps, 80)
    assert (row["host"], row["path"], row["agent"], row["status"]) == ("www.example.com", "/a", "curl/8", 200)
    (tunnel,) = told(tmp_path, "http", through_proxy("www.example.com", 443, []), 3_128)
    assert (tunnel["method"], tunnel["host"]) == ("CONNECT", "www.example.com")


def test_the_keyboard_is_where_it_was_asked_for() -> None:
    for server_types in (True, False):
        steps = shell(Scene(4, BEGIN).dice, "bash", 5, server_types=server_types)
        typed = sum(len(text) for _, client, text in steps if client != server_types)
        printed = sum(len(text) for _, client, text in steps if client == server_types)
        assert 0 < typed < printed / 10


def test_rounds_keep_their_clock() -> None:
    scene = Scene(5, BEGIN)
    exact = list(scene.rounds(60, 3_600))
    assert len(exact) == 60
    loose = list(scene.rounds(60, 36_000, jitter=0.5, missed=0.25))
    assert 0.8 < len(loose) / (36_000 / 45 * 0.75) < 1.2


def test_a_program_is_filler_behind_its_head() -> None:
    program = filler_program(Scene(6, BEGIN).dice, 5_000)
    assert program.startswith(b"MZ")
    assert len(program) == 5_000
