"""Ordinary work over SSH and rsync: short sessions in a row look like guessing and are not."""

import time
from collections.abc import Callable, Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Host, Network
from tests.cases.services import Scene, open_door, record_all, secure_shell

SERVER = "10.77.0.9"
Work = Callable[[Host, str], None]  # what a worker does, with the options that let ssh in
RSYNCD = "use chroot = no\n[data]\npath = {folder}\nuid = root\ngid = root\nread only = no\n"


def work(does: Work) -> Scene:
    """Return the scene of one kind of work, with a key that opens the server."""

    def scene(network: Network) -> list[Timed]:
        worker = network.host("worker", "10.77.0.21/24")
        server = network.host("server", f"{SERVER}/24")
        key = secure_shell(server)
        modules = server.folder / "rsyncd.conf"
        modules.write_text(RSYNCD.format(folder=server.folder))
        server.start("rsync", "--daemon", "--no-detach", f"--config={modules}")
        open_door(server, 873)
        for number in range(40):
            (worker.folder / f"file{number}").write_bytes(bytes(range(256)) * (number * 3 + 1))
        # How a script calls ssh: never ask, take the server's key as it comes.
        options = (
            f"-F none -i {key} -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        )
        with network.record() as tape:
            does(worker, options)
            time.sleep(0.3)
        return tape.packets

    return scene


def commands(worker: Host, options: str) -> None:
    """Run the same command thirty times, as a monitoring system does."""
    worker.run("sh", "-c", f"for i in $(seq 30); do ssh {options} root@{SERVER} true; done")


def differing(worker: Host, options: str) -> None:
    """Run thirty commands with answers of all lengths."""
    script = f"for i in $(seq 30); do ssh {options} root@{SERVER} head -c $((i * i * 150)) /dev/zero; done"
    worker.run("sh", "-c", script)


def parallel(worker: Host, options: str) -> None:
    """Run thirty commands, three at a time, as a tool that configures hosts does."""
    worker.run("sh", "-c", f"seq 30 | xargs -P 3 -I % ssh {options} root@{SERVER} uptime")


def copies(worker: Host, options: str) -> None:
    """Copy forty files one by one, a session each."""
    worker.run("sh", "-c", f"for i in $(seq 0 39); do scp -q {options} file$i root@{SERVER}:/dev/null; done")


def synchronised(worker: Host, options: str) -> None:
    """Synchronise a folder over SSH, ten times in a row."""
    script = (
        f"for i in $(seq 10); do rsync -a -e 'ssh {options}' . root@{SERVER}:$PWD.copy/; touch file$i; done"
    )
    worker.run("sh", "-c", script)


def daemon(worker: Host, _: str) -> None:
    """Synchronise a folder with an rsync daemon, forty times in a row."""
    worker.run("sh", "-c", f"for i in $(seq 40); do rsync -a . rsync://{SERVER}/data/copy$((i % 4))/; done")


def clones(worker: Host, options: str) -> None:
    """Clone a repository twelve times, as a build server does."""
    identity = "-c user.name=a -c user.email=a@office.test"
    start = "git init -q -b main origin && cp file* origin && cd origin && git add ."
    worker.run("sh", "-c", f"{start} && git {identity} commit -qm a")
    script = f"for i in $(seq 12); do git clone -q root@{SERVER}:$PWD/origin clone$i; done"
    worker.run("env", f"GIT_SSH_COMMAND=ssh {options}", "sh", "-c", script)


def one_mistake(worker: Host, options: str) -> None:
    """Be refused once, because the name of the account was wrong, and then let in."""
    worker.run("sh", "-c", f"ssh {options} daemon@{SERVER} true")
    time.sleep(2.0)
    worker.run("sh", "-c", f"ssh {options} root@{SERVER} true")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield one capture a kind of work."""
    return record_all(
        {
            "thirty-same-commands": work(commands),
            "thirty-differing-commands": work(differing),
            "thirty-three-at-once": work(parallel),
            "scp-forty-files": work(copies),
            "rsync-over-ssh": work(synchronised),
            "rsync-daemon": work(daemon),
            "git-clone": work(clones),
            "refused-once": work(one_mistake),
        },
        at_once=2,  # key exchanges keep a processor busy
    )
