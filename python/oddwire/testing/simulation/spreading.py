"""Incidents that look around and move inside: scans, sweeps, guessed passwords, strange log-ins, worms."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oddwire.testing.simulation.acts import Act, Family

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FAMILIES"]

HOUR, MINUTE = 3_600.0, 60.0
# What hosts of a role answer to; all else is refused, or silent where a firewall stands before it.
OPEN = {
    "workstation": (135, 139, 445, 3_389),
    "fileserver": (22, 80, 135, 139, 443, 445, 5_985),
    "resolver": (22, 53),
    "printer": (80, 443, 515, 631, 9_100),
    "monitoring": (22, 80, 443),
    "backup": (22, 445),
    "automation": (22, 80),
    "camera": (80, 554),
    "router": (22, 53, 80, 443),
}
FIREWALLED = ("workstation", "phone")
SERVICES = {22: "ssh", 53: None, 80: "http", 443: "tls", 445: "smb", 3_389: "rdp", 5_985: "http"}
KNOWN_PORTS = (21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 515, 554, 587, 631, 993,
               1_433, 1_521, 2_049, 3_306, 3_389, 5_060, 5_432, 5_900, 5_985, 6_379, 8_000, 8_080, 8_443,
               9_100, 9_200, 11_211, 27_017)  # fmt: skip
SWEPT_PORTS = (445, 22, 3_389, 80, 135, 5_900, 1_433, 6_379)
# Of a log-in that fails: what each side says in all.
FAILED = {22: (2_200, 2_900), 445: (1_400, 1_500), 3_389: (1_900, 2_300), 5_985: (900, 700)}


def _reached(act: Act, target: str, port: int) -> str:
    """Return what a knock at a host's port meets."""
    role = act.place.roles.get(target)
    if role is None:
        return "silent"
    if port in OPEN.get(role, ()):
        return "answered"
    return "silent" if role in FIREWALLED else "refused"


def _knock(
    act: Act, at_s: "Sequence[float] | np.ndarray[Any, np.dtype[Any]]", goals: Sequence[tuple[str, int]]
) -> None:
    """Knock once at each goal and say nothing."""
    outcomes = [_reached(act, *goal) for goal in goals]
    act.add(
        at_s,
        dst=[target for target, _ in goals],
        dst_port=[port for _, port in goals],
        outcome=outcomes,
        duration_s=[0.002 if outcome == "answered" else 0.0 for outcome in outcomes],
        packets_out=[int(outcome == "silent") for outcome in outcomes],
        close="rst",
    )
    act.aim(*[target for target, _ in goals])


def _paced(act: Act, count: int, gap_s: float) -> "np.ndarray[Any, np.dtype[Any]]":
    """Return the seconds of so many knocks, a gap apart on the average."""
    import numpy as np

    regular = act.chance(0.5)
    gaps = gap_s * (act.dice.uniform(0.9, 1.1, count) if regular else act.dice.exponential(1.0, count))
    return np.cumsum(gaps)


def port_scan(act: Act) -> None:
    """Try ports of some hosts: all of them within a minute, or a few an hour."""
    goals_of = act.some_of(act.place.others(act.subject, *OPEN), act.whole((1, 4), (1, 5), (1, 3)))
    ports = [*KNOWN_PORTS, *range(1, 1_024)] if act.strength == "loud" else list(KNOWN_PORTS)
    ports = list(dict.fromkeys(ports))
    goals = [(target, port) for target in goals_of for port in act.some_of(ports, len(ports))]
    gap = act.between((0.002, 0.02), (0.3, 3.0), (60, 300))
    _knock(act, _paced(act, len(goals), gap), goals)


def sweep(act: Act) -> None:
    """Try one port, or a ping, at every address around."""
    targets = act.place.neighbours(act.subject)
    if act.chance(0.5):
        targets = act.some_of(targets, len(targets))
    if act.strength == "quiet":
        targets = targets[: act.whole((60, 90), (60, 90), (40, 120))]
    times = _paced(act, len(targets), act.between((0.003, 0.05), (0.5, 4.0), (45, 240)))
    if act.chance(0.25):
        alive = [target in act.place.roles for target in targets]
        act.add(
            times,
            dst=targets,
            protocol=1,
            outcome=["answered" if up else "silent" for up in alive],
            duration_s=[0.001 * up for up in alive],
            payload_out=56,
            payload_in=[56 * up for up in alive],
            packets_out=1,
            packets_in=[int(up) for up in alive],
        )
        act.aim(*targets)
        return
    port = act.one_of(SWEPT_PORTS)
    _knock(act, times, [(target, port) for target in targets])


def guessing(act: Act) -> None:
    """Guess passwords of one server: each connection fails the same way."""
    target = act.one_of(act.place.others(act.subject, "fileserver", "router", "backup", "monitoring"))
    open_ports = [port for port in FAILED if _reached(act, target, port) == "answered"]
    port = act.one_of(open_ports or [22])
    rate = act.between((2, 12), (0.1, 0.5), (1 / 300, 1 / 60))
    times = act.arrivals(rate, act.pick(8 * MINUTE, 40 * MINUTE, 6 * HOUR))
    out, back = FAILED[port]
    act.add(
        times,
        dst=target,
        dst_port=port,
        service=SERVICES[port],
        name=target if port == 5_985 else None,  # noqa: PLR2004  # WinRM is HTTP
        verb="POST" if port == 5_985 else None,  # noqa: PLR2004  # as above
        duration_s=act.dice.uniform(0.4, 2.6, len(times)),
        payload_out=act.sizes(out, 0.01, len(times)),
        payload_in=act.sizes(back, 0.01, len(times)),
        packets_out=7 if port == 22 else 0,  # noqa: PLR2004  # SSH agrees in small steps
        packets_in=6 if port == 22 else 0,  # noqa: PLR2004  # as above
        close=act.one_of(("fin", "rst")),
    )
    act.aim(target)


def spraying(act: Act) -> None:
    """Try one password at many hosts, then after a while the next one."""
    import numpy as np

    targets = [one for one in act.place.others(act.subject, *OPEN) if _reached(act, one, 445) == "answered"]
    rounds = act.whole((8, 20), (4, 8), (2, 4))
    pause = act.between((20, 60), (300, 900), (2_000, 5_000))
    within = act.pick(0.1, 2.0, 60.0)
    times = np.concatenate([number * pause + _paced(act, len(targets), within) for number in range(rounds)])
    out, back = FAILED[445]
    act.add(
        times,
        dst=targets * rounds,
        dst_port=445,
        service="smb",
        duration_s=act.dice.uniform(0.1, 0.6, len(times)),
        payload_out=act.sizes(out, 0.01, len(times)),
        payload_in=act.sizes(back, 0.01, len(times)),
    )
    act.aim(*targets)


def _log_in(act: Act, at_s: float, target: str, port: int, *, src: str | None = None) -> float:
    """Work on another host for a while; return when it ends."""
    lasting = act.between((60, 600), (120, 900), (200, 1_500))
    keys = int(lasting * float(act.dice.uniform(0.5, 3.0)))
    act.add(
        at_s,
        src=src or act.subject,
        dst=target,
        dst_port=port,
        service=SERVICES[port],
        name=target if port == 5_985 else None,  # noqa: PLR2004  # WinRM is HTTP
        verb="POST" if port == 5_985 else None,  # noqa: PLR2004  # as above
        duration_s=lasting,
        payload_out=2_500 + keys * 90 + (act.sizes(400_000, 1.0, 1)[0] if port == 445 else 0),  # noqa: PLR2004  # tools are copied by SMB
        payload_in=4_000 + keys * (900 if port == 3_389 else 160),  # noqa: PLR2004  # RDP sends pictures
        packets_out=0 if port == 445 else 10 + keys,  # noqa: PLR2004  # as above
        packets_in=0 if port == 445 else 12 + keys,  # noqa: PLR2004  # as above
        shape="even",
    )
    return at_s + lasting


def lateral(act: Act) -> None:
    """Log in from a workstation to peers that it never talked to, one after the other."""
    peers = act.some_of(
        act.place.others(act.subject, "workstation", "fileserver", "backup"),
        act.whole((4, 8), (2, 4), (1, 2)),
    )
    at = 0.0
    for peer in peers:
        goals = [port for port in (445, 3_389, 5_985, 22) if _reached(act, peer, port) == "answered"]
        port = act.one_of(goals or [445])
        if act.chance(act.pick(0.8, 0.5, 0.1)):  # looks what is open, first
            _knock(
                act,
                at + _paced(act, 4, act.pick(0.2, 3.0, 40.0)),
                [(peer, one) for one in (445, 3_389, 5_985, 22)],
            )
            at += act.pick(5.0, 30.0, 400.0)
        at = _log_in(act, at, peer, port)
        at += act.between((10, 90), (200, 1_200), (1_500, 7_000))
        act.aim(peer)


def worm(act: Act) -> None:
    """Spread by itself: the first host looks for others; each one that it takes does the same."""
    lasting = act.pick(10 * MINUTE, 25 * MINUTE, 3 * HOUR)
    rate = act.between((5, 20), (1, 4), (0.02, 0.08))
    prey = act.some_of(
        act.place.others(act.subject, "workstation", "fileserver"), act.whole((3, 6), (2, 3), (1, 2))
    )
    taken = [(act.subject, 0.0)]
    for number, host in enumerate(prey):
        since = lasting * (0.15 + 0.6 * (number + float(act.dice.random())) / len(prey))
        _infect(act, act.one_of(taken)[0], host, since)
        taken.append((host, since + 5.0))
    outside = act.chance(0.4)
    for host, since in taken:
        times = since + act.arrivals(rate, lasting - since)
        near = act.place.neighbours(host)
        goals = [
            act.outside() if outside and act.chance(0.7) else act.one_of(near) for _ in range(len(times))
        ]
        outcomes = [_reached(act, goal, 445) for goal in goals]
        act.add(
            times,
            src=host,
            dst=goals,
            dst_port=445,
            outcome=outcomes,
            duration_s=[0.3 if outcome == "answered" else 0.0 for outcome in outcomes],
            service=["smb" if outcome == "answered" else None for outcome in outcomes],
            payload_out=[900 * (outcome == "answered") for outcome in outcomes],
            payload_in=[700 * (outcome == "answered") for outcome in outcomes],
            packets_out=[int(outcome != "refused") for outcome in outcomes],
        )
    act.aim(*prey)


def _infect(act: Act, source: str, victim: str, at_s: float) -> None:
    """Take a host over: exploit it, copy the worm, and have it call back."""
    act.add(
        at_s,
        src=source,
        dst=victim,
        dst_port=445,
        service="smb",
        duration_s=3.0,
        payload_out=act.sizes(700_000, 0.3, 1)[0],
        payload_in=9_000,
    )
    act.add(
        at_s + 3.5,
        src=victim,
        dst=source,
        dst_port=act.one_of((4_444, 8_888, 31_337)),
        duration_s=20.0,
        payload_out=1_200,
        payload_in=6_000,
    )


SERVERS = ("fileserver", "router", "backup", "monitoring")
FAMILIES = (
    Family(
        kind="port_scan",
        play=port_scan,
        roles=("workstation", "camera", "printer"),
        needs=("fileserver", "router"),
    ),
    Family(kind="sweep", play=sweep, roles=("workstation", "phone", "camera")),
    Family(kind="guessing", play=guessing, roles=("workstation", "phone"), needs=SERVERS),
    Family(kind="spraying", play=spraying, roles=("workstation",), needs=("workstation", "fileserver")),
    Family(
        kind="lateral", play=lateral, roles=("workstation",), needs=("workstation", "fileserver", "backup")
    ),
    Family(kind="worm", play=worm, roles=("workstation",), needs=("workstation",)),
)
