"""The protocols that are compared with tshark."""

from tests.heavy.said.dhcp import DHCP
from tests.heavy.said.dns import DNS
from tests.heavy.said.http import HTTP
from tests.heavy.said.message import Talk
from tests.heavy.said.quic import QUIC
from tests.heavy.said.ssh import SSH
from tests.heavy.said.tls import tls
from tests.heavy.tshark_rows import Tshark


def talks(tshark: Tshark) -> list[Talk]:
    """Return every protocol that is compared."""
    return [DNS, tls(tshark), QUIC, HTTP, SSH, DHCP]
