"""A model on disk: a folder, or a zip of the same files whose name ends in `.oddwire`.

`manifest.json` says what the model is and holds a BLAKE3 hash of each part and of itself; parts are arrays
(`array_files`). `signature.json` may stand beside them. Reading checks everything before anything is used.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.errors import ModelError, OutputError, UsageError
from oddwire.learning.array_files import NAME, member, packed, stored, unpacked

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "FORMAT",
    "MANIFEST",
    "SCHEMA",
    "SIGNATURE",
    "SUFFIX",
    "VERSION",
    "ModelFile",
    "canonical",
    "model_bytes",
    "put_file",
    "read_model",
    "write_model",
]

FORMAT = "oddwire-model"
# How files are laid out; a reader knows exactly one.
VERSION = 1
# What keys and arrays mean; a newer one is refused, not guessed at.
SCHEMA = 1
SUFFIX = ".oddwire"
MANIFEST = "manifest.json"
SIGNATURE = "signature.json"
# Keys of the manifest that are written here, and by nobody else.
OURS = ("format", "version", "schema", "parts", "blake3")
MAX_BYTES = 2 << 30
MAX_MANIFEST = 16 << 20
MAX_PARTS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """A model as it was read: whole, and of a format that is known."""

    manifest: Mapping[str, Any]
    parts: "Mapping[str, Mapping[str, np.ndarray]]"
    # How many bytes each file has, the manifest and a signature among them.
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Return the hash by which this model is known; through the manifest it covers every part."""
        return str(self.manifest["blake3"])


def write_model(
    path: Path, manifest: Mapping[str, Any], parts: "Mapping[str, Mapping[str, np.ndarray]]"
) -> str:
    """Write a model, whole or not at all, in place of one that was there; return its hash."""
    clash = [key for key in OURS if key in manifest]
    if clash:
        raise UsageError(f"the manifest key {clash[0]!r} is taken")
    if len(parts) > MAX_PARTS or not all(NAME.fullmatch(name) for name in parts):
        raise UsageError("a part of a model has an impossible name, or there are too many")
    files = {f"{name}.npz": packed(arrays) for name, arrays in sorted(parts.items())}
    hashes = {
        name.removesuffix(".npz"): {"blake3": native.blake3(content), "bytes": len(content)}
        for name, content in files.items()
    }
    said = {**manifest, "format": FORMAT, "version": VERSION, "schema": SCHEMA, "parts": hashes}
    digest = native.blake3(canonical(said))
    _put(path, {MANIFEST: canonical({**said, "blake3": digest}), **files})
    return digest


def read_model(path: Path, *, unread: tuple[str, ...] = ()) -> ModelFile:
    """Read a model and check it; whatever is not as it was written is refused by name.

    Parts whose names begin with one of `unread` are checked like all, but their arrays are not made.
    """
    files = model_bytes(path)
    manifest = _manifest(files.get(MANIFEST), str(path))
    listed = _listed(manifest, str(path))
    there = {name.removesuffix(".npz") for name in files if name not in {MANIFEST, SIGNATURE}}
    for name in sorted(there - listed.keys()):
        raise ModelError(f"the part {name!r} is not in the manifest", where=str(path))
    parts = {}
    for name, wanted in sorted(listed.items()):
        content = files.get(f"{name}.npz")
        if content is None:
            raise ModelError(f"the part {name!r} is missing", where=str(path))
        if native.blake3(content) != wanted:
            raise ModelError(f"the part {name!r} was changed after it was written", where=str(path))
        if not name.startswith(unread):
            parts[name] = unpacked(content, f"{path}, {name}")
    sizes = {name: len(content) for name, content in sorted(files.items())}
    return ModelFile(manifest=manifest, parts=parts, sizes=sizes)


def canonical(value: Any) -> bytes:  # noqa: ANN401  # what JSON can say
    """Return a value as the one JSON text that stands for it."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as failure:
        raise UsageError(f"this cannot stand in a manifest: {failure}") from None
    return text.encode() + b"\n"


def model_bytes(path: Path) -> dict[str, bytes]:
    """Return the files of a model, unchecked but bounded."""
    try:
        if path.is_dir():
            return _of_folder(path)
        if path.stat().st_size > MAX_BYTES:
            raise ModelError("larger than a model may be", where=str(path))
        return member(path, str(path), most=MAX_PARTS + 2)
    except OSError as failure:
        raise ModelError(
            _told(failure), where=str(path), hint="check the name, or train one: `oddwire train`"
        ) from None


def put_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file by another name and rename it, so that nobody sees half of it."""
    unfinished = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).chmod(mode)
        Path(unfinished).replace(path)
    except OSError as failure:
        if unfinished is not None:
            Path(unfinished).unlink(missing_ok=True)
        raise OutputError(_told(failure), where=str(path)) from None


def _of_folder(path: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() or not entry.is_file() or not NAME.fullmatch(entry.name):
            raise ModelError(f"{entry.name!r} is no part of a model", where=str(path))
        left -= entry.stat().st_size
        if left < 0 or len(files) > MAX_PARTS + 1:
            raise ModelError("larger than a model may be", where=str(path))
        files[entry.name] = entry.read_bytes()
    return files


def _manifest(content: bytes | None, where: str) -> Mapping[str, Any]:
    """Return the manifest, once it is what it says of itself."""
    if content is None:
        raise ModelError(f"no model: there is no {MANIFEST}", where=where)
    if len(content) > MAX_MANIFEST:
        raise ModelError("the manifest is too large", where=where)
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise ModelError("the manifest is no JSON", where=where) from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ModelError("no model of Oddwire", where=where)
    for key, known in (("version", VERSION), ("schema", SCHEMA)):
        if said.get(key) != known:
            hint = "train it again, or use the version that made it"
            raise ModelError(f"a model of {key} {said.get(key)!r}; {known} is known", where=where, hint=hint)
    rest = {key: value for key, value in said.items() if key != "blake3"}
    if said.get("blake3") != native.blake3(_as_written(rest)) or _as_written(said) != content:
        raise ModelError("the manifest was changed after it was written", where=where)
    return said


def _as_written(said: Mapping[str, Any]) -> bytes:
    """Return the JSON text of what was read; what could not have been written is like nothing else."""
    try:
        return canonical(said)
    except UsageError:
        return b""


def _listed(manifest: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return the hashes of the parts that the manifest names."""
    parts = manifest["parts"] if isinstance(manifest.get("parts"), dict) else {"": None}
    listed = {}
    for name, facts in parts.items():
        if (
            not NAME.fullmatch(name)
            or not isinstance(facts, dict)
            or not isinstance(facts.get("blake3"), str)
        ):
            raise ModelError(f"the manifest names an impossible part {name!r}", where=where)
        listed[name] = facts["blake3"]
    return listed


def _put(path: Path, files: Mapping[str, bytes]) -> None:
    if sum(map(len, files.values())) > MAX_BYTES:
        raise UsageError("the model is larger than a model may be", where=str(path))
    if path.suffix == SUFFIX:
        if path.is_dir():
            raise OutputError(
                "a folder has this name", where=str(path), hint="remove it or take another name"
            )
        put_file(path, stored(files))
    else:
        _put_folder(path, files)


def _put_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Fill a folder of another name, and rename it; a model that was there steps aside and is removed."""
    if path.exists() and not (path.is_dir() and ((path / MANIFEST).is_file() or not any(path.iterdir()))):
        raise OutputError("something that is no model is there", where=str(path), hint="take another name")
    unfinished = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent))
        for name, content in files.items():
            put_file(unfinished / name, content)
        unfinished.chmod(0o755)
        _swap(unfinished, path)
    except OutputError:
        raise
    except OSError as failure:
        raise OutputError(_told(failure), where=str(path)) from None
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)


def _swap(fresh: Path, path: Path) -> None:
    old = fresh.with_name(fresh.name.removesuffix(".unfinished") + ".old")
    if path.exists():
        path.rename(old)
    try:
        fresh.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _told(failure: OSError) -> str:
    return (failure.strerror or str(failure)).lower()
