"""Servers for the hosts in namespaces: real programs, with every file of theirs in the host's own folder."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Host, Network

__all__ = ["Scene", "name_server", "office", "open_door", "record_all", "secure_shell", "web_server"]

Scene = Callable[[Network], list[Timed]]

NGINX = """
daemon off; user root; pid nginx.pid; error_log error.log; worker_processes 1;
events { worker_connections 1024; }
http {
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi; keepalive_requests 1000;
    default_type text/html;
    server { PORTS root site; }
}
"""
SSHD = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
PrintLastLog no
MaxStartups 100
Subsystem sftp internal-sftp
"""


def record_all(scenes: dict[str, Scene], *, at_once: int = 4) -> Iterator[tuple[str, list[Timed]]]:
    """Play each scene in a network of its own and yield what was recorded, in the order given."""

    def play(scene: Scene) -> list[Timed]:
        with Network() as network:
            return scene(network)

    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(scenes, pool.map(play, scenes.values()), strict=True)


def open_door(host: Host, port: int, *, seconds: float = 15.0) -> None:
    """Wait until a port of the host listens: a scene begins with its servers up."""
    limit = time.monotonic() + seconds
    while f":{port} " not in host.run("ss", "-Hlntu"):
        if time.monotonic() > limit:
            raise RuntimeError(f"nothing listens on port {port} of {host.name}")
        time.sleep(0.05)


def write_site(folder: Path, *, pages: int = 40) -> None:
    """Write pages that link to each other, of sizes as on a small site, with one picture each."""
    chance = random.Random(7)  # noqa: S311 - the pages only have to be the same every time
    folder.mkdir()
    for page in range(pages):
        links = [f'<a href="/page{chance.randrange(pages)}.html">x</a>' for _ in range(6)]
        words = "word " * chance.randrange(4000)
        text = f'<html><img src="/picture{page}.png">{"".join(links)}<p>{words}</html>'
        (folder / f"page{page}.html").write_text(text)
        (folder / f"picture{page}.png").write_bytes(chance.randbytes(chance.randrange(500, 40_000)))
    everything = "".join(f'<a href="/page{page}.html">{page}</a>' for page in range(pages))
    (folder / "index.html").write_text(f"<html>{everything}</html>")
    (folder / "health").write_text("ok\n")


def web_server(host: Host, *ports: int) -> None:
    """Serve a small site with nginx."""
    write_site(host.folder / "site")
    listen = " ".join(f"listen {port}; listen [::]:{port};" for port in ports or (80,))
    settings = host.folder / "nginx.conf"
    settings.write_text(NGINX.replace("PORTS", listen))
    host.start("nginx", "-p", str(host.folder), "-e", str(host.folder / "error.log"), "-c", str(settings))
    open_door(host, (ports or (80,))[0])


def name_server(host: Host, *options: str) -> None:
    """Answer names below `office.test` with dnsmasq, and say of every other that it does not exist."""
    names = [f"--host-record=host{number}.office.test,10.77.0.{number % 250 + 1}" for number in range(200)]
    fixed = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--local=//"]
    own = ["--user=root", "--pid-file=", f"--dhcp-leasefile={host.folder}/leases"]
    host.start("dnsmasq", *fixed, *own, *names, *options)
    open_door(host, 53)


def secure_shell(host: Host) -> Path:
    """Serve SSH with a key of its own; return the file of the key that opens it."""
    for name in ("host_key", "user_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(host.folder / name)]
        subprocess.run(command, check=True, timeout=10.0)
    settings = host.folder / "sshd_config"
    settings.write_text(SSHD.format(folder=host.folder))
    # sshd insists on /run/sshd: the host sees a /run of its own. -E: nothing goes to the log of the system.
    program = f"$(command -v sshd) -D -E {host.folder}/sshd.log -f {settings}"
    script = f"mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec {program}"
    host.start("sh", "-c", script)
    open_door(host, 22)
    return host.folder / "user_key"


def office(network: Network) -> None:
    """Add a server and two workers whose ordinary day goes on while something else happens."""
    server = network.host("server", "10.77.0.10/24", "fd77::10/64")
    web_server(server)
    name_server(server)
    for number, pause in ((21, "0.7"), (22, "0.4")):
        worker = network.host(f"worker{number}", f"10.77.0.{number}/24", f"fd77::{number}/64")
        page = f"curl -s -o page http://10.77.0.10/page{number}.html"
        names = "dig +short @10.77.0.10 host9.office.test; dig +short @10.77.0.10 www.elsewhere.test"
        worker.loop(f"{page}; {names}; ping -c 1 10.77.0.10; sleep {pause}")
