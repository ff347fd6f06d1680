"""Hosts in network namespaces: real programs talk over a bridge that leaves with its owner.

Nothing of the machine's own network is touched: every name of a namespace carries the number of this process,
both ends of each cable are made inside namespaces, and leaving the network ends what runs in them.
"""

import contextlib
import itertools
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cases.recording import Tape

__all__ = ["Host", "Network"]

_numbers = itertools.count(1)
# The servers live where only root looks; what programs print is read in one language.
ENVIRONMENT = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}
QUICK = 10.0  # seconds that configuring a link, or ending a program, may take


def _ip(*words: str) -> str:
    done = subprocess.run(
        ["ip", *words], check=True, capture_output=True, text=True, timeout=QUICK, env=ENVIRONMENT
    )
    return done.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started, first politely."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2.0)
            return


class Host:
    """A namespace with a cable to one segment, or several."""

    def __init__(self, network: "Network", name: str) -> None:
        self.name = name
        self.namespace = f"{network.prefix}-{name}"
        self.folder = network.folder / name
        self.folder.mkdir()
        self._network = network
        self._cables = 0
        network.namespaces.append(self.namespace)
        _ip("netns", "add", self.namespace)
        _ip("-n", self.namespace, "link", "set", "lo", "up")

    def set(self, key: str, value: str) -> None:
        """Write a setting of the network stack, such as `ipv4/ip_forward`."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{key}")

    def join(self, segment: str, *addresses: str, gateway: str = "", number: int = 0) -> "Host":
        """Plug a cable into a segment; the addresses carry their prefix length.

        The number ends the hardware address; without one, the end of the first address does.
        """
        card, self._cables = f"eth{self._cables}", self._cables + 1
        port = self._network.plug(segment, card, self.namespace)
        last = number or int(addresses[0].split("/")[0].rsplit(".", 1)[-1])
        mac = f"52:54:00:{sum(segment.encode()) % 256:02x}:00:{last:02x}"
        _ip("-n", self.namespace, "link", "set", card, "address", mac)
        # With offload, frames are 64 KiB long here and nobody has filled in their checksums.
        off = [word for name in ("rx", "tx", "tso", "gso", "gro") for word in (name, "off")]
        self.run("ethtool", "-K", card, *off)
        for address in addresses:
            _ip("-n", self.namespace, "addr", "add", address, "dev", card, *(["nodad"] * (":" in address)))
        _ip("-n", self.namespace, "link", "set", card, "up")
        _ip("-n", self._network.switch, "link", "set", port, "up")
        if gateway:
            _ip("-n", self.namespace, "route", "add", "default", "via", gateway)
        return self

    def start(self, *command: str, keep: bool = False) -> subprocess.Popen[bytes]:
        """Start a program, which leaving the network ends; keep what it prints if somebody reads it."""
        output = subprocess.PIPE if keep else subprocess.DEVNULL
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, *command],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if keep else subprocess.DEVNULL,
            start_new_session=True,
        )
        self._network.started.append(process)
        return process

    def run(self, *command: str, seconds: float = 24.0) -> str:
        """Run a program to its end, or until its time is over, and return what it printed.

        How it ended is not judged: what fails is part of the traffic.
        """
        process = self.start(*command, keep=True)
        try:
            output, _ = process.communicate(timeout=min(seconds, self._network.seconds_left()))
        except subprocess.TimeoutExpired:
            _end(process)
            output, _ = process.communicate()
        self._network.started.remove(process)
        return output.decode(errors="replace")

    def loop(self, script: str) -> None:
        """Repeat a few lines of shell until the network is left."""
        self.start("sh", "-c", f"while :; do {script}; done")


class Network:
    """Segments (a bridge each, in a namespace of their own) and the hosts on them."""

    def __init__(self) -> None:
        self.prefix = f"oddwire{os.getpid()}x{next(_numbers)}"
        self.switch = f"{self.prefix}-switch"
        self.started: list[subprocess.Popen[bytes]] = []
        self.namespaces = [self.switch]
        self._segments: list[str] = []
        self._ports = itertools.count(1)
        self._limit = time.monotonic() + 60.0
        self._place = tempfile.TemporaryDirectory(prefix="oddwire-")
        self.folder = Path(self._place.name)

    def __enter__(self) -> Self:
        _ip("netns", "add", self.switch)
        # The switch itself stays mute: no router solicitations of a bridge in anybody's capture.
        quiet = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
        _ip("netns", "exec", self.switch, "sh", "-c", quiet)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for process in self.started:
                _end(process)
        finally:
            for namespace in reversed(self.namespaces):
                self._remove(namespace)
            self._place.cleanup()

    @staticmethod
    def _remove(namespace: str) -> None:
        """End what has detached itself inside a namespace, and take the namespace away."""
        with contextlib.suppress(subprocess.SubprocessError):
            for pid in _ip("netns", "pids", namespace).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            _ip("netns", "del", namespace)

    def seconds_left(self) -> float:
        """Return how long a program may still run."""
        return max(0.1, self._limit - time.monotonic())

    def host(self, name: str, *addresses: str, segment: str = "lan", gateway: str = "") -> Host:
        """Add a host, on one segment unless it has no address yet."""
        host = Host(self, name)
        return host.join(segment, *addresses, gateway=gateway) if addresses else host

    def router(self, name: str, **legs: str) -> Host:
        """Add a host that forwards between segments: the name of each, and its address there."""
        router = self.host(name)
        for segment, address in legs.items():
            router.join(segment, address)
        router.set("ipv4/ip_forward", "1")
        return router

    def plug(self, segment: str, card: str, namespace: str) -> str:
        """Lay a cable from a segment to a new card of a namespace; return the switch's port."""
        if segment not in self._segments:
            _ip("-n", self.switch, "link", "add", segment, "type", "bridge", "mcast_snooping", "0")
            _ip("-n", self.switch, "link", "set", segment, "up")
            self._segments.append(segment)
        port = f"port{next(self._ports)}"
        _ip("-n", self.switch, "link", "add", port, "type", "veth", "peer", "name", card, "netns", namespace)
        _ip("-n", self.switch, "link", "set", port, "master", segment)
        return port

    def record(self, segment: str = "lan", *, seconds: float = 25.0, count: int = 30_000) -> Tape:
        """Return a tape of everything that crosses a segment, to be entered while it happens."""
        self._limit = time.monotonic() + seconds
        return Tape(namespace=self.switch, card=segment, file=self.folder / "tape.pcap", count=count)
