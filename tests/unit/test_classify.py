import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from oddwire.learning.model_files import OURS, read_model, write_model
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo import demo_packets
from oddwire.testing.packets import ACK, RST, SYN, tcp
from tests.unit.conftest import Cli
from tests.unit.labelled import BEGIN, CLASSES, table, written

SCANNER, TARGET = "192.168.10.66", "192.168.10.3"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return written(tmp_path / "rows.csv")


@pytest.fixture
def model(cli: Cli, rows: Path) -> Path:
    path = rows.with_name("model.oddwire")
    done = cli("classify", "train", rows, "--trees", 20, "--output", path, "--quiet")
    assert done.code == 0, done.err
    return path


def figures(cli: Cli, *words: object) -> dict[str, Any]:
    done = cli("classify", *words, "--json")
    assert done.code == 0, done.err
    told: dict[str, Any] = json.loads(done.out)
    return told


@pytest.mark.parametrize("kind", ["random-forest", "gradient-boosting"])
def test_classes_that_differ_are_told_apart_by_what_they_did(cli: Cli, rows: Path, kind: str) -> None:
    told = figures(cli, "train", rows, "--model-type", kind, "--trees", 20)
    assert told["figures"]["labels"] == list(CLASSES)
    assert told["figures"]["f1"] > 0.9
    assert told["rows"] == {"learned": 168, "calibrated": 43, "held_out": 89}
    assert not {"src_ip", "start", "flow_id", "ttl_min"} & set(told["columns"])
    assert told["importances"][0]["column"] in {"bytes", "packets", "dst_port", "state"}


@pytest.mark.parametrize("kind", ["random-forest", "gradient-boosting"])
def test_one_seed_gives_one_model_byte_for_byte(cli: Cli, rows: Path, kind: str) -> None:
    written_models = []
    for at, (seed, jobs) in enumerate([(5, 1), (5, 2), (6, 1)]):
        path = rows.with_name(f"{at}.oddwire")
        words = ["--model-type", kind, "--trees", 5, "--random-state", seed, "--jobs", jobs]
        assert cli("classify", "train", rows, *words, "-o", path).code == 0
        written_models.append(path.read_bytes())
    assert written_models[0] == written_models[1] != written_models[2]


def test_the_screen_says_what_is_right_and_what_was_left_out(cli: Cli, rows: Path) -> None:
    shown = cli("classify", rows, "--label-column", "label", "--test-size", 0.2, "--random-state", 1).out
    assert "random-forest, 200 trees: learned 3 classes" in shown
    words = " ".join(shown.split())
    assert "% of 60 rows held out, drawn at random within classes, are right; always saying 'benign'" in words
    assert "would be right in 50.0%" in words
    assert "true, said:  beacon  benign  port_scan" in shown
    assert "addresses: src_ip" in shown
    assert "Not kept; keep it with -o MODEL.oddwire" in shown
    assert max(map(len, shown.splitlines())) <= 110


@pytest.mark.parametrize("split", ["time", "host"])
def test_rows_are_held_out_by_time_or_host(cli: Cli, rows: Path, split: str) -> None:
    told = figures(cli, "train", rows, "--split", split, "--trees", 20, "--cv", 3)
    assert told["split"] == split
    assert told["figures"]["f1"] > 0.9
    assert told["cross_validated"]["folds"] == 3


def test_a_grid_is_searched_and_the_best_is_kept(cli: Cli, rows: Path) -> None:
    words = ["--grid-param", "max_depth=1,6", "--grid-param", "n_estimators=3", "--cv", 3]
    told = figures(cli, "train", rows, *words)
    assert [one["parameters"]["max_depth"] for one in told["tried"]] == [6, 1]
    assert told["parameters"] == {"n_estimators": 3, "max_depth": 6}
    assert "Grid search: 2 combinations tried" in cli("classify", "train", rows, *words).out


def test_a_column_that_gives_the_answer_away_is_named_first(cli: Cli, tmp_path: Path) -> None:
    leaking = table().with_columns(verdict=pl.col("label").str.to_uppercase())
    leaking.write_csv(tmp_path / "leaking.csv")
    words = ["train", tmp_path / "leaking.csv", "--single-feature", "--check-leak", "--trees", 10]
    shown = cli("classify", *words).out
    assert "! column 'verdict' alone gives a macro F1 of 1.000" in shown
    assert shown.index("To look at first") < shown.index("are right")
    told = figures(cli, *words)
    alone = {one["column"]: one["f1"] for one in told["single_columns"]}
    assert alone["verdict"] == 1
    assert alone["gap"] < 0.6
    assert told["shuffled"]["recall"] == pytest.approx(1 / 3, abs=0.12)


def test_rows_are_said_in_their_order_with_whose_they_are(cli: Cli, rows: Path, model: Path) -> None:
    out = rows.with_name("said.parquet")
    told = figures(cli, "predict", rows, "--model", model, "-o", out)
    said, truth = pl.read_parquet(out), table()
    assert said["row"].to_list() == list(range(300))
    assert said["flow_id"].to_list() == truth["flow_id"].to_list()
    assert (said["label"] == truth["label"]).mean() > 0.95  # type: ignore[operator]
    assert said["probability"].is_between(0, 1).all()
    assert told["rows"] == 300
    assert told["unknown"] == int(said["unknown"].sum())
    assert sum(told["labels"].values()) == 300
    shown = cli("classify", "predict", rows, "--model", model)
    assert "300 rows:" in shown.out


def test_a_row_like_no_class_is_unknown(cli: Cli, rows: Path, tmp_path: Path) -> None:
    many = written(rows.with_name("many.csv"), 1_200)
    path = rows.with_name("sure.oddwire")
    assert cli("classify", "train", many, "--trees", 40, "-o", path).code == 0
    strange = table(40).with_columns(
        packets=pl.lit(1), bytes=pl.lit(2_000), state=pl.lit("REJ"), dst_port=443
    )
    strange.write_csv(tmp_path / "strange.csv")
    told = figures(cli, "predict", tmp_path / "strange.csv", "--model", path, "--unknown", 0.1)
    assert told["unknown"] > 30
    again = figures(cli, "predict", many, "--model", path, "--unknown", 0.1)
    assert again["unknown"] <= 0.15 * 1_200


def test_a_model_is_judged_on_its_own(cli: Cli, rows: Path, model: Path) -> None:
    later = written(rows.with_name("later.csv"), seed=2)
    told = figures(cli, "evaluate", later, "--model", model, "--label-column", "label")
    assert told["figures"]["f1"] > 0.9
    assert told["coverage"]["covered"] > 0.9
    assert "labelled rows are right" in " ".join(cli("classify", "evaluate", later, "-m", model).out.split())


def test_rows_that_were_learned_from_are_noticed(cli: Cli, rows: Path, model: Path) -> None:
    assert figures(cli, "evaluate", rows, "--model", model)["rows_also_learned"] > 0.5
    assert "equal to a row that the model learned from" in " ".join(
        cli("classify", "evaluate", rows, "--model", model).out.split()
    )


def test_classes_never_learned_are_said(cli: Cli, rows: Path, model: Path) -> None:
    table(60).with_columns(label=pl.lit("flood")).write_csv(rows.with_name("new.csv"))
    done = cli("classify", "evaluate", rows.with_name("new.csv"), "--model", model)
    assert "60 rows are of classes that were never learned: 'flood'" in done.err
    told = figures(cli, "evaluate", rows.with_name("new.csv"), "--model", model)
    assert told["classes_never_learned"] == {"flood": 60}
    assert told["figures"]["accuracy"] == 0


def capture_with_a_scan(folder: Path) -> Path:
    """Write two captures of an office, each with a scan, and their labels."""
    head = "capture,kind,attackers,victims,start,end,remainder"
    lines = [head]
    for seed in (1, 2):
        packets = demo_packets(seed)
        for at in range(150):
            time = 1_710_062_460.0 + at * 0.1
            packets += [
                (time, tcp(SCANNER, 40_000 + at, TARGET, 1_000 + at * seed, SYN)),
                (time + 0.001, tcp(TARGET, 1_000 + at * seed, SCANNER, 40_000 + at, RST | ACK, ack=1)),
            ]
        write_pcap(folder / f"day{seed}.pcap", sorted(packets, key=lambda one: one[0]))
        lines.append(f"day{seed}.pcap,port_scan,{SCANNER},{TARGET},1710062460,1710062480,benign")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder / "labels.csv"


def test_flows_of_labelled_captures_are_learned_from(cli: Cli, tmp_path: Path) -> None:
    labels, model = capture_with_a_scan(tmp_path), tmp_path / "model.oddwire"
    told = figures(cli, "train", tmp_path / "day1.pcap", "--labels", labels, "-o", model, "--trees", 20)
    assert told["figures"]["labels"] == ["benign", "port_scan"]
    assert told["figures"]["f1"] > 0.98
    judged = figures(cli, "evaluate", tmp_path / "day2.pcap", "--labels", labels, "--model", model)
    assert judged["figures"]["f1"] > 0.98
    assert {"benign", "port_scan"} == set(
        figures(cli, "predict", tmp_path / "day2.pcap", "-m", model)["labels"]
    )


def test_labels_as_numbers_and_rows_without_one_are_read(cli: Cli, tmp_path: Path) -> None:
    numbered = table().with_columns(
        label=pl.when(pl.col("packets") == 12)
        .then(None)
        .otherwise((pl.col("state") == "REJ").cast(pl.Float64))
    )
    numbered.rename({"label": " Label"}).write_csv(tmp_path / "numbered.csv")
    done = cli("classify", "train", tmp_path / "numbered.csv", "--trees", 5, "--json")
    assert json.loads(done.out)["figures"]["labels"] == ["0", "1"]
    assert "without a label left out" in done.err


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        ("a,b\n1,2\n", [], "which column holds the labels?; name it with --label-column"),
        ("a,b\n1,2\n", ["--label-column", "kind"], "no column named 'kind'; there are a, b"),
        ("a,label\n1,x\n2,x\n", [], "one class is not enough: 'x'"),
        ("a,label\n1,x\n2,x\n3,y\n", [], "each class needs at least 2 rows, and 'y' (1) has fewer"),
        ("a,label\n1,\n", [], "no rows with a label"),
        ("", [], "this is no table that can be read"),
        ("a,a ,label\n1,2,x\n", [], "two columns have the same name"),
        (
            "src_ip,label\n10.0.0.1,x\n10.0.0.2,y\n10.0.0.3,x\n10.0.0.4,y\n",
            [],
            "no column is left to learn from",
        ),
        ("a,label\n1,x\n2,y\n", ["--test-size", "1.5"], "a share of 1.5 leaves one side empty"),
        ("a,label\n1,x\n2,y\n", ["--unknown", "2"], "--unknown 2 is no chance"),
        ("a,label\n1,x\n2,y\n", ["--grid-param", "depth=2"], "has no parameter 'depth'"),
    ],
)
def test_what_cannot_be_learned_from_is_one_line(
    cli: Cli, tmp_path: Path, content: str, words: list[str], message: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content)
    done = cli("classify", "train", path, *words)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_other_files_are_refused_in_one_line(cli: Cli, small: Path, rows: Path, model: Path) -> None:
    for words, message in [
        (["train", small], "captures have no labels of their own"),
        (["train", small, rows], "tables and captures are named together"),
        (["train", rows.with_name("gone.csv")], "no such file"),
        (["predict", rows, "--model", small], "small.pcap"),
        (["predict", rows, "--model", rows.with_name("gone.oddwire")], "gone.oddwire"),
        (["predict", small, "--model", model], "the table has no gap"),
    ]:
        done = cli("classify", *words)
        assert done.code in {2, 3}
        assert message in done.err
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told: told.pop("classes"), "lacks a part of a classifier"),
        (lambda told: told["classes"].append("more"), "lacks a part of a classifier"),
        (lambda told: told["preparation"]["columns"].pop(), "ask for other columns"),
        (lambda told: told.update(alpha=7), "impossible share of errors"),
        (lambda told: told.update(format=99), "of another version"),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(
    cli: Cli, rows: Path, model: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    kept = read_model(model)
    manifest = {key: json.loads(json.dumps(value)) for key, value in kept.manifest.items() if key not in OURS}
    change(manifest["classification"])
    forged = rows.with_name("forged.oddwire")
    write_model(forged, manifest, kept.parts)
    done = cli("classify", "predict", rows, "--model", forged)
    assert done.code in {2, 3}
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_a_model_of_another_task_is_refused(cli: Cli, rows: Path) -> None:
    other = rows.with_name("other.oddwire")
    write_model(other, {"type": "histogram"}, {})
    assert "this model is no classifier" in cli("classify", "predict", rows, "--model", other).err


def test_rare_classes_are_left_out_when_asked(cli: Cli, tmp_path: Path) -> None:
    rare = table().with_columns(
        label=pl.when(pl.col("start") == BEGIN).then(pl.lit("odd")).otherwise("label")
    )
    rare.write_csv(tmp_path / "rare.csv")
    told = figures(cli, "train", tmp_path / "rare.csv", "--least-rows", 5, "--trees", 5)
    assert told["figures"]["labels"] == list(CLASSES)
    assert "classes with fewer than 5 rows left out: 'odd' (1)" in told["remarks"]


def test_of_many_rows_a_part_is_drawn(cli: Cli, rows: Path) -> None:
    done = cli("classify", "train", rows, "--max-rows", 100, "--trees", 5, "--json")
    assert sum(json.loads(done.out)["rows"].values()) == 100
    assert "100 of 300 labelled rows drawn at random" in done.err
