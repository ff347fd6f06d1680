"""Many complete connections to web servers: what a busy client does, and no flood or scan."""

import time
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Network
from tests.cases.services import Scene, name_server, record_all, web_server

SERVER = "10.77.0.10"


def browse(script: str) -> Scene:
    """Return the scene of one client, and a second that asks for a page now and then."""

    def scene(network: Network) -> list[Timed]:
        server = network.host("server", f"{SERVER}/24")
        web_server(server)
        name_server(server)
        client = network.host("client", "10.77.0.21/24")
        network.host("other", "10.77.0.22/24").loop(f"curl -s -o page http://{SERVER}/page3.html; sleep 1.3")
        with network.record() as tape:
            client.run("sh", "-c", script)
            time.sleep(0.5)
        return tape.packets

    return scene


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield one capture a client."""
    page = f"http://{SERVER}/page$((i % 40)).html"
    urls = f"http://{SERVER}/page[0-39].html"
    return record_all(
        {
            "curl-new-connections": browse(f"for i in $(seq 120); do curl -s -o page {page}; done"),
            "curl-one-connection": browse(f"curl -s -o page {' -o page '.join([urls] * 3)}"),
            "curl-refused": browse(
                f"for i in $(seq 60); do curl -s -m 2 http://{SERVER}:8081/; sleep 0.2; done"
            ),
            "crawler": browse(f"wget -q --no-hsts -r -l 3 -P mirror http://{SERVER}/"),
            "load-with-curl": browse(
                f"curl -s --parallel --parallel-max 25 -H 'Connection: close' -o page {urls}"
            ),
            "load-with-ab": browse(f"ab -q -n 600 -c 20 http://{SERVER}/health"),
            "load-over-ten-seconds": browse(
                f"for i in $(seq 10); do ab -q -n 30 -c 30 {page}; sleep 0.9; done"
            ),
        }
    )
