"""Incidents in which a host becomes what it was not: a server, a relay, a mailer, part of a flood."""

from oddwire.testing.simulation.acts import Act, Family

__all__ = ["FAMILIES"]

HOUR, MINUTE = 3_600.0, 60.0
PROXY_PORTS = (1_080, 3_128, 8_443, 9_050, 51_820)
SERVER_PORTS = ((8_080, "http"), (8_000, "http"), (445, "smb"), (21, None), (22, "ssh"), (5_432, None))
MTU_DATA = 1_472
# How long a stack tries where nothing comes back.
SILENCE_S = 7.0


def device_outside(act: Act) -> None:
    """Let a printer or a camera talk to the outside: it reports, and sends what it sees or prints."""
    host, name = act.outside(), act.domain()
    every = act.between((10, 40), (60, 300), (900, 2_400))
    times = act.beats(every, float(act.dice.uniform(0, 0.3)), act.between((1, 2), (2, 5), (5, 12)) * HOUR)
    port, service = act.one_of(((443, "tls"), (80, "http"), (23, None), (8_883, None)))
    act.aim(host)
    act.look_up(times, name, host, remembered_s=1_800)
    act.add(
        times,
        dst=host,
        dst_port=port,
        service=service,
        name=name if service else None,
        verb="POST" if service == "http" else None,
        duration_s=act.dice.uniform(0.3, 4.0, len(times)),
        payload_out=act.sizes(act.pick(300_000, 30_000, 1_500), 0.6, len(times)) + 700,
        payload_in=3_200 + act.sizes(300, 0.3, len(times)),
    )


def server_outside(act: Act) -> None:
    """Let a server begin connections to the outside: fetches tools, then keeps a line open."""
    count = act.whole((12, 30), (5, 10), (2, 3))
    lasting = act.pick(30 * MINUTE, HOUR, 3 * HOUR)
    for at in act.arrivals(count / lasting, lasting):
        host, name = act.outside(), act.domain()
        act.aim(host)
        act.look_up(at, name, host)
        act.add(
            at,
            dst=host,
            dst_port=443,
            service="tls",
            name=name,
            duration_s=float(act.dice.uniform(1, 40)),
            payload_out=2_500,
            payload_in=act.sizes(act.pick(9e6, 2e6, 300_000), 0.8, 1)[0],
        )
    beats = int(lasting / act.pick(10.0, 30.0, 60.0))
    host = act.outside()
    act.aim(host)
    act.add(
        lasting,
        dst=host,
        dst_port=act.one_of((443, 4_443, 8_443)),
        duration_s=lasting,
        payload_out=200 * beats,
        payload_in=120 * beats,
        packets_out=beats,
        packets_in=beats,
        shape="beats",
        beat_ns=int(lasting / beats * 1e9),
    )


def night_work(act: Act) -> None:
    """Let somebody work at night by remote control: the line outside, the share, some pages."""
    lasting = act.between((2 * HOUR, 3 * HOUR), (HOUR, 2 * HOUR), (25 * MINUTE, 50 * MINUTE))
    host, name = act.outside(), f"{act.one_of(('relay', 'rd', 'help'))}.{act.domain()}"
    act.aim(host)
    act.look_up(0.0, name, host)
    pictures = act.pick(20_000, 6_000, 1_200)
    act.add(
        0.0,
        dst=host,
        dst_port=act.one_of((443, 7_070, 5_938)),
        service="tls",
        name=name,
        duration_s=lasting,
        payload_out=lasting * pictures,
        payload_in=lasting * 150,
        shape="even",
    )
    for server in act.place.others(act.subject, "fileserver"):
        times = act.arrivals(act.pick(12, 6, 2) / lasting, lasting)
        sizes = act.sizes(act.pick(20e6, 4e6, 600_000), 1.0, len(times))
        act.add(
            times,
            dst=server,
            dst_port=445,
            service="smb",
            duration_s=5 + sizes / 8e6,
            payload_out=4_000 + sizes // 300,
            payload_in=sizes,
        )
        act.aim(server)
    for at in act.arrivals(act.pick(40, 20, 6) / lasting, lasting):
        site, address = act.domain(), act.outside()
        act.look_up(at, site, address)
        act.add(
            at,
            dst=address,
            dst_port=443,
            service="tls",
            name=site,
            duration_s=float(act.dice.uniform(1, 30)),
            payload_out=3_000,
            payload_in=act.sizes(250_000, 1.0, 1)[0],
        )


def relay(act: Act) -> None:
    """Let others go through a host: called from many addresses outside, it calls as many others."""
    rate = act.between((0.5, 2.0), (0.05, 0.2), (0.004, 0.012))
    lasting = act.between((HOUR, 2 * HOUR), (HOUR, 3 * HOUR), (3 * HOUR, 6 * HOUR))
    port = act.one_of(PROXY_PORTS)
    customers = [act.outside() for _ in range(act.whole((30, 80), (10, 25), (3, 8)))]
    times = act.arrivals(rate, lasting)
    sizes = act.sizes(60_000, 1.3, len(times))
    spans = act.dice.uniform(1, 30, len(times))
    act.add(
        times,
        src=[act.one_of(customers) for _ in times],
        dst=act.subject,
        dst_port=port,
        duration_s=spans,
        payload_out=1_500,
        payload_in=sizes,
    )
    sites = [(act.outside(), act.domain()) for _ in times]
    hosts, names = [host for host, _ in sites], [name for _, name in sites]
    act.ask(times + 0.02, names, hosts)
    act.add(
        times + 0.1,
        dst=hosts,
        dst_port=443,
        service="tls",
        name=names,
        duration_s=(spans - 0.2).clip(0.5),
        payload_out=1_800,
        payload_in=sizes,
    )
    act.aim(*customers)


def spam_run(act: Act) -> None:
    """Send mail to many servers itself; a part does not answer, a part refuses."""
    rate = act.between((1, 4), (0.1, 0.4), (0.008, 0.02))
    lasting = act.pick(20 * MINUTE, 50 * MINUTE, 3 * HOUR)
    times = act.arrivals(rate, lasting)
    servers = [(act.outside(), act.domain()) for _ in range(max(3, len(times) // 3))]
    chosen = [act.one_of(servers) for _ in times]
    for kind, lead in (("MX", 0.3), ("A", 0.15)):
        act.ask(
            times - lead,
            [name if kind == "MX" else f"mx.{name}" for _, name in chosen],
            None if kind == "MX" else [host for host, _ in chosen],
            verb=kind,
            data=[20] * len(chosen) if kind == "MX" else None,
        )
    met = [act.one_of(("answered",) * 7 + ("refused", "silent", "silent")) for _ in times]
    talks = [outcome == "answered" for outcome in met]
    act.add(
        times,
        dst=[host for host, _ in chosen],
        dst_port=25,
        service=["smtp" if talk else None for talk in talks],
        outcome=met,
        duration_s=[_mail_time(act, outcome) for outcome in met],
        packets_out=[6 * talk for talk in talks],
        packets_in=[6 * talk for talk in talks],
        payload_out=act.sizes(4_000, 0.5, len(times)) * talks,
        payload_in=420 * act.sizes(1, 0.0, len(times)) * talks,
    )
    act.aim(*[host for host, _ in servers])


def _mail_time(act: Act, outcome: str) -> float:
    if outcome == "answered":
        return float(act.dice.uniform(0.8, 6))
    return SILENCE_S if outcome == "silent" else 0.0


def flood(act: Act) -> None:
    """Take part in a flood of somebody outside: datagrams, half-open connections, pings, or requests."""
    victim = act.outside()
    act.aim(victim)
    rate = act.between((200, 600), (30, 90), (3, 10))
    lasting = act.between((120, 400), (120, 500), (300, 900))
    way = act.one_of(("udp", "syn", "icmp", "http"))
    packets = int(rate * lasting)
    if way in {"udp", "icmp"}:
        size = int(act.dice.integers(40, MTU_DATA))
        act.add(
            0.0,
            dst=victim,
            dst_port=act.one_of((53, 80, 443, 27_015)) if way == "udp" else 0,
            protocol=17 if way == "udp" else 1,
            outcome="silent",
            duration_s=lasting,
            payload_out=packets * size,
            packets_out=packets,
            shape="even",
        )
        return
    times = act.arrivals(min(packets, 30_000) / lasting / (1 if way == "syn" else 6), lasting)
    answered = way == "http"
    act.add(
        times,
        dst=victim,
        dst_port=act.one_of((80, 8_080)),
        service="http" if answered else None,
        name=victim if answered else None,
        verb="GET" if answered else None,
        outcome="answered" if answered else "silent",
        duration_s=0.2 if answered else 0.0,
        payload_out=320 * answered,
        payload_in=900 * answered,
        packets_out=1,
    )


def rogue_service(act: Act) -> None:
    """Let a workstation become a server: its peers begin to fetch from it."""
    port, service = act.one_of(SERVER_PORTS)
    customers = act.some_of(
        act.place.others(act.subject, "workstation", "phone", "automation"), act.whole((4, 8), (2, 4), (1, 2))
    )
    lasting = act.between((HOUR, 3 * HOUR), (HOUR, 4 * HOUR), (2 * HOUR, 5 * HOUR))
    times = act.arrivals(act.between((60, 200), (15, 40), (4, 8)) / lasting, lasting)
    act.add(
        times,
        src=[act.one_of(customers) for _ in times],
        dst=act.subject,
        dst_port=port,
        service=service,
        name=act.subject if service == "http" else None,
        verb="GET" if service == "http" else None,
        duration_s=act.dice.uniform(0.5, 60, len(times)),
        payload_out=1_200,
        payload_in=act.sizes(act.pick(5e6, 800_000, 90_000), 1.0, len(times)),
    )
    act.aim(*customers)


FAMILIES = (
    Family(kind="device_outside", play=device_outside, roles=("printer", "camera", "phone")),
    Family(kind="server_outside", play=server_outside, roles=("fileserver", "backup", "monitoring")),
    Family(kind="night_work", play=night_work, roles=("workstation",), hours="night"),
    Family(kind="relay", play=relay, roles=("workstation", "automation", "camera")),
    Family(kind="spam_run", play=spam_run, roles=("workstation", "printer")),
    Family(kind="flood", play=flood, roles=("workstation", "camera", "automation", "phone")),
    Family(kind="rogue_service", play=rogue_service, roles=("workstation",), needs=("workstation",)),
)
