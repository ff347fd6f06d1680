"""Command lines over a bare connection: who is at the keyboard, who prints; nothing else frames them."""

from collections.abc import Sequence
from random import Random
from typing import Literal

from oddwire.testing.conversations import Step

__all__ = ["Shell", "filler_program", "shell"]

Shell = Literal["cmd", "powershell", "bash", "sh"]

BANNER = (
    b"Microsoft Windows [Version 10.0.19045.3570]\r\n(c) Microsoft Corporation. All rights reserved.\r\n\r\n"
)
TTY = (
    b"bash: cannot set terminal process group (914): Inappropriate ioctl for device\n"
    b"bash: no job control in this shell\n"
)
PROMPTS: dict[Shell, bytes] = {
    "cmd": b"C:\\Users\\ann\\Downloads>",
    "powershell": b"PS C:\\Users\\ann> ",
    "bash": b"www-data@shop:/var/www/html$ ",
    "sh": b"",
}
FIRST: dict[Shell, bytes] = {
    "cmd": BANNER + PROMPTS["cmd"],
    "powershell": PROMPTS["powershell"],
    "bash": TTY + PROMPTS["bash"],
    "sh": b"",
}
WINDOWS = [
    (b"whoami", b"office\\ann\r\n"),
    (b"hostname", b"DESK-07\r\n"),
    (
        b"ipconfig",
        b"\r\nWindows IP Configuration\r\n\r\nEthernet adapter Ethernet0:\r\n\r\n"
        + b"   IPv4 Address. . : \r\n" * 9,
    ),
    (b"net user", b"\r\nUser accounts for \\\\DESK-07\r\n\r\n-------\r\nAdministrator  ann  Guest\r\n"),
    (b"tasklist", b"svchost.exe                    812 Services                   0     12,004 K\r\n" * 60),
    (b"dir", b"14.11.2023  10:12    <DIR>          Documents\r\n" * 25),
    (
        b"net view",
        b"Server Name            Remark\r\n-------\r\n\\\\FILES\r\nThe command completed successfully.\r\n",
    ),
    (b"cd Desktop", b""),
]
UNIX = [
    (b"id", b"uid=33(www-data) gid=33(www-data) groups=33(www-data)\n"),
    (b"uname -a", b"Linux shop 5.10.0-26-amd64 #1 SMP Debian 5.10.197-1 x86_64 GNU/Linux\n"),
    (b"ls -la", b"drwxr-xr-x 2 www-data www-data 4096 Nov 14 10:12 images\n" * 14),
    (b"ps aux", b"www-data   914  0.0  0.4 201044  9844 ?  S  10:12  0:00 apache2 -k start\n" * 40),
    (b"cat /etc/passwd", b"daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n" * 26),
    (b"cd /tmp", b""),
    (b"netstat -tn", b"tcp   0   0 192.168.10.44:80   0.0.0.0:*   LISTEN\n" * 6),
]


def shell(
    dice: Random, kind: Shell, commands: int, *, server_types: bool = True, think: float = 6.0
) -> list[Step]:
    """Return a person's work at a shell that one end hands to the other.

    `server_types` says that the server has the keyboard: the client connected back. Windows' shells echo
    the command.
    """
    newline, known = (b"\r\n", WINDOWS) if kind in {"cmd", "powershell"} else (b"\n", UNIX)
    first = FIRST[kind]
    steps: list[Step] = [(0.02, server_types, first)] if first else []
    for number in range(commands):
        command, output = known[number % len(known)]
        if kind == "cmd":
            output = command + b"\r\n" + output + b"\r\n"
        steps.append((1.0 + dice.expovariate(1 / think), not server_types, command + newline))
        told = output + PROMPTS[kind]
        if told:
            steps.append((dice.uniform(0.01, 0.2), server_types, told))
    return steps


def filler_program(
    dice: Random, size: int, words: Sequence[bytes] = (b".text", b".rdata", b".data")
) -> bytes:
    """Return what looks like a Windows program from its first bytes on, and is random filler."""
    head = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8".ljust(60, b"\0") + b"\x80\0\0\0"
    head = head.ljust(78, b"\0") + b"This program cannot be run in DOS mode.\r\r\n$"
    head = head.ljust(128, b"\0") + b"PE\0\0\x4c\x01" + bytes([len(words), 0]) + bytes(240)
    head += b"".join(word.ljust(40, b"\0") for word in words)
    return head.ljust(1_024, b"\0") + dice.randbytes(max(0, size - 1_024))
