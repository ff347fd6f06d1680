"""KitNET: small autoencoders over groups of figures that go together, and one over their errors.

After the paper and its published code: figures are grouped by the correlation of each pair, at most ten a
group; each group has an autoencoder with sigmoids, tied weights and three quarters as many hidden units; a
last one judges their errors; the score is its own error. Different: it is trained in batches with adapted
step sizes (Adam) and several rounds, where the code takes one packet at a time once; and the last one after
the others.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["KitNet", "groups_of"]

MOST_INPUTS = 10
HIDDEN = 0.75
BATCH = 512
ROUNDS = 4
# So often at least is a step taken, however few rows there are.
LEAST_TURNS = 300
STEP = 0.01
# Rows judged at once: memory for every hidden unit of them.
AT_ONCE = 65_536
TINY = 1e-9
NOISE = 1e-5
FARTHEST = 1e9


def groups_of(table: "np.ndarray", most: int = MOST_INPUTS) -> list[list[int]]:
    """Return the columns of a table in groups: the tree of their correlations, cut into small branches."""
    import numpy as np
    from scipy.cluster.hierarchy import linkage  # type: ignore[import-untyped]

    count = table.shape[1]
    if count <= 1:
        return [list(range(count))]
    centred = table - table.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    products = centred.T @ centred / np.maximum(np.outer(norms, norms), TINY)
    far = np.clip(1 - products, 0, None)
    tree = linkage(far[np.triu_indices(count, 1)])
    branches: list[list[int]] = [[at] for at in range(count)]
    whole = [True] * count
    done: list[list[int]] = []
    for left, right in tree[:, :2].astype(int).tolist():
        joined = branches[left] + branches[right]
        fits = whole[left] and whole[right] and len(joined) <= most
        if not fits:
            # A branch that grew too big leaves behind those of its parts that fit.
            done += [branches[one] for one in (left, right) if whole[one]]
        branches.append(joined)
        whole.append(fits)
    return sorted(done or [branches[-1]])


class _Coders:
    """Autoencoders side by side, padded to one size; what is padding takes no part."""

    def __init__(self, groups: list[list[int]], seed: int) -> None:
        import numpy as np

        rng = np.random.default_rng(seed)
        self.groups = groups
        self.size = max(map(len, groups))
        hidden = [int(np.ceil(len(one) * HIDDEN)) for one in groups]
        inputs = np.arange(self.size)[None] < np.array([len(one) for one in groups])[:, None]
        units = np.arange(max(hidden))[None] < np.array(hidden)[:, None]
        self.shown = inputs.astype(np.float32)[:, None, :]
        self.mask = (inputs[:, :, None] & units[:, None, :]).astype(np.float32)
        reach = (1 / inputs.sum(axis=1))[:, None, None]
        self.weights = (rng.uniform(-1, 1, self.mask.shape) * reach).astype(np.float32) * self.mask
        self.hidden_bias = np.zeros((len(groups), 1, max(hidden)), dtype=np.float32)
        self.shown_bias = np.zeros((len(groups), 1, self.size), dtype=np.float32)
        self.low = np.zeros(1)
        self.range = np.ones(1)

    def fit(self, table: "np.ndarray", seed: int) -> None:
        """Learn to give back the rows of a table."""
        import numpy as np

        self.low = table.min(axis=0)
        # What varied by rounding alone is taken as it is: the published code divides it by next to nothing.
        spread = table.max(axis=0) - self.low
        self.range = np.where(spread > NOISE * np.maximum(np.abs(self.low), 1.0), spread, 1.0)
        rng = np.random.default_rng(seed)
        learned = [self.weights, self.hidden_bias, self.shown_bias]
        first, second = ([np.zeros_like(one) for one in learned] for _ in range(2))
        turn = 0
        for _ in range(max(ROUNDS, LEAST_TURNS * BATCH // max(len(table), BATCH))):
            order = rng.permutation(len(table))
            for begin in range(0, len(table), BATCH):
                turn += 1
                slopes = self._slopes(self._inputs(table[order[begin : begin + BATCH]]))
                for value, slope, mean, square in zip(learned, slopes, first, second, strict=True):
                    mean += 0.1 * (slope - mean)  # noqa: PLW2901  # in place
                    square += 0.001 * (slope**2 - square)  # noqa: PLW2901  # in place
                    size = np.sqrt(square / (1 - 0.999**turn)) + 1e-8
                    value -= STEP * mean / (1 - 0.9**turn) / size  # noqa: PLW2901  # in place

    def errors(self, table: "np.ndarray") -> "np.ndarray":
        """Return how badly each coder gives back each row."""
        import numpy as np

        found = np.empty((len(table), len(self.groups)), dtype=np.float32)
        for begin in range(0, len(table), AT_ONCE):
            inputs = self._inputs(table[begin : begin + AT_ONCE])
            _, given_back = self._run(inputs)
            squares = ((inputs - given_back) ** 2 * self.shown).sum(axis=2) / self.shown.sum(axis=2)
            found[begin : begin + AT_ONCE] = np.sqrt(squares).T
        return found

    def _inputs(self, rows: "np.ndarray") -> "np.ndarray":
        """Return rows from 0 to 1 by the training's range, a coder at a time."""
        import numpy as np

        # Bounded, for what lies so far outside that its square is no number any more.
        scaled = np.clip((rows - self.low) / self.range, -FARTHEST, FARTHEST).astype(np.float32)
        inputs = np.zeros((len(self.groups), len(rows), self.size), dtype=np.float32)
        for at, group in enumerate(self.groups):
            inputs[at, :, : len(group)] = scaled[:, group]
        return inputs

    def _run(self, inputs: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        hidden = _sigmoid(inputs @ self.weights + self.hidden_bias)
        return hidden, _sigmoid(hidden @ self.weights.transpose(0, 2, 1) + self.shown_bias)

    def _slopes(self, inputs: "np.ndarray") -> tuple["np.ndarray", "np.ndarray", "np.ndarray"]:
        hidden, given_back = self._run(inputs)
        # The error as it is, without the slope of the last sigmoid, as in the published code.
        off = (given_back - inputs) * self.shown
        back = (off @ self.weights) * hidden * (1 - hidden)
        count = inputs.shape[1]
        weights = (inputs.transpose(0, 2, 1) @ back + off.transpose(0, 2, 1) @ hidden) * self.mask / count
        return weights, back.mean(axis=1, keepdims=True), off.mean(axis=1, keepdims=True)


def _sigmoid(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    found: np.ndarray = 1 / (1 + np.exp(-np.clip(values, -60, 60)))
    return found


class KitNet:
    """The whole: groups, their coders, and the last one."""

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, table: "np.ndarray") -> None:
        """Learn from rows without attacks."""
        self.coders = _Coders(groups_of(table), self.seed)
        self.coders.fit(table, self.seed + 1)
        errors = self.coders.errors(table)
        self.last = _Coders([list(range(errors.shape[1]))], self.seed + 2)
        self.last.fit(errors, self.seed + 3)

    def score(self, table: "np.ndarray") -> "np.ndarray":
        """Return the error of the last coder, a row."""
        import numpy as np

        found: np.ndarray = self.last.errors(self.coders.errors(table))[:, 0].astype(np.float64)
        return found
