"""Builds the captures of the benchmark: real traffic tiled to 800 MB, and a flood.

python -m benchmarks.captures            # both, into the cache folder, and says where they are
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.build import ROOT, binary

_COUNTS = re.compile(r"packets=(\d+) bytes=(\d+) tiles=(\d+)")
_QUICK_TILES = 8
_QUICK_FLOOD = 300_000
_SLICE_TILES = 4
_SLICE_FLOOD = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """A capture and the first part of it that is given to tools too slow for the whole."""

    name: str
    path: Path
    packets: int
    bytes: int
    tiles: int
    slice_path: Path
    slice_packets: int
    origin: str

    @property
    def factor(self) -> float:
        """How many times the slice fits into the whole, by packets."""
        return self.packets / self.slice_packets


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """What the real capture is tiled from: folders of captures, or made sessions where there are none."""

    folders: tuple[Path, ...]

    @property
    def kind(self) -> str:
        """The maker's word for them, and the name of the file."""
        return "real" if self.folders else "made"

    @property
    def origin(self) -> str:
        """The seeds in words."""
        return "nDPI and JA4 captures, tiled" if self.folders else "made sessions, tiled"

    def command(self, out: str, tiles: int) -> list[str]:
        """The command that writes the tiles."""
        return [str(binary("make-captures")), self.kind, out, str(tiles), *map(str, self.folders)]


def cache_folder() -> Path:
    """Where captures and peers are kept: ODDWIRE_BENCH_CACHE, else below the user's cache folder."""
    named = os.environ.get("ODDWIRE_BENCH_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(named) if named else base / "oddwire" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def find_seeds(cache: Path) -> Seeds:
    """The nDPI and JA4 captures of the pack; none where there is no pack.

    ODDWIRE_CAPTURES names the pack, a folder or an archive; else it is sought beside the checkout.
    """
    named = os.environ.get("ODDWIRE_CAPTURES")
    places = [Path(named)] if named else [ROOT.parent / "shared" / "captures" / "captures.tar.xz"]
    for place in places:
        root = _unpack(place, cache) if place.is_file() else place
        folders = tuple(root / "devpack" / "conf" / name for name in ("ndpi", "ja4"))
        if all(folder.is_dir() for folder in folders):
            return Seeds(folders=folders)
    return Seeds(folders=())


def _unpack(archive: Path, cache: Path) -> Path:
    """Unpack the seeds once, complete or not at all."""
    folder = cache / "seeds"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as scratch, tarfile.open(archive) as pack:
            wanted = [entry for entry in pack if re.search(r"devpack/conf/(ndpi|ja4)/", entry.name)]
            pack.extractall(scratch, members=wanted, filter="data")
            Path(scratch, "unpacked").mkdir()
            Path(scratch, "devpack").rename(Path(scratch, "unpacked", "devpack"))
            Path(scratch, "unpacked").rename(folder)
    return folder


def build(*, quick: bool) -> list[Capture]:
    """Make the captures that are not there yet."""
    cache, suffix = cache_folder(), "-quick" if quick else ""
    seeds = find_seeds(cache)
    maker = str(binary("make-captures"))
    real = cache / f"{seeds.kind}{suffix}.pcap"
    flood = cache / f"flood{suffix}.pcap"
    flood_count = [str(_QUICK_FLOOD)] if quick else []
    return [
        _capture(
            "real",
            real,
            seeds.command(str(real), _QUICK_TILES if quick else 0),
            seeds.command(str(cache / f"{seeds.kind}-slice.pcap"), _SLICE_TILES),
            seeds.origin,
        ),
        _capture(
            "flood",
            flood,
            [maker, "flood", str(flood), *flood_count],
            [maker, "flood", str(cache / "flood-slice.pcap"), str(_SLICE_FLOOD)],
            "a scan, spoofed SYNs, UDP",
        ),
    ]


def empty_capture() -> Path:
    """A capture without a packet."""
    path = cache_folder() / "empty.pcap"
    _make(path, [str(binary("make-captures")), "empty", str(path)])
    return path


def small_capture() -> Path:
    """A thousand packets."""
    path = cache_folder() / "small.pcap"
    _make(path, [str(binary("make-captures")), "flood", str(path), "1000"])
    return path


def _capture(name: str, path: Path, whole: list[str], part: list[str], origin: str) -> Capture:
    slice_path = Path(part[2])
    packets, size, tiles = _make(path, whole)
    slice_packets, _, _ = _make(slice_path, part)
    return Capture(
        name=name,
        path=path,
        packets=packets,
        bytes=size,
        tiles=tiles,
        origin=origin,
        slice_path=slice_path,
        slice_packets=slice_packets,
    )


def _make(path: Path, command: list[str]) -> tuple[int, int, int]:
    """Run the maker unless the file stands; its counts are kept in a file beside it."""
    counts = path.with_suffix(".counts")
    if not (path.exists() and counts.exists()):
        print(f"making {path}", file=sys.stderr)
        part = path.with_suffix(".part")
        words = [str(part) if word == str(path) else word for word in command]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        part.rename(path)
        counts.write_text(done.stderr)
    found = _COUNTS.search(counts.read_text())
    if found is None:
        raise RuntimeError(f"{counts}: no counts in it: delete it and run again")
    return int(found[1]), int(found[2]), int(found[3])


if __name__ == "__main__":
    for made in build(quick="--quick" in sys.argv):
        print(f"{made.path}: {made.packets} packets, {made.bytes} bytes ({made.origin})")
