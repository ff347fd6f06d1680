"""Findings to keep in workspaces, written by hand."""

from typing import Any

from oddwire.store.kept import RunInput

HASH = "ab" * 32


def line(number: int, **changes: Any) -> dict[str, Any]:
    """Return the line of a finding; its id begins with `f1d` and its number."""
    return {
        "id": f"f1d{number:013x}",
        "detector": "port_scan",
        "kind": "port_scan",
        "title": f"10.0.0.{number} tried 50 ports of 10.0.1.9",
        "severity": "medium",
        "start": "2024-03-10T09:30:20.741000Z",
        "end": "2024-03-10T09:31:02.118000001Z",
        "subject": {"ip": f"10.0.0.{number}"},
        **changes,
    }


def of_file(name: str = "capture.pcap", *, folder: str = "captures") -> RunInput:
    """Return an input of a run."""
    return RunInput(name=name, path=f"{folder}/{name}", blake3=HASH, packets=50)
