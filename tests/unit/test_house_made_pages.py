"""The pages that are made from the detectors and from the schema are what the program would make now."""

import subprocess
import sys
from pathlib import Path

import pytest

from oddwire.base.detector import Detector
from oddwire.engine.registry import all_judges

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def made(folder: Path, script: str) -> dict[str, bytes]:
    """Return what a script writes, by path."""
    subprocess.run([sys.executable, ROOT / "scripts" / f"make_{script}.py", folder], check=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("script", ["detectors", "findings"])
def test_made_pages_are_current(tmp_path: Path, script: str) -> None:
    for name, content in made(tmp_path, script).items():
        there = (DOCS / name).read_bytes() if (DOCS / name).is_file() else None
        assert there == content, f"docs/{name}: run python scripts/make_{script}.py"


def test_every_detector_has_a_page_and_no_other_has() -> None:
    pages = {path.stem for path in (DOCS / "detectors").glob("*.md")} - {"README"}
    assert pages == {one.name for one in all_judges()}


@pytest.mark.parametrize("detector", all_judges(), ids=lambda one: one.name)
def test_a_detector_says_what_a_reader_needs(detector: type[Detector]) -> None:
    page = detector.page
    for text in (page.sees, page.matters, page.wrong_when):
        assert text.endswith(".")
    assert page.example
    assert [one.name for one in detector.described() if not one.meaning] == []


def test_the_page_of_a_detector_that_is_gone_goes(tmp_path: Path) -> None:
    (tmp_path / "detectors").mkdir()
    (tmp_path / "detectors" / "gone.md").write_text("old", encoding="utf-8")
    assert "detectors/gone.md" not in made(tmp_path, "detectors")
