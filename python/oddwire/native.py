"""The one door to the compiled core: the same calls, with errors of our own classes."""

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from os import PathLike
from typing import Any, TypeAlias

from oddwire import _oddwire
from oddwire.errors import (
    CaptureError,
    FilterError,
    Interrupted,
    MissingComponent,
    OddwireError,
    OutputError,
    UsageError,
)

__all__ = [
    "Batches",
    "FlowRow",
    "Forest",
    "Options",
    "Progress",
    "Protocol",
    "SelectorRow",
    "Shape",
    "Spans",
    "adopted",
    "blake3",
    "columns",
    "copy_packets",
    "core_errors",
    "count_packets",
    "filter_problem",
    "filtered",
    "flow_names",
    "formats",
    "has_libpcap",
    "is_bpf",
    "is_signed",
    "judged",
    "layers",
    "open_table",
    "protocols",
    "public_key",
    "registered_domains",
    "sign",
    "summarise",
    "version",
    "with_window",
    "write_stream",
    "write_table",
]

Path: TypeAlias = str | PathLike[str]
Progress: TypeAlias = Callable[[int, int, int | None], object]

# (a, b, both ways, protocol or -1 for ARP, port of b, from, until)
SelectorRow: TypeAlias = tuple[str | None, str | None, bool, int | None, int | None, int, int]
# (originator, responder, their ports, protocol, IP version, VLANs, tunnel, first packet time)
FlowRow: TypeAlias = tuple[str, str, int, int, int, int, int, int, int]

Batches = _oddwire.Batches
Forest = _oddwire.Forest
Spans = _oddwire.Spans
version: str = _oddwire.__version__
# Every kind by which the core says that an input cannot be read.
CAPTURE_KINDS = frozenset(
    {
        "damaged",
        "empty",
        "follows_one",
        "io",
        "is_directory",
        "no_captures",
        "no_input",
        "not_a_capture",
        "not_found",
        "permission",
        "terminal",
        "unsupported_compression",
    }
)


# How the core says that whoever read our output has enough.
BROKEN_PIPE = f"(os error {errno.EPIPE})"
PLACE = re.compile(r"column (\d+): ")
CLASSES: dict[str, type[UsageError | MissingComponent | Interrupted]] = {
    "usage": UsageError,
    "missing_component": MissingComponent,
    "interrupted": Interrupted,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Which columns and rows of a table."""

    columns: Sequence[str] | None = None
    filter: str | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Which packets, and how they are judged to belong together; what is None is left to the core."""

    since_ns: int | None = None
    until_ns: int | None = None
    bpf: str | None = None
    dedupe: bool | None = None
    threads: int | None = None
    window_ns: int | None = None
    idle_ns: int | None = None
    entropy: bool | None = None
    payload: bool | None = None
    hash: bool | None = None
    follow: bool | None = None
    max_memory: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return only what was said."""
        said = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in said if value is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """A protocol that is listened to: what one row of its table is, and which columns tell most."""

    name: str
    row: str
    brief: Sequence[str]


def with_window(options: Options, window_ns: int) -> Options:
    """Return the same options with another window."""
    return replace(options, window_ns=window_ns)


def columns(table: str) -> list[dict[str, Any]]:
    """Return name, type, unit, meaning and formula of every column of a table."""
    with core_errors():
        return _oddwire.columns(table)


def layers() -> list[str]:
    """Return the names of all layers, in the order of the bits of `layer_bits`."""
    return _oddwire.layers()


@cache
def protocols() -> Mapping[str, Protocol]:
    """Return the protocols that have a table, by name."""
    told = _oddwire.protocols()
    return {name: Protocol(name=name, row=row, brief=tuple(brief)) for name, row, brief in told}


def registered_domains(names: Sequence[str]) -> list[str | None]:
    """Return the registered domain of each name by the public suffix list, None where there is none."""
    return _oddwire.registered_domains(names)


def formats() -> list[str]:
    """Return the file formats that the core writes."""
    return _oddwire.formats()


def has_libpcap() -> bool:
    """Say whether packet filters in the words of tcpdump work here."""
    return _oddwire.has_libpcap()


def filter_problem(table: str, text: str) -> str | None:
    """Return what is wrong with a filter expression for a table, or None."""
    with core_errors():
        return _oddwire.filter_problem(table, text)


def is_bpf(text: str) -> bool:
    """Say whether a text is a packet filter in the words of tcpdump; no where libpcap is missing."""
    return _oddwire.is_bpf(text)


def write_table(
    inputs: Sequence[Path],
    table: str,
    path: Path | None,
    file_format: str,
    *,
    shape: Shape,
    options: Options,
    formula_safe: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a table of captures to a file or to standard output; return what the run saw."""
    with core_errors():
        return _oddwire.make(
            inputs,
            table,
            path,
            file_format,
            shape.columns,
            shape.filter,
            shape.limit,
            formula_safe,
            options.to_dict(),
            progress,
        )


def open_table(inputs: Sequence[Path], table: str, *, shape: Shape, options: Options) -> Batches:
    """Start a run in the background and return the stream of its batches."""
    with core_errors():
        return _oddwire.open(inputs, table, shape.columns, shape.filter, shape.limit, options.to_dict())


def summarise(
    inputs: Sequence[Path],
    *,
    top: int,
    describe: bool,
    options: Options,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the figures of captures, and what the run saw."""
    with core_errors():
        return _oddwire.summarise(inputs, top, describe, options.to_dict(), progress)


def judged(
    inputs: Sequence[Path],
    span_rows: int,
    options: Options,
    *,
    said: Mapping[str, Sequence[str]] | None = None,
    services: bool = False,
) -> Spans:
    """Start a run in the background and return its spans, for the judges.

    `said` names the protocols whose rows they read, each with its columns; with `services` talks say what is
    spoken in them.
    """
    with core_errors():
        return _oddwire.judged(inputs, span_rows, options.to_dict(), list((said or {}).items()), services)


def count_packets(
    inputs: Sequence[Path], findings: Sequence[Sequence[SelectorRow]], options: Options
) -> tuple[list[list[tuple[int, int, int, int]]], dict[str, Any]]:
    """Return for each finding its packets by input, (input, count, first, last), and what was seen."""
    with core_errors():
        return _oddwire.count_packets(inputs, findings, options.to_dict())


def copy_packets(
    inputs: Sequence[Path],
    finding: Sequence[SelectorRow],
    out: Path,
    options: Options,
    *,
    others: bool = False,
) -> int:
    """Copy the packets of a finding to a file, or all others; return how many were written."""
    with core_errors():
        return _oddwire.copy_packets(inputs, finding, others, out, options.to_dict())


def flow_names(flows: Sequence[FlowRow]) -> list[str]:
    """Return the names of flows, as the table of flows gives them."""
    with core_errors():
        return _oddwire.flow_names(flows)


def write_stream(stream: object, path: Path | None, file_format: str, *, formula_safe: bool = True) -> int:
    """Write any Arrow stream to a file or to standard output; return the number of rows."""
    with core_errors():
        return _oddwire.write(stream, path, file_format, formula_safe)


def filtered(stream: object, text: str) -> Batches:
    """Return the rows of any Arrow stream that a filter expression keeps."""
    with core_errors():
        return _oddwire.filter(stream, text)


def adopted(stream: object) -> Batches:
    """Return any Arrow stream as one of ours, so that its rows can be had as tuples."""
    with core_errors():
        return _oddwire.adopt(stream)


def blake3(content: bytes) -> str:
    """Return the BLAKE3 hash of bytes, in hexadecimal digits."""
    return _oddwire.blake3(content)


def public_key(secret: bytes) -> bytes:
    """Return the public half of a secret key of 32 bytes."""
    with core_errors():
        return _oddwire.public_key(secret)


def sign(secret: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature of a message."""
    with core_errors():
        return _oddwire.sign(secret, message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of a public key signed a message."""
    with core_errors():
        return _oddwire.is_signed(public, message, signature)


@contextmanager
def core_errors() -> Iterator[None]:
    """Turn a failure of the core into the error of our own tree."""
    try:
        yield
    except _oddwire.NativeError as failure:
        kind, message = failure.args
        if BROKEN_PIPE in message:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
        raise _of_kind(kind, message) from None


def _of_kind(kind: str, message: str) -> OddwireError:
    """Return the error of our tree; the core writes `where: what; what to do` on one line."""
    what, hint = _split_last(message)
    if kind == "filter":
        found = PLACE.match(what)
        return FilterError(what, hint=hint, position=int(found[1]) - 1 if found else None)
    if kind in CLASSES:
        return CLASSES[kind](what, hint=hint)
    where, what = _split_first(what)
    if kind == "output":
        return OutputError(what, where=where, hint=hint)
    if kind in CAPTURE_KINDS:
        return CaptureError.of_kind(kind, what, where=where, hint=hint)
    return OddwireError(message)


def _split_last(text: str) -> tuple[str, str | None]:
    rest, separator, last = text.rpartition("; ")
    return (rest, last) if separator else (text, None)


def _split_first(text: str) -> tuple[str | None, str]:
    first, separator, rest = text.partition(": ")
    return (first, rest) if separator else (None, text)
