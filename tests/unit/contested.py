"""A small made office as a scenario: three hosts that talk now and then, and one that scans for two hours."""

from pathlib import Path

import numpy as np
import polars as pl

from oddwire.testing.contest.scenario import Attack, Scenario, attacked_hours, write_scenario
from oddwire.testing.contest.stretch import kept
from oddwire.testing.windows import arp_frame, nothing_said, talk_frame

NS = 1_000_000_000
TICK_NS, HOUR_NS, DAY_NS = 5 * NS, 3_600 * NS, 86_400 * NS
BASE_NS = 19_667 * DAY_NS
NAMES = ["10.0.0.1", "10.0.0.2", "10.0.0.3", *(f"8.8.{a}.{b}" for a in range(4) for b in range(1, 6))]
ATTACKER = 1


def talks(seed: int, start_ns: int, hours: int, *, scan_at: int | None = None) -> pl.DataFrame:
    """Ordinary talks, some forty an hour and host; in two hours a host scans, if it is said when."""
    dice = np.random.default_rng([seed, start_ns // HOUR_NS])
    count = 120 * hours
    tick = np.sort(start_ns + dice.integers(0, hours * HOUR_NS // TICK_NS, count) * TICK_NS)
    size = np.round(np.exp(dice.normal(2, 1, count))).astype(int) + 1
    columns = {
        "tick": tick,
        "src": dice.integers(0, 3, count),
        "dst": dice.integers(3, len(NAMES), count),
        "dst_port": dice.choice([80, 443], count),
        "packets_out": size,
        "packets_in": size,
    }
    if scan_at is not None:
        many = 4_000
        scan = {
            "tick": scan_at + np.sort(dice.integers(0, 2 * HOUR_NS // TICK_NS, many)) * TICK_NS,
            "src": np.full(many, ATTACKER),
            "dst": np.full(many, 2),
            "dst_port": dice.integers(1, 60_000, many),
            "packets_out": np.ones(many, dtype=int),
            "packets_in": np.zeros(many, dtype=int),
        }
        columns = {name: np.concatenate([columns[name], scan[name]]) for name in columns}
        order = np.argsort(columns["tick"], kind="stable")
        columns = {name: values[order] for name, values in columns.items()}
    rows = len(columns["tick"])
    return talk_frame(
        **columns,
        bytes_out=columns["packets_out"] * 200,
        bytes_in=columns["packets_in"] * 900,
        src_port=dice.integers(40_000, 60_000, rows),
        protocol=6,
        ip_version=4,
        born=columns["tick"],
        first=columns["tick"],
        last=columns["tick"] + NS,
        sure=True,
    )


def scenario(folder: Path, *, seed: int = 1) -> Scenario:
    """One day to learn from, one to calibrate with, one in which a scan runs from ten to twelve."""
    folder.mkdir(parents=True)
    begins = {name: BASE_NS + at * DAY_NS for at, name in enumerate(("train", "calibrate", "test"))}
    scan_at = begins["test"] + 10 * HOUR_NS
    for name, start_ns in begins.items():
        table = talks(seed, start_ns, 24, scan_at=scan_at if name == "test" else None)
        tables = {"talks": table, "ended": talk_frame().clear(), "arp": arp_frame().clear(), **nothing_said()}
        noon = start_ns + DAY_NS // 2
        halves = [(tables | {"talks": table.filter(part)}, end) for part, end in _halves(noon)]
        kept(halves, lambda: NAMES, folder / name)
    attack = Attack(
        name="scan",
        kind="port_scan",
        subjects=(NAMES[ATTACKER],),
        others=(NAMES[2],),
        start_ns=scan_at,
        end_ns=scan_at + 2 * HOUR_NS - 1,
    )
    return write_scenario(
        folder,
        name="made office",
        seed=seed,
        days=dict.fromkeys(begins, 1.0),
        attacks=[attack],
        attacked=attacked_hours([attack]),
    )


def _halves(noon: int) -> list[tuple[pl.Expr, int | None]]:
    return [(pl.col("tick") < noon, noon), (pl.col("tick") >= noon, None)]
