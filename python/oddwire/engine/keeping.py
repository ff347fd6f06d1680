"""What an analysis leaves in the workspace, and the rules that the workspace holds for it."""

import os
from collections.abc import Mapping
from typing import Any

from oddwire import native
from oddwire.engine.analysis import Analysis, input_name
from oddwire.engine.feeding_back import feedback_rules
from oddwire.engine.suppression import Rule, rule_of
from oddwire.sources.files import Capture
from oddwire.store.kept import RunInput
from oddwire.store.workspace import Workspace

__all__ = ["deciding_options", "keep", "kept_rules"]

STANDARD_INPUT = "-"
# The options that decide which packets are seen: carving needs the same.
DECIDING = ("since_ns", "until_ns", "bpf", "dedupe")


def keep(workspace: Workspace, capture: Capture, analysis: Analysis) -> str:
    """Keep what was found, with where the packets are; return the name of the run."""
    inputs = [_kept_input(one) for one in analysis.seen.get("inputs", ())]
    findings = [one.to_dict() for one in analysis.findings]
    return workspace.add_run(inputs, deciding_options(capture.options), findings)


def kept_rules(workspace: Workspace) -> tuple[Rule, ...]:
    """Return what a workspace suppresses: the rules that it holds, and what was said to be a false alarm."""
    rules = tuple(rule_of(one.rule) for one in workspace.suppressions())
    return (*rules, *feedback_rules(workspace))


def deciding_options(options: native.Options) -> dict[str, Any]:
    """Return the options that decide which packets are seen, where they say anything."""
    said = ((name, getattr(options, name)) for name in DECIDING)
    return {name: value for name, value in said if value is not None and value is not False}


def _kept_input(one: Mapping[str, Any]) -> RunInput:
    name = str(one["name"])
    return RunInput(
        name=input_name(name),
        path=None if name == STANDARD_INPUT else os.path.abspath(name),  # noqa: PTH100  # links stay as they are
        blake3=one["blake3"],
        packets=one["packets"],
    )
