"""The names of the MITRE ATT&CK techniques that findings carry."""

import re
from collections.abc import Mapping

__all__ = ["technique"]

SITE = "https://attack.mitre.org/techniques/"
NUMBER = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)
NAMES = {
    "T1001": "Data Obfuscation",
    "T1018": "Remote System Discovery",
    "T1021": "Remote Services",
    "T1021.001": "Remote Services: Remote Desktop Protocol",
    "T1021.002": "Remote Services: SMB/Windows Admin Shares",
    "T1021.004": "Remote Services: SSH",
    "T1040": "Network Sniffing",
    "T1041": "Exfiltration Over C2 Channel",
    "T1046": "Network Service Discovery",
    "T1048": "Exfiltration Over Alternative Protocol",
    "T1071": "Application Layer Protocol",
    "T1071.001": "Application Layer Protocol: Web Protocols",
    "T1071.004": "Application Layer Protocol: DNS",
    "T1090": "Proxy",
    "T1095": "Non-Application Layer Protocol",
    "T1105": "Ingress Tool Transfer",
    "T1110": "Brute Force",
    "T1110.001": "Brute Force: Password Guessing",
    "T1110.003": "Brute Force: Password Spraying",
    "T1190": "Exploit Public-Facing Application",
    "T1210": "Exploitation of Remote Services",
    "T1498": "Network Denial of Service",
    "T1498.001": "Network Denial of Service: Direct Network Flood",
    "T1498.002": "Network Denial of Service: Reflection Amplification",
    "T1499": "Endpoint Denial of Service",
    "T1499.001": "Endpoint Denial of Service: OS Exhaustion Flood",
    "T1499.002": "Endpoint Denial of Service: Service Exhaustion Flood",
    "T1552": "Unsecured Credentials",
    "T1557": "Adversary-in-the-Middle",
    "T1557.001": "Adversary-in-the-Middle: LLMNR/NBT-NS Poisoning and SMB Relay",
    "T1557.002": "Adversary-in-the-Middle: ARP Cache Poisoning",
    "T1557.003": "Adversary-in-the-Middle: DHCP Spoofing",
    "T1568": "Dynamic Resolution",
    "T1568.002": "Dynamic Resolution: Domain Generation Algorithms",
    "T1570": "Lateral Tool Transfer",
    "T1571": "Non-Standard Port",
    "T1572": "Protocol Tunneling",
    "T1573": "Encrypted Channel",
    "T1595": "Active Scanning",
    "T1595.001": "Active Scanning: Scanning IP Blocks",
    "T1595.002": "Active Scanning: Vulnerability Scanning",
}


def technique(number: str) -> Mapping[str, str | None]:
    """Return a technique's number, its name where known, and its address where the number is one."""
    link = f"{SITE}{number.replace('.', '/')}/" if NUMBER.fullmatch(number) else None
    return {"number": number, "name": NAMES.get(number), "link": link}
