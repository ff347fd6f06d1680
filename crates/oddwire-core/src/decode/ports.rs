//! Well known services by port.

const TCP: u8 = 1;
const UDP: u8 = 2;
const BOTH: u8 = TCP | UDP;
const SCTP: u8 = 4;

/// Port, transports, name: the registry's short names, where those say what people call the service.
const SERVICES: &[(u16, u8, &str)] = &[
    (7, BOTH, "echo"),
    (9, BOTH, "discard"),
    (11, TCP, "systat"),
    (13, BOTH, "daytime"),
    (17, BOTH, "qotd"),
    (19, BOTH, "chargen"),
    (20, TCP, "ftp-data"),
    (21, TCP, "ftp"),
    (22, TCP, "ssh"),
    (23, TCP, "telnet"),
    (25, TCP, "smtp"),
    (37, BOTH, "time"),
    (43, TCP, "whois"),
    (49, BOTH, "tacacs"),
    (53, BOTH, "dns"),
    (67, UDP, "dhcp"),
    (68, UDP, "dhcp"),
    (69, UDP, "tftp"),
    (70, TCP, "gopher"),
    (79, TCP, "finger"),
    (80, TCP, "http"),
    (88, BOTH, "kerberos"),
    (102, TCP, "iso-tsap"),
    (104, TCP, "dicom"),
    (110, TCP, "pop3"),
    (111, BOTH, "sunrpc"),
    (113, TCP, "ident"),
    (119, TCP, "nntp"),
    (123, UDP, "ntp"),
    (135, BOTH, "epmap"),
    (137, BOTH, "netbios-ns"),
    (138, UDP, "netbios-dgm"),
    (139, TCP, "netbios-ssn"),
    (143, TCP, "imap"),
    (161, BOTH, "snmp"),
    (162, BOTH, "snmptrap"),
    (177, UDP, "xdmcp"),
    (179, TCP, "bgp"),
    (194, TCP, "irc"),
    (264, TCP, "bgmp"),
    (319, UDP, "ptp"),
    (320, UDP, "ptp"),
    (389, BOTH, "ldap"),
    (427, BOTH, "svrloc"),
    (443, TCP, "https"),
    (443, UDP, "quic"),
    (445, TCP, "smb"),
    (464, BOTH, "kpasswd"),
    (465, TCP, "smtps"),
    (500, UDP, "ike"),
    (502, TCP, "modbus"),
    (512, TCP, "rexec"),
    (513, TCP, "rlogin"),
    (514, TCP, "rsh"),
    (514, UDP, "syslog"),
    (515, TCP, "printer"),
    (520, UDP, "rip"),
    (521, UDP, "ripng"),
    (523, BOTH, "db2"),
    (546, UDP, "dhcpv6"),
    (547, UDP, "dhcpv6"),
    (548, TCP, "afp"),
    (554, BOTH, "rtsp"),
    (563, TCP, "nntps"),
    (587, TCP, "submission"),
    (593, TCP, "http-rpc-epmap"),
    (623, UDP, "ipmi"),
    (631, BOTH, "ipp"),
    (636, TCP, "ldaps"),
    (639, TCP, "msdp"),
    (646, BOTH, "ldp"),
    (853, TCP, "dns-tls"),
    (853, UDP, "dns-quic"),
    (860, TCP, "iscsi"),
    (873, TCP, "rsync"),
    (902, BOTH, "vmware"),
    (989, TCP, "ftps-data"),
    (990, TCP, "ftps"),
    (992, TCP, "telnets"),
    (993, TCP, "imaps"),
    (995, TCP, "pop3s"),
    (1080, TCP, "socks"),
    (1194, BOTH, "openvpn"),
    (1433, TCP, "mssql"),
    (1434, UDP, "mssql-monitor"),
    (1521, TCP, "oracle"),
    (1645, UDP, "radius"),
    (1646, UDP, "radius-acct"),
    (1701, UDP, "l2tp"),
    (1719, UDP, "h323-ras"),
    (1720, TCP, "h323"),
    (1723, TCP, "pptp"),
    (1812, UDP, "radius"),
    (1813, UDP, "radius-acct"),
    (1883, TCP, "mqtt"),
    (1900, UDP, "ssdp"),
    (1911, TCP, "niagara-fox"),
    (1935, TCP, "rtmp"),
    (1985, UDP, "hsrp"),
    (2049, BOTH, "nfs"),
    (2055, UDP, "netflow"),
    (2082, TCP, "cpanel"),
    (2123, UDP, "gtp-c"),
    (2152, UDP, "gtp-u"),
    (2181, TCP, "zookeeper"),
    (2222, BOTH, "ethernet-ip-io"),
    (2375, TCP, "docker"),
    (2376, TCP, "docker-tls"),
    (2379, TCP, "etcd"),
    (2404, TCP, "iec-104"),
    (2427, UDP, "mgcp"),
    (2483, TCP, "oracle"),
    (2638, TCP, "sybase"),
    (2775, TCP, "smpp"),
    (2905, SCTP, "m3ua"),
    (3128, TCP, "http-proxy"),
    (3205, BOTH, "isns"),
    (3260, TCP, "iscsi"),
    (3268, TCP, "ldap-gc"),
    (3269, TCP, "ldaps-gc"),
    (3306, TCP, "mysql"),
    (3389, BOTH, "rdp"),
    (3478, BOTH, "stun"),
    (3544, UDP, "teredo"),
    (3689, TCP, "daap"),
    (3690, TCP, "svn"),
    (3702, UDP, "ws-discovery"),
    (3784, UDP, "bfd"),
    (3868, TCP | SCTP, "diameter"),
    (4369, TCP, "epmd"),
    (4500, UDP, "ipsec-nat-t"),
    (4739, BOTH, "ipfix"),
    (4789, UDP, "vxlan"),
    (4840, TCP, "opc-ua"),
    (5004, UDP, "rtp"),
    (5005, UDP, "rtcp"),
    (5060, BOTH | SCTP, "sip"),
    (5061, TCP, "sips"),
    (5094, BOTH, "hart-ip"),
    (5222, TCP, "xmpp"),
    (5223, TCP, "xmpps"),
    (5246, UDP, "capwap"),
    (5247, UDP, "capwap-data"),
    (5269, TCP, "xmpp-server"),
    (5349, BOTH, "stuns"),
    (5351, UDP, "nat-pmp"),
    (5353, UDP, "mdns"),
    (5355, BOTH, "llmnr"),
    (5357, TCP, "wsd"),
    (5432, TCP, "postgresql"),
    (5555, TCP, "adb"),
    (5601, TCP, "kibana"),
    (5671, TCP, "amqps"),
    (5672, TCP | SCTP, "amqp"),
    (5683, UDP, "coap"),
    (5684, UDP, "coaps"),
    (5800, TCP, "vnc-http"),
    (5900, TCP, "vnc"),
    (5901, TCP, "vnc"),
    (5938, BOTH, "teamviewer"),
    (5984, TCP, "couchdb"),
    (5985, TCP, "winrm"),
    (5986, TCP, "winrms"),
    (6000, TCP, "x11"),
    (6081, UDP, "geneve"),
    (6343, UDP, "sflow"),
    (6379, TCP, "redis"),
    (6443, TCP, "kubernetes"),
    (6514, TCP, "syslog-tls"),
    (6635, UDP, "mpls-udp"),
    (6653, TCP, "openflow"),
    (6666, TCP, "irc"),
    (6667, TCP, "irc"),
    (6697, TCP, "ircs"),
    (6881, BOTH, "bittorrent"),
    (7000, TCP, "cassandra"),
    (7547, TCP, "cwmp"),
    (8000, TCP, "http-alt"),
    (8008, TCP, "http-alt"),
    (8080, TCP, "http-proxy"),
    (8081, TCP, "http-alt"),
    (8086, TCP, "influxdb"),
    (8088, TCP, "http-alt"),
    (8333, TCP, "bitcoin"),
    (8443, TCP, "https-alt"),
    (8472, UDP, "vxlan"),
    (8728, TCP, "routeros"),
    (8883, TCP, "mqtts"),
    (8888, TCP, "http-alt"),
    (9000, TCP, "http-alt"),
    (9042, TCP, "cassandra"),
    (9090, TCP, "prometheus"),
    (9092, TCP, "kafka"),
    (9100, TCP, "jetdirect"),
    (9200, TCP, "elasticsearch"),
    (9300, TCP, "elasticsearch"),
    (9418, TCP, "git"),
    (9600, BOTH, "fins"),
    (9993, UDP, "zerotier"),
    (10000, TCP, "ndmp"),
    (10050, TCP, "zabbix"),
    (10051, TCP, "zabbix"),
    (11211, BOTH, "memcached"),
    (17500, BOTH, "dropbox-lan"),
    (18245, TCP, "ge-srtp"),
    (20000, BOTH, "dnp3"),
    (25565, TCP, "minecraft"),
    (27015, UDP, "steam"),
    (27017, TCP, "mongodb"),
    (34962, BOTH, "profinet-rt"),
    (34964, BOTH, "profinet-cm"),
    (36412, SCTP, "s1ap"),
    (36422, SCTP, "x2ap"),
    (38412, SCTP, "ngap"),
    (44818, BOTH, "ethernet-ip"),
    (47808, UDP, "bacnet"),
    (50000, TCP, "db2"),
    (51413, BOTH, "bittorrent"),
    (51820, UDP, "wireguard"),
];

/// A power of two, several times the number of services, so that nearly every search ends at its first place.
const SLOTS: usize = 1024;

/// Services of one transport by a hash of the port; collisions lie in the places behind. 0 is an empty place, else
/// the place in [`SERVICES`] plus one.
struct Table([(u16, u8); SLOTS]);

static TCP_TABLE: Table = Table::build(TCP);
static UDP_TABLE: Table = Table::build(UDP);
static SCTP_TABLE: Table = Table::build(SCTP);

impl Table {
    #[expect(clippy::indexing_slicing, reason = "runs when compiled: a wrong index is an error there")]
    const fn build(transport: u8) -> Self {
        assert!(SERVICES.len() < 255);
        let mut slots = [(0, 0); SLOTS];
        let mut index = 0;
        while index < SERVICES.len() {
            let (port, transports, _) = SERVICES[index];
            if transports & transport != 0 {
                let mut at = place(port);
                while slots[at].1 != 0 {
                    at = (at + 1) % SLOTS;
                }
                slots[at] = (port, index as u8 + 1);
            }
            index += 1;
        }
        Self(slots)
    }

    #[inline]
    fn find(&self, port: u16) -> Option<u8> {
        let mut at = place(port);
        loop {
            match self.0.get(at) {
                Some(&(_, 0)) | None => return None,
                Some(&(there, index)) if there == port => return Some(index - 1),
                Some(_) => at = (at + 1) % SLOTS,
            }
        }
    }
}

const fn place(port: u16) -> usize {
    (port.wrapping_mul(0x9e37) >> 6) as usize
}

#[inline]
fn table(protocol: u8) -> Option<&'static Table> {
    match protocol {
        6 => Some(&TCP_TABLE),
        17 => Some(&UDP_TABLE),
        132 => Some(&SCTP_TABLE),
        _ => None,
    }
}

/// The service that the ports of an IP protocol suggest; where both ports are known ones, the lower one's. It is
/// the same for both directions.
#[inline]
#[must_use]
pub fn app_by_port(protocol: u8, src_port: u16, dst_port: u16) -> Option<&'static str> {
    let table = table(protocol)?;
    let (low, high) = if src_port < dst_port { (src_port, dst_port) } else { (dst_port, src_port) };
    let index = table.find(low).or_else(|| table.find(high))?;
    SERVICES.get(usize::from(index)).map(|&(_, _, name)| name)
}

/// Whether a port of an IP protocol is that of a known service.
#[inline]
#[must_use]
pub fn is_known_service_port(protocol: u8, port: u16) -> bool {
    table(protocol).is_some_and(|table| table.find(port).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found_on_its_transports_only() {
        for &(port, transports, name) in SERVICES {
            for (bit, protocol) in [(TCP, 6), (UDP, 17), (SCTP, 132)] {
                let listed = transports & bit != 0;
                let elsewhere = SERVICES.iter().any(|&(p, t, n)| p == port && n != name && t & bit != 0);
                assert_eq!(app_by_port(protocol, 0, port) == Some(name), listed, "{name} {protocol}");
                assert_eq!(is_known_service_port(protocol, port), listed || elsewhere, "{name} {protocol}");
            }
        }
    }

    #[test]
    fn no_port_has_two_names() {
        for (i, a) in SERVICES.iter().enumerate() {
            assert!(SERVICES.iter().skip(i + 1).all(|b| a.0 != b.0 || a.1 & b.1 == 0), "{a:?}");
        }
    }

    #[test]
    fn direction_does_not_matter_and_the_lower_known_port_wins() {
        let cases = [
            (6, 51000, 443, Some("https")),
            (17, 51000, 443, Some("quic")),
            (17, 53, 123, Some("dns")),
            (6, 514, 1023, Some("rsh")),
            (17, 514, 514, Some("syslog")),
            (6, 40001, 40002, None),
            (1, 53, 53, None),
        ];
        for (protocol, a, b, app) in cases {
            assert_eq!(app_by_port(protocol, a, b), app, "{a} {b}");
            assert_eq!(app_by_port(protocol, b, a), app, "{b} {a}");
        }
    }
}
