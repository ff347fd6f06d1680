"""HTTP in clear text: requests and answers with the heads that programs write."""

from collections.abc import Mapping

from oddwire.testing.conversations import Step

__all__ = ["BROWSER", "fetch", "request", "response", "through_proxy"]

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Safari/537.36"
)


def request(
    host: str,
    path: str = "/",
    *,
    method: str = "GET",
    agent: str = BROWSER,
    body: bytes = b"",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return a request; without an agent it says none."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"User-Agent: {agent}"] if agent else []
    lines += ["Accept: */*", *(f"{name}: {value}" for name, value in (more or {}).items())]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def response(
    body: bytes = b"",
    *,
    status: str = "200 OK",
    kind: str = "text/html",
    server: str = "nginx",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return an answer with its body."""
    lines = [f"HTTP/1.1 {status}", f"Server: {server}", "Date: Tue, 14 Nov 2023 22:13:20 GMT"]
    lines += [f"Content-Type: {kind}"] if body else []
    lines += [f"{name}: {value}" for name, value in (more or {}).items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def fetch(ask: bytes, answer: bytes, *, pause: float = 0.0, think: float = 0.01) -> list[Step]:
    """Return a request and its answer as steps of a conversation."""
    return [(pause, True, ask), (think, False, answer)]


def through_proxy(name: str, port: int, inside: list[Step], *, agent: str = BROWSER) -> list[Step]:
    """Return the steps of a conversation that an explicit proxy carries on behalf of its client."""
    place = f"{name}:{port}"
    ask = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {agent}\r\n\r\n"
    made = b"HTTP/1.1 200 Connection established\r\n\r\n"
    return [(0.0, True, ask.encode()), (0.03, False, made), *inside]
