"""The compiled core: paths in, Arrow streams, files and figures out. Import `oddwire.native`, never this."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Final, TypeAlias, final

_Path: TypeAlias = str | PathLike[str]
_Rows: TypeAlias = list[tuple[int | float | bool | str | None, ...]]
_Selector: TypeAlias = tuple[str | None, str | None, bool, int | None, int | None, int, int]
_Flow: TypeAlias = tuple[str, str, int, int, int, int, int, int, int]
_Progress: TypeAlias = Callable[[int, int, int | None], object]

__all__ = [
    "Batches",
    "Forest",
    "NativeError",
    "Spans",
    "__version__",
    "adopt",
    "blake3",
    "columns",
    "copy_packets",
    "count_packets",
    "filter",
    "filter_problem",
    "flow_names",
    "formats",
    "has_libpcap",
    "is_bpf",
    "is_signed",
    "judged",
    "layers",
    "make",
    "open",
    "protocols",
    "public_key",
    "registered_domains",
    "sign",
    "summarise",
    "write",
]

__version__: Final[str]

class NativeError(Exception):
    """A failure in the core: its arguments are (kind, message)."""

@final
class Batches:
    """A table as a stream of Arrow batches, for one reader, while the run goes on behind it."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def names(self) -> list[str]:
        """Return the names of the columns."""

    def next_batch(self) -> Batches | None:
        """Return the next batch as a stream of its own, or None at the end."""

    def next_rows(self) -> _Rows | None:
        """Return the rows of the next batch as tuples, or None at the end."""

    def stats(self) -> dict[str, Any] | None:
        """Return what the run saw, once all was taken; raise what ended it early."""

@final
class Spans:
    """The spans of a run that goes on in the background, for the judges."""

    def next_span(self) -> tuple[int | None, list[tuple[str, Batches]]] | None:
        """Return the next span: before when all is complete, and its tables by name."""

    def addresses(self, numbers: Sequence[int]) -> list[str | None]:
        """Return the addresses of hosts."""

    def numbers(self, addresses: Sequence[str]) -> list[int | None]:
        """Return the numbers of addresses; None for those that were not seen."""

    def identities(self, addresses: Sequence[str]) -> list[tuple[str | None, str | None, str | None]]:
        """Return what is known of addresses: hardware address, name, and how the name became known."""

    def hosts(self) -> int:
        """Return how many hosts were seen so far."""

    def progress(self) -> tuple[int, int, int | None]:
        """Return packets and bytes read so far, and the size of all inputs."""

    def stats(self) -> dict[str, Any] | None:
        """Return what the run saw, once all was taken; raise what ended it early."""

def judged(
    inputs: Sequence[_Path],
    span_rows: int,
    options: dict[str, Any],
    said: list[tuple[str, Sequence[str]]],
    services: bool,
) -> Spans:
    """Start a run in the background and return its spans of about `span_rows` rows."""

def count_packets(
    inputs: Sequence[_Path], findings: Sequence[Sequence[_Selector]], options: dict[str, Any]
) -> tuple[list[list[tuple[int, int, int, int]]], dict[str, Any]]:
    """Return for each finding its packets by input: (input, count, first, last); and what the run saw."""

def copy_packets(
    inputs: Sequence[_Path], finding: Sequence[_Selector], others: bool, out: _Path, options: dict[str, Any]
) -> int:
    """Copy the packets of a finding to a file, or all others; return how many were written."""

def flow_names(flows: Sequence[_Flow]) -> list[str]:
    """Return the names of flows."""

def columns(table: str) -> list[dict[str, Any]]:
    """Return the columns of a table, each a dictionary."""

def layers() -> list[str]:
    """Return the names of all layers, in the order of the bits of `layer_bits`."""

def protocols() -> list[tuple[str, str, list[str]]]:
    """Return the protocols that have a table: name, what one row is, and the columns that a screen shows."""

def registered_domains(names: Sequence[str]) -> list[str | None]:
    """Return the registered domain of each name, None where there is none."""

def formats() -> list[str]:
    """Return the names of the file formats that tables can be written in."""

def has_libpcap() -> bool:
    """Say whether libpcap can be loaded, so that packet filters work."""

def filter_problem(table: str, text: str) -> str | None:
    """Return what is wrong with a filter expression for a table; None when nothing is."""

def is_bpf(text: str) -> bool:
    """Say whether a text is a packet filter that libpcap accepts."""

def make(
    inputs: Sequence[_Path],
    table: str,
    path: _Path | None,
    format: str,
    columns: Sequence[str] | None,
    filter: str | None,
    limit: int | None,
    formula_safe: bool,
    options: dict[str, Any],
    progress: _Progress | None,
) -> dict[str, Any]:
    """Write a table of captures to a file, or to standard output; return what the run saw."""

def summarise(
    inputs: Sequence[_Path],
    top: int,
    describe: bool,
    options: dict[str, Any],
    progress: _Progress | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the summary of captures, and what the run saw."""

def open(
    inputs: Sequence[_Path],
    table: str,
    columns: Sequence[str] | None,
    filter: str | None,
    limit: int | None,
    options: dict[str, Any],
) -> Batches:
    """Start a run in the background and return the stream of its batches."""

def write(stream: object, path: _Path | None, format: str, formula_safe: bool) -> int:
    """Write any Arrow stream to a file or to standard output; return the number of rows."""

def filter(stream: object, text: str) -> Batches:
    """Return the rows of any Arrow stream that a filter expression keeps."""

def adopt(stream: object) -> Batches:
    """Return any Arrow stream as one of ours."""

@final
class Forest:
    """Trees as arrays that were checked once; every array a buffer of exactly its kind of number."""

    def __new__(
        cls,
        *,
        feature: object,
        threshold: object,
        left: object,
        right: object,
        missing_left: object,
        values: object,
        roots: object,
        outputs: int,
        features: int,
    ) -> Forest: ...
    @property
    def outputs(self) -> int:
        """How many figures a row gets."""

    @property
    def features(self) -> int:
        """How many columns a row has."""

    @property
    def trees(self) -> int:
        """How many trees there are."""

    def score(self, matrix: object, jobs: int) -> bytes:
        """Return the sums of what the leaves say of each row, as bytes of f64."""

def blake3(content: bytes) -> str:
    """Return the BLAKE3 hash of bytes, in hexadecimal digits."""

def public_key(secret: bytes) -> bytes:
    """Return the public half of a secret key of 32 bytes."""

def sign(secret: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature of a message."""

def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the owner of a public key signed a message."""
