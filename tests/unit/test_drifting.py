"""Drift of a model by its members: the part of the file, the verdict of all, and the command."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oddwire.cli import main
from oddwire.engine import gathering
from oddwire.engine.drifting import PART, Drifts, compared, load_references, reference_arrays, references_of
from oddwire.engine.gathering import Gathered
from oddwire.features.units.gather import FLOWS, HOURS, PAIRS, Member
from oddwire.features.units.schema import UNIT_SCHEMA
from oddwire.learning.model_files import write_model
from oddwire.learning.references import Reference
from oddwire.learning.verdicts import Verdict
from tests.unit.weeks_of_units import weeks


@cache
def units(days: int, start: int = 0, factor: float = 1.0) -> pl.DataFrame:
    table = weeks(1, days, start=start).rename({"bytes_out": "packets_out", "bytes_in": "new_outside"})
    return table.with_columns(pl.col("packets_out") * factor)


@cache
def references() -> Mapping[str, Reference]:
    return references_of(
        {HOURS: units(21), PAIRS: units(21).rename({"packets_out": "payload_out"}), FLOWS: units(2)}
    )


def hours(**given: Any) -> dict[Member, pl.DataFrame]:
    return {HOURS: units(7, 21, **given)}


def test_members_have_their_features_and_nothing_of_the_past() -> None:
    told = {name: one.features for name, one in references().items()}
    assert told == {"hosts-hour": ("packets_out", "failed"), "pairs-hour": ("payload_out",)}


def test_references_come_back_from_arrays() -> None:
    again = load_references(reference_arrays(references()))
    assert {name: one.features for name, one in again.items()} == {
        name: one.features for name, one in references().items()
    }


def test_the_gravest_member_decides() -> None:
    said = compared(references(), hours(factor=8.0))
    assert said.members["pairs-hour"].verdict is Verdict.UNKNOWN
    assert said.verdict is Verdict.CHANGED
    assert compared(references(), hours()).verdict is Verdict.STEADY


@pytest.mark.parametrize(
    ("factor", "least", "fails"),
    [(8.0, "changed", True), (8.0, "drifting", True), (8.0, None, False), (1.0, "drifting", False)],
)
def test_scripts_may_fail(factor: float, least: str | None, *, fails: bool) -> None:
    assert compared(references(), hours(factor=factor)).fails(least) is fails


def test_nothing_known_fails_nothing() -> None:
    assert not Drifts(members={}).fails("drifting")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    write_model(path, {"unit_schema": UNIT_SCHEMA}, {PART: reference_arrays(references())})
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["drift", *words])
    told = capsys.readouterr()
    return int(str(left.value)), told.out + told.err


@pytest.mark.parametrize(("factor", "code", "verdict"), [(1.0, 0, "steady"), (8.0, 1, "changed")])
def test_the_command(
    model: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    factor: float,
    code: int,
    verdict: str,
) -> None:
    def gathered(*_: object) -> Gathered:
        return Gathered(tables=hours(factor=factor))

    monkeypatch.setattr(gathering, "gather", gathered)
    words = ("week.pcap", "--model", str(model))
    assert run(capsys, *words, "--fail-on", "changed")[0] == code
    left, told = run(capsys, *words)
    assert (left, f"The network is {verdict}." in told) == (0, True)
    told = run(capsys, *words, "--json")[1]
    assert json.loads(told)["verdict"] == verdict


def test_a_model_without_a_reference_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for manifest, why in (({"unit_schema": UNIT_SCHEMA}, "keeps no reference"), ({}, "other features")):
        path = tmp_path / f"model{len(manifest)}"
        write_model(path, manifest, {})
        code, told = run(capsys, "week.pcap", "--model", str(path))
        assert code == 3
        assert why in told
