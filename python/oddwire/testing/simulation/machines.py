"""Hosts without people: monitoring, automation, cameras, the printer, the thermostat."""

from typing import TYPE_CHECKING

from oddwire.testing.simulation.calendar import DAY_S
from oddwire.testing.simulation.draft import HELLO, SERVER_HELLO, UDP
from oddwire.testing.simulation.people import HOUR
from oddwire.testing.simulation.upkeep import keep_time, keep_up

if TYPE_CHECKING:
    from oddwire.testing.simulation.draft import Draft

__all__ = ["automate", "film", "keep_warm", "poll", "wait_for_pages"]

ALL_DAY = (0.0, float(DAY_S))
MINUTE = 60.0
SNMP_PORT, SSH_PORT, RTSP_PORT, MQTT_PORT = 161, 22, 554, 8_883
ICMP = 1
# Each Sunday at two the monitoring server looks whether the inventory is right.
INVENTORY_DAY, INVENTORY_S = 6, 2 * HOUR
INVENTORY_PORTS = (22, 80, 443, 445, 9_100)
OPEN: dict[str, tuple[int, ...]] = {
    "fileserver": (22, 443, 445),
    "resolver": (22,),
    "backup": (22,),
    "automation": (22, 80),
    "printer": (80, 443, 9_100),
    "router": (22, 443),
}


def poll(draft: "Draft") -> None:
    """Plan the monitoring: each minute every host is asked whether it is well."""
    import numpy as np

    office, dice = draft.office, draft.dice
    keep_up(draft, ALL_DAY, is_linux=True)
    others = [address for address in office.roles if address != draft.address]
    people = set(office.workstations)
    for number, address in enumerate(others):
        begin = 1.0 + 0.37 * number
        if address not in people:
            draft.add(
                begin,
                DAY_S - begin - 1,
                dst=address,
                protocol=ICMP,
                shape="beats",
                beat_ns=60e9,
                close="open",
                payload_out=56.0 * 1_440,
                payload_in=56.0 * 1_440,
                packets_out=1_440,
                packets_in=1_440,
            )
        if address in people:
            continue
        at = np.arange(begin + 5, DAY_S, MINUTE)
        at += np.abs(dice.normal(0, 0.02, len(at)))
        draft.add(
            at,
            draft.sizes(0.004, 0.4, len(at)),
            dst=address,
            dst_port=SNMP_PORT,
            protocol=UDP,
            service="snmp",
            payload_out=82,
            payload_in=96 + dice.integers(0, 30, len(at)),
        )
    for number, (role, port) in enumerate(
        (("fileserver", 443), ("automation", 80), ("printer", 80), ("backup", 22), ("resolver", 22))
    ):
        every = MINUTE if port != SSH_PORT else 5 * MINUTE
        at = np.arange(20 + 0.6 * number, DAY_S, every)
        at += np.abs(dice.normal(0, 0.05, len(at)))
        service = {443: "tls", 80: "http", 22: "ssh"}[port]
        name = office.name(office.one(role))
        draft.add(
            at,
            draft.sizes(0.03, 0.3, len(at)),
            dst=office.one(role),
            dst_port=port,
            service=service,
            name=None if service == "ssh" else name,
            verb="GET" if service == "http" else None,
            payload_out={"tls": 900, "http": 140, "ssh": 24}[service],
            payload_in={"tls": 2_900, "http": 610, "ssh": 21}[service] + dice.integers(0, 12, len(at)),
        )
    _tell(draft)
    if office.calendar.weekday(draft.day) == INVENTORY_DAY:
        _inventory(draft, others)


def _tell(draft: "Draft") -> None:
    """Send a few messages a day: something is always a little wrong."""
    count = int(draft.dice.poisson(2.5))
    draft.visit(
        draft.dice.uniform(0, DAY_S, count),
        draft.office.sites.service("alerts"),
        0.4,
        payload_out=HELLO + 900,
        payload_in=SERVER_HELLO + 300,
    )


def _inventory(draft: "Draft", others: list[str]) -> None:
    """Look at the inventory, weekly: a few ports of each host, without hurry; most are shut."""
    import numpy as np

    roles = draft.office.roles
    pairs = [(address, port) for address in others for port in INVENTORY_PORTS]
    opened = [port in OPEN.get(roles[address], ()) for address, port in pairs]
    draft.add(
        INVENTORY_S + 4.0 * np.arange(len(pairs)),
        0.002,
        dst=np.array([address for address, _ in pairs], dtype=object),
        dst_port=np.array([port for _, port in pairs]),
        outcome=np.where(opened, "answered", "refused").astype(object),
        close="rst",
    )


def automate(draft: "Draft") -> None:
    """Plan the scheduled jobs: commands over SSH, a service outside that is asked, the doors of the house."""
    import numpy as np

    dice, office = draft.dice, draft.office
    keep_up(draft, ALL_DAY, is_linux=True)
    for role, every, phase in (("fileserver", 900.0, 2.0), ("backup", 3_600.0, 62.0)):
        at = np.arange(phase, DAY_S, every) + dice.uniform(0, 1.2, len(np.arange(phase, DAY_S, every)))
        draft.inside(
            at,
            role,
            draft.sizes(2.2, 0.4, len(at), 0.6),
            dst_port=SSH_PORT,
            service="ssh",
            payload_out=3_400 + draft.sizes(400, 0.5, len(at)),
            payload_in=3_000 + draft.sizes(1_500, 1.0, len(at)),
        )
    at = np.arange(11.0, DAY_S, 300.0)
    at += dice.uniform(0, 4, len(at))
    busy = np.where((at > 8 * HOUR) & (at < 18 * HOUR), 1.0, 0.15)
    draft.visit(
        at,
        office.sites.service("tickets"),
        draft.sizes(0.8, 0.4, len(at)),
        payload_out=HELLO + draft.sizes(700, 0.3, len(at)),
        payload_in=SERVER_HELLO + 400 + busy * draft.sizes(6_000, 1.2, len(at)),
    )
    at = np.arange(400.0, DAY_S, HOUR) + dice.uniform(0, 5)
    draft.visit(
        at, office.sites.service("weather"), 0.3, payload_out=HELLO + 350, payload_in=SERVER_HELLO + 5_200
    )
    # The camera films while there is light; the picture goes to the recorder here.
    draft.inside(
        6.5 * HOUR + float(dice.normal(0, 60)),
        "camera",
        13 * HOUR,
        dst_port=RTSP_PORT,
        service=None,
        shape="even",
        payload_out=13 * HOUR * 30,
        payload_in=13 * HOUR * float(dice.uniform(55_000, 75_000)),
    )


def film(draft: "Draft") -> None:
    """Plan a camera: the time, and its maker, whom it asks for news every few hours."""
    import numpy as np

    keep_time(draft, ALL_DAY)
    at = np.arange(float(draft.dice.uniform(0, 7_200)), DAY_S, 7_200.0)
    draft.visit(
        at, draft.office.sites.service("camera"), 0.7, payload_out=HELLO + 500, payload_in=SERVER_HELLO + 420
    )


def keep_warm(draft: "Draft") -> None:
    """Plan the thermostat: a line to its maker that is kept open, and renewed a few times a day."""
    import numpy as np

    keep_time(draft, ALL_DAY)
    begin = np.sort(draft.dice.uniform(0, DAY_S, 3))
    begin[0] = 5.0
    lasts = np.diff(np.append(begin, DAY_S)) - 3
    beats = np.maximum(1, lasts // 60)
    draft.visit(
        begin,
        draft.office.sites.service("thermostat"),
        np.maximum(lasts, 1),
        dst_port=MQTT_PORT,
        shape="beats",
        beat_ns=np.full(3, 60e9),
        payload_out=HELLO + beats * 110,
        payload_in=SERVER_HELLO + beats * 40,
        packets_out=3 + beats,
        packets_in=3 + beats,
    )


def wait_for_pages(draft: "Draft") -> None:
    """Plan the printer by itself: the time, and once a day its maker."""
    keep_time(draft, ALL_DAY)
    draft.visit(
        float(draft.dice.uniform(0, DAY_S)),
        draft.office.sites.service("printer"),
        1.2,
        payload_out=HELLO + 800,
        payload_in=SERVER_HELLO + 2_600,
    )
