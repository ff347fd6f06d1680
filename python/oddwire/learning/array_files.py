"""Named arrays as the bytes of an `.npz`: numbers and short texts only, the same bytes for the same arrays.

numpy can read what is written here. What is read here was written by nobody knows whom: each array's kind and
size are checked before its values are touched, objects are refused, and nothing here can unpickle anything.
"""

import io
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oddwire.errors import ModelError, UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["member", "packed", "stored", "unpacked"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
# Files inside have no time of their own: the same arrays give the same bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)
MAX_ARRAYS = 1024
MAX_DIMENSIONS = 4
# Truth, whole numbers, floating numbers, text.
KINDS = "biufU"
WIDEST_NUMBER = 8
WIDEST_TEXT = 4 * 1024
LAST_CHARACTER = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)


def packed(arrays: "Mapping[str, np.ndarray]") -> bytes:
    """Return arrays as the bytes of an npz, sorted by name and not compressed."""
    return stored({f"{name}.npy": _written(name, array) for name, array in sorted(arrays.items())})


def unpacked(content: bytes, where: str) -> "dict[str, np.ndarray]":
    """Return the arrays of an npz; `where` names it in messages."""
    files = member(io.BytesIO(content), where, most=MAX_ARRAYS)
    arrays = {}
    for name, found in files.items():
        inner = name.removesuffix(".npy")
        if inner == name or not NAME.fullmatch(inner):
            raise ModelError(f"{name!r} is no name of an array", where=where)
        arrays[inner] = _read(found, f"{where}, {inner}")
    return arrays


def stored(files: Mapping[str, bytes]) -> bytes:
    """Return files as the bytes of a zip: in the given order, without compression, times or rights."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), content)
    return out.getvalue()


def member(file: Any, where: str, *, most: int) -> dict[str, bytes]:  # noqa: ANN401  # a path or an open file
    """Return the files of a zip that `stored` made; whatever `stored` never makes is refused."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > most:
                raise ModelError(f"{len(entries)} files inside are too many", where=where)
            for entry in entries:
                _check_entry(entry, where)
            if len({entry.filename for entry in entries}) != len(entries):
                raise ModelError("a file inside is there twice", where=where)
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, struct.error, EOFError, ValueError, RuntimeError) as failure:
        raise ModelError(f"not a model file, or a damaged one: {failure}", where=where) from None


def _check_entry(entry: zipfile.ZipInfo, where: str) -> None:
    """Refuse names that lead elsewhere, and compression: nothing is larger unpacked than as a file."""
    if not NAME.fullmatch(entry.filename) or entry.filename != entry.orig_filename:
        raise ModelError(f"{entry.orig_filename!r} is no name of a part", where=where)
    plain = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1
    if not plain or entry.file_size != entry.compress_size:
        raise ModelError(
            f"{entry.filename} is compressed or encrypted; parts are stored plainly", where=where
        )


def _written(name: str, array: "np.ndarray") -> bytes:
    import numpy as np

    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of an array")
    made = np.asarray(array, order="C")
    made = made.astype(made.dtype.newbyteorder("<"), copy=False)
    if not _allowed(made.dtype) or made.ndim > MAX_DIMENSIONS:
        raise UsageError(f"an array of {made.dtype} cannot be kept in a model", where=name)
    out = io.BytesIO()
    np.lib.format.write_array(out, made, version=(1, 0), allow_pickle=False)
    return out.getvalue()


def _allowed(dtype: "np.dtype[Any]") -> bool:
    widest = WIDEST_TEXT if dtype.kind == "U" else WIDEST_NUMBER
    return (
        dtype.kind in KINDS and dtype.names is None and not dtype.hasobject and 0 < dtype.itemsize <= widest
    )


def _read(content: bytes, where: str) -> "np.ndarray":
    """Return an array whose header says no more than its values are."""
    import numpy as np

    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except Exception as failure:  # noqa: BLE001  # whatever a hostile header provokes
        raise ModelError(f"a damaged array: {failure}", where=where) from None
    if version != (1, 0):
        raise ModelError("an array of another version", where=where)
    if not _allowed(dtype) or dtype.byteorder == ">":
        raise ModelError(f"an array of {dtype} does not belong in a model", where=where)
    if fortran or len(shape) > MAX_DIMENSIONS or any(type(size) is not int or size < 0 for size in shape):
        raise ModelError("an array of an impossible shape", where=where)
    if math.prod(shape) * dtype.itemsize != len(content) - file.tell():
        raise ModelError("an array is shorter or longer than it says", where=where)
    made = np.frombuffer(content, dtype=dtype, offset=file.tell()).reshape(shape).copy()
    _check_values(made, where)
    return made


def _check_values(array: "np.ndarray", where: str) -> None:
    """Refuse bytes that are no truth value and no character: later readers trust the kind."""
    import numpy as np

    flat = array.reshape(-1)
    if array.dtype.kind == "b" and flat.size and flat.view(np.uint8).max() > 1:
        raise ModelError("a truth value is neither true nor false", where=where)
    if array.dtype.kind == "U" and flat.size:
        letters = flat.view("<u4")
        half = (letters >= SURROGATES[0]) & (letters <= SURROGATES[1])
        if letters.max() > LAST_CHARACTER or half.any():
            raise ModelError("a text has characters that do not exist", where=where)
