"""Failures that an administrator wants to know of: retries without end, double work, reboots."""

from oddwire.testing.simulation.acts import Act, Family

__all__ = ["FAMILIES"]

HOUR, MINUTE = 3_600.0, 60.0
MB = 1e6
DEAD_PORTS = ((443, "refused"), (445, "silent"), (1_433, "refused"), (8_080, "silent"), (389, "silent"))


def retry_storm(act: Act) -> None:
    """Try a dead server again and again, without waiting longer each time."""
    port, outcome = act.one_of(DEAD_PORTS)
    inside = act.chance(0.7)
    servers = act.place.others(act.subject, "fileserver", "monitoring", "backup", "automation")
    target = act.one_of(servers) if inside and servers else act.outside()
    rate = act.between((3, 10), (0.3, 1.5), (0.03, 0.1))
    times = act.arrivals(rate, act.pick(15 * MINUTE, 45 * MINUTE, 4 * HOUR))
    act.add(
        times,
        dst=target,
        dst_port=port,
        outcome=outcome,
        duration_s=7.0 if outcome == "silent" else 0.0,
    )
    act.aim(target)


def daytime_backup(act: Act) -> None:
    """Run the backup in working hours, and twice at once."""
    partners = act.place.others(act.subject, "fileserver", "workstation")
    total = act.between((20_000 * MB, 40_000 * MB), (4_000 * MB, 9_000 * MB), (700 * MB, 1_500 * MB))
    rate = act.between((8 * MB, 20 * MB), (3 * MB, 8 * MB), (0.4 * MB, 1.5 * MB))
    for partner in act.some_of(partners, act.whole((2, 4), (1, 3), (1, 1.4))):
        for copy in range(1 if act.strength == "quiet" else 2):
            size = total / 4 * float(act.dice.uniform(0.8, 1.2))
            act.add(
                copy * float(act.dice.uniform(1, 60)),
                src=partner,
                dst=act.subject,
                dst_port=10_000,
                service="backup",
                duration_s=size / rate,
                payload_out=size,
                payload_in=4_000 + size * 0.0005,
                shape="even",
            )
        act.aim(partner)


def resolver_storm(act: Act) -> None:
    """Ask the resolver for the same few names without end: a client that keeps no answer."""
    rate = act.between((20, 60), (3, 10), (0.5, 1.5))
    times = act.arrivals(rate, act.pick(12 * MINUTE, 30 * MINUTE, 2 * HOUR))
    missing = act.chance(0.5)
    names = [
        f"{act.one_of(('wpad', 'ldap', 'crm', 'old-srv'))}.{act.domain()}"
        for _ in range(act.whole((1, 3), (1, 4), (1, 3)))
    ]
    answer = "NXDOMAIN" if missing else act.outside()
    act.ask(
        times, [act.one_of(names) for _ in times], answer, verb=act.one_of(("A", "AAAA")) if missing else "A"
    )
    if resolver := act.place.resolver:
        act.aim(resolver)


def reboot_loop(act: Act) -> None:
    """Start, ask for an address, the time and the maker's server, fall over, and start again."""
    every = act.between((40, 90), (150, 400), (900, 2_000))
    starts = act.beats(every, 0.2, act.pick(HOUR, 3 * HOUR, 8 * HOUR))
    maker, clock = act.outside(), act.outside()
    name, pool = f"cloud.{act.domain()}", f"time.{act.domain()}"
    router = next(iter(act.place.others(act.subject, "router", "resolver")), None)
    if router:
        act.add(starts, dst=router, dst_port=67, src_port=68, protocol=17, duration_s=0.004,
                payload_out=300, payload_in=300, packets_out=1, packets_in=1)  # fmt: skip
        act.aim(router)
    act.ask(starts + 0.8, pool, clock)
    act.add(starts + 1.0, dst=clock, dst_port=123, src_port=123, protocol=17, service="ntp", duration_s=0.03,
            payload_out=48, payload_in=48, packets_out=1, packets_in=1)  # fmt: skip
    act.ask(starts + 2.0, name, maker)
    act.add(
        starts + 2.2,
        dst=maker,
        dst_port=443,
        service="tls",
        name=name,
        duration_s=act.dice.uniform(2, every / 3, len(starts)),
        payload_out=2_400,
        payload_in=5_200,
        shape="even",
        close="open",  # it falls over before it hangs up
    )
    act.aim(maker)


def ntp_storm(act: Act) -> None:
    """Ask for the time many times a second."""
    rate = act.between((10, 40), (1, 5), (0.1, 0.5))
    times = act.arrivals(rate, act.pick(10 * MINUTE, 40 * MINUTE, 3 * HOUR))
    clock = act.outside()
    answered = act.chance(0.6)
    act.ask(-0.2, f"pool.{act.domain()}", clock)
    act.add(
        times,
        dst=clock,
        dst_port=123,
        protocol=17,
        service="ntp",
        outcome="answered" if answered else "silent",
        duration_s=0.03 * answered,
        payload_out=48,
        payload_in=48 * answered,
        packets_out=1,
        packets_in=int(answered),
    )
    act.aim(clock)


def update_loop(act: Act) -> None:
    """Fetch the same update again and again, because it never installs."""
    every = act.between((60, 150), (300, 900), (1_500, 3_000))
    times = act.beats(every, 0.1, act.pick(2 * HOUR, 5 * HOUR, 9 * HOUR))
    host, name = act.outside(), f"update.{act.domain()}"
    size = act.pick(80 * MB, 40 * MB, 12 * MB) * float(act.dice.uniform(0.6, 1.4))
    act.look_up(times, name, host)
    act.add(
        times,
        dst=host,
        dst_port=443,
        service="tls",
        name=name,
        duration_s=2 + size / (6 * MB),
        payload_out=3_000 + size * 0.001,
        payload_in=size,
    )
    act.aim(host)


FAMILIES = (
    Family(kind="retry_storm", play=retry_storm, roles=("workstation", "automation", "monitoring")),
    Family(
        kind="daytime_backup",
        play=daytime_backup,
        roles=("backup",),
        hours="day",
        needs=("fileserver", "workstation"),
    ),
    Family(
        kind="resolver_storm",
        play=resolver_storm,
        roles=("workstation", "printer", "automation"),
        needs=("resolver",),
    ),
    Family(kind="reboot_loop", play=reboot_loop, roles=("printer", "camera", "phone")),
    Family(kind="ntp_storm", play=ntp_storm, roles=("camera", "workstation", "printer", "automation")),
    Family(kind="update_loop", play=update_loop, roles=("workstation", "automation")),
)
