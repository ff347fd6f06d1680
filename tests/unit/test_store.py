"""The workspace: what was kept comes back, whoever reads it, and however old it is."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from oddwire.errors import StoreError, UsageError
from oddwire.store import index, migration
from oddwire.store.manifest import FILE, read_manifest
from oddwire.store.parts import finding_rows
from oddwire.store.place import default_store
from oddwire.store.workspace import Workspace
from tests.unit.kept import line, of_file


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return a workspace of two runs with three findings."""
    folder = tmp_path / "store"
    with Workspace.open(folder, write=True) as workspace:
        workspace.add_run([of_file()], {"bpf": "tcp"}, [line(1), line(2, severity="high", kind="syn_flood")])
        workspace.add_run([of_file("b.pcap")], {}, [line(3, subject={"mac": "02:00:00:00:00:01"})])
    return folder


def without_index(folder: Path) -> None:
    index.remove_index(folder / index.FILE)


@pytest.mark.parametrize("indexed", [True, False])
def test_what_was_kept_comes_back(kept: Path, *, indexed: bool) -> None:
    if not indexed:
        without_index(kept)
    workspace = Workspace.open(kept, write=False)
    assert workspace.findings() == [
        line(1),
        line(2, severity="high", kind="syn_flood"),
        line(3, subject={"mac": "02:00:00:00:00:01"}),
    ]
    found = workspace.find(line(2)["id"][:16])
    assert found.line["kind"] == "syn_flood"
    assert found.run is not None
    assert (found.run.inputs, found.run.options, found.run.findings) == ((of_file(),), {"bpf": "tcp"}, 2)
    assert [run.findings for run in workspace.runs()] == [2, 1]


def test_findings_are_searched_by_their_columns(kept: Path) -> None:
    workspace = Workspace.open(kept, write=False)
    assert [one["id"] for one in workspace.findings(severity="high")] == [line(2)["id"]]
    assert [one["id"] for one in workspace.findings(subject="02:00:00:00:00:01")] == [line(3)["id"]]
    assert len(workspace.findings(kind="port_scan", limit=1)) == 1
    assert workspace.findings(detector="' OR 1=1 --") == []
    last = workspace.runs()[1]
    assert [one["id"] for one in workspace.findings(run=last.id)] == [line(3)["id"]]


def test_the_same_run_twice_is_one(kept: Path) -> None:
    with Workspace.open(kept, write=True) as workspace:
        before = read_manifest(kept)
        findings = [line(1), line(2, severity="high", kind="syn_flood")]
        assert workspace.add_run([of_file()], {"bpf": "tcp"}, findings) == workspace.runs()[0].id
        assert read_manifest(kept) == before


def test_of_a_finding_in_two_runs_the_later_run_counts(kept: Path) -> None:
    moved = of_file(folder="elsewhere")
    with Workspace.open(kept, write=True) as workspace:
        workspace.add_run([moved], {"bpf": "tcp"}, [line(1)])
        found = workspace.find(line(1)["id"])
    assert found.run is not None
    assert found.run.inputs == (moved,)


def test_a_prefix_must_name_one_finding(kept: Path) -> None:
    workspace = Workspace.open(kept, write=False)
    with pytest.raises(UsageError, match="more than one") as ambiguous:
        workspace.find("f1d0")
    assert all(line(number)["id"] in str(ambiguous.value) for number in (1, 2, 3))
    with pytest.raises(UsageError, match="no finding begins with 'abcd'"):
        workspace.find("abcd")
    with pytest.raises(UsageError, match="too short"):
        workspace.find("f1d")
    assert workspace.find(line(1)["id"].upper()).line == line(1)


def test_a_run_without_findings_is_a_run(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, write=True) as workspace:
        workspace.add_run([of_file()], {}, [])
        assert (len(workspace.runs()), workspace.findings()) == (1, [])


def test_no_workspace_is_an_empty_one(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "none", write=False)
    assert (workspace.runs(), workspace.findings(), workspace.suppressions()) == ([], [], [])
    assert workspace.check() == []
    assert not (tmp_path / "none").exists()


def test_rules_are_kept_and_dropped(kept: Path) -> None:
    with Workspace.open(kept, write=True) as workspace:
        assert workspace.suppress({"subject": "10.0.0.1", "reason": "scanner"}) == 1
        assert workspace.suppress({"kind": "beacon"}) == 2
        assert workspace.suppress({"kind": "beacon"}) == 2
        assert workspace.unsuppress(1).rule == {"subject": "10.0.0.1", "reason": "scanner"}
        with pytest.raises(UsageError, match="no suppression 1"):
            workspace.unsuppress(1)
        assert len(list(kept.glob("suppressions/*"))) == 1
    without_index(kept)
    assert [one.rule for one in Workspace.open(kept, write=False).suppressions()] == [{"kind": "beacon"}]
    with Workspace.open(kept, write=True) as workspace:
        workspace.unsuppress(2)
    assert Workspace.open(kept, write=False).suppressions() == []
    assert len(Workspace.open(kept, write=False).findings()) == 3


def test_whoever_reads_cannot_write(kept: Path) -> None:
    workspace = Workspace.open(kept, write=False)
    with pytest.raises(StoreError, match="opened for reading"):
        workspace.suppress({"kind": "beacon"})
    with pytest.raises(StoreError, match="opened for reading"):
        workspace.rebuild_index()


def test_there_is_one_writer(kept: Path) -> None:
    with (
        Workspace.open(kept, write=True),
        pytest.raises(StoreError, match="another program writes"),
    ):
        Workspace.open(kept, write=True, wait_s=0.1)
    Workspace.open(kept, write=True, wait_s=0).close()


def test_an_index_is_made_anew(kept: Path) -> None:
    (kept / index.FILE).write_bytes(b"this is no database" * 100)
    assert len(Workspace.open(kept, write=False).findings()) == 3
    assert [problem.partition(":")[0] for problem in Workspace.open(kept, write=False).check()] == [
        index.FILE
    ]
    with Workspace.open(kept, write=True) as workspace:
        assert workspace.check() == []
        assert len(workspace.findings()) == 3
    with closing(sqlite3.connect(kept / index.FILE)) as base:
        assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert base.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_an_index_of_another_state_is_mended_in_its_place(kept: Path) -> None:
    before = (kept / index.FILE).stat().st_ino
    with closing(sqlite3.connect(kept / index.FILE)) as base, base:
        base.execute("UPDATE state SET digest = 'another'")
        base.execute("DELETE FROM findings")
    assert len(Workspace.open(kept, write=False).findings()) == 3
    with Workspace.open(kept, write=True) as workspace:
        assert workspace.check() == []
        assert len(workspace.findings()) == 3
        assert (kept / index.FILE).stat().st_ino == before
        with closing(sqlite3.connect(kept / index.FILE)) as base:
            base.execute("DROP TABLE suppressions")
        workspace.rebuild_index()
        assert workspace.suppressions() == []
    assert Workspace.open(kept, write=False).check() == []


def test_a_damaged_part_is_named(kept: Path) -> None:
    part = min(kept.glob("findings/*.parquet"))
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    gone = min(kept.glob("runs/*.parquet"))
    gone.unlink()
    problems = Workspace.open(kept, write=False).check()
    assert any(part.name in one and "not what was written" in one for one in problems)
    assert any(gone.name in one and "gone" in one for one in problems)
    without_index(kept)
    with pytest.raises(StoreError):
        Workspace.open(kept, write=False).findings()


def test_the_parts_are_parquet_that_others_read(kept: Path) -> None:
    frame = pl.read_parquet(kept / "findings" / "*.parquet")
    assert frame.height == 3
    assert frame.schema["start"] == pl.Datetime("ns", "UTC")
    assert set(json.loads(frame["line"][0])) == set(line(1))


def test_what_is_not_ours_stays(kept: Path) -> None:
    theirs = [
        kept / "tables" / f"{'a' * 24}.parquet",
        kept / "findings" / "mine.parquet",
        kept / "x.unfinished",
    ]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not ours")
    left = kept / "findings" / f"{'a' * 24}.parquet"
    left.write_bytes(b"a part that no manifest names")
    Workspace.open(kept, write=True).close()
    assert not left.exists()
    assert all(path.exists() for path in theirs)


def version_0(folder: Path) -> None:
    """Write what version 0 wrote: a list of names, and no index that today's program uses."""
    (folder / "findings").mkdir(parents=True)
    (folder / "runs").mkdir()
    times = {"start": pl.Datetime("ns", "UTC"), "end": pl.Datetime("ns", "UTC")}
    frame = pl.DataFrame(finding_rows("0", [line(1)]), schema_overrides=times)
    frame.write_parquet(folder / "findings" / "a.parquet")
    run = {"run": "0", "inputs": "[]", "options": "{}", "findings": 1}
    pl.DataFrame([run]).write_parquet(folder / "runs" / "b.parquet")
    names = ["findings/a.parquet", "runs/b.parquet"]
    (folder / FILE).write_text(json.dumps({"version": 0, "parts": names}), encoding="utf-8")
    with closing(sqlite3.connect(folder / index.FILE)) as base:
        base.execute("CREATE TABLE findings (id TEXT)")


def test_an_older_version_is_read_and_then_written_in_todays_form(tmp_path: Path) -> None:
    version_0(tmp_path)
    before = (tmp_path / FILE).read_bytes()
    assert Workspace.open(tmp_path, write=False).findings() == [line(1)]
    assert (tmp_path / FILE).read_bytes() == before
    with Workspace.open(tmp_path, write=True) as workspace:
        workspace.add_run([of_file()], {}, [line(2)])
        assert workspace.check() == []
    assert json.loads((tmp_path / FILE).read_bytes())["version"] == migration.VERSION
    assert [one["id"] for one in Workspace.open(tmp_path, write=False).findings()] == [
        line(1)["id"],
        line(2)["id"],
    ]


def test_there_is_a_step_from_every_version() -> None:
    assert sorted(migration.STEPS) == list(range(migration.VERSION))


@pytest.mark.parametrize("write", [True, False])
def test_a_newer_version_is_refused(kept: Path, *, write: bool) -> None:
    table = json.loads((kept / FILE).read_bytes())
    (kept / FILE).write_text(json.dumps(table | {"version": 99}), encoding="utf-8")
    with pytest.raises(StoreError, match="version 99, and this Oddwire knows up to 2; update Oddwire"):
        Workspace.open(kept, write=write).findings()


def test_a_newer_index_is_refused(kept: Path) -> None:
    with closing(sqlite3.connect(kept / index.FILE)) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="this index has version 99"):
        Workspace.open(kept, write=False).findings()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "generation": 1, "parts": [1]}']
)
def test_what_is_no_manifest_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"manifest\.json: this is no manifest"):
        Workspace.open(tmp_path, write=False).findings()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        Workspace.open(tmp_path / "file" / "store", write=True)


@pytest.mark.skipif(os.name != "posix", reason="the places of Windows are its own")
def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("ODDWIRE_STORE", raising=False)
    assert default_store() == tmp_path / ".local" / "state" / "oddwire"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert default_store() == tmp_path / "state" / "oddwire"
    monkeypatch.setenv("ODDWIRE_STORE", str(tmp_path / "mine"))
    assert default_store() == tmp_path / "mine"
