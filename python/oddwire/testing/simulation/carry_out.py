"""Incidents in which data is gathered or carried out: at once, drop by drop, or from where it lies."""

from oddwire.testing.simulation.acts import Act, Family

__all__ = ["FAMILIES"]

HOUR, MINUTE = 3_600.0, 60.0
KB, MB = 1e3, 1e6


def _upload(act: Act, host: str, name: str, total: float, rate: float, *, begin: float = 0.0) -> float:
    """Upload so many bytes in one to four connections, one after the other; return when it ends."""
    parts = 1 + int(act.dice.integers(4))
    at = begin
    for _ in range(parts):
        size = total / parts * float(act.dice.uniform(0.7, 1.3))
        lasting = size / (rate * float(act.dice.uniform(0.7, 1.2))) + 1.0
        act.look_up(at, name, host)
        act.add(
            at,
            dst=host,
            dst_port=443,
            service="tls",
            name=name,
            duration_s=lasting,
            payload_out=size,
            payload_in=4_000 + size * 0.0004,
            shape="even",
        )
        at += lasting + float(act.dice.uniform(1, 40))
    return at


def exfil_burst(act: Act) -> None:
    """Carry everything out at once, to a new store outside."""
    host, name = act.outside(), f"{act.one_of(('up', 'files', 'drop', 's3'))}.{act.domain()}"
    total = act.between((800 * MB, 3_000 * MB), (150 * MB, 500 * MB), (25 * MB, 70 * MB))
    act.aim(host)
    _upload(act, host, name, total, act.between((1 * MB, 9 * MB), (0.3 * MB, 3 * MB), (0.05 * MB, 0.5 * MB)))


def exfil_drip(act: Act) -> None:
    """Carry data out drop by drop over hours."""
    host, name = act.outside(), f"{act.one_of(('sync', 'api', 'img'))}.{act.domain()}"
    lasting = act.between((5 * HOUR, 7 * HOUR), (5 * HOUR, 7 * HOUR), (5 * HOUR, 8 * HOUR))
    times = act.beats(act.between((30, 90), (90, 300), (240, 900)), 0.5, lasting)
    drop = act.pick(2 * MB, 400 * KB, 90 * KB)
    sizes = act.sizes(drop, act.one_of((0.05, 0.4)), len(times))
    act.aim(host)
    act.look_up(times, name, host, remembered_s=600)
    act.add(
        times,
        dst=host,
        dst_port=443,
        service="tls",
        name=name,
        duration_s=1.0 + sizes / (1.5 * MB),
        payload_out=sizes,
        payload_in=3_600 + act.sizes(300, 0.2, len(times)),
    )


def exfil_known_cloud(act: Act) -> None:
    """Carry data out to a cloud that everybody knows, by a host that never uploads to it."""
    name = act.one_of(sorted(act.place.clouds))
    host = act.place.clouds[name]
    total = act.between((600 * MB, 2_000 * MB), (120 * MB, 400 * MB), (15 * MB, 50 * MB))
    act.aim(host)
    _upload(act, host, name, total, act.between((1 * MB, 9 * MB), (0.3 * MB, 3 * MB), (0.05 * MB, 0.5 * MB)))


def exfil_server(act: Act) -> None:
    """Carry data straight from a server to the outside: over SSH, FTP-like TCP, or TLS."""
    host = act.outside()
    total = act.between((1_000 * MB, 4_000 * MB), (150 * MB, 500 * MB), (20 * MB, 60 * MB))
    rate = act.between((1 * MB, 9 * MB), (0.3 * MB, 3 * MB), (0.05 * MB, 0.5 * MB))
    act.aim(host)
    port, service = act.one_of(((22, "ssh"), (443, "tls"), (8_022, "ssh"), (21_000, None)))
    if service == "tls":
        _upload(act, host, f"files.{act.domain()}", total, rate)
        return
    act.add(
        0.0,
        dst=host,
        dst_port=port,
        service=service,
        duration_s=total / rate,
        payload_out=total,
        payload_in=5_000 + total * 0.002,
        shape="even",
    )


def staging(act: Act) -> None:
    """Gather files: a workstation reads far more of the share than it ever did, in a few sessions."""
    servers = act.place.others(act.subject, "fileserver")
    server = act.one_of(servers)
    act.aim(server)
    total = act.between((4_000 * MB, 9_000 * MB), (900 * MB, 2_500 * MB), (250 * MB, 600 * MB))
    rate = act.between((20 * MB, 60 * MB), (5 * MB, 20 * MB), (0.3 * MB, 1 * MB))
    sessions = act.whole((1, 3), (2, 4), (3, 6))
    at = 0.0
    for _ in range(sessions):
        size = total / sessions * float(act.dice.uniform(0.6, 1.4))
        lasting = size / rate
        act.add(
            at,
            dst=server,
            dst_port=445,
            service="smb",
            duration_s=lasting,
            payload_out=3_000 + size * 0.003,
            payload_in=size,
            shape="even",
        )
        at += lasting + float(act.dice.uniform(20, 400))


FAMILIES = (
    Family(kind="exfil_burst", play=exfil_burst, roles=("workstation",)),
    Family(kind="exfil_drip", play=exfil_drip, roles=("workstation", "automation")),
    Family(
        kind="exfil_known_cloud",
        play=exfil_known_cloud,
        roles=("monitoring", "automation", "printer", "camera", "resolver", "backup"),
    ),
    Family(kind="exfil_server", play=exfil_server, roles=("fileserver", "backup")),
    Family(kind="staging", play=staging, roles=("workstation",), needs=("fileserver",)),
)
