"""The labelled captures of the pack: our score is that of the script beside them, and does not fall."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from oddwire.engine.evaluation import Wish, evaluate
from oddwire.engine.labels import read_labels
from tests.heavy.needs import ROOT, missing

# Every labelled attack of these kinds is found as what it is.
CERTAIN = ("port_scan", "host_sweep", "arp_scan", "arp_spoof", "syn_flood", "reflection_flood")
MOST_FALSE_ALARMS = 4
PLACES = (Path(os.environ.get("ODDWIRE_CAPTURES", ".")).parent, ROOT.parent / "shared" / "captures")
Scored = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def scored(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Return our score of the pack, and the script's of the same findings."""
    beside = next((one for one in PLACES if (one / "score_findings.py").is_file()), None)
    if beside is None:
        missing("truth_dev.csv and score_findings.py beside the captures pack")
    truth, folder = beside / "truth_dev.csv", tmp_path_factory.mktemp("scored")
    wish = Wish(labels=truth, manifest=pack / "MANIFEST.csv", keep_dir=folder / "findings")
    ours = evaluate(wish)
    assert ours.remarks == []
    assert set(ours.places) == {label.capture for label in read_labels(truth)}
    script = [sys.executable, str(beside / "score_findings.py"), str(truth), str(folder / "findings")]
    subprocess.run([*script, "--json", str(folder / "theirs.json")], check=True, capture_output=True)
    return ours.tally.to_dict(), json.loads((folder / "theirs.json").read_text())


def test_recall_is_that_of_the_script(scored: Scored) -> None:
    ours, theirs = scored
    assert ours["summary"]["recall"] == theirs["summary"]["recall"]
    assert ours["summary"]["by_kind"] == theirs["summary"]["by_kind"]


def test_every_row_is_judged_as_by_the_script(scored: Scored) -> None:
    ours, theirs = scored
    for mine, other in zip(ours["rows"], theirs["rows"], strict=True):
        for delay in ("delay_s", "right_delay_s"):
            assert mine.pop(delay) == pytest.approx(other.pop(delay), abs=1e-5)
        assert mine == other


def test_false_alarms_are_those_of_the_script(scored: Scored) -> None:
    ours, theirs = scored
    assert ours["benign"] == theirs["benign"]
    mine, in_all = ours["summary"]["benign"], theirs["summary"]["benign"]["all"]
    # The script adds up hours that it has rounded.
    for key in ("hours", "alarms_per_hour"):
        assert mine.pop(key) == pytest.approx(in_all[key], abs=0.01)
    assert mine == {key: in_all[key] for key in mine}


def test_precision_and_delay_are_those_of_the_script(scored: Scored) -> None:
    ours, theirs = (one["summary"] for one in scored)
    assert ours["entity_precision"] == theirs["entity_precision"]
    assert ours["subjects_alarmed"] == theirs["subjects_alarmed"]
    assert ours["median_delay_s"] == pytest.approx(theirs["median_delay_s"], abs=1e-5)


def test_what_is_certain_is_found_as_what_it_is(scored: Scored) -> None:
    lost = defaultdict(list)
    for row in scored[0]["rows"]:
        if row["kind"] in CERTAIN and not row["right_kind"]:
            lost[row["kind"]].append(f"{row['row']} {row['label']}")
    assert dict(lost) == {}


def test_benign_captures_raise_few_alarms(scored: Scored) -> None:
    alarmed = [(one["capture"], one["by_detector"]) for one in scored[0]["benign"] if one["alarms"]]
    assert scored[0]["summary"]["benign"]["alarms"] <= MOST_FALSE_ALARMS, alarmed
