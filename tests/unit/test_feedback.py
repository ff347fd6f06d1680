"""Verdicts of people: what they suppress, how they are kept, and when they move a threshold."""

import json
from pathlib import Path
from typing import Any

import pytest

from oddwire.cli import main
from oddwire.engine.feeding_back import (
    feedback_moves,
    feedback_rules,
    judge,
    pattern_of,
    standing,
    undo,
)
from oddwire.engine.keeping import kept_rules
from oddwire.errors import UsageError
from oddwire.learning.feedback import Judgement, moves, rate_factor, share_bounds
from oddwire.records.evidence import Party, Reason, Target
from oddwire.records.kinds import Kind, Severity
from oddwire.store import index
from oddwire.store import workspace as workspace_module
from oddwire.store.manifest import read_manifest
from oddwire.store.workspace import Workspace
from oddwire.testing.capture import write_pcap
from oddwire.testing.conversations import refused
from tests.unit.judges import HOST, evidence
from tests.unit.kept import line, of_file

T = 1_710_062_400.0


def finding(number: int, **changes: Any) -> dict[str, Any]:
    """Return the line of a finding with all that a verdict looks at."""
    told = {"targets": [{"ip": "10.0.1.9", "port": 22}], "target_count": 1, "reasons": [], "p_value": None}
    return line(number, **{**told, "provenance": {"model": None}, **changes})


def learned(number: int) -> dict[str, Any]:
    return finding(number, detector="model", p_value=0.01, provenance={"model": "blake3:ab"})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    with Workspace.open(folder, write=True) as workspace:
        workspace.add_run([of_file()], {}, [finding(1), finding(2), *(learned(at) for at in range(16, 80))])
    return folder


def said(folder: Path, *verdicts: tuple[int, str]) -> None:
    with Workspace.open(folder, write=True) as workspace:
        for number, verdict in verdicts:
            judge(workspace, finding(number)["id"], verdict, "")


def judged(*, subject: str = HOST, port: int = 22, target: str = "10.0.1.9", **more: Any) -> Any:
    return evidence(T, subject=Party(ip=subject), targets=(Target(ip=target, port=port),), **more)


def pattern(**changes: Any) -> Any:
    return pattern_of(finding(1, subject={"ip": HOST}, **changes))


def test_the_same_again_is_covered() -> None:
    assert pattern().covers("port_scan", judged())


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "10.9.9.9"},
        {"port": 23},
        {"target": "10.0.1.8"},
        {"kind": Kind.BEACON},
        {"severity": Severity.HIGH},
    ],
)
def test_another_thing_is_not_covered(other: dict[str, Any]) -> None:
    assert not pattern().covers("port_scan", judged(**other))


def test_another_detector_is_not_covered() -> None:
    assert not pattern().covers("beacon", judged())


def test_a_sweep_is_told_by_its_port() -> None:
    many = [{"ip": f"10.0.1.{at}", "port": 22} for at in range(16)]
    rule = pattern(targets=many, target_count=200)
    assert rule.covers("port_scan", judged(target="10.0.7.7"))
    assert not rule.covers("port_scan", judged(target="10.0.7.7", port=80))


def test_a_scan_is_told_by_its_target() -> None:
    many = [{"ip": "10.0.1.9", "port": port} for port in range(1, 17)]
    rule = pattern(targets=many, target_count=16)
    assert rule.covers("port_scan", judged(port=4_000))
    assert not rule.covers("port_scan", judged(port=4_000, target="10.0.1.8"))


def test_an_odd_host_is_told_by_what_made_it_odd() -> None:
    def why(*features: str) -> tuple[Reason, ...]:
        return tuple(
            Reason(feature=one, value=1, typical=(0, 1), weight=0.5 - at / 10)
            for at, one in enumerate(features)
        )

    told = [{"feature": "bytes", "value": 1, "typical": [0, 1], "weight": 0.9}]
    rule = pattern(targets=[], target_count=0, reasons=told)
    assert rule.covers("port_scan", judged(reasons=why("bytes", "ports")))
    assert not rule.covers("port_scan", judged(reasons=why("ports", "bytes")))


def test_a_pattern_without_a_host_hides_no_host() -> None:
    rule = pattern_of(finding(1, subject={}, targets=[], target_count=0))
    assert not rule.covers("port_scan", judged())


def test_verdicts_are_kept_and_the_last_counts(store: Path) -> None:
    said(store, (1, "false"), (2, "true"), (1, "true"), (1, "false"))
    workspace = Workspace.open(store, write=False)
    assert [(one.number, one.id, one.verdict) for one in standing(workspace.feedback())] == [
        (2, finding(2)["id"], "true"),
        (4, finding(1)["id"], "false"),
    ]
    assert len(workspace.feedback()) == 4
    assert [rule.detector for rule in kept_rules(workspace)] == ["port_scan"]
    assert "f1d00000" in kept_rules(workspace)[0].reason


def test_the_log_survives_the_index(store: Path) -> None:
    said(store, (1, "false"))
    before = Workspace.open(store, write=False).feedback()
    index.remove_index(store / index.FILE)
    assert Workspace.open(store, write=False).feedback() == before
    with Workspace.open(store, write=True) as workspace:
        workspace.rebuild_index()
        assert workspace.feedback() == before
        assert workspace.check() == []


def test_a_long_log_is_put_together(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_module, "MOST_PARTS", 4)
    said(store, *[(1, "true"), (1, "false")] * 4)
    manifest = read_manifest(store)
    assert len(manifest.of("feedback")) == 4
    assert len(list((store / "feedback").iterdir())) == len(manifest.of("feedback"))
    assert [one.number for one in Workspace.open(store, write=False).feedback()] == list(range(1, 9))


def test_a_workspace_without_feedback_is_understood(store: Path) -> None:
    path = store / "manifest.json"
    table = json.loads(path.read_bytes())
    path.write_text(json.dumps({**table, "version": 1}), encoding="utf-8")
    assert Workspace.open(store, write=False).feedback() == []
    said(store, (1, "false"))
    assert len(Workspace.open(store, write=False).feedback()) == 1


def test_a_verdict_is_taken_back(store: Path) -> None:
    said(store, (1, "true"), (1, "false"))
    with Workspace.open(store, write=True) as workspace:
        assert undo(workspace, "2").verdict == "false"
        assert [one.verdict for one in standing(workspace.feedback())] == ["true"]
        undo(workspace, finding(1)["id"][:12].upper())
        assert (feedback_rules(workspace), standing(workspace.feedback())) == ((), [])
        with pytest.raises(UsageError, match="names no verdict"):
            undo(workspace, "9")


def alarms(false: int, true: int, *, first: int = 0, model: str = "m") -> list[Judgement]:
    kinds = [True] * false + [False] * true
    return [
        Judgement(
            number=first + at, alarm=f"{model}{first + at}", detector="model", model=model, is_false=one
        )
        for at, one in enumerate(kinds, 1)
    ]


@pytest.mark.parametrize(
    ("false", "true", "factor"),
    [(19, 0, 1.0), (20, 0, 0.5), (16, 4, 0.802), (10, 10, 1.0), (0, 20, 1.437), (3, 17, 1.0)],
)
def test_thresholds_move_after_enough(false: int, true: int, factor: float) -> None:
    made = moves(alarms(false, true))
    assert rate_factor(made, "model", "m") == pytest.approx(factor, abs=1e-3)


def test_moves_are_bounded_and_count_anew() -> None:
    made = moves(alarms(0, 60))
    assert [one.number for one in made] == [20, 40]
    assert [round(one.total, 3) for one in made] == [1.438, 2.0]
    assert len(moves(alarms(200, 0))) == 1


def test_an_alarm_counts_once_and_a_new_model_begins_anew() -> None:
    assert moves([*alarms(19, 0), *alarms(19, 0)]) == []
    assert rate_factor(moves(alarms(20, 0)), "model", "other") == 1.0


def test_looking_often_finds_nothing_by_chance() -> None:
    # After 27 verdicts the bound would hold for a moment; nobody looks then.
    some = [*alarms(13, 7), *alarms(7, 0, first=20)]
    assert share_bounds(20, 27)[0] > 0.5
    assert moves(some) == []


def test_bounds_by_hand() -> None:
    assert share_bounds(0, 10)[0] == 0.0
    assert share_bounds(0, 10)[1] == pytest.approx(1 - 0.05 ** (1 / 10))
    assert share_bounds(10, 10) == pytest.approx((0.05 ** (1 / 10), 1.0))


def test_only_models_have_moves(store: Path) -> None:
    said(store, (1, "false"), *[(at, "false") for at in range(16, 36)])
    workspace = Workspace.open(store, write=False)
    (move,) = feedback_moves(workspace.feedback())
    assert (move.detector, move.judged, move.false) == ("model", 20, 20)
    assert rate_factor([move], "model", "blake3:ab") == 0.5
    assert rate_factor([move], "model", "blake3:cd") == 1.0


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["feedback", *words])
    told = capsys.readouterr()
    return int(str(left.value)), told.out + told.err


def test_the_command(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--store", str(store))
    code, told = run(capsys, finding(1)["id"], "false", "--note", "our\nbackup", *place)
    assert code == 0
    assert "not raised: port_scan of 10.0.0.1 to 10.0.1.9 at port 22" in told
    code, told = run(capsys, "list", *place)
    assert (code, "our\\nbackup" in told) == (0, True)
    code, told = run(capsys, "list", "--json", *place)
    assert json.loads(told)["verdicts"][0]["verdict"] == "false"
    code, told = run(capsys, "undo", "1", *place)
    assert (code, "taken back" in told) == (0, True)
    code, told = run(capsys, "list", *place)
    assert "No verdicts" in told


@pytest.mark.parametrize(
    "words", [("f1d0", "maybe"), ("f1d0",), ("undo",), ("list", "true"), ("ffff", "true"), ("undo", "x")]
)
def test_the_command_refuses(store: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, told = run(capsys, *words, "--store", str(store))
    assert code == 2
    assert "Traceback" not in told


def test_a_false_alarm_is_raised_no_more_and_the_reason_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture, place = tmp_path / "scan.pcap", ("--store", str(tmp_path / "store"))
    tries = [refused((HOST, 40_000 + port, "10.0.1.1", port), start=T + port / 5) for port in range(1, 61)]
    write_pcap(capture, [packet for packets in tries for packet in packets])

    def analyzed() -> tuple[list[dict[str, Any]], str]:
        with pytest.raises(SystemExit):
            main(["analyze", str(capture), "--detectors", "port_scan", "--json", *place])
        told = capsys.readouterr()
        found: list[dict[str, Any]] = json.loads(told.out)["findings"]
        return found, told.err

    (scan,), _ = analyzed()
    assert run(capsys, scan["id"][:8], "false", *place)[0] == 0
    found, told = analyzed()
    assert found == []
    assert f"suppressed: a false alarm, said of {scan['id'][:8]}" in told
    assert run(capsys, "undo", "1", *place)[0] == 0
    assert [one["id"] for one in analyzed()[0]] == [scan["id"]]
