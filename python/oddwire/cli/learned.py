"""Options of commands that use a trained model, and how what a model found is shown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import click

from oddwire.engine.settings import Settings
from oddwire.errors import UsageError
from oddwire.learning.budgets import parse_budget
from oddwire.records.finding import Finding
from oddwire.records.units import count_text

__all__ = ["MODEL", "budget_option", "model_options", "nine_lines", "with_model"]

Command: TypeAlias = Callable[..., Any]
MODEL = Path("models/network_model")

budget_option = click.option(
    "--budget", metavar="N/day|hour", help="False alarms that are acceptable, such as 5/day or 1/hour."
)


def model_options(command: Command) -> Command:
    """Add the options by which a trained model judges beside the rules."""
    model = click.option(
        "--model",
        type=click.Path(path_type=Path),
        help="A trained model that judges too (see `oddwire train`).",
    )
    return model(budget_option(command))


def with_model(settings: Settings, given: dict[str, Any]) -> Settings:
    """Return the settings with the model that the options name."""
    budget = parse_budget(given["budget"]) if given.get("budget") else None
    if budget is not None and given.get("model") is None:
        raise UsageError("a budget is kept by a trained model", hint="add --model PATH")
    if given.get("model") is None:
        return settings
    return replace(
        settings, model=str(given["model"]), budget=budget, contamination=given.get("contamination")
    )


def nine_lines(found: Finding) -> list[str]:
    """Return what a host did in nine figures; nothing of findings that do not have them."""
    facts = found.facts
    if "unique_dst_ips" not in facts:
        return []

    def figure(name: str) -> str:
        value = facts.get(name)
        return "unknown" if value is None else f"{value:,}"

    destinations = count_text(int(str(facts["unique_dst_ips"])), "destination")
    ports = f"{figure('unique_src_ports')} source ports, {figure('unique_dst_ports')} destination ports"
    lengths = f"length mean {figure('length_mean')} B, longest {figure('length_max')} B"
    return [
        f"source {found.subject.name}, score {found.score:.4f}",
        f"{destinations}, {ports}",
        f"{lengths}, {figure('packets')} packets",
        f"port ratio {figure('port_ratio')}, packets per destination {figure('packets_per_dst')}",
    ]
