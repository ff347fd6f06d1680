"""Reflection floods: services all over answer a host that never asked; at the victim, or at a reflector."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Page, Parameters, parameter
from oddwire.base.window import Window
from oddwire.features.onslaught import ONE_WAY_NEED, grouped, one_way
from oddwire.features.reflectors import AMPLIFIERS, answers
from oddwire.features.surges import Surge, SurgeDetector, Telling, told
from oddwire.features.sweeps import is_group
from oddwire.records.evidence import Evidence, Fact, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import bytes_text, count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ReflectionFlood"]

TCP, UDP = 6, 17
# What ordinary answers weigh, a datagram: a flood's answers are chosen for their size.
ORDINARY_BYTES = {53: 400, 123: 90, 443: 100_000, 3478: 400, 5353: 700, 6881: 400}
# Questions to groups are answered from a port that no flow shows as asked.
GROUP_ASKED = frozenset({137, 138, 1900, 3702, 5353, 5355, 5683, 37810})
# Asked over and over in their ordinary use, with answers much larger than questions.
NEVER_REFLECTING = frozenset({69, 500, 1194, 3478, 4500, 6881})
ANSWER_BYTES, HUGE_BYTES = 20, 800
# Questions of a client in a tick that are not worth a look.
FEW = 60
QUIC = 443
# Ports of servers, or peers, of which one host asks very many.
ASKED_OF_MANY = frozenset({53, 123, 6881})


@dataclass(frozen=True, kw_only=True)
class ReflectionFloodParameters(Parameters):
    """When answers that nobody asked for are a flood."""

    packets: int = parameter(200, "answers to one victim within two ticks", "packets")
    rate: float = parameter(60.0, "least rate of them", "packets/s")
    wide_rate: float = parameter(20.0, "least rate where large answers come from very many", "packets/s")
    wide: int = parameter(50, "hosts that are very many", "hosts")
    crowd: int = parameter(100, "hosts in a tick whose answers are a flood however small they are", "hosts")
    ordinary_rate: float = parameter(
        1_000.0, "least rate of answers that are no larger than usual", "packets/s"
    )
    requests: int = parameter(
        200, "questions in the name of one client to one service within two ticks", "packets"
    )
    request_rate: float = parameter(40.0, "least rate of them", "packets/s")
    gain: float = parameter(5.0, "how many times larger the answers of a reflector are", "times")


class ReflectionFlood(SurgeDetector):
    """Counts what comes to a host from one port of many hosts, and the questions that cause it."""

    name = "reflection_flood"
    kind = Kind.REFLECTION_FLOOD
    scope = Scope.VICTIM
    needs = ONE_WAY_NEED
    attack = ("T1498.002",)
    parameters = ReflectionFloodParameters
    page = Page(
        sees=(
            "Many hosts answer one host from the same service's port (DNS, NTP, SSDP, memcached, "
            "any other; or by "
            "TCP with SYN-ACK or RST) and it asked none of them. Also a server of your own that "
            "answers a stream of "
            "short equal questions in one client's name with answers many times as large."
        ),
        matters=(
            "Somebody asks in the victim's name, so that others flood it with far more than the "
            "attacker could. A "
            "reflector of your own takes part in it."
        ),
        wrong_when=(
            "A capture that holds one direction only shows answers without their questions: "
            "those of a busy resolver "
            "count only where they are unusually large. A monitor that polls one service fast "
            "looks like a forged client."
        ),
        example=(
            "203.0.113.7 got 3,984 unasked answers (793.0 KiB) of ISAKMP (UDP port 4500) in "
            "412 ms from at least 2,764 reflectors"
        ),
    )

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Judge the victims of answers, and the clients of servers that answer too much, of each tick."""
        said = [*self._at_victims(window), *self._at_reflectors(window)]
        yield from sorted(said, key=lambda one: (one.at_ns, one.subject.name, one.part))

    def _at_victims(self, window: Window) -> Iterator[Evidence]:
        rows = _answered(window)
        if rows.is_empty():
            return
        by = ("victim", "protocol", "sport")
        for group in grouped(
            window, rows, least=self.settings.packets // 3, by=by, sums=("fresh",), apart=False
        ):
            if is_group(group["victim_name"]):
                # What is told to a group is no answer, and hits nobody.
                continue
            key = f"{group['victim_name']}|{group['protocol']}|{group['sport']}"
            surge = self.surges.see(key, group)
            surge.is_raised = surge.is_raised or self._is_flood(group, surge, window)
            if surge.is_raised:
                yield _at_victim(group, surge)

    def _is_flood(self, group: Mapping[str, Any], surge: Surge, window: Window) -> bool:
        wanted = self.settings
        if surge.packets < wanted.packets or group["fresh"] < group["flows"] // 2:
            return False
        if surge.rate < wanted.rate and not self._is_slow_flood(group, surge, window):
            return False
        if group["protocol"] == TCP:
            return True
        if group["sport"] in GROUP_ASKED and _asked_group(window, group):
            return False
        return self._is_too_much(group, surge, window)

    def _is_slow_flood(self, group: Mapping[str, Any], surge: Surge, window: Window) -> bool:
        """Say whether few answers a second are a flood: large ones, or of services that answer neighbours."""
        large = 2 * ORDINARY_BYTES.get(group["sport"], HUGE_BYTES // 2)
        mean = group["payload"] / group["packets"]
        from_afar = group["sport"] in GROUP_ASKED and not any(
            map(window.hosts.is_local, group["sender_names"])
        )
        if surge.rate < self.settings.wide_rate or group["tick"] in window.quality.one_sided:
            return False
        is_wide = mean >= large and group["senders"] >= self.settings.wide
        return is_wide or mean >= max(large, HUGE_BYTES) or from_afar

    def _is_too_much(self, group: Mapping[str, Any], surge: Surge, window: Window) -> bool:
        """Say whether answers are larger, more, or from more hosts than they ever are."""
        port, both_seen = group["sport"], group["tick"] not in window.quality.one_sided
        if group["payload"] >= ORDINARY_BYTES.get(port, ANSWER_BYTES) * group["packets"]:
            return True
        # So many strangers do not answer one host at once of their own accord, whatever they say; but clients
        # may ask from the service's own port, and peers from theirs.
        is_crowd = group["senders"] >= self.settings.crowd and group["some_ports"] != [port]
        if both_seen and is_crowd and port not in ASKED_OF_MANY:
            return True
        return port != QUIC and both_seen and surge.rate >= self.settings.ordinary_rate

    def _at_reflectors(self, window: Window) -> Iterator[Evidence]:
        rows = _overanswered(window, self.settings.gain)
        if rows.is_empty():
            return
        by = ("victim", "protocol", "sport", "sender")
        for group in grouped(
            window, rows, least=self.settings.requests // 3, by=by, sums=("asked", "asked_bytes"), apart=False
        ):
            reflector = group["sender_names"][0]
            surge = self.surges.see(f"{group['victim_name']}|{group['sport']}|by {reflector}", group)
            wanted = self.settings
            is_much = surge.packets >= wanted.requests and surge.rate >= wanted.request_rate
            surge.is_raised = surge.is_raised or (is_much and group["length_min"] == group["length_max"])
            if surge.is_raised:
                yield _at_reflector(group, surge, reflector)


def _answered(window: Window) -> "pl.DataFrame":
    """Return the one-way flows that came from one service's port of many hosts."""
    import polars as pl

    rows = window.view(one_way).filter(pl.col("protocol").is_in([TCP, UDP]) & (pl.col("sport") > 0))
    if rows.is_empty():
        return rows
    from_many = answers(rows)
    if from_many.is_empty():
        return rows.clear()
    rows = rows.join(from_many, on=["tick", "victim", "protocol", "sport"], how="semi", maintain_order="left")
    return rows.with_columns((pl.col("born") + TICK_NS >= pl.col("tick")).cast(pl.UInt32).alias("fresh"))


def _asked_group(window: Window, group: Mapping[str, Any]) -> bool:
    """Say whether the host asked a group, or everybody, at this port in the same tick."""
    import polars as pl

    asked = window.talks.filter(
        (pl.col("tick") == group["tick"])
        & (pl.col("protocol") == UDP)
        & (pl.col("src") == group["victim"])
        & (pl.col("dst_port") == group["sport"])
        & (pl.col("packets_out") > 0)
    )
    return not asked.is_empty()


def _overanswered(window: Window, gain: float) -> "pl.DataFrame":
    """Return the flows of services that amplify, in which short questions got much larger answers."""
    import polars as pl

    ports = [port for port in AMPLIFIERS if port not in NEVER_REFLECTING]
    rows = window.talks.lazy().filter(
        (pl.col("protocol") == UDP)
        & (pl.col("payload_in") >= gain * pl.col("payload_out"))
        & (pl.col("packets_out") > 0)
        & (pl.col("payload_in") > 0)
        & pl.col("dst_port").is_in(ports)
        & (pl.col("length_min_out") == pl.col("length_max_out"))
    )
    asked = pl.col("packets_out")
    rows = rows.filter(asked.sum().over("tick", "src", "dst", "dst_port") >= FEW)
    return rows.select(
        "tick",
        pl.col("src").alias("victim"),
        pl.col("dst").alias("sender"),
        pl.col("dst_port").alias("sport"),
        pl.col("src_port").alias("dport"),
        "protocol",
        asked.alias("packets"),
        pl.col("bytes_in").alias("bytes"),
        pl.col("payload_in").alias("payload"),
        pl.col("length_squares_in").alias("length_squares"),
        pl.col("length_min_out").alias("length_min"),
        pl.col("length_max_out").alias("length_max"),
        pl.col("packets_in").alias("asked"),
        pl.col("payload_out").alias("asked_bytes"),
        "first",
        "last",
    ).collect()


def _service(protocol: int, port: int) -> str:
    if protocol == TCP:
        return f"TCP port {port}"
    name = AMPLIFIERS.get(port)
    return f"{name} (UDP port {port})" if name and not name.isdigit() else f"UDP port {port}"


def _at_victim(group: Mapping[str, Any], surge: Surge) -> Evidence:
    victim, port, protocol = group["victim_name"], group["sport"], group["protocol"]
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    title = (
        f"{victim} got {count_text(surge.packets, 'unasked answer')} ({bytes_text(surge.amount)}) of "
        f"{_service(protocol, port)} in {span} from at least {count_text(surge.senders, 'reflector')}"
    )
    facts: dict[str, Fact] = {
        "reflected_port": port,
        "proto": "tcp" if protocol == TCP else "udp",
        "bytes": surge.amount,
    }
    return told(
        group,
        surge,
        Telling(
            kind=Kind.REFLECTION_FLOOD,
            title=title,
            typical=(0.0, 5.0),
            facts=facts | {"reflectors": surge.senders},
            part=f"{protocol} {port}",
            selectors=(
                Selector(
                    a=victim,
                    b=None,
                    from_ns=surge.start_ns,
                    until_ns=surge.end_ns,
                    protocol=protocol,
                    port=port,
                ),
            ),
            reasons=(
                Reason(
                    feature="unasked_per_second", value=round(surge.rate, 1), typical=(0.0, 5.0), weight=0.5
                ),
                Reason(feature="hosts_answering", value=float(surge.senders), typical=(0.0, 5.0), weight=0.5),
            ),
        ),
    )


def _at_reflector(group: Mapping[str, Any], surge: Surge, reflector: str) -> Evidence:
    victim, port = group["victim_name"], group["sport"]
    gain = round(group["payload"] / max(group["asked_bytes"], 1), 1)
    span = duration_text(max(surge.end_ns - surge.start_ns, 1))
    title = (
        f"{reflector} answered {count_text(surge.packets, 'equal question')} in the name of {victim} at "
        f"{_service(UDP, port)} in {span}, {gain:g} times as large"
    )
    return Evidence(
        kind=Kind.REFLECTION_FLOOD,
        subject=Party(ip=reflector),
        part=f"{victim} {port}",
        title=title,
        score=round(min(0.6 + 0.39 * surge.packets / (surge.packets + 2_000), 0.99), 4),
        start_ns=surge.start_ns,
        end_ns=surge.end_ns,
        at_ns=group["tick"] + TICK_NS,
        targets=(Target(ip=victim, proto="udp"),),
        target_count=1,
        facts={
            "role": "reflector",
            "packets": surge.packets,
            "bytes": surge.amount,
            "gain": gain,
            "reflected_port": port,
        },
        reasons=(
            Reason(feature="gain", value=gain, typical=(0.5, 4.0), weight=0.5),
            Reason(
                feature="equal_questions_per_second",
                value=round(surge.rate, 1),
                typical=(0.0, 5.0),
                weight=0.5,
            ),
        ),
        selectors=(
            Selector(
                a=victim, b=reflector, from_ns=surge.start_ns, until_ns=surge.end_ns, protocol=UDP, port=port
            ),
        ),
    )
