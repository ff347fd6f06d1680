"""Requests to web servers in the clear, one after the other on a line held open, and their answers."""

from oddwire.testing.dialogue import Dialogue

__all__ = ["BROWSER", "exchange"]

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0"
WORDS = {
    200: "OK",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    500: "Internal Server Error",
}
FILLER = b"<p>lorem ipsum dolor sit amet consectetur adipiscing elit</p>\n"
BODYLESS = {304}


def exchange(
    talk: Dialogue,
    path: str,
    status: int = 200,
    *,
    size: int = 3_000,
    host: str = "www.firma.example",
    agent: str = BROWSER,
    method: str = "GET",
    posted: bytes = b"",
    head: str = "",
    kind: str = "text/html; charset=utf-8",
    content: bytes = b"",
    pause: float = 0.02,
    took: float = 0.01,
) -> Dialogue:
    """Ask for a path and be answered; `head` are more lines to ask, `content` is a given body."""
    ask = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\n{head}"
    if posted:
        ask += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(posted)}\r\n"
    talk.ask(ask.encode() + b"\r\n" + posted, pause)
    body = content or (FILLER * (size // len(FILLER) + 1))[:size]
    told = f"HTTP/1.1 {status} {WORDS[status]}\r\nServer: nginx/1.22.1\r\n"
    if status in BODYLESS:
        return talk.answer(told.encode() + b"\r\n", took)
    told += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return talk.answer(told.encode() + (b"" if method == "HEAD" else body), took)
