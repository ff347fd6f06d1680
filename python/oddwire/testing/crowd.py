"""A million hosts in twenty ticks: spoofed single packets, a sweep, and as many who ask by ARP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.base.window import Hosts, Window
from oddwire.records.judged import TICK_NS
from oddwire.testing.windows import arp_frame, hosts_named, nothing_said, talk_frame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["TICKS", "crowd"]

TICKS = 20
HOSTS_A_TICK = 50_000
BEGIN_NS = 1_710_062_400_000_000_000
SYN_SEEN = 1
TCP, SYN_LENGTH, ARP_LENGTH = 6, 60, 60
# The victim, the sweeper, and the asker's neighbour; everybody else is seen once.
VICTIM, SWEEPER, FIRST = 0, 1, 2
BYTES, HIGHEST = 256, 223


def _name(number: int) -> str | None:
    """Return an address for a number: everybody is in 10/8 or beyond."""
    first, rest = divmod(number, BYTES**3)
    return f"{10 + first % HIGHEST}.{rest >> 16}.{rest >> 8 & 255}.{rest & 255}"


def crowd(ticks: int = TICKS, hosts: int = HOSTS_A_TICK) -> Iterator[Window]:
    """Yield a window a tick, in which so many hosts are new: half send one SYN to one victim, half are tried.

    The same hosts, and as many hardware addresses, ask by ARP who has the victim's address.
    """
    import numpy as np

    who = hosts_named(_name)
    for turn in range(ticks):
        first = FIRST + turn * hosts
        numbers = np.arange(first, first + hosts, dtype=np.uint32)
        yield _window(BEGIN_NS + turn * TICK_NS, numbers, who)


def _window(tick: int, numbers: "npt.NDArray[np.uint32]", who: Hosts) -> Window:
    import numpy as np

    many = len(numbers)
    flooding = np.arange(many) % 2 == 0
    times = (tick + np.arange(many, dtype=np.uint64) * (TICK_NS // many)).astype(np.uint64)
    count = np.arange(1, many + 1, dtype=np.uint64)
    mac = numbers.astype(np.uint64) + 0x020000000000
    talks = talk_frame(
        tick=tick,
        src=np.where(flooding, numbers, SWEEPER).astype(np.uint32),
        dst=np.where(flooding, VICTIM, numbers).astype(np.uint32),
        src_port=(1_024 + numbers % 60_000).astype(np.uint16),
        dst_port=np.where(flooding, 80, 445).astype(np.uint16),
        protocol=TCP,
        ip_version=4,
        sure=True,
        state=SYN_SEEN,
        born=times,
        first=times,
        last=times,
        first_packet=count,
        last_packet=count,
        packets_out=1,
        bytes_out=SYN_LENGTH,
        length_squares_out=SYN_LENGTH**2,
        length_min_out=SYN_LENGTH,
        length_max_out=SYN_LENGTH,
        syn_out=1,
        ttl_min_out=57,
        ttl_max_out=57,
        mac_out=0x020000000001,
        mac_in=0x020000000002,
    )
    arp = arp_frame(
        tick=tick,
        frame_src=mac,
        frame_dst=2**48 - 1,
        operation=1,
        sender_mac=mac,
        sender=numbers,
        target=VICTIM,
        packets=1,
        bytes=ARP_LENGTH,
        first=times,
        last=times,
        first_packet=count,
        last_packet=count,
    )
    return Window(
        start_ns=tick,
        end_ns=tick + TICK_NS,
        talks=talks,
        ended=talk_frame(tick=[]),
        arp=arp,
        said=nothing_said(),
        hosts=who,
    )
