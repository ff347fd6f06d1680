"""Incidents in which a host reports to somebody outside again and again: beacons, and mining."""

from typing import TYPE_CHECKING, Any

from oddwire.testing.simulation.acts import Act, Family

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FAMILIES"]

HOUR = 3_600.0
TASKED = 0.03  # the share of calls at which there is something to do
HELD_OPEN = 0.25
ODD_PORTS = (4_444, 8_081, 1_337, 2_222, 6_969, 9_001, 50_050)
POOL_PORTS = (3_333, 4_444, 5_555, 14_444, 443)


def _rhythm(act: Act) -> "tuple[float, float, float]":
    """Draw the seconds between calls, their jitter, and the seconds that it goes on."""
    every = act.between((30, 90), (120, 600), (600, 1_800))
    jitter = float(act.dice.uniform(*act.pick((0.0, 0.05), (0.05, 0.2), (0.2, 0.4))))
    hours = act.between((2, 5), (4, 9), (9, 20))
    return every, jitter, max(hours * HOUR, 8 * every)


def _replies(act: Act, count: int, size: float) -> "np.ndarray[Any, np.dtype[Any]]":
    """Return the sizes of answers: nearly the same each time, but for those that bring a task."""
    import numpy as np

    idle = act.sizes(size, act.one_of((0.0, 0.02, 0.2)), count)
    tasks = act.sizes(60_000, 1.2, count)
    return np.where(act.dice.random(count) < TASKED, tasks, idle)


def beacon_tls(act: Act) -> None:
    """Report over TLS to a new name: a connection a beat, or one that is held open."""
    every, jitter, lasting = _rhythm(act)
    times = act.beats(every, jitter, lasting)
    host, name = act.outside(), act.one_of(("", "www.", "api.", "cdn.")) + act.domain()
    act.aim(host)
    if act.chance(HELD_OPEN) and act.strength != "quiet":
        _held(act, host, name, every, float(times[-1]))
        return
    act.look_up(times, name, host, remembered_s=act.one_of((60.0, 300.0, 3_600.0)))
    out = 700 + act.sizes(act.one_of((150, 400, 900)), act.one_of((0.0, 0.05, 0.4)), len(times))
    act.add(
        times,
        dst=host,
        dst_port=443 if act.chance(0.8) else 8_443,
        service="tls",
        name=name,
        duration_s=act.dice.uniform(0.15, 0.9, len(times)),
        payload_out=out,
        payload_in=3_100 + _replies(act, len(times), act.one_of((120, 300, 1_500))),
        close=act.one_of(("fin", "fin", "rst")),
    )


def _held(act: Act, host: str, name: str, every: float, lasting: float) -> None:
    """Hold one connection open and speak in it at each beat."""
    act.look_up(0.0, name, host)
    beats = int(lasting / every)
    act.add(
        0.0,
        dst=host,
        dst_port=443,
        service="tls",
        name=name,
        duration_s=lasting,
        payload_out=900 + 180 * beats,
        payload_in=3_200 + 140 * beats,
        packets_out=2 + beats,
        packets_in=3 + beats,
        shape="beats",
        beat_ns=int(every * 1e9),
    )


def beacon_http(act: Act) -> None:
    """Report in plain HTTP: small requests to one host, by its name or its bare address."""
    every, jitter, lasting = _rhythm(act)
    times = act.beats(every, jitter, lasting)
    host = act.outside()
    name = act.domain() if act.chance(0.6) else host
    act.aim(host)
    if name != host:
        act.look_up(times, name, host, remembered_s=act.one_of((60.0, 600.0, 3_600.0)))
    posts = act.chance(0.5)
    act.add(
        times,
        dst=host,
        dst_port=act.one_of((80, 80, 8_080, 8_000)),
        service="http",
        name=name,
        verb="POST" if posts else "GET",
        duration_s=act.dice.uniform(0.08, 0.5, len(times)),
        payload_out=220 + act.sizes(250 if posts else 90, act.one_of((0.0, 0.1, 0.4)), len(times)),
        payload_in=180 + _replies(act, len(times), act.one_of((40, 200, 800))),
    )


def beacon_raw(act: Act) -> None:
    """Report over bare TCP to an odd port; sometimes the other side is down for a while."""
    import numpy as np

    every, jitter, lasting = _rhythm(act)
    times = act.beats(every, jitter, lasting)
    host = act.outside()
    act.aim(host)
    down = (times > lasting * 0.4) & (times < lasting * 0.55) & act.chance(0.4)
    up = ~down
    act.add(
        times,
        dst=host,
        dst_port=act.one_of(ODD_PORTS),
        duration_s=np.where(down, 7.1, act.dice.uniform(0.1, 3.0, len(times))),
        outcome=np.where(down, "silent", "answered").tolist(),
        payload_out=act.sizes(200, 0.3, len(times)) * up,
        payload_in=_replies(act, len(times), 90) * up,
        close=act.one_of(("fin", "rst")),
    )


def mining(act: Act) -> None:
    """Mine coins: one long steady connection to a pool, with short messages both ways."""
    lasting = act.between((3, 8), (5, 12), (8, 18)) * HOUR
    every = act.between((5, 12), (15, 40), (45, 150))
    host, name = act.outside(), f"{act.one_of(('pool', 'xmr', 'eu1', 'stratum'))}.{act.domain()}"
    port = act.pick(act.one_of(POOL_PORTS), act.one_of(POOL_PORTS), 443)
    act.aim(host)
    breaks = 1 + int(act.dice.integers(3))
    length = lasting / breaks
    for number in range(breaks):
        begin = number * (length + float(act.dice.uniform(5, 90)))
        beats = max(4, int(length / every))
        act.look_up(begin, name, host)
        act.add(
            begin,
            dst=host,
            dst_port=port,
            service="tls" if port == 443 else None,  # noqa: PLR2004  # the port of TLS
            name=name if port == 443 else None,  # noqa: PLR2004  # as above
            duration_s=length,
            payload_out=900 + 190 * beats,
            payload_in=3_200 + 380 * beats,
            packets_out=2 + beats,
            packets_in=3 + beats,
            shape="beats",
            beat_ns=int(every * 1e9),
            close=act.one_of(("fin", "rst", "open")),
        )


FAMILIES = (
    Family(kind="beacon_tls", play=beacon_tls, roles=("workstation", "fileserver", "automation")),
    Family(kind="beacon_http", play=beacon_http, roles=("workstation", "printer", "automation")),
    Family(kind="beacon_raw", play=beacon_raw, roles=("workstation", "monitoring", "camera")),
    Family(kind="mining", play=mining, roles=("workstation", "fileserver", "backup", "automation")),
)
