"""Labelled captures as a scenario: dealt out, moved apart, with one numbering of hosts; and the command."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oddwire.errors import UsageError
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.contest import bench
from oddwire.testing.contest.bench import Wish, held
from oddwire.testing.contest.captured import Captured, captured
from oddwire.testing.contest.contestants import contestant
from oddwire.testing.contest.measure import Measured, measured
from oddwire.testing.contest.moved import DAY_NS
from oddwire.testing.packets import ACK, RST, SYN, tcp
from tests.unit.conftest import Cli

NOON = 1_710_072_000
HOME, SERVER, SCANNER = "10.0.0.7", "10.0.0.9", "10.0.0.5"
HEAD = "capture,kind,also,attackers,victims,start,end,label"


def calls(begin: float, count: int = 40) -> list[Timed]:
    """Return calls of one host, one in ten seconds."""
    packets: list[Timed] = []
    for at in range(count):
        time, port = begin + 10 * at, 40_000 + at
        packets += [
            (time, tcp(HOME, port, SERVER, 443, SYN)),
            (time + 0.01, tcp(SERVER, 443, HOME, port, SYN | ACK, ack=1)),
            (time + 0.02, tcp(HOME, port, SERVER, 443, ACK, ack=1)),
        ]
    return packets


def scan(begin: float) -> list[Timed]:
    """Return a scan of 200 ports."""
    return [
        packet
        for at in range(200)
        for packet in (
            (begin + at * 0.1, tcp(SCANNER, 40_000 + at, SERVER, 1_000 + at, SYN)),
            (begin + at * 0.1 + 0.01, tcp(SERVER, 1_000 + at, SCANNER, 40_000 + at, RST | ACK, ack=1)),
        )
    ]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Return labels of three benign captures and one with a scan, all of the same noon."""
    for name in ("a", "b", "c"):
        write_pcap(tmp_path / f"{name}.pcap", calls(NOON))
    write_pcap(tmp_path / "scan.pcap", sorted(calls(NOON) + scan(NOON + 60), key=lambda one: one[0]))
    rows = [
        HEAD,
        *(f"{name}.pcap,benign,,,,,," for name in ("a", "b", "c")),
        f"scan.pcap,port_scan,,{SCANNER},{SERVER},{NOON + 60},{NOON + 80},a scan",
        "gone.pcap,port_scan,,10.0.0.1,,,,not there",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "labels.csv"


def test_captures_are_dealt_out_and_never_meet(labels: Path, tmp_path: Path) -> None:
    made = captured(tmp_path / "made", Captured(labels=labels, inputs=[tmp_path]))
    parts = {name: made.stretch(name) for name in ("train", "calibrate", "test")}
    assert [len(one.parts) for one in parts.values()] == [1, 1, 2]
    talks = [
        (int(table["tick"].min()), int(table["tick"].max()))  # type: ignore[arg-type]  # numbers
        for one in parts.values()
        for table in one.each("talks", ["tick"])
    ]
    assert all(later - end > DAY_NS // 2 for (_, end), (later, _) in pairwise(talks))
    assert {begin % DAY_NS for begin, _ in talks} == {NOON * 1_000_000_000 % DAY_NS}
    assert made.days("train") == pytest.approx(7 / (24 * 60))
    assert [end is None for _, end in parts["test"].spans()] == [False, True]


def test_an_attack_lies_where_its_packets_were_moved(labels: Path, tmp_path: Path) -> None:
    made = captured(tmp_path / "made", Captured(labels=labels, inputs=[tmp_path]))
    (attack,) = made.attacks
    assert (attack.subjects, attack.others) == ((SCANNER,), (SERVER,))
    test = made.stretch("test")
    number = test.names.index(SCANNER)
    ticks = pl.concat(test.each("talks", ["tick", "src"])).filter(pl.col("src") == number)["tick"]
    assert attack.start_ns <= int(ticks.min()) <= int(ticks.max()) <= attack.end_ns  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["only:ports", "kitsune"])
def test_a_scan_in_a_capture_is_ranked_first(labels: Path, tmp_path: Path, name: str) -> None:
    made = captured(tmp_path / "made", Captured(labels=labels, inputs=[tmp_path]))
    one = contestant(name, seed=1)
    one.fit(made.stretch("train"), made.stretch("calibrate"))
    before, tested = one.score(made.stretch("calibrate")), one.score(made.stretch("test"))
    assert tested["subject"].is_in([HOME, SERVER, SCANNER]).all()
    found = measured(name, made, before, tested)
    assert found.attacks == 1
    assert found.auroc == 1.0


def test_too_few_captures_are_refused_before_anything_is_written(labels: Path, tmp_path: Path) -> None:
    (tmp_path / "c.pcap").unlink()
    (tmp_path / "b.pcap").unlink()
    with pytest.raises(UsageError, match="calibrate"):
        captured(tmp_path / "made", Captured(labels=labels, inputs=[tmp_path]))
    assert not (tmp_path / "made").exists()


def test_a_scenario_left_unfinished_is_not_taken_for_whole(tmp_path: Path) -> None:
    (tmp_path / "later-14-7-7-1").mkdir()
    with pytest.raises(UsageError, match="unfinished"):
        held(Wish(contestants=("chance",), seeds=(1,), work=tmp_path))


def fake(wish: Wish, _: object) -> list[Measured]:
    return [
        Measured(contestant=name, scenario="s", seed=seed, auroc=0.9, recall=(0.0, 0.5, 1.0), attacks=2)
        for name in wish.contestants
        for seed in wish.seeds
    ]


@pytest.mark.parametrize("ending", ["md", "json"])
def test_the_command_writes_what_it_found(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(bench, "held", fake)
    out = tmp_path / f"found.{ending}"
    done = cli("bench", "detection", "--contestants", "rules,chance", "--seeds", 3, "-o", out, "-q")
    assert (done.code, done.out, done.err) == (0, "", "")
    text = out.read_text()
    if ending == "json":
        told: dict[str, Any] = json.loads(text)
        assert (told["seeds"], len(told["results"])) == ([1, 2, 3], 6)
        assert told["results"][0]["aupr"] is None
    else:
        assert "| rules | 0.900 (0.900 to 0.900) |" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--contestants", "nobody"], "no contestant"),
        (["--weeks", "1"], "weeks"),
        (["--contestants", "rules", "--best", "chance"], "does not take part"),
        (["-o", "out.txt"], ".md or .json"),
        (["--manifest", "m.csv"], "labels"),
        (["--seeds", "0"], "0"),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(cli: Cli, words: list[str], said: str) -> None:
    done = cli("bench", "detection", *words)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
