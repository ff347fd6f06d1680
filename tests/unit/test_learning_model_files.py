"""Model files: the same bytes for the same model, and nothing but what its maker wrote is read."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oddwire import native
from oddwire.errors import ModelError, OutputError, UsageError
from oddwire.learning.array_files import packed, stored
from oddwire.learning.model_files import canonical, read_model, write_model

MANIFEST = {"type": "isolation-forest", "seed": 7, "figures": {"steady": 0.1}, "name": "Büro"}
PARTS = {
    "model": {
        "trees": np.arange(12, dtype=np.uint32),
        "names": np.array(["bytes_out", "ü"]),
        "link": np.array("isolation"),
        "gaps": np.array([True, False]),
        "empty": np.zeros((0, 3)),
    },
    "reference": {"quantiles": np.linspace(0, 1, 10, dtype=np.float32).reshape(2, 5)},
}


@pytest.fixture(params=["office", "office.oddwire"], ids=["folder", "zip"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    write_model(path, MANIFEST, PARTS)
    return path


def files_of(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return {file.name: file.read_bytes() for file in sorted(path.iterdir())}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put(path: Path, files: dict[str, bytes]) -> None:
    if path.is_dir():
        for file in path.iterdir():
            file.unlink()
        for name, content in files.items():
            (path / name).write_bytes(content)
    else:
        path.write_bytes(stored(files))


def sealed(said: dict[str, Any]) -> bytes:
    """A manifest whose own hash is right, as a liar would write it."""
    rest = {key: value for key, value in said.items() if key != "blake3"}
    return canonical({**rest, "blake3": native.blake3(canonical(rest))})


def with_part(path: Path, content: bytes) -> None:
    """Put another part into a model, with all hashes right."""
    files = files_of(path)
    said = json.loads(files["manifest.json"])
    said["parts"]["model"] = {"blake3": native.blake3(content), "bytes": len(content)}
    put(path, {**files, "manifest.json": sealed(said), "model.npz": content})


def test_what_is_written_is_read(model: Path) -> None:
    read = read_model(model)
    assert {key: read.manifest[key] for key in MANIFEST} == MANIFEST
    assert read.parts.keys() == PARTS.keys()
    for part, arrays in PARTS.items():
        assert read.parts[part].keys() == arrays.keys()
        for name, array in arrays.items():
            assert read.parts[part][name].dtype == array.dtype
            np.testing.assert_array_equal(read.parts[part][name], array)
    assert len(read.digest) == 64


def test_the_same_model_is_the_same_bytes(model: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / model.name
    turned = {part: dict(reversed(arrays.items())) for part, arrays in reversed(PARTS.items())}
    write_model(again, dict(reversed(MANIFEST.items())), turned)
    assert files_of(again) == files_of(model)
    if model.is_file():
        assert again.read_bytes() == model.read_bytes()


def test_numpy_reads_a_part(model: Path) -> None:
    part = io.BytesIO(files_of(model)["model.npz"])
    with np.load(part, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["trees"], PARTS["model"]["trees"])


def test_a_model_takes_the_place_of_a_model_and_of_nothing_else(model: Path, tmp_path: Path) -> None:
    digest = write_model(model, {"type": "histogram"}, {})
    assert read_model(model).digest == digest
    assert [path.name for path in tmp_path.iterdir()] == [model.name]
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(OutputError, match="no model is there"):
        write_model(tmp_path / "photos", MANIFEST, PARTS)
    (tmp_path / "folder.oddwire").mkdir()
    with pytest.raises(OutputError, match="a folder has this name"):
        write_model(tmp_path / "folder.oddwire", MANIFEST, PARTS)


def test_every_flipped_byte_is_refused(model: Path) -> None:
    """Each file of a model, at places all over it."""
    good = files_of(model)
    for name, content in good.items():
        for at in range(0, len(content), max(1, len(content) // 60)):
            bad = bytearray(content)
            bad[at] ^= 0x10
            put(model, {**good, name: bytes(bad)})
            with pytest.raises(ModelError):
                read_model(model)
    put(model, good)
    read_model(model)


def test_a_zip_with_any_byte_changed_is_read_alike_or_refused(tmp_path: Path) -> None:
    """Of the zip's own book-keeping some bytes mean nothing; what is read must be the same all the same."""
    path = tmp_path / "office.oddwire"
    digest = write_model(path, MANIFEST, {"model": {"trees": np.arange(3)}})
    good, refused = path.read_bytes(), 0
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 0x21
        path.write_bytes(bytes(bad))
        try:
            assert read_model(path).digest == digest
        except ModelError:
            refused += 1
    assert refused > len(good) // 2


def test_every_cut_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "office.oddwire"
    write_model(path, MANIFEST, {"model": {"trees": np.arange(3)}})
    good = path.read_bytes()
    for size in range(0, len(good), 7):
        path.write_bytes(good[:size])
        with pytest.raises(ModelError):
            read_model(path)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another format": (lambda said: said.update(format="zip"), "no model of Oddwire"),
    "another version": (lambda said: said.update(version=2), "a model of version 2; 1 is known"),
    "another schema": (lambda said: said.update(schema=99), "a model of schema 99; 1 is known"),
    "no schema": (lambda said: said.pop("schema"), "a model of schema None"),
    "no parts": (lambda said: said.pop("parts"), "impossible part"),
    "a part elsewhere": (lambda said: said["parts"].update({"../up": {"blake3": "0"}}), "impossible part"),
    "a missing part": (lambda said: said["parts"].update(more={"blake3": "0"}), "'more' is missing"),
    "an unknown part": (lambda said: said["parts"].pop("reference"), "'reference' is not in the manifest"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_manifest_that_lies_is_refused_by_name(model: Path, case: str) -> None:
    change, message = CHANGES[case]
    files = files_of(model)
    said = json.loads(files["manifest.json"])
    change(said)
    put(model, {**files, "manifest.json": sealed(said)})
    with pytest.raises(ModelError, match=message):
        read_model(model)


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"[]", b'{"format":"oddwire-model"}', b"\xff\xfe", b'{"a":NaN}']
)
def test_a_manifest_of_anything_is_refused(model: Path, content: bytes) -> None:
    put(model, {**files_of(model), "manifest.json": content})
    with pytest.raises(ModelError):
        read_model(model)


def test_a_manifest_whose_text_was_edited_is_refused(model: Path) -> None:
    files = files_of(model)
    put(model, {**files, "manifest.json": files["manifest.json"].replace(b'"seed":7', b'"seed":8')})
    with pytest.raises(ModelError, match="the manifest was changed"):
        read_model(model)


class Planted:
    """Runs a command as soon as it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, ("planted", "w"))


def objects(name: str = "trees") -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.array([Planted()], dtype=object)})  # type: ignore[arg-type]
    return file.getvalue()


def test_nothing_is_unpickled(model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    with_part(model, objects())
    for name in ("loads", "load", "Unpickler", "_Unpickler", "_loads", "_load"):
        monkeypatch.setattr(pickle, name, refuse)
    with pytest.raises(ModelError, match="does not belong in a model"):
        read_model(model)
    with_part(model, packed(PARTS["model"]))
    read_model(model)
    assert not (tmp_path / "planted").exists()


def array(header: str, content: bytes = b"") -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return stored({"trees.npy": b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content})


@pytest.mark.parametrize(
    "part",
    [
        array("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }", bytes(8)),
        array("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"),
        array("{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }", bytes(8)),
        array("{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }", bytes(8)),
        array("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", bytes(8)),
        array("{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }", bytes(16)),
        array("{'descr': '<U0', 'fortran_order': False, 'shape': (1,), }"),
        array("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,), }", bytes(8)),
        array("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", bytes(8)),
        array("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", b"\x02"),
        array("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", b"\xff\xff\xff\x7f"),
        array("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", b"\x00\xd8\x00\x00"),
        array("{'descr': '<f8'}"),
        array("__import__('os').system('true')"),
        stored({"trees.npy": b""}),
        stored({"trees.txt": b"1"}),
        stored({"../trees.npy": b"1"}),
        b"PK",
        objects(),
    ],
)
def test_arrays_of_a_stranger_are_refused(model: Path, part: bytes) -> None:
    with_part(model, part)
    with pytest.raises(ModelError):
        read_model(model)


@pytest.mark.parametrize("name", ["../up.npz", "/up.npz", "a/b.npz", "a\\b.npz", ".hidden", "", "C:x.npz"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "office.oddwire"
    write_model(path, MANIFEST, PARTS)
    path.write_bytes(stored({**files_of(path), name: b"x"}))
    with pytest.raises(ModelError):
        read_model(path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_compressed_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.oddwire"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(50_000_000))
    with pytest.raises(ModelError, match="is compressed"):
        read_model(path)


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.oddwire"
    write_model(path, MANIFEST, PARTS)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(ModelError, match="twice"):
        read_model(path)


def test_links_and_folders_are_no_parts(tmp_path: Path) -> None:
    path = tmp_path / "office"
    write_model(path, MANIFEST, PARTS)
    (path / "model.npz").rename(tmp_path / "elsewhere.npz")
    (path / "model.npz").symlink_to(tmp_path / "elsewhere.npz")
    with pytest.raises(ModelError, match=r"model\.npz' is no part"):
        read_model(path)


@pytest.mark.parametrize("name", ["nothing", "nothing.oddwire"])
def test_no_model_at_all_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="no such file"):
        read_model(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no manifest\.json"):
        read_model(tmp_path / "empty")


@pytest.mark.parametrize(
    ("manifest", "parts"),
    [
        ({"format": "mine"}, {}),
        ({"when": object()}, {}),
        ({"figure": float("nan")}, {}),
        ({}, {"../up": {}}),
        ({}, {"model": {"a/b": np.zeros(1)}}),
        ({}, {"model": {"objects": np.array([None])}}),
        ({}, {"model": {"times": np.array(["2026-01-01"], dtype="M8[s]")}}),
    ],
)
def test_what_could_not_be_read_is_not_written(
    tmp_path: Path, manifest: dict[str, Any], parts: dict[str, dict[str, np.ndarray]]
) -> None:
    with pytest.raises(UsageError):
        write_model(tmp_path / "model.oddwire", manifest, parts)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "office.oddwire"
    digest = write_model(path, MANIFEST, PARTS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OutputError, match="no space left"):
            write_model(path, {"type": "new"}, {})
    assert read_model(path).digest == digest
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
