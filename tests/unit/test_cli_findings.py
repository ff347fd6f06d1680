"""The commands that work with what was found: explain, carve, suppress, detectors, store."""

import json
import tomllib
from pathlib import Path

import pytest

from oddwire.engine.registry import all_judges
from oddwire.engine.settings import default_toml, settings_of
from oddwire.records.units import count_text
from oddwire.store.manifest import FILE
from tests.unit.conftest import Cli
from tests.unit.scanned import PORTS, SCANNER, VICTIM, Kept, scanned


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Return a scan that was analysed and kept where the commands look by default."""
    monkeypatch.setenv("ODDWIRE_STORE", str(tmp_path / "store"))
    return scanned(tmp_path)


def test_explain_goes_from_what_to_what_to_do(cli: Cli, made: Kept) -> None:
    done = cli("explain", made.found.id[:6])
    assert done.code == 0
    order = [
        "medium",
        f"{SCANNER} tried {PORTS} ports of {VICTIM}",
        "Who",
        f"Targets: {VICTIM} tcp 20, 21,",
        "Why",
        "unique dst ports",
        "1 to 6",
        "Proof",
        f"scan.pcap: {2 * PORTS} packets",
        "Wireshark: ",
        "BPF",
        "When this is a false alarm",
        "What to do",
        f"oddwire carve {made.found.id[:8]} -w {made.found.id[:8]}.pcap",
        "ATT&CK T1046",
    ]
    places = [done.out.index(text) for text in order]
    assert places == sorted(places)


def test_explain_as_json_holds_everything(cli: Cli, made: Kept) -> None:
    told = json.loads(cli("explain", made.found.id, "--json").out)
    assert told["finding"] == made.found.to_dict()
    assert told["run"]["inputs"][0]["path"] == str(made.capture)
    assert told["about"]["wrong_when"]
    told = json.loads(cli("explain", made.found.id, "--findings", made.findings, "--json").out)
    assert told["run"] is None
    assert str(made.findings) in told["next"]["see its packets"]


def test_explain_says_what_it_does_not_find(cli: Cli, made: Kept, tmp_path: Path) -> None:
    assert made.store.exists()
    done = cli("explain", "00000000", "--store", tmp_path / "none")
    assert (done.code, done.out) == (2, "")
    assert "no finding begins with '00000000'; the ids stand beside" in done.err
    assert json.loads(cli("explain", "0", "--json").err)["error"]["kind"] == "usage"


def test_explain_trusts_no_text(cli: Cli, made: Kept, tmp_path: Path) -> None:
    line = made.found.to_dict() | {"title": "evil \x1b[2J" + "name" * 80, "detector": "\x07unknown"}
    path = tmp_path / "evil.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    done = cli("explain", made.found.id, "--findings", path)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "\x07" not in done.out
    assert "When this is a false alarm" not in done.out  # nobody knows this detector


def test_carve_says_how_many(cli: Cli, made: Kept, tmp_path: Path) -> None:
    done = cli("carve", made.found.id, "-w", tmp_path / "taken.pcap")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{tmp_path / 'taken.pcap'}: {2 * PORTS} packets, those of {made.found.id}\n"
    done = cli("carve", made.found.id, "-w", tmp_path / "rest.pcap", "--others", "--json")
    assert json.loads(done.out)["packets"] == 19
    assert cli("carve", made.found.id, "-w", tmp_path / "taken.pcap", "-q").out == ""


def test_carve_needs_the_capture(cli: Cli, made: Kept, tmp_path: Path) -> None:
    moved = made.capture.rename(tmp_path / "moved.pcap")
    done = cli("carve", made.found.id, "-w", tmp_path / "taken.pcap")
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "name it where it is now with --input FILE" in done.err
    assert cli("carve", made.found.id, "-w", tmp_path / "taken.pcap", "--input", moved).code == 0


def test_suppress_adds_lists_and_removes(cli: Cli, made: Kept) -> None:
    assert made.store.exists()
    assert cli("suppress", "--list").out == "Nothing is suppressed.\n"
    done = cli("suppress", "--subject", "10.0.0.0/24", "--port", 22, "--reason", "our own")
    assert done.out == "Rule 1 kept: subject 10.0.0.0/24, port 22, reason our own\n"
    assert cli("suppress", "--list").out == "1  subject 10.0.0.0/24, port 22, reason our own\n"
    assert json.loads(cli("suppress", "--list", "--json").out) == [
        {"number": 1, "rule": {"subject": "10.0.0.0/24", "port": 22, "reason": "our own"}}
    ]
    assert cli("suppress", "--remove", 1).out.startswith("Rule 1 removed")
    assert cli("suppress", "--remove", 1).code == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--list", "--remove", "1"],
        ["--reason", "without a condition"],
        ["--kind", "nothing"],
        ["--detector", "nothing"],
        ["--subject", "nowhere"],
        ["--subject", "10.0.0.1", "--until", "soon"],
    ],
)
def test_what_is_no_rule_is_refused(cli: Cli, tmp_path: Path, words: list[str]) -> None:
    assert cli("suppress", *words, "--store", tmp_path / "store").code == 2
    assert not (tmp_path / "store").exists()


def test_detectors_are_listed_and_shown(cli: Cli) -> None:
    listed = cli("detectors").out
    for one in all_judges():
        assert one.name in listed
        page = " ".join(cli("detectors", one.name).out.split())
        for text in (one.page.sees, one.page.matters, one.page.wrong_when, one.page.example):
            assert " ".join(text.split()) in page
        for parameter in one.described():
            assert f"{parameter.name} = " in page
    assert "there is no detector 'none'" in cli("detectors", "none").err


def test_detectors_as_json_and_toml(cli: Cli) -> None:
    told = json.loads(cli("detectors", "--json").out)
    assert [one["name"] for one in told] == [one.name for one in all_judges()]
    assert json.loads(cli("detectors", "port_scan", "--json").out)["attack"] == ["T1046"]
    text = cli("detectors", "--toml").out
    assert text == default_toml()
    settings_of(tomllib.loads(text))
    assert cli("detectors", "port_scan", "--toml").code == 2


def test_store_says_what_is_kept(cli: Cli, made: Kept, tmp_path: Path) -> None:
    found = count_text(len(made.findings.read_text(encoding="utf-8").splitlines()), "finding")
    assert f"1 run, {found}, 0 suppressions" in cli("store", "info").out
    assert json.loads(cli("store", "info", "--json").out)["folder"] == str(made.store)
    assert "Nothing is kept here yet" in cli("store", "info", "--store", tmp_path / "none").out


def test_store_check_is_3_when_something_is_wrong(cli: Cli, made: Kept) -> None:
    assert cli("store", "check").out == "Everything is whole.\n"
    next(made.store.glob("findings/*.parquet")).unlink()
    done = cli("store", "check")
    assert done.code == 3
    assert "this part is gone" in done.out
    assert len(json.loads(cli("store", "check", "--json").out)["problems"]) == 1
    (made.store / FILE).write_text("{}", encoding="utf-8")
    assert cli("store", "check").code == 3
