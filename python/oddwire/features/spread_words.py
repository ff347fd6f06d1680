"""What is said of hosts that take others over: evidence of takeovers by remote calls, and of worms."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from oddwire.features.takeovers import WORDS, Act, Deeds
from oddwire.features.worms import Spread
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["of_chain", "of_takeover", "of_worm"]

TCP = 6
TYPICAL_HOSTS = (0.0, 1.0)
SURE_CHAIN = 4


Link: TypeAlias = tuple[str, str, Deeds]


def of_takeover(client: str, done: Mapping[str, Deeds], act: Act, severity: Severity) -> Evidence:
    """Say that a host made others run something."""
    names = sorted(done)
    ran, wrote = (sum(test(one) for one in done.values()) for test in (_ran, _wrote))
    start_ns = min(one.began or one.first for one in done.values())
    end_ns = max(act.time_ns, *(time_ns for one in done.values() for time_ns, _ in one.done.values()))
    counts = {words: sum(what in one.done for one in done.values()) for what, words in WORDS.items()}
    told = [f"{words} at {count}" for words, count in counts.items() if count]
    users = sorted({one.done["login"][1] for one in done.values() if "login" in one.done})
    span = duration_text(max(end_ns - start_ns, 1))
    many = count_text(len(done), "inside host")
    if told:
        title = f"{client} made {many} act in {span}: {', '.join(told)}"
    else:
        did = f"logged in as {users[0]!r} at" if users else "tried"
        title = f"{client} {did} {many} in {span}"
        refused = sum("refused" in one.done for one in done.values())
        title += f"; {refused} refused it the shares of administrators" if refused else ""
    return Evidence(
        kind=Kind.LATERAL,
        subject=Party(ip=client),
        part="takeover",
        title=title,
        score=min(0.55 + 0.08 * len(done), 0.95) if severity > Severity.LOW else 0.4,
        severity=severity,
        start_ns=start_ns,
        end_ns=end_ns,
        at_ns=act.tick + TICK_NS,
        targets=tuple(Target(ip=name) for name in names[:MOST_TARGETS]),
        target_count=len(done),
        facts={
            "hosts": len(done),
            "commanded": ran,
            "programs_written": wrote,
            "acts": told,
            "users": users[:MOST_TARGETS],
            "programs": sorted({one.done["wrote"][1] for one in done.values() if _wrote(one)})[:MOST_TARGETS],
        },
        reasons=(
            Reason(feature="hosts_commanded", value=float(ran), typical=TYPICAL_HOSTS, weight=0.6),
            Reason(feature="programs_written", value=float(wrote), typical=(0.0, 0.0), weight=0.4),
        ),
        selectors=tuple(
            Selector(
                a=client,
                b=name,
                from_ns=min(one.first, start_ns),
                until_ns=max(one.until, end_ns),
                protocol=TCP,
            )
            for name, one in sorted(done.items())
        ),
    )


def of_chain(links: Sequence[Link], act: Act) -> Evidence:
    """Say that a host made another one act, which then did the same to the next."""
    begin, others = links[0][0], sorted({server for _, server, _ in links})
    start_ns, end_ns = min(one.began for _, _, one in links), max(act.time_ns, links[-1][2].began)
    words = sorted({word for _, _, one in links for word in one.words})
    span = duration_text(max(end_ns - start_ns, 1))
    return Evidence(
        kind=Kind.LATERAL,
        subject=Party(ip=begin),
        part=f"chain|{act.client}",
        title=(
            f"{begin} made {links[0][1]} act, and from host to host {count_text(len(others), 'inside host')} "
            f"were taken in {span}: {', '.join(words)}"
        ),
        score=min(0.65 + 0.08 * len(others), 0.95),
        severity=Severity.MEDIUM,
        start_ns=start_ns,
        end_ns=end_ns,
        at_ns=act.tick + TICK_NS,
        targets=tuple(Target(ip=name) for name in others[:MOST_TARGETS]),
        target_count=len(others),
        facts={
            "hosts": len(others),
            "acts": words,
            "entered_by": [f"{one} > {other}" for one, other, _ in links[:MOST_TARGETS]],
        },
        reasons=(
            Reason(feature="hosts_in_chain", value=float(len(others)), typical=TYPICAL_HOSTS, weight=1.0),
        ),
        selectors=tuple(
            Selector(a=one, b=other, from_ns=deeds.first, until_ns=max(deeds.until, end_ns), protocol=TCP)
            for one, other, deeds in links
        ),
    )


def _ran(deeds: Deeds) -> bool:
    return deeds.is_likely


def _wrote(deeds: Deeds) -> bool:
    return "wrote" in deeds.done


def of_worm(spread: Spread) -> Evidence:
    """Say that hosts that swept a service were each entered before by another that swept it."""
    begin, others = spread.path[0], spread.path[1:]
    start_ns = spread.sweeps[0].first
    end_ns = max(sweep.last for sweep in spread.sweeps)
    knocks = sum(sweep.knocks for sweep in spread.sweeps)
    links = zip(spread.path, others, spread.entries, strict=False)
    sweepers = zip(spread.path, spread.sweeps, strict=True)
    return Evidence(
        kind=Kind.LATERAL,
        subject=Party(ip=begin),
        part=f"worm|{spread.port}|{spread.path[-1]}",
        title=(
            f"{begin} knocked at port {spread.port} of many hosts and entered {others[0]}; "
            f"{count_text(len(others), 'host')} entered so did the same in turn "
            f"({count_text(knocks, 'knock')} in {duration_text(max(end_ns - start_ns, 1))})"
        ),
        score=min(0.7 + 0.08 * len(others), 0.95),
        severity=Severity.HIGH if len(spread.path) >= SURE_CHAIN else Severity.MEDIUM,
        start_ns=start_ns,
        end_ns=end_ns,
        at_ns=spread.tick + TICK_NS,
        targets=tuple(Target(ip=name, port=spread.port, proto="tcp") for name in others[:MOST_TARGETS]),
        target_count=len(others),
        facts={
            "hosts": len(others),
            "port": spread.port,
            "knocks": knocks,
            "entered_by": [f"{one} > {other}" for one, other in pairwise(spread.path)],
        },
        reasons=(
            Reason(
                feature="sweepers_in_chain", value=float(len(spread.path)), typical=TYPICAL_HOSTS, weight=1.0
            ),
        ),
        selectors=(
            *(
                Selector(a=one, b=other, from_ns=first, until_ns=last, protocol=TCP, port=spread.port)
                for one, other, (first, last) in links
            ),
            *(
                Selector(
                    a=one,
                    b=None,
                    from_ns=sweep.first,
                    until_ns=sweep.last,
                    protocol=TCP,
                    port=spread.port,
                )
                for one, sweep in sweepers
            ),
        ),
    )
