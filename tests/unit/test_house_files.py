"""What holds for every file of the project: its length, what it may not say, what must be there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
NOT_OURS = {"target", "out", "build", "dist", "__pycache__", "corpus", "artifacts"}
CODE = {".rs", ".py", ".pyi", ".toml", ".sh", ""}
TEXT = CODE | {".md", ".html", ".j2", ".css", ".js", ".txt", ".yml", ".yaml"}
CRATES = sorted(path.parent for path in ROOT.glob("crates/*/Cargo.toml"))
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"]
# Written in pieces, so that this file does not say what it forbids.
FORBIDDEN = {
    "a path of one machine": "/(?:ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk|t" + r"mp)/\w",
    "a registry by name": "|".join(["arti" + "factory", "index" + r"\.crates", "pypi" + r"\.org"]),
    "work left open": "|".join(["TO" + "DO", "FIX" + "ME", r"\bXX" + r"X\b", "unimpl" + "emented!"]),
    "a drawer without a name": r"\bmod (?:utils|helpers|common|manager)\b",
}


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield the project's own text files."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
        if hidden or path.is_symlink() or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from files(path)
        elif path.suffix in TEXT:
            yield path


def name(path: Path) -> str:
    """Return the path as it is written in the project."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_of_code_is_too_long() -> None:
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files()
        if path.suffix in CODE
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_says(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name(path)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_folder_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "manager"}
    assert [name(path) for path in files() if drawers & {*path.parts, path.stem}] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_are_there(document: str) -> None:
    assert len((ROOT / document).read_text(encoding="utf-8").splitlines()) > 4


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name(path)}: {link}"
        for path in files()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / link).exists()
    ]
    assert broken == []


def test_decisions_are_dated_and_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions
    for path in decisions:
        if path.stem == "README":
            continue
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# .+\n\n\d{4}-\d\d-\d\d\. ", text), name(path)
        assert len(text.splitlines()) <= 45, name(path)


def test_crates_are_found() -> None:
    assert {"oddwire-core", "oddwire-capture", "oddwire-table"} <= {crate.name for crate in CRATES}


@pytest.mark.parametrize("crate", CRATES, ids=lambda crate: crate.name)
def test_a_crate_inherits_lints_version_and_licence(crate: Path) -> None:
    manifest = tomllib.loads((crate / "Cargo.toml").read_text(encoding="utf-8"))
    assert manifest["lints"] == {"workspace": True}
    for field in ("version", "edition", "rust-version", "license"):
        assert manifest["package"][field] == {"workspace": True}, field
    assert manifest["package"]["description"]


@pytest.mark.parametrize("crate", CRATES, ids=lambda crate: crate.name)
def test_unsafe_code_stays_where_the_threat_model_says(crate: Path) -> None:
    text = (crate / "src" / "lib.rs").read_text(encoding="utf-8")
    word = "deny" if crate.name in {"oddwire-capture", "oddwire-py"} else "forbid"
    assert f"#![{word}(unsafe_code)]" in text


@pytest.mark.parametrize("crate", CRATES, ids=lambda crate: crate.name)
def test_crates_depend_downwards(crate: Path) -> None:
    allowed = {
        "oddwire-core": set(),
        "oddwire-capture": {"oddwire-core"},
        "oddwire-table": {"oddwire-core"},
        "oddwire-learn": set(),
        "oddwire-pipeline": {"oddwire-core", "oddwire-capture", "oddwire-table"},
        "oddwire-py": {
            "oddwire-core",
            "oddwire-capture",
            "oddwire-learn",
            "oddwire-table",
            "oddwire-pipeline",
        },
    }
    manifest = tomllib.loads((crate / "Cargo.toml").read_text(encoding="utf-8"))
    used = set(manifest.get("dependencies", {}))
    assert {dependency for dependency in used if dependency.startswith("oddwire-")} <= allowed[crate.name]
    assert crate.name == "oddwire-py" or not used & {"pyo3", "pyo3-ffi", "numpy"}


def test_one_version_everywhere() -> None:
    python = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    rust = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    assert python == rust
