"""Where the workspace lies when nobody says so."""

import os
import sys
from pathlib import Path

__all__ = ["default_store"]


def default_store() -> Path:
    """Return $ODDWIRE_STORE, else the folder `oddwire` where this system keeps the state of programs."""
    if told := os.environ.get("ODDWIRE_STORE"):
        return Path(told)
    if state := os.environ.get("XDG_STATE_HOME"):
        return Path(state) / "oddwire"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "oddwire"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "oddwire"
    return Path.home() / ".local" / "state" / "oddwire"
