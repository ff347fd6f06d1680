"""Names that a service gives to anybody, for an address that may change each hour."""

import re

__all__ = ["DYNAMIC"]

_SERVICES = """
    no-ip.biz no-ip.com no-ip.org no-ip.info noip.me noip.us ddns.net hopto.org hopto.me zapto.org sytes.net
    myftp.org myftp.biz myvnc.com bounceme.net servegame.com serveftp.com servehttp.com serveblog.net
    servebeer.com serveminecraft.net redirectme.net systes.net gotdns.ch webhop.me 3utilities.com
    onthewifi.com viewdns.net dyndns.org dyndns.biz dyndns.info dyndns.tv dyn-o-saur.com dynalias.com
    dynalias.net dynalias.org homeip.net homelinux.org homelinux.com gotdns.com gotdns.org dnsalias.com
    dnsalias.net dnsalias.org duckdns.org mooo.com chickenkiller.com us.to ignorelist.com strangled.net
    crabdance.com jumpingcrab.com changeip.com changeip.net ddns.info ddns.us ddns.mobi ddns.name dns04.com
    dnset.com dynu.net dynu.com ddnsfree.com ddnsgeek.com giize.com gleeze.com kozow.com loseyourip.com
    mywire.org ooguy.com theworkpc.com casacam.net accesscam.org camdvr.org freeddns.org webredirect.org
    3322.org f3322.net f3322.org 8866.org 2288.org 9966.org 8800.org 6600.org 7766.org eicp.net vicp.net
    publicvm.com linkpc.net work.gd run.place ydns.eu spdns.de spdns.org dnsdynamic.com freedynamicdns.net
    freedynamicdns.org now-dns.org now-dns.net cloudns.cl cloudns.nz portmap.io portmap.host localto.net
    tcp.ngrok.io
"""
# A pattern that such names match.
DYNAMIC = r"(?i)(^|\.)(" + "|".join(re.escape(name) for name in _SERVICES.split()) + r")\.?$"
