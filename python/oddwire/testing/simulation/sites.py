"""The Internet as the simulated office sees it: names with a heavy tail, and the addresses behind them."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["SERVICES", "Sites", "sites_of"]

_FIRST = """
    " north south river paper market silver green stone cloud garden bright winter summer city harbor
    forest copper simple daily modern little grand open early happy quiet clear golden urban royal prime
    blue maple cedar orange coral swift noble solid fresh linen amber velvet marble meadow
"""
_SECOND = """
    news shop press works house media travel books supply studio point bridge line field systems group trade
    tools school health sports music kitchen motors bank guide post times world store labs design photo games
    review weekly home force craft
"""
_ENDS = ("com", "com", "com", "com", "org", "net", "net", "de", "co.uk", "io", "fr", "nl")
_THIRD = ("cdn", "static", "fonts", "metrics", "ads", "tags", "img", "api", "assets", "pixel")
# What everybody uses, by what it is used for.
SERVICES: dict[str, str] = {
    "mail": "mail.postworks.com",
    "submission": "smtp.postworks.com",
    "chat": "edge.teamline.com",
    "calls": "relay.teamline.com",
    "meetings": "api.teamline.com",
    "drive": "sync.cloudfield.com",
    "storage": "upload.cloudfield.com",
    "offsite": "vault.harborstore.net",
    "video": "play.streamhouse.com",
    "video edge": "edge7.streamhouse.com",
    "windows": "update.panesystems.com",
    "windows parts": "download.panesystems.com",
    "telemetry": "events.panesystems.com",
    "probe": "probe.panesystems.com",
    "linux": "packages.opendistro.org",
    "antivirus": "signatures.safepoint.com",
    "books": "app.ledgerworks.com",
    "tickets": "api.ticketline.io",
    "weather": "api.weatherguide.org",
    "camera": "device.cameraworks.com",
    "thermostat": "mqtt.warmhome.io",
    "printer": "firmware.printworks.com",
    "alerts": "hooks.pagerline.com",
    "time": "0.pool.timeworks.org",
    "phone": "push.phoneworks.com",
    "social": "feed.friendpost.com",
}
NAMES, THIRD_PARTIES, NETWORKS, POOL = 20_000, 60, 24, 48
HOUR_S = 3_600
# How many are behind a delivery network, and how many of those speak QUIC.
BEHIND, NEWER = 0.55, 0.5
# First numbers of addresses in which there is no reserved block.
_OCTETS = (
    13,
    18,
    20,
    23,
    34,
    35,
    37,
    46,
    52,
    54,
    62,
    65,
    77,
    80,
    85,
    91,
    93,
    104,
    108,
    130,
    142,
    151,
    157,
    185,
)


@dataclass(frozen=True, kw_only=True)
class Sites:
    """Names by number: third parties first, then what `SERVICES` lists, then sites by falling popularity."""

    names: "np.ndarray"
    # The delivery network that a name lies behind; -1 for a server of its own.
    network: "np.ndarray"
    own: "np.ndarray"
    pools: "np.ndarray"
    speaks_quic: "np.ndarray"
    first_site: int
    by_name: dict[str, int]

    def service(self, what: str) -> int:
        """Return the number of a service."""
        return self.by_name[SERVICES[what]]

    def addresses(self, sites: Any, seconds: Any, also: int = 0) -> "np.ndarray":  # noqa: ANN401  # arrays of numbers
        """Return the address that each name has at a time; behind delivery networks it changes by the hour.

        `also` asks for another one of the same answer.
        """
        import numpy as np

        sites = np.asarray(sites)
        hours = np.asarray(seconds, dtype=np.int64) // HOUR_S
        place = (sites * 7 + (hours // (1 + sites % 5)) * 11 + also) % POOL
        network = self.network[sites]
        behind = self.pools[np.maximum(network, 0), place]
        found: np.ndarray = np.where(network >= 0, behind, self.own[sites])
        return found


@cache
def sites_of(seed: int) -> Sites:
    """Return the Internet of an office."""
    import numpy as np

    dice = np.random.default_rng([seed, 77])
    words = [f"{one}{two}" for one in _FIRST.split() for two in _SECOND.split()]
    domains = [f"{word}.{_ENDS[number % len(_ENDS)]}" for number, word in enumerate(words)]
    order = dice.permutation(len(domains))
    third = [
        f"{_THIRD[number % len(_THIRD)]}.{domains[order[number // 2]]}" for number in range(THIRD_PARTIES)
    ]
    known = list(SERVICES.values())
    heads = ["www", "www", "shop", "app", "blog", "m", "en", "portal", "my", "docs", "support", "login"]
    count = NAMES - len(third) - len(known)
    left = order[THIRD_PARTIES // 2 :]
    names = [
        f"{heads[(number // len(left) * 5 + number) % len(heads)]}.{domains[left[number % len(left)]]}"
        for number in range(count)
    ]
    everything = np.array([*third, *known, *names], dtype=object)
    total = len(everything)
    network = np.where(dice.random(total) < BEHIND, dice.integers(0, NETWORKS, total), -1)
    network[:THIRD_PARTIES] = np.arange(THIRD_PARTIES) % NETWORKS
    quic = (network >= 0) & (dice.random(total) < NEWER)
    first_site = len(third) + len(known)
    quic[THIRD_PARTIES:first_site] = False
    return Sites(
        names=everything,
        network=network,
        own=_addresses(dice, total),
        pools=_pools(dice),
        speaks_quic=quic,
        first_site=first_site,
        by_name={name: number for number, name in enumerate(everything)},
    )


def _addresses(dice: "np.random.Generator", count: int) -> "np.ndarray":
    import numpy as np

    first = np.asarray(_OCTETS)[dice.integers(0, len(_OCTETS), count)]
    rest = dice.integers(1, 255, (count, 3))
    return np.array(
        [f"{a}.{b}.{c}.{d}" for a, (b, c, d) in zip(first.tolist(), rest.tolist(), strict=True)], dtype=object
    )


def _pools(dice: "np.random.Generator") -> "np.ndarray":
    import numpy as np

    heads = dice.integers(1, 255, (NETWORKS, 2)).tolist()
    return np.array(
        [
            [f"{_OCTETS[number]}.{b}.{c}.{10 + 5 * place}" for place in range(POOL)]
            for number, (b, c) in enumerate(heads)
        ],
        dtype=object,
    )
