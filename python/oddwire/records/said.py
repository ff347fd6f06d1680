"""The columns of what was said, protocol by protocol, as detectors read them; a test keeps them right."""

__all__ = ["SAID"]

_COLUMNS: dict[str, str] = {
    "dns": """
        service message transaction operation query query_type query_class questions domain code
        answers answer_types answer_count authority_count additional_count ttl_min latency_ns tries
        query_bytes answer_bytes authoritative truncated recursion_desired recursion_available
        labels longest_label name_length name_entropy name_digits answer_packet
    """,
    "dhcp": """
        service message transaction client_mac client_id client_ip assigned_ip requested_ip
        server_ip relay_ip lease_s router dns_servers domain hostname fqdn vendor_class parameters
        status relayed bytes subnet_mask prefixes server_id ntp_servers boot_server boot_file wpad
    """,
    "tls": """
        service version client_version sni alpn client_alpn cipher ciphers_offered group resumed
        established hello_retry ja3 ja3s ja4 ja4_retry ja3_text ja4_text ech client_hello_bytes
        certificates subject issuer san not_before not_after certificate_expired self_signed
        key_type key_bits signature_algorithm certificate_sha256 client_certificate alert records
        latency_ns skipped
    """,
    "quic": """
        version sni alpn ja4 ja3 ja4_text ja3_text ciphers_offered dcid_bytes scid_bytes token_bytes
        retry server_version_negotiation zero_rtt ech client_hello_bytes server_seen latency_ns
        skipped
    """,
    "http": """
        message method host host_port path query_bytes query_names attack_signs version status reason agent
        referrer server content_type content_length request_content_type request_bytes
        response_bytes auth user login cookies location_host proxied address_as_host body_kind
        filename latency_ns head_cut request_packet response_packet
    """,
    "ssh": """
        login login_sign login_tries client_banner server_banner version hassh hassh_server kex
        host_key cipher mac compression host_key_sha256 client_first server_cipher hassh_text
        hassh_server_text requests_judged refusal_bytes
    """,
    "icmp": """
        kind type code code_name identifier sequence data_bytes data_entropy gateway mtu pointer
        quoted_protocol quoted_src_ip quoted_src_port quoted_dst_ip quoted_dst_port target_ip
        redirected_ip source_mac target_mac router_lifetime_s prefixes dns_servers groups managed
        other_config from_router solicited override
    """,
    "smtp": """
        service helo server_banner login login_tries login_failures auth_method user mails delivered
        mail_from recipients recipients_refused message_bytes starttls starttls_offered last_code
        errors
    """,
    "ftp": """
        action user login path new_path code data_mode data_ip data_port tls server_banner
    """,
    "telnet": """
        user login login_tries terminal_type environment_user server_banner
    """,
    "smb": """
        event version user domain workstation auth login status share share_type name action
        signing_required encrypted server_name server_domain server_dns_name server_dns_domain
        server_os latency_ns offered
    """,
    "dcerpc": """
        interface uuid version accepted calls operations faults fault auth auth_level user domain
        workstation server_name server_domain server_dns_name server_os
    """,
    "rdp": """
        cookie_user routed requested restricted_admin selected failure client_name client_build
        keyboard_layout desktop latency_ns
    """,
    "kerberos": """
        kind client realm service encryption_types ticket_encryption reply_encryption preauth error
        login tries latency_ns options till
    """,
    "ntp": """
        mode version stratum reference request_bytes answer_bytes answers amplification latency_ns
        private_code monlist control_operation leap poll precision extension_bytes secured
    """,
    "snmp": """
        version pdu answer community_default user security variables first_oid trap_oid
        max_repetitions error request_bytes answer_bytes amplification latency_ns tries
        answer_variables engine_id
    """,
    "ssdp": """
        method target usn announcement location location_host server agent max_wait max_age
        multicast bytes
    """,
    "modbus": """
        transaction unit function function_name write subfunction address quantity exception
        exception_name request_bytes answer_bytes latency_ns answer_packet
    """,
    "dnp3": """
        source destination function function_name control sequence objects answer_objects
        internal_indications request_bytes answer_bytes latency_ns crc_errors answer_packet
    """,
    "mqtt": """
        message client_id user has_password login version keep_alive_s clean_session will will_topic
        code session_present latency_ns packets published_out published_in subscribed
        published_topic subscribed_topic answer_packet
    """,
    "socks": """
        version method user login command target target_port code latency_ns
    """,
    "shell": """
        event prompt from_client prompts commands client_bytes server_bytes
    """,
}
SAID: dict[str, tuple[str, ...]] = {name: tuple(words.split()) for name, words in _COLUMNS.items()}
