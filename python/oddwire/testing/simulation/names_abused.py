"""Incidents that speak through the names that a host asks for: beacons, tunnels and theft by DNS."""

from typing import TYPE_CHECKING, Any

from oddwire.testing.simulation.acts import Act, Family, Times

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FAMILIES"]

HOUR, MINUTE = 3_600.0, 60.0
ALPHABETS = ("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789_")
LONGEST_NAME = 250
# What one name holds is cut into labels of this many letters.
LABEL = 57


def _names(act: Act, letters: "np.ndarray[Any, np.dtype[Any]]", zone: str) -> list[str]:
    """Return names that carry so many letters each in front of a zone."""
    import numpy as np

    alphabet = act.one_of(ALPHABETS)
    room = LONGEST_NAME - len(zone) - LONGEST_NAME // LABEL
    sizes = np.minimum(letters, room)
    drawn = act.dice.integers(0, len(alphabet), int(sizes.sum()))
    text = np.frombuffer(alphabet.encode(), dtype=np.uint8)[drawn].tobytes().decode()
    names, at = [], 0
    for size in sizes.tolist():
        parts = [text[begin : min(begin + LABEL, at + size)] for begin in range(at, at + size, LABEL)]
        names.append(".".join([*parts, zone]))
        at += size
    return names


def _addresses(act: Act, count: int) -> list[str]:
    """Return answers that are no addresses of anybody, but four bytes of data each."""
    drawn = act.dice.integers(1, 224, (count, 4))
    return [".".join(str(byte) for byte in row) for row in drawn]


def _ask(act: Act, times: Times, names: list[str], verb: str, answer_bytes: float) -> None:
    """Ask for names whose answers carry data in the way of their type."""
    if verb == "A":
        act.ask(times, names, _addresses(act, len(names)))
    else:
        data = act.sizes(answer_bytes, 0.5, len(names)).clip(4, 900)
        act.ask(times, names, None, verb=verb, data=data)
    if resolver := act.place.resolver:
        act.aim(resolver)


def beacon_dns(act: Act) -> None:
    """Ask for a new name of one zone at each beat; the answers say what to do."""
    every = act.between((20, 60), (60, 300), (300, 1_500))
    jitter = float(act.dice.uniform(*act.pick((0.0, 0.05), (0.05, 0.2), (0.2, 0.4))))
    lasting = act.between((2, 5), (3, 8), (8, 16)) * HOUR
    times = act.beats(every, jitter, lasting)
    zone = act.one_of(("", "ns.", "t.")) + act.domain()
    letters = act.dice.integers(*act.pick((24, 40), (12, 24), (8, 14)), len(times))
    _ask(act, times, _names(act, letters, zone), act.one_of(("A", "TXT", "AAAA", "A")), 60)


def dns_tunnel(act: Act) -> None:
    """Carry a session in questions and answers: as fast as data comes, slow while it waits."""
    import numpy as np

    rate = act.between((5, 20), (1, 5), (0.2, 0.6))
    lasting = act.between((10 * MINUTE, 25 * MINUTE), (20 * MINUTE, HOUR), (HOUR, 4 * HOUR))
    verb = act.one_of(("TXT", "A", "NULL", "TXT"))
    times = act.arrivals(rate, lasting)
    # It is busy in turns: what falls into a pause is a poll with little in it.
    busy = (times // act.between((30, 90), (60, 240), (120, 600))).astype(np.int64) % 3 > 0
    full = act.dice.integers(*act.pick((90, 200), (60, 150), (28, 60)), len(times))
    letters = np.where(busy, full, act.dice.integers(14, 24, len(times)))
    keep = busy | (act.dice.random(len(times)) < 0.35)  # noqa: PLR2004  # polls are rarer
    _ask(act, times[keep], _names(act, letters[keep], f"t.{act.domain()}"), verb, 220)


def exfil_dns(act: Act) -> None:
    """Carry files out in long questions; the answers are short and say only that it arrived."""
    rate = act.between((6, 15), (1, 4), (0.1, 0.4))
    lasting = act.between((10 * MINUTE, 30 * MINUTE), (30 * MINUTE, 90 * MINUTE), (3 * HOUR, 6 * HOUR))
    times = act.beats(1 / rate, 0.3, lasting)
    letters = act.dice.integers(*act.pick((180, 225), (110, 180), (50, 100)), len(times))
    names = _names(act, letters, act.domain())
    act.ask(times, names, act.outside())
    if resolver := act.place.resolver:
        act.aim(resolver)


def hunted_names(act: Act) -> None:
    """Look for a master under names made from the date: most do not exist, then one is called."""
    count = act.whole((400, 900), (120, 300), (30, 70))
    times = act.arrivals(count / act.pick(600.0, 1_800.0, 3 * HOUR), act.pick(600.0, 1_800.0, 3 * HOUR))
    ending = act.one_of((".com", ".net", ".info", ".top"))
    letters = act.dice.integers(10, 19, len(times))
    names = [
        "".join("abcdefghijklmnopqrstuvwxyz"[at] for at in act.dice.integers(0, 26, int(size))) + ending
        for size in letters
    ]
    host = act.outside()
    act.aim(host)
    act.ask(times, names, ["NXDOMAIN"] * (len(names) - 1) + [host])
    act.add(
        float(times[-1]) + 0.2,
        dst=host,
        dst_port=443,
        service="tls",
        name=names[-1],
        duration_s=4.0,
        payload_out=2_200,
        payload_in=act.sizes(180_000, 0.8, 1)[0],
    )


FAMILIES = (
    Family(kind="beacon_dns", play=beacon_dns, roles=("workstation", "automation"), needs=("resolver",)),
    Family(kind="dns_tunnel", play=dns_tunnel, roles=("workstation", "phone"), needs=("resolver",)),
    Family(kind="exfil_dns", play=exfil_dns, roles=("workstation", "fileserver"), needs=("resolver",)),
    Family(kind="hunted_names", play=hunted_names, roles=("workstation",), needs=("resolver",)),
)
