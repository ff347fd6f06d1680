"""Whether a series of names carries data: what every tunnel through name servers must do."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log2
from os.path import commonprefix
from re import fullmatch
from typing import TYPE_CHECKING

from oddwire.features.babble import is_top_level
from oddwire.features.name_series import CARRIER, EXOTIC, Memo, Series

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Look", "Reading", "why_carried"]

SECOND = 1_000_000_000
# Who is asked about files, hosts and links all day, and answers in a form of few bytes.
REPUTATION_NAMES = """
sophosxl.net e5.sk mcafee.com trellix.com spamhaus.org spamhaus.net surbl.org uribl.com cymru.com
senderbase.org barracudacentral.org barracudabrts.com sorbs.net dnswl.org avast.com avg.com
trendmicro.com bitdefender.net webrootcloudav.com brightcloud.com fortiguard.net kaspersky.com
abuse.ch spamcop.net mailspike.net isipp.com rspamd.com dnsbl.info invaluement.com abusix.zone
dotnxdomain.net
"""
REPUTATION = frozenset(REPUTATION_NAMES.split())
HASHES = r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
LONG_NAME = 100
# Bits of fifty bytes: no look-up has so long a name.
FULL = 400
COMMON_ENDS = frozenset({"com", "net", "org", "info", "biz", "edu", "gov", "arpa"})


@dataclass(frozen=True, slots=True)
class Reading:
    """Why a series is a tunnel, and how sure that is."""

    why: str
    is_sure: bool
    # Whether programs that make a name for each visit or file may do the same, where many hosts do.
    may_be_common: bool = False


class Look:
    """The last names of a series: what of them changes, and what was answered."""

    def __init__(self, series: Series) -> None:
        self.series = series
        self.memos: Sequence[Memo] = sorted(series.memos, key=lambda memo: (memo[0], memo[1]))
        self.count = len(self.memos)

    @cached_property
    def changing(self) -> list[list[str]]:
        """Return the labels of each name without those that are the same in all, at either end."""
        names = [memo[1].split(".") for memo in self.memos]
        for at in (-1, 0):
            while all(len(name) > 1 for name in names) and len({name[at] for name in names}) == 1:
                for name in names:
                    del name[at]
        return names

    @cached_property
    def chosen_texts(self) -> list[str]:
        """Return what changes of each name as one text, without the letters that all begin with."""
        texts = ["".join(name) for name in self.changing]
        same = len(commonprefix(texts))  # noqa: RUF071  # letters are meant
        return [text[same:] for text in texts]

    @cached_property
    def bits(self) -> float:
        """Return the bits that a name carries, on average: what changes, by the letters of all."""
        texts = self.chosen_texts
        pool = Counter("".join(texts))
        total = sum(pool.values())
        entropy = -sum(count / total * log2(count / total) for count in pool.values()) if total else 0.0
        # Only the end of a long name is remembered.
        cut = sum(max(int(memo[2]) - len(memo[1]), 0) for memo in self.memos)
        return entropy * (total + cut) / max(self.count, 1)

    @cached_property
    def digits(self) -> float:
        """Return the share of digits in what changes: data have some, words none."""
        text = "".join(self.chosen_texts)
        return sum(char.isdigit() for char in text) / max(len(text), 1)

    def share(self, *states: str) -> float:
        """Return the share of questions with such an answer."""
        return sum(memo[4] in states for memo in self.memos) / max(self.count, 1)

    def kinds(self, *kinds: int) -> float:
        """Return the share of questions for such records."""
        return sum(memo[3] in kinds for memo in self.memos) / max(self.count, 1)

    @cached_property
    def answered(self) -> list[Memo]:
        """Return those that were answered with something of their own."""
        return [memo for memo in self.memos if memo[4] in {"one", "several", "loop"}]

    @cached_property
    def distinct(self) -> float:
        """Return the share of different answers among those given."""
        return len({memo[5] for memo in self.answered}) / max(len(self.answered), 1)

    @cached_property
    def same(self) -> float:
        """Return the share of questions that had the commonest answer."""
        common = Counter(memo[5] for memo in self.answered).most_common(1)
        return common[0][1] / self.count if common else 0.0

    @cached_property
    def answer_length(self) -> float:
        """Return the mean length of what was answered."""
        return sum(int(memo[6]) for memo in self.answered) / max(len(self.answered), 1)

    @cached_property
    def ttl(self) -> int:
        """Return the median time to live of the answers; -1 where there are none."""
        lives = sorted(int(memo[7]) for memo in self.answered)
        return lives[len(lives) // 2] if lives else -1

    @property
    def span_s(self) -> float:
        """Return the seconds that these names took."""
        return max(int(self.memos[-1][0] - self.memos[0][0]) / SECOND, 0.001)

    @cached_property
    def chosen(self) -> float:
        """Return the mean length of the part below the domain."""
        return sum(int(memo[2]) for memo in self.memos) / max(self.count, 1)

    @cached_property
    def is_completed(self) -> bool:
        """Say whether these are other names completed by a search list: known ends in the middle."""
        ends = (any(_ends_names(label) for label in name[1:]) for name in self.changing)
        return 2 * sum(ends) > self.count

    @cached_property
    def is_hash(self) -> bool:
        """Say whether the names are hashes of one form, and nothing else changes: look-ups, not a stream."""
        texts = {name[0] for name in self.changing if len(name) == 1}
        forms = sum(bool(fullmatch(HASHES, text)) for text in texts)
        return forms >= 0.8 * self.count  # nearly all

    @cached_property
    def counts_up(self) -> bool:
        """Say whether a label of its own counts the names: so does who sends parts in order."""
        width = min(map(len, self.changing))
        for place in (*range(width), *range(-width, 0)):
            labels = [name[place] for name in self.changing]
            if all(fullmatch(r"[0-9a-f]{1,8}", label) for label in labels):
                numbers = [int(label, 16) for label in labels]
                steps = [b - a for a, b in pairwise(numbers)]
                if sum(0 < step <= 16 for step in steps) >= 0.8 * len(steps):  # noqa: PLR2004  # nearly all, hexadecimal or not
                    return True
        return False

    @cached_property
    def is_regular(self) -> bool:
        """Say whether the names were asked for at even pauses of two seconds at least."""
        times = [memo[0] for memo in self.memos]
        gaps = sorted(b - a for a, b in pairwise(times))
        middle = gaps[len(gaps) // 2] if gaps else 0
        near = sum(0.5 * middle <= gap <= 1.7 * middle for gap in gaps)  # some jitter
        return middle >= 2 * SECOND and near >= 0.72 * len(gaps)

    @cached_property
    def is_mute(self) -> bool:
        """Say whether nearly all had the same answer, or none."""
        return self.share("lost", "nothing") >= 0.8 or self.same >= 0.8  # noqa: PLR2004  # nearly all

    @cached_property
    def is_dull(self) -> bool:
        """Say whether nearly all had the same answer, or none, or one short-lived address each."""
        if self.is_mute:
            return True
        is_data = self.share("one") >= 0.8 and self.distinct >= 0.8  # noqa: PLR2004  # nearly all
        return (is_data and 0 <= self.ttl <= 60) or self.is_told_much  # noqa: PLR2004  # a minute

    @cached_property
    def is_told_much(self) -> bool:
        """Say whether ever so many new names each have addresses of their own, which nobody is to keep."""
        told = self.share("one", "several") >= 0.9 and self.distinct >= 0.95  # noqa: PLR2004  # all, nearly
        return told and self.series.fresh >= 48 and 0 <= self.ttl <= 5  # noqa: PLR2004  # many, seconds


def _is_judged(look: Look) -> bool:
    """Say whether answers are verdicts: of lists of the bad, for a while; a tunnel wants nothing kept."""
    return look.share("loop") >= 0.1 and (look.chosen < LONG_NAME or look.ttl > 10)  # noqa: PLR2004  # a tenth, seconds


def _ends_names(label: str) -> bool:
    """Say whether a label ends names on the Internet; new top-level domains are words of all kinds."""
    return label in COMMON_ENDS or (len(label) == 2 and is_top_level(label))  # noqa: PLR2004  # of a country


def why_carried(zone: str, look: Look) -> Reading | None:
    """Return why a series carries data, or nothing."""
    series = look.series
    if look.count < 8 or series.novelty < 0.7 or look.is_completed:  # noqa: PLR2004  # names asked for again carry nothing
        return None
    if look.kinds(EXOTIC) >= 0.5:  # noqa: PLR2004  # most
        return Reading("for records that no program asks for", series.fresh >= 16)  # noqa: PLR2004  # no test by hand
    if look.bits >= FULL and look.is_dull and zone not in REPUTATION and not _is_judged(look):
        return Reading("as full of data as names can be", series.fresh >= 16)  # noqa: PLR2004  # no test by hand
    if zone in REPUTATION or series.novelty < 0.85:  # noqa: PLR2004  # as above
        return None
    if look.kinds(CARRIER) >= 0.5:  # noqa: PLR2004  # most
        return _in_records(look)
    return _in_names(look)


def _in_records(look: Look) -> Reading | None:
    """Judge questions for records with room for data."""
    is_long_lived = look.ttl >= 3_600  # noqa: PLR2004  # an hour: meant to be kept
    many = look.series.fresh
    is_answered = len(look.answered) >= 0.5 * look.count
    differ = is_answered and look.distinct >= 0.6 and look.answer_length >= 12  # noqa: PLR2004  # as data do
    if many >= 10 and differ and look.bits >= (90 if is_long_lived else 28):  # noqa: PLR2004  # no test by hand
        return Reading("and each was answered with other data", many >= 16)  # noqa: PLR2004  # as above
    if is_long_lived or look.share("standard") >= 0.5 or (look.is_hash and many < 32):  # noqa: PLR2004  # most
        return None
    if many >= 16 and look.bits >= 80:  # noqa: PLR2004  # ten bytes a name
        return Reading("with data in the names", many >= 64)  # noqa: PLR2004  # more than a few
    is_coded = look.bits >= 16 or 0 <= look.ttl <= 10  # noqa: PLR2004  # seconds: nothing is to be kept
    if many >= 24 and is_coded and look.ttl <= 60 and look.is_regular:  # noqa: PLR2004  # a question for orders
        return Reading("at even pauses, as one that asks for orders", is_sure=False)
    return None


def _in_names(look: Look) -> Reading | None:
    """Judge questions for addresses: only the names can carry what is sent."""
    many, is_stream = look.series.fresh, look.counts_up or not look.is_hash
    if many < 20 or not look.is_dull or look.series.novelty < 0.9 or not is_stream:  # noqa: PLR2004  # enough to be a stream
        return None
    pace = look.count / look.span_s
    # What is to be kept for long, and is asked for at leisure, is a name for each visit.
    is_kept = look.ttl > 120 and (many < 100 or pace < 0.2)  # noqa: PLR2004  # two minutes
    if _is_judged(look) or is_kept:
        return None
    if look.bits >= 80 and pace >= 1 / 60:  # noqa: PLR2004  # ten bytes a name, one a minute
        # Who counts parts sends something, and aliases of one place lead to a place: that is for browsers.
        is_led = look.same >= 0.8 and look.share("several") >= 0.8 and not look.counts_up  # noqa: PLR2004  # nearly all
        is_sure = many >= 64 or look.counts_up  # noqa: PLR2004  # more than a few
        return None if is_led else Reading("with data in the names", is_sure, not look.counts_up)
    return _in_short_names(look, pace)


def _in_short_names(look: Look, pace: float) -> Reading | None:
    """Judge names that carry little: only very many of them, or those of a clock, are a tunnel."""
    many = look.series.fresh
    # Hosts of a row have numbers, too, but each has an address.
    if not look.is_mute and look.ttl > 10:  # noqa: PLR2004  # seconds
        return None
    is_coded = look.bits >= 16 and look.digits >= 0.12  # noqa: PLR2004  # codes, no words
    is_counted = look.counts_up and 0 <= look.ttl <= 10  # noqa: PLR2004  # seconds
    if many >= 32 and look.is_regular and (is_coded or is_counted):  # noqa: PLR2004  # codes, no words
        return Reading("at even pauses, as one that asks for orders", is_sure=False, may_be_common=True)
    if many >= 150 and look.bits >= 24 and pace >= 0.5 and (look.digits >= 0.2 or look.counts_up):  # noqa: PLR2004  # codes, no words
        return Reading("with a little data in each name", is_sure=False, may_be_common=True)
    return None
