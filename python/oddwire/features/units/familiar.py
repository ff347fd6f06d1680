"""What is familiar: who contacted which place on which port in training, and since then."""

from typing import TYPE_CHECKING

from oddwire.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

__all__ = ["Familiar"]

# Beyond that what came last is forgotten first: what was learned in training stays.
MOST = 1_000_000
HOURS = 24
HOUR_NS = 3_600 * 1_000_000_000
# What training teaches, and a model keeps.
TAUGHT = ("frozen", "services", "keys", "place_keys", "place_hosts", "port_keys", "port_pairs")


class Familiar:
    """Sets of hashes, as sorted arrays: places a host contacted, pairs with ports, and how common each is.

    `frozen` is what training saw; `since` is what was seen after it, so that a second contact is no longer
    the first one, though it is still not what was learned.
    """

    def __init__(self) -> None:
        import numpy as np

        none = np.zeros(0, dtype=np.uint64)
        # (host, place) pairs of training, and those seen since.
        self.frozen = none
        self.since = none
        # Local services (host, peer, port) used, training and since.
        self.services = none
        # All pairs with their ports that were counted, so that more traffic counts none of them twice.
        self.keys = none
        # Places by how many hosts contacted them (with port), and ports by how many pairs use them.
        self.place_keys = none
        self.place_hosts = np.zeros(0, dtype=np.uint32)
        self.port_keys = none
        self.port_pairs = np.zeros(0, dtype=np.uint32)
        # In which of the last 24 hours each pair spoke, as bits; the newest is the lowest.
        self.hour = -HOURS
        self.recent_keys = none
        self.recent_bits = np.zeros(0, dtype=np.uint32)

    def first_of(self, keys: "np.ndarray") -> "np.ndarray":
        """Say which of these pairs (in the order of time) are contacted for the first time; note them."""
        fresh, self.since = _first(keys, self.since, self.frozen)
        return fresh

    def first_service(self, keys: "np.ndarray") -> "np.ndarray":
        """Say which of these local services are used for the first time; note them."""
        fresh, self.services = _first(keys, self.services)
        return fresh

    def strange(self, keys: "np.ndarray") -> "np.ndarray":
        """Say which of these pairs training never saw."""
        return ~_among(keys, self.frozen)

    def hosts_of(self, places: "np.ndarray") -> "np.ndarray":
        """Return how many hosts were known in training to contact each place and port."""
        return _counted(places, self.place_keys, self.place_hosts)

    def pairs_of(self, ports: "np.ndarray") -> "np.ndarray":
        """Return how many pairs were known in training to use each port."""
        return _counted(ports, self.port_keys, self.port_pairs)

    def hours_of(self, keys: "np.ndarray", hour: int) -> "np.ndarray":
        """Note that these pairs, each once, spoke in an hour; return in how many of the last 24 they did."""
        import numpy as np

        passed = hour - self.hour
        self.hour = hour
        # An earlier hour than the last one is of another capture: nothing is known of the hours before it.
        is_near = 0 <= passed < HOURS
        bits = self.recent_bits << np.uint32(passed) if is_near else self.recent_bits * np.uint32(0)
        bits &= np.uint32((1 << HOURS) - 1)
        place = np.searchsorted(self.recent_keys, keys)
        known = _among(keys, self.recent_keys)
        bits[place[known]] |= np.uint32(1)
        mine = np.ones(keys.size, dtype=np.uint32)
        mine[known] = bits[place[known]]
        fresh = np.flatnonzero(~known)
        keep = bits > 0
        all_keys = np.concatenate([self.recent_keys[keep], keys[fresh]])
        all_bits = np.concatenate([bits[keep], mine[fresh]])
        turn = np.argsort(all_keys, kind="stable")[:MOST]
        self.recent_keys, self.recent_bits = all_keys[turn], all_bits[turn]
        return np.bitwise_count(mine).astype(np.uint32)

    def learn(
        self,
        pairs: "np.ndarray",
        placed: "np.ndarray",
        ports: "np.ndarray",
        keys: "np.ndarray",
        *,
        services: "np.ndarray",
    ) -> None:
        """Take all that was seen, row by row: host with place, place with port, port, and all three.

        `services` are those of all three that are local services.
        """
        taught = Familiar()
        for name in TAUGHT:
            setattr(self, name, getattr(taught, name))
        self.extend(pairs, placed, ports, keys, services=services)

    def extend(
        self,
        pairs: "np.ndarray",
        placed: "np.ndarray",
        ports: "np.ndarray",
        keys: "np.ndarray",
        *,
        services: "np.ndarray",
    ) -> None:
        """Take more of the same to what was learned.

        How common places and ports are is counted in different sets of all three.
        """
        import numpy as np

        self.frozen = _with_more(self.frozen, pairs)
        self.services = _with_more(self.services, services)
        each, first = np.unique(keys, return_index=True)
        first = first[~_among(each, self.keys)][: max(MOST - self.keys.size, 0)]
        self.keys = np.union1d(self.keys, keys[first])
        self.place_keys, self.place_hosts = _counted_too(self.place_keys, self.place_hosts, placed[first])
        self.port_keys, self.port_pairs = _counted_too(self.port_keys, self.port_pairs, ports[first])

    def fresh(self) -> "Familiar":
        """Return the same past for another run, which adds to it what it sees itself."""
        return Familiar.load(self.save())

    def save(self) -> "Mapping[str, np.ndarray]":
        """Return what training taught, as arrays; what was seen since is no part of a model."""
        return {name: getattr(self, name) for name in TAUGHT}

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Familiar":
        """Return what was saved; refuse arrays that are no past."""
        made = cls()
        for name in ("frozen", "services", "keys", "place_keys", "port_keys"):
            found = arrays.get(name)
            if found is None or found.dtype != "u8" or found.ndim != 1 or (found[1:] <= found[:-1]).any():
                raise ModelError(f"what is familiar to the model has no good array '{name}'")
            setattr(made, name, found)
        for name, keys in (("place_hosts", made.place_keys), ("port_pairs", made.port_keys)):
            found = arrays.get(name)
            if found is None or found.dtype != "u4" or found.shape != keys.shape:
                raise ModelError(f"what is familiar to the model has no good array '{name}'")
            setattr(made, name, found)
        return made


def _among(keys: "np.ndarray", known: "np.ndarray") -> "np.ndarray":
    """Say which keys stand in a sorted array."""
    import numpy as np

    if not known.size:
        return np.zeros(keys.shape, dtype=bool)
    place = np.searchsorted(known, keys).clip(max=known.size - 1)
    found: np.ndarray = known[place] == keys
    return found


def _counted(keys: "np.ndarray", known: "np.ndarray", counts: "np.ndarray") -> "np.ndarray":
    import numpy as np

    if not known.size:
        return np.zeros(keys.shape, dtype=np.uint32)
    place = np.searchsorted(known, keys).clip(max=known.size - 1)
    return np.where(known[place] == keys, counts[place], 0).astype(np.uint32)


def _with_more(known: "np.ndarray", keys: "np.ndarray") -> "np.ndarray":
    """Return the sorted keys with others; where there is no room for all, those that came first stay."""
    import numpy as np

    each = np.unique(keys)
    return np.union1d(known, each[~_among(each, known)][: max(MOST - known.size, 0)])


def _counted_too(
    known: "np.ndarray", counts: "np.ndarray", more: "np.ndarray"
) -> "tuple[np.ndarray, np.ndarray]":
    """Return sorted keys and how often each came, once more for each of `more`."""
    import numpy as np

    each, place = np.unique(np.concatenate([known, more]), return_inverse=True)
    total = np.bincount(place, minlength=each.size)
    total[place[: known.size]] += counts.astype(np.int64) - 1
    return each, total.astype(np.uint32)


def _first(
    keys: "np.ndarray", seen: "np.ndarray", before: "np.ndarray | None" = None
) -> "tuple[np.ndarray, np.ndarray]":
    """Return which keys are the first of their kind, and what is seen from now on."""
    import numpy as np

    each, first = np.unique(keys, return_index=True)
    new = ~_among(each, seen)
    if before is not None:
        new &= ~_among(each, before)
    fresh = np.zeros(keys.shape, dtype=bool)
    fresh[first[new]] = True
    room = MOST - seen.size
    return fresh, np.union1d(seen, each[new][:room]) if new.any() and room > 0 else seen
