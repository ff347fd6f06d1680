"""The columns of the table of profiles, and the version of their meaning."""

from oddwire.records.column import Column

__all__ = ["PROFILE_COLUMNS", "SCHEMA_VERSION"]

# Models record the version they were trained with and refuse another.
SCHEMA_VERSION = 1


def _count(name: str, unit: str, meaning: str, formula: str = "") -> Column:
    return Column(name=name, type="uint64", unit=unit, meaning=meaning, formula=formula)


def _ratio(name: str, meaning: str, formula: str, unit: str = "") -> Column:
    return Column(name=name, type="float64", unit=unit, meaning=meaning, formula=formula)


PROFILE_COLUMNS: tuple[Column, ...] = (
    Column(name="window", type="timestamp[ns, UTC]", meaning="Start of the window."),
    Column(name="src_ip", type="string", meaning="The host; every other column is about what it did."),
    _count("packets", "packets", "Packets that the host sent."),
    _count("packets_in", "packets", "Packets sent to the host."),
    _count("bytes_out", "bytes", "Bytes that the host sent, link headers included."),
    _count("bytes_in", "bytes", "Bytes sent to the host."),
    _count("payload_out", "bytes", "Payload bytes that the host sent."),
    _count("payload_in", "bytes", "Payload bytes sent to the host."),
    _count("flows", "flows", "Flows that the host took part in as a sender."),
    _count("unique_dst_ips", "hosts", "Different hosts that it sent to."),
    _count("unique_src_ports", "ports", "Different ports that it sent from."),
    _count("unique_dst_ports", "ports", "Different ports that it sent to."),
    _count("unique_protocols", "protocols", "Different transports that it used."),
    _count("unique_layers", "layers", "Different headers and contents in its flows."),
    _ratio("length_mean", "Mean length of the packets it sent.", "bytes_out / packets", "bytes"),
    _ratio("length_std", "Standard deviation of those lengths.", "over the whole population", "bytes"),
    Column(name="length_max", type="uint32", unit="bytes", meaning="Longest packet it sent."),
    _ratio("ttl_mean", "Mean time to live of the packets it sent.", "ttl_sum / packets", "hops"),
    *(
        _count(f"{flag}_sum", "packets", f"TCP packets with {flag.upper()} that it sent.")
        for flag in ("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr")
    ),
    _ratio(
        "port_ratio",
        "Source ports for each destination port: high for a client of one service, low for a scanner.",
        "unique_src_ports / unique_dst_ports",
    ),
    _ratio("packets_per_dst", "Packets for each host it sent to.", "packets / unique_dst_ips", "packets"),
    _ratio(
        "dsts_per_flow",
        "Hosts for each of its flows: near 1 when every flow goes to another host.",
        "unique_dst_ips / flows",
    ),
    _count("sources_in", "hosts", "Different hosts that sent to it: fan-in."),
    _count("contacted", "hosts", "Different hosts that it began a flow with: fan-out."),
    _count("new_dst_ips", "hosts", "Hosts sent to that it had not sent to in an earlier window."),
    _count("begun", "flows", "Flows that it began."),
    _ratio(
        "unanswered_ratio",
        "Share of begun flows without any answer in the window; null where answers are not visible.",
        "begun flows without a packet back / begun",
    ),
    _ratio(
        "failed_ratio",
        "Share of begun TCP flows that were refused or not answered; null where answers are not visible.",
        "begun TCP flows reset before a SYN-ACK, or unanswered / begun TCP flows",
    ),
    _ratio("upload_ratio", "Share of its bytes that went out.", "bytes_out / (bytes_out + bytes_in)"),
    _count("dns_flows", "flows", "Flows whose ports suggest DNS."),
    _count("tls_flows", "flows", "Flows whose ports suggest TLS or QUIC."),
    _ratio(
        "dst_port_entropy",
        "How evenly its packets spread over destination ports.",
        "-sum(p * log2(p)) over packets by destination port",
        "bits",
    ),
)
