"""Installs the peers that Debian and the package index have; what cannot be had is left out and said."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

_DEBIAN = {"tshark": "tshark", "tcpdump": "tcpdump", "softflowd": "softflowd", "argus": "argus-server"}
_LIMIT_S = 900


def install_system_peers() -> None:
    """Install missing Debian packages, where this is Debian and we may."""
    missing = [package for program, package in _DEBIAN.items() if shutil.which(program) is None]
    if not missing or shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    print(f"installing {' '.join(missing)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for package in missing:
        _quietly(["apt-get", "install", "--yes", "--no-install-recommends", package], environment)


def install_nfstream(cache: Path) -> Path | None:
    """The interpreter of nfstream's own environment, or None where it cannot be installed."""
    folder = cache / "nfstream"
    python = folder / "bin" / "python"
    if not python.exists():
        print("installing nfstream", file=sys.stderr)
        venv.create(folder, with_pip=True)
        _quietly([str(python), "-m", "pip", "install", "--quiet", "nfstream"], dict(os.environ))
    works = _quietly([str(python), "-c", "import nfstream"], dict(os.environ))
    return python if works else None


def _quietly(command: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, timeout=_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return False
    return done.returncode == 0
