"""What of learned things judges a run: the model that the settings name, else what stands out by itself."""

from collections.abc import Sequence
from pathlib import Path

from oddwire.base.detector import Detector
from oddwire.base.window import Hosts
from oddwire.engine.learned_judge import Learned
from oddwire.engine.outliers import Outliers
from oddwire.engine.settings import Settings
from oddwire.engine.trained import Trained
from oddwire.errors import UsageError
from oddwire.learning.feedback import rate_factor
from oddwire.records.kinds import Severity

__all__ = ["judges_of", "learned_of", "left_out", "model_of"]


def judges_of(settings: Settings, hosts: Hosts) -> list[Detector]:
    """Return the judges that learn; each can be left out by its name, as any detector."""

    def wanted(name: str) -> bool:
        return name not in settings.off and (not settings.only or name in settings.only)

    if settings.model is None:
        if Learned.name in settings.only:
            raise UsageError("there is no model that could judge", hint="name one with --model PATH")
        return [Outliers(hosts)] if wanted(Outliers.name) else []
    if not wanted(Learned.name):
        return []
    trained = Trained.load(Path(settings.model), memory=False)
    factor = rate_factor(settings.moves, Learned.name, f"blake3:{trained.digest}")
    return [learned_of(trained, hosts, budget=settings.budget, share=settings.contamination, factor=factor)]


def model_of(judges: Sequence[Detector]) -> str | None:
    """Return by what findings know the model among these judges, if there is one."""
    return next((f"blake3:{one.trained.digest}" for one in judges if isinstance(one, Learned)), None)


def learned_of(
    trained: Trained, hosts: Hosts, *, budget: float | None, share: float | None, factor: float = 1.0
) -> Learned:
    """Return a model as a judge: by a budget, which makes alarms of what it finds, or by a share of rows.

    Where neither is said, a model that can keep a budget keeps its default, and another names its share.
    `factor` is by what feedback moved the budget, as far as the calibration can carry it.
    """
    if budget is None and (share is not None or not trained.keeps_budgets):
        named = trained.contamination if share is None else share
        return Learned(trained, hosts, threshold=None, share=named, severity=Severity.LOW)
    promised = trained.promise(trained.budget(budget))
    if factor != 1.0:
        promised = trained.promise(max(promised.budget * factor, promised.supported))
    return Learned(
        trained, hosts, threshold=promised.threshold, severity=Severity.MEDIUM, budget=promised.budget
    )


def left_out(judges: Sequence[Detector]) -> dict[str, int]:
    """Return what a model found beyond all measure, in words and numbers: then it is of another network."""
    many = sum(one.left_out for one in judges if isinstance(one, Learned))
    words = "the model finds ten times its budget and more: is this the network it learned? see oddwire drift"
    return {words: many} if many else {}
