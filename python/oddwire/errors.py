"""What can go wrong, as one tree.

OddwireError                exit
├── CaptureError               3   the input cannot be read
│   ├── CaptureNotFound            not_found       also a FileNotFoundError
│   ├── CaptureForbidden           permission      also a PermissionError
│   ├── CaptureIsDirectory         is_directory    also an IsADirectoryError
│   ├── NotACapture                not_a_capture   also a ValueError
│   └── EmptyInput             0   empty           also a ValueError; a warning on the command line
├── UsageError                 2   usage           also a ValueError
│   └── FilterError                filter
├── OutputError                2   output          also an OSError
├── StoreError                 3   store           the workspace cannot be read or written
├── ModelError                 3   model           a model file cannot be read, is not whole, or does not fit
├── MissingComponent           4   missing_component, also an ImportError
└── Interrupted              130   interrupted

A message says what, where and what to do, on one line: `capture.pcap: no such file; check the name`.
Damage inside a capture is no error: it is counted and reported with the tables.
"""

from typing import ClassVar

__all__ = [
    "CaptureError",
    "CaptureForbidden",
    "CaptureIsDirectory",
    "CaptureNotFound",
    "EmptyInput",
    "FilterError",
    "Interrupted",
    "MissingComponent",
    "ModelError",
    "NotACapture",
    "OddwireError",
    "OutputError",
    "StoreError",
    "UsageError",
]


class OddwireError(Exception):
    """The root of everything Oddwire raises on purpose."""

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """Return the one line a person reads."""
        where = f"{self.where}: " if self.where else ""
        hint = f"; {self.hint}" if self.hint else ""
        return _one_line(f"{where}{self.message}{hint}")

    def to_dict(self) -> dict[str, str | int | None]:
        """Return what `--json` prints: the same facts, apart."""
        return {
            "kind": self.kind,
            "exit_code": self.exit_code,
            "where": self.where,
            "message": self.message,
            "hint": self.hint,
        }


class CaptureError(OddwireError):
    """The input cannot be read as a capture."""

    kind = "capture"
    exit_code = 3

    @classmethod
    def of_kind(
        cls, kind: str, message: str, *, where: str | None = None, hint: str | None = None
    ) -> "CaptureError":
        """Return the error of the family that bears `kind`, or a plain one where none does."""
        family = {member.kind: member for member in CaptureError.__subclasses__()}
        return family.get(kind, CaptureError)(message, where=where, hint=hint)


class CaptureNotFound(CaptureError, FileNotFoundError):
    """There is no such file."""

    kind = "not_found"


class CaptureForbidden(CaptureError, PermissionError):
    """The file exists and may not be read."""

    kind = "permission"


class CaptureIsDirectory(CaptureError, IsADirectoryError):
    """A file was needed and a directory was named."""

    kind = "is_directory"


class NotACapture(CaptureError, ValueError):
    """The first bytes belong to no capture format."""

    kind = "not_a_capture"


class EmptyInput(CaptureError, ValueError):
    """The input has no byte: a capture that was ended before it began."""

    kind = "empty"
    exit_code = 0  # nothing was captured: that is said, and is no failure


class UsageError(OddwireError, ValueError):
    """A command or a call was made in a way that has no meaning."""

    kind = "usage"
    exit_code = 2


class FilterError(UsageError):
    """A filter expression cannot be understood; `position` counts characters from 0."""

    kind = "filter"

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.position = position

    def to_dict(self) -> dict[str, str | int | None]:
        """Return the facts with the position in the expression."""
        return {**super().to_dict(), "position": self.position}


class OutputError(OddwireError, OSError):
    """A result cannot be written where it was asked for."""

    kind = "output"
    exit_code = 2


class StoreError(OddwireError):
    """The workspace cannot be read, or cannot be written now."""

    kind = "store"
    exit_code = 3


class ModelError(OddwireError):
    """A model file cannot be read, is not what its maker wrote, or does not fit what it is used for."""

    kind = "model"
    exit_code = 3


class MissingComponent(OddwireError, ImportError):
    """A part that is not in the base install is needed; `extra` brings it."""

    kind = "missing_component"
    exit_code = 4

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        extra: str | None = None,
    ) -> None:
        if hint is None and extra is not None:
            hint = f"pip install 'oddwire[{extra}]'"
        super().__init__(message, where=where, hint=hint)
        self.extra = extra

    def to_dict(self) -> dict[str, str | int | None]:
        """Return the facts with the extra to install."""
        return {**super().to_dict(), "extra": self.extra}


class Interrupted(OddwireError):
    """The user stopped the run; what was finished before is kept."""

    kind = "interrupted"
    exit_code = 130


def _one_line(text: str) -> str:
    """Escape what a terminal would act on: file names and bytes of a capture are not trusted."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
