"""Thresholds and rules from one TOML file; everything has a default, the unknown is refused by name."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from oddwire.base.detector import Detector, Parameters
from oddwire.engine.registry import all_detectors, all_judges
from oddwire.engine.suppression import Rule, rule_of
from oddwire.errors import UsageError
from oddwire.learning.feedback import Move
from oddwire.records.kinds import DEFAULT_SEVERITY, Kind, Severity

__all__ = ["Settings", "default_toml", "find_settings", "settings_of"]

FILE = "oddwire.toml"
LOCAL_NETS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that judging depends on besides the traffic."""

    local_nets: tuple[str, ...] = LOCAL_NETS
    only: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    parameters: Mapping[str, Parameters] = field(default_factory=dict)
    severities: Mapping[Kind, Severity] = field(default_factory=lambda: dict(DEFAULT_SEVERITY))
    rules: tuple[Rule, ...] = ()
    blocklists: tuple[str, ...] = ()
    # A trained model, the alarms a day that it may raise, or the share of rows that it shall name instead.
    model: str | None = None
    budget: float | None = None
    contamination: float | None = None
    # By what verdicts on its findings moved the alarms that a model may raise.
    moves: tuple[Move, ...] = ()

    def detectors(self) -> list[Detector]:
        """Return the detectors that are wanted, with their thresholds."""
        wanted = [
            one
            for one in all_detectors()
            if one.name not in self.off and (not self.only or one.name in self.only)
        ]
        made = [one(self.parameters.get(one.name)) for one in wanted]
        for path in self.blocklists:
            entries = _lines(Path(path))
            for one in made:
                one.watch(entries)
        return made

    @property
    def digest(self) -> str:
        """Return what stands for these settings in a finding's provenance."""
        told = [
            sorted(self.local_nets),
            sorted(self.only),
            sorted(self.off),
            sorted((name, repr(value)) for name, value in self.parameters.items()),
            sorted((str(kind), int(severity)) for kind, severity in self.severities.items()),
            [repr(rule) for rule in self.rules],
            [_lines(Path(path)) for path in self.blocklists],
            *([self.budget, self.contamination, repr(self.moves)] if self.model else []),
        ]
        return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def find_settings(path: str | None = None) -> Settings:
    """Return the settings of a file: the named one, else ./oddwire.toml, else the user's, else defaults."""
    if path is not None:
        return _read(Path(path))
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "oddwire"
    for place in (Path(FILE), folder / FILE):
        if place.is_file():
            return _read(place)
    return Settings()


def _read(path: Path) -> Settings:
    try:
        return settings_of(tomllib.loads(_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"this is no TOML: {error}", where=str(path)) from None
    except UsageError as error:
        raise UsageError(error.message, where=str(path), hint=error.hint) from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=str(path)) from None
    except UnicodeDecodeError:
        raise UsageError("this is no text", where=str(path)) from None


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()


def settings_of(table: Mapping[str, Any]) -> Settings:
    """Return the settings that a table of TOML holds."""
    _refuse_unknown(table, ("local_nets", "detectors", "severity", "suppress", "blocklists"), "a setting")
    made = Settings(
        local_nets=tuple(table.get("local_nets", LOCAL_NETS)),
        severities=DEFAULT_SEVERITY | _severities(table.get("severity", {})),
        rules=tuple(rule_of(one) for one in table.get("suppress", ())),
        blocklists=tuple(table.get("blocklists", ())),
    )
    known = {one.name: one for one in all_judges()}
    sections = table.get("detectors", {})
    _refuse_unknown(sections, tuple(known), "a detector")
    _refuse_unknown([one.detector for one in made.rules if one.detector], tuple(known), "a detector")
    off = frozenset(name for name, section in sections.items() if not _is_on(name, section))
    parameters = {name: _parameters(known[name], section) for name, section in sections.items()}
    return replace(made, off=off, parameters=parameters)


def _severities(section: Mapping[str, str]) -> dict[Kind, Severity]:
    _refuse_unknown(section, tuple(map(str, Kind)), "a kind of finding")
    words = [severity.word for severity in Severity]
    for kind, word in section.items():
        if word not in words:
            raise UsageError(f"severity.{kind}: '{word}' is no severity", hint=f"use {', '.join(words)}")
    return {Kind(kind): Severity.of(word) for kind, word in section.items()}


def _parameters(detector: type[Detector], section: Mapping[str, Any]) -> Parameters:
    given = {name: value for name, value in section.items() if name != "enabled"}
    names = tuple(one.name for one in fields(detector.parameters))
    _refuse_unknown(given, names, f"a threshold of {detector.name}")
    defaults = {one.name: one.default for one in fields(detector.parameters)}
    for name, value in given.items():
        wanted = type(defaults[name])
        right = isinstance(value, (int, float)) if wanted in {int, float} else isinstance(value, wanted)
        if not right or (isinstance(value, bool) and wanted is not bool):
            raise UsageError(f"detectors.{detector.name}.{name} must be {wanted.__name__}, not {value!r}")
    return detector.parameters(**given)


def _is_on(name: str, section: object) -> bool:
    """Say whether a detector is wanted; only true and false are answers."""
    if not isinstance(section, Mapping):
        raise UsageError(f"detectors.{name} must be a table, not {section!r}")
    enabled = section.get("enabled", True)
    if not isinstance(enabled, bool):
        raise UsageError(f"detectors.{name}.enabled must be true or false, not {enabled!r}")
    return enabled


def _refuse_unknown(table: Iterable[str], known: tuple[str, ...], what: str) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(f"'{name}' is not {what}", hint=f"did you mean '{near[0]}'?" if near else None)


def default_toml() -> str:
    """Return the whole of the settings with their defaults and meanings, as a file to start from."""
    lines = [
        "# Settings of Oddwire. Everything here is the default; keep only what you change.",
        "# Read from --config FILE, else ./oddwire.toml, else oddwire/oddwire.toml in ~/.config.",
        "",
        "# Networks that are our own.",
        f"local_nets = {_toml(list(LOCAL_NETS))}",
        "# Files of addresses and networks that nobody here should talk with, one a line.",
        "blocklists = []",
        "",
        "# Severity by kind of finding: low, medium, high, critical.",
        "[severity]",
        *(f'{kind} = "{severity.word}"' for kind, severity in DEFAULT_SEVERITY.items()),
        "",
        "# What is known and need not be raised. All conditions of a rule must hold; `until` ends it.",
        "# [[suppress]]",
        '# subject = "10.0.0.5"          # an address, a network or a hardware address',
        '# target = "10.0.0.0/24"',
        '# detector = "port_scan"        # or kind = "port_scan"',
        "# port = 443",
        '# until = "2030-01-01"',
        '# reason = "our vulnerability scanner"',
    ]
    for one in all_judges():
        lines += ["", f"[detectors.{one.name}]", "enabled = true"]
        for parameter in one.described():
            unit = f" ({parameter.unit})" if parameter.unit else ""
            lines += [f"# {parameter.meaning}{unit}", f"{parameter.name} = {_toml(parameter.default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:  # noqa: ANN401  # what a threshold can be
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
