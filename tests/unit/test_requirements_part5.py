"""The promises that learning keeps, by the command line: a made office is learned, another day is judged."""

import csv
import io
import json
import pickle
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import polars as pl
import pytest

from oddwire.cli import main
from oddwire.engine.models import all_models
from oddwire.engine.trained import Trained
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.incidents import play
from oddwire.testing.simulation.light import office_of, write_light_office
from oddwire.testing.simulation.weeks import day_start_ns
from tests.unit.conftest import Cli, Done

DOCS = Path(__file__).resolve().parents[2] / "docs"
SEED, EVERY = 7, 6
CULPRIT = "10.20.30.21"
QUICK = ("--trees", "20", "--quiet")
FOREST = ("--model-type", "isolation-forest", *QUICK)
NINE = {
    "unique_dst_ips", "unique_src_ports", "unique_dst_ports", "length_mean", "length_max", "packets",
    "port_ratio", "packets_per_dst",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Made:
    """An ordinary day, a later one with an incident, and a forest that learned the first."""

    folder: Path
    ordinary: Path
    later: Path
    model: Path
    trained: Done


def ran(*words: object) -> Done:
    """Run a command line in this process, outside of a test."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    return Done(code=int(left.value.code or 0), out=out.getvalue(), err=err.getvalue())


def with_loot(path: Path) -> Path:
    """Write the next day, on which one desk sends 3 MB to a place that nobody knows."""
    at = day_start_ns(0) + 9 * 3_600 * NS
    planted, incident = play(office_of(SEED).roles, "exfil_burst", "quiet", seed=3, start_ns=at)
    assert incident.subject == CULPRIT
    planted = planted.with_columns(pl.col("payload_out").clip(0, 3_000_000), packets_out=pl.lit(0, pl.Int64))
    return write_light_office(path, seed=SEED, day=1, hours=14, every=EVERY, planted=planted)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the two days and the model; 18 hours are the least that calibrate on 6."""
    folder = tmp_path_factory.mktemp("office")
    ordinary = write_light_office(folder / "monday.pcap", seed=SEED, hours=18, every=EVERY)
    model = folder / "office.oddwire"
    trained = ran("train", ordinary, "--model", model, "--seed", 7, *FOREST)
    later = with_loot(folder / "tuesday.pcap")
    return Made(folder=folder, ordinary=ordinary, later=later, model=model, trained=trained)


@pytest.fixture(scope="module")
def found(made: Made) -> dict[str, Any]:
    """Return what `detect --json` says, which also writes every row."""
    rows = made.folder / "rows.csv"
    done = ran("detect", made.later, "--model", made.model, "--no-store", "--json", "--output", rows)
    assert done.code == 0
    told: dict[str, Any] = json.loads(done.out)
    return {**told, "rows": list(csv.DictReader(rows.read_text(encoding="utf-8").splitlines()))}


def inspected(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(ran("model", "inspect", path, "--json").out)
    return told


def test_an_isolation_forest_is_reproducible(made: Made, tmp_path: Path) -> None:
    """Row S1.14: the same traffic and seed give the same file."""
    again, other = tmp_path / "again.oddwire", tmp_path / "other.oddwire"
    assert ran("train", made.ordinary, "--model", again, "--seed", 7, *FOREST).code == 0
    assert ran("train", made.ordinary, "--model", other, "--seed", 8, *FOREST).code == 0
    assert again.read_bytes() == made.model.read_bytes()
    assert other.read_bytes() != made.model.read_bytes()


def test_what_is_normal_is_learned_from_ordinary_traffic(made: Made, found: dict[str, Any]) -> None:
    """Row S2.2: what was planted later is found, and it is the oddest host."""
    assert made.trained.code == 0
    assert "Learned what is normal" in made.trained.out
    assert "Promise: at most" in made.trained.out
    assert CULPRIT in [one["subject"]["ip"] for one in found["findings"][:2]]


@pytest.mark.parametrize("name", ["isolation_forest", *(one.type for one in all_models())])
def test_the_type_of_model_is_chosen(cli: Cli, made: Made, tmp_path: Path, name: str) -> None:
    """Rows S2.3 and S2.5: each type is trained by its name, and `detect` needs no word of it."""
    model = tmp_path / "model"
    words = ("--model-type", name, "--units", "hosts-hour", *QUICK)
    assert cli("train", made.ordinary, "--model", model, *words).code == 0
    told = json.loads(cli("detect", made.later, "--model", model, "--no-store", "--json").out)
    assert told["model"]["type"] == name.replace("_", "-")
    assert CULPRIT in {one["subject"]["ip"] for one in told["findings"]}


def test_an_unknown_type_is_refused_with_the_nearest(cli: Cli, made: Made, tmp_path: Path) -> None:
    done = cli("train", made.ordinary, "--model", tmp_path / "m", "--model-type", "isolation-florest")
    assert (done.code, "did you mean 'isolation-forest'?" in done.err) == (2, True)


def test_where_the_model_lies_is_chosen(
    cli: Cli, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row S2.4: in `models/network_model` unless said; a name with `.oddwire` is one file."""
    monkeypatch.chdir(tmp_path)
    words = ("--model-type", "histogram", "--units", "hosts-hour", "--quiet")
    assert cli("train", made.ordinary, *words).code == 0
    assert (tmp_path / "models" / "network_model" / "manifest.json").is_file()
    assert cli("detect", made.later, "--no-store").code == 0
    assert zipfile.is_zipfile(made.model)


def test_a_forest_learns_profiles_with_a_seed(made: Made) -> None:
    """Row S2.16: rows are hosts in a span of time, and the file says by which seed."""
    told = inspected(made.model)
    assert (told["type"], told["said"]["recipe.seed"], told["said"]["recipe.trees"]) == (
        "isolation-forest", 7, 20,
    )  # fmt: skip
    assert {"packets_out", "sent_to", "from_ports", "to_ports"} <= set(told["features"])
    assert told["said"]["members.hosts-minute.rows"] > 1_000


def test_scaling_is_kept_with_the_model(made: Made) -> None:
    """Row S2.17: one row alone is scored as among others, by a model that was only read from its file."""
    part = Trained.load(made.model).parts[0]
    kept = part.model.save().arrays
    assert kept["scaling.names"].tolist() == list(part.names)
    few = pl.DataFrame({name: [1.0, 50.0, 9e6] for name in part.names})
    each = [float(part.model.score(few[at : at + 1])[0]) for at in range(3)]
    assert part.model.score(few).to_list() == pytest.approx(each, abs=1e-9)


def test_models_are_read_without_pickle(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row S2.18: a model is JSON and plain arrays; nothing is unpickled, and a changed byte is refused."""

    def never(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, never)
    assert Trained.load(made.model).type == "isolation-forest"
    with zipfile.ZipFile(made.model) as archive:
        names = archive.namelist()
        assert {name.rpartition(".")[2] for name in names} == {"json", "npz"}
        for name in (name for name in names if name.endswith(".npz")):
            with np.load(io.BytesIO(archive.read(name)), allow_pickle=False) as arrays:
                assert all(arrays[key].dtype != object for key in arrays)
    changed = bytearray(made.model.read_bytes())
    changed[len(changed) // 2] ^= 1
    path = made.folder / "changed.oddwire"
    path.write_bytes(bytes(changed))
    assert ran("detect", made.later, "--model", path).code == 3


def test_a_score_is_higher_where_it_is_odder_and_flagged(found: dict[str, Any]) -> None:
    """Rows S2.19 and S3.13: every row has a decision value, and the flag says which reach the threshold."""
    scores = [float(row["anomaly_score"]) for row in found["rows"]]
    flags = [row["anomaly_flag"] == "true" for row in found["rows"]]
    assert len(scores) > 1_000
    assert scores == sorted(scores, reverse=True)
    assert flags == [score >= found["threshold"] for score in scores]
    assert 0 < sum(flags) < len(flags) / 10
    assert found["rows"][0]["src_ip"] == CULPRIT


def test_each_anomaly_has_its_nine_values(made: Made, found: dict[str, Any]) -> None:
    """Row S2.26: who and how odd, then what the host did in figures; on the screen as in the file."""
    hosts = [one for one in found["findings"] if one["kind"] == "odd_host"]
    assert hosts
    assert all(one["facts"].keys() >= NINE and one["score"] for one in hosts)
    shown = ran("detect", made.later, "--model", made.model, "--no-store", "--quiet").out
    for words in ("source 10.", "score 0.", "destinations,", "source ports,", "longest", "port ratio"):
        assert words in shown


def test_the_limits_are_said(cli: Cli, small: Path, made: Made, tmp_path: Path) -> None:
    """Row S2.33: in the page, and by the program where it meets them."""
    page = " ".join((DOCS / "learning.md").read_text(encoding="utf-8").partition("## Limits")[2].split())
    said = ("counts as normal", "no replacement for rules", "Tuning", "Large captures", "A budget is not")
    for words in said:
        assert words in page
    few = cli("train", small, "--model", tmp_path / "few")
    assert (few.code, "too little traffic to learn from" in few.err) == (2, True)
    strict = cli("detect", made.later, "--model", made.model, "--budget", "1/week", "--no-store")
    assert (strict.code, "support at most a budget of" in strict.err) == (2, True)


def test_a_forest_learns_conversations_with_seed_and_split(cli: Cli, made: Made, tmp_path: Path) -> None:
    """Row S3.12: packets by conversation; the last third calibrates, and the forest never saw it."""
    model = tmp_path / "flows.oddwire"
    words = ("--units", "flows-each", "--seed", 3, *FOREST)
    assert cli("train", made.ordinary, "--model", model, *words).code == 0
    said = inspected(model)["said"]
    assert said["recipe.seed"] == 3
    assert said["members.flows-each.calibrated"] is True
    assert said["calibration.days"] == pytest.approx(6 / 24, abs=0.05)
    rows = tmp_path / "rows.csv"
    cli("detect", made.ordinary, "--model", model, "--output", rows, "--no-store")
    judged = pl.read_csv(rows)
    assert judged["anomaly_score"].null_count() == 0
    assert said["members.flows-each.rows"] < 0.8 * judged.height


def test_detection_writes_what_is_asked_for(cli: Cli, made: Made, tmp_path: Path) -> None:
    """Row S3.22: an output, only its anomalies, a share instead of a budget, and the top N."""
    rows = tmp_path / "anomalies.csv"
    words = ("--model", made.model, "--no-store", "--contamination", "0.005", "--top-n", "1")
    done = cli("detect", made.later, *words, "--output", rows, "--only-anomalies")
    assert done.code == 0
    assert f"Written: {rows}" in done.out
    assert done.out.count("source 10.") == 1
    assert "more anomalies; more with --top-n" in done.out
    written = pl.read_csv(rows)
    assert written["anomaly_flag"].all()
    every = json.loads(cli("detect", made.later, *words, "--json").out)
    assert len(every["findings"]) == 1
    assert every["findings"][0]["severity"] == "low"


def test_what_was_learned_judges_beside_the_rules(cli: Cli, made: Made, found: dict[str, Any]) -> None:
    """Row S4.19: `analyze --model` finds what `detect` finds, with reasons; without one it says so, low."""
    told = json.loads(cli("analyze", made.later, "--model", made.model, "--no-store", "--json").out)
    learned = [one for one in told["findings"] if one["detector"] == "model"]
    assert {one["id"] for one in learned} == {one["id"] for one in found["findings"]}
    assert all(one["severity"] == "medium" and one["provenance"]["model"] for one in learned)
    assert all(reason["typical"] for one in learned for reason in one["reasons"])
    alone = json.loads(cli("analyze", made.later, "--no-store", "--json").out)["findings"]
    ranked = [one for one in alone if one["detector"] == "outliers"]
    assert ranked
    assert {one["severity"] for one in ranked} == {"low"}
    assert all("stands out in this capture" in one["title"] for one in ranked)


def test_a_false_alarm_is_not_found_again(made: Made, tmp_path: Path) -> None:
    words = ("detect", made.later, "--model", made.model, "--store", tmp_path / "store", "--json")
    first = json.loads(ran(*words).out)["findings"]
    wrong = first[0]["id"]
    assert ran("feedback", wrong, "false", "--store", tmp_path / "store").code == 0
    again = ran(*words)
    assert wrong not in {one["id"] for one in json.loads(again.out)["findings"]}
    assert "suppressed: a false alarm" in again.err


def test_evaluate_holds_a_model_against_its_promise(made: Made, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("capture,kind,also,attackers,victims,start,end,label\nmonday.pcap,benign,,,,,,\n")
    asked = (
        "evaluate",
        made.ordinary,
        "--labels",
        labels,
        "--model",
        made.model,
        "--budget",
        "50/day",
        "--quiet",
    )
    told = ran(*asked, "--json")
    assert told.code == 0, told.err
    model = json.loads(told.out)["model"]
    assert model["budget"] == 50.0
    assert model["interval95"][0] <= model["per_day"] <= model["interval95"][1]
    assert 0.5 < model["days"] < 1.0
    assert "it promised at most 50 a day" in ran(*asked).out


def test_rows_tell_p_values_and_what_many_rows_make_of_them(found: dict[str, Any]) -> None:
    rows = [(float(one["p_value"]), float(one["p_adjusted"])) for one in found["rows"]]
    assert all(0 < p <= adjusted <= 1 for p, adjusted in rows)
    assert [adjusted for _, adjusted in sorted(rows)] == sorted(adjusted for _, adjusted in rows)


def test_no_thread_is_a_plain_error(made: Made) -> None:
    done = ran("train", made.ordinary, "--jobs", "0", "--model", made.folder / "none")
    assert (done.code, "--jobs 1" in done.err) == (2, True)
