from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, Final, final

type Path = str | PathLike[str]
type Rows = list[tuple[int | float | bool | str | None, ...]]
type Progress = Callable[[int, int, int | None], object]

__version__: Final[str]

class NativeError(Exception): ...

@final
class Batches:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def names(self) -> list[str]: ...
    def next_batch(self) -> Batches | None: ...
    def next_rows(self) -> Rows | None: ...
    def stats(self) -> dict[str, Any] | None: ...

def columns(table: str) -> list[dict[str, Any]]: ...
def layers() -> list[str]: ...
def formats() -> list[str]: ...
def has_libpcap() -> bool: ...
def make(
    inputs: Sequence[Path],
    table: str,
    path: Path | None,
    format: str,
    columns: Sequence[str] | None,
    filter: str | None,
    limit: int | None,
    formula_safe: bool,
    options: dict[str, Any],
    progress: Progress | None,
) -> dict[str, Any]: ...
def summarise(
    inputs: Sequence[Path],
    top: int,
    describe: bool,
    options: dict[str, Any],
    progress: Progress | None,
) -> tuple[dict[str, Any], dict[str, Any]]: ...
def open(
    inputs: Sequence[Path],
    table: str,
    columns: Sequence[str] | None,
    filter: str | None,
    limit: int | None,
    options: dict[str, Any],
) -> Batches: ...
def write(stream: object, path: Path | None, format: str, formula_safe: bool) -> int: ...
def filter(stream: object, text: str) -> Batches: ...
