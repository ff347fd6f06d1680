"""The features of each unit, with formula, unit of measure and the words of a sentence."""

from collections.abc import Mapping

from oddwire.records.unit import Feature, Scale, Unit

__all__ = ["UNIT_FEATURES", "UNIT_SCHEMA", "features_of", "scales_of"]

# Models record the version they were trained with and refuse another.
UNIT_SCHEMA = 1


def _log(name: str, unit: str, words: str, meaning: str, formula: str = "") -> Feature:
    return Feature(name=name, unit=unit, words=words, meaning=meaning, formula=formula)


def _share(name: str, words: str, meaning: str, formula: str) -> Feature:
    return Feature(name=name, words=words, meaning=meaning, formula=formula, scale=Scale.PLAIN)


_VOLUME = (
    _log("packets_out", "packets", "packets sent", "Packets that the host sent."),
    _log("packets_in", "packets", "packets received", "Packets sent to the host."),
    _log("payload_out_inside", "bytes", "sent to hosts inside", "Payload that it sent to local hosts."),
    _log("payload_in_inside", "bytes", "received from hosts inside", "Payload that local hosts sent it."),
    _log("payload_out_outside", "bytes", "sent outside", "Payload that it sent to hosts outside."),
    _log("payload_in_outside", "bytes", "received from outside", "Payload that it got from hosts outside."),
    _log(
        "length_mean_out",
        "bytes",
        "mean length of packets sent",
        "Mean length of its packets.",
        "bytes / packets",
    ),
    _log("length_max_out", "bytes", "longest packet sent", "Longest packet that it sent."),
    _share(
        "upload_share", "share of payload that goes out", "Share of payload that it sent.", "out / (out + in)"
    ),
)
_CONTACTS = (
    _log("begun", "conversations", "conversations begun", "Conversations that it began."),
    _log("accepted", "conversations", "conversations accepted", "Conversations that others began with it."),
    _log(
        "contacted_inside", "hosts", "hosts inside contacted", "Local hosts that it began conversations with."
    ),
    _log(
        "contacted_outside",
        "hosts",
        "hosts outside contacted",
        "Outside hosts that it began conversations with.",
    ),
    _log("callers", "hosts", "hosts that called it", "Different hosts that began conversations with it."),
    _log("ports", "ports", "ports contacted", "Different ports that it began conversations with."),
    _log("offered", "ports", "ports on which it answers", "Ports of its own on which it answered others."),
    _log(
        "failed",
        "conversations",
        "refused or unanswered",
        "Conversations it began that were refused or not answered.",
    ),
    _share("failed_share", "share refused or unanswered", "Share of those it began.", "failed / begun"),
    _log(
        "new_inside",
        "services",
        "services inside used for the first time",
        "Local hosts and ports it never used before.",
    ),
    _log("sent_to", "hosts", "hosts sent to", "Different hosts that it sent packets to."),
    _log(
        "from_ports",
        "ports",
        "ports sent from",
        "Ports of its own that it sent from, for each partner and minute.",
    ),
    _log("to_ports", "ports", "ports sent to", "Ports that it sent to, for each partner and minute."),
    _log("udp_out", "packets", "UDP packets sent", "UDP packets that it sent."),
    _log("icmp_out", "packets", "ICMP packets sent", "ICMP packets that it sent."),
    _log("resets_in", "packets", "resets received", "TCP resets that it got."),
)
_NAMES = (
    _log("dns_queries", "questions", "names asked for", "Questions of DNS that it asked."),
    _log("dns_names", "names", "different names asked for", "Different names among them."),
    _log("dns_failed", "questions", "names that do not exist", "Questions answered with a failure."),
    _log("dns_length", "characters", "mean length of names asked for", "Mean length of the names."),
)
_HOURLY = (
    _log(
        "active_minutes", "minutes", "minutes with traffic", "Minutes of the span in which it sent anything."
    ),
    _log(
        "new_outside",
        "places",
        "places outside contacted for the first time",
        "Domains or networks it never contacted.",
    ),
    _log(
        "strange_out",
        "bytes",
        "sent to places never contacted in training",
        "Payload sent to places unknown in training.",
    ),
    _log(
        "strange_in",
        "bytes",
        "received from places never contacted in training",
        "Payload got from such places.",
    ),
    _log(
        "strange_contacts",
        "conversations",
        "conversations with places unknown in training",
        "Conversations begun with such.",
    ),
)
_PAIRS = (
    _log("contacts", "conversations", "contacts", "Conversations begun in the hour."),
    _log("payload_out", "bytes", "sent", "Payload from the host that began."),
    _log("payload_in", "bytes", "received", "Payload sent back."),
    _share("upload_share", "share of payload that goes out", "Share of payload sent.", "out / (out + in)"),
    _log("active_minutes", "minutes", "minutes with traffic", "Minutes of the hour with packets."),
    _log("packets", "packets", "packets", "Packets both ways."),
    _share(
        "rhythm",
        "evenness of its rhythm",
        "1 where contacts come at equal intervals, 0 where not.",
        "1 - min(1, MAD / median)",
    ),
    _log("interval", "seconds", "time between contacts", "Median time between contacts begun."),
    _share(
        "failed_share",
        "share refused or unanswered",
        "Share of contacts refused or not answered.",
        "failed / contacts",
    ),
    _log(
        "hours_of_day",
        "hours",
        "hours of the last 24 with contacts",
        "Hours of the last 24 in which they spoke.",
    ),
    _log(
        "others",
        "hosts",
        "hosts known to go there",
        "Local hosts known in training to contact the place and port, itself too.",
    ),
    _share(
        "strange", "unknown in training", "1 where this host never contacted the place in training.", "0 or 1"
    ),
    _share("strange_to_all", "unknown in training to every host", "1 where no host did.", "0 or 1"),
    _log("port_use", "pairs", "how many pairs use the port", "Pairs known in training that use the port."),
)
_FLOWS = (
    _log("duration", "seconds", "duration", "From the first packet to the last."),
    _log("packets_out", "packets", "packets sent", "Packets of the host that began."),
    _log("packets_in", "packets", "packets received", "Packets sent back."),
    _log("payload_out", "bytes", "sent", "Payload of the host that began."),
    _log("payload_in", "bytes", "received", "Payload sent back."),
    _log("length_max_out", "bytes", "longest packet sent", "Longest packet of the host that began."),
    _log("length_max_in", "bytes", "longest packet received", "Longest packet sent back."),
    _share("upload_share", "share of payload that goes out", "Share of payload sent.", "out / (out + in)"),
    _log("resets", "packets", "resets", "TCP resets, both ways."),
    _share("outside", "goes outside", "1 where the other host is outside.", "0 or 1"),
    _log("port_use", "flows", "how many flows use the port", "Flows known in training that use the port."),
)
UNIT_FEATURES: Mapping[Unit, tuple[Feature, ...]] = {
    Unit.HOSTS: (*_VOLUME, *_CONTACTS, *_NAMES, *_HOURLY),
    Unit.PAIRS: _PAIRS,
    Unit.FLOWS: _FLOWS,
}


def features_of(unit: Unit) -> tuple[Feature, ...]:
    """Return the features of a unit."""
    return UNIT_FEATURES[unit]


def scales_of(unit: Unit) -> dict[str, Scale]:
    """Return how the values of each feature of a unit are laid out."""
    return {one.name: one.scale for one in UNIT_FEATURES[unit]}
