"""Hosts from which systems and widespread programs fetch their updates, often in the clear, and signed."""

import re

__all__ = ["MAKERS"]

_DOMAINS = """
    windowsupdate.com microsoft.com msedge.net azureedge.net office.net apple.com cdn-apple.com google.com
    gvt1.com gvt2.com googleapis.com mozilla.org mozilla.net adobe.com oracle.com java.com nvidia.com amd.com
    intel.com dell.com hp.com lenovo.com ubuntu.com debian.org fedoraproject.org centos.org archlinux.org
    opensuse.org alpinelinux.org kernel.org launchpad.net steampowered.com steamstatic.com steamcontent.com
    avast.com avcdn.net avg.com avira.com avira-update.com bitdefender.com eset.com
    kaspersky.com kaspersky-labs.com mcafee.com norton.com symantec.com symantecliveupdate.com sophos.com
    trendmicro.com f-secure.com malwarebytes.com
"""
# A pattern that names of such hosts match.
MAKERS = r"(?i)(^|\.)(" + "|".join(re.escape(domain) for domain in _DOMAINS.split()) + r")\.?$"
