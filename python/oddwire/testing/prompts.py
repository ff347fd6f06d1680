"""Log-ins of protocols that ask in text: FTP, Telnet, SMTP, IMAP and HTTP."""

import base64
from collections.abc import Sequence

from oddwire.testing.dialogue import Dialogue

__all__ = ["basic_guess", "form_guess", "ftp_guess", "ftp_visit", "imap_guess", "smtp_guess", "telnet_guess"]

WILL_DO = bytes.fromhex("fffd18fffd20fffd23fffd27")
WILL_NOT = bytes.fromhex("fffc18fffc20fffc23fffc27")
AGENT = "Mozilla/4.0 (Hydra)"


def ftp_guess(talk: Dialogue, names: Sequence[tuple[str, str]], *, delay: float = 3.0) -> Dialogue:
    """Try pairs of user and password in one FTP connection; vsftpd waits three seconds a failure."""
    talk.open().answer(b"220 (vsFTPd 3.0.5)\r\n", 0.004)
    for user, password in names:
        talk.ask(f"USER {user}\r\n".encode()).answer(b"331 Please specify the password.\r\n")
        talk.ask(f"PASS {password}\r\n".encode()).answer(b"530 Login incorrect.\r\n", delay)
    return talk.finish()


def ftp_visit(talk: Dialogue, files: int, *, pause: float = 0.2) -> Dialogue:
    """Log in and ask for files; the data connections are the caller's."""
    talk.open().answer(b"220 (vsFTPd 3.0.5)\r\n", 0.004).ask(b"USER mirror\r\n")
    talk.answer(b"331 Please specify the password.\r\n").ask(b"PASS horse-7\r\n")
    talk.answer(b"230 Login successful.\r\n", 0.05).ask(b"TYPE I\r\n").answer(
        b"200 Switching to Binary mode.\r\n"
    )
    for number in range(files):
        talk.ask(b"PASV\r\n", pause).answer(b"227 Entering Passive Mode (192,168,1,10,156,64).\r\n")
        talk.ask(f"RETR file{number:04d}.bin\r\n".encode()).answer(
            b"150 Opening BINARY mode data connection.\r\n"
        )
        talk.answer(b"226 Transfer complete.\r\n", 0.05)
    return talk.ask(b"QUIT\r\n").answer(b"221 Goodbye.\r\n").finish(by="server")


def telnet_guess(talk: Dialogue, names: Sequence[tuple[str, str]], *, delay: float = 2.5) -> Dialogue:
    """Try pairs at a Telnet prompt; the user's name is echoed letter by letter, as a terminal does."""
    talk.open().answer(WILL_DO, 0.02).ask(WILL_NOT).answer(
        b"\xff\xfb\x01\xff\xfb\x03\r\nBusyBox login: ", 0.01
    )
    for user, password in names:
        for letter in user.encode() + b"\r":
            echoed = b"\r\n" if letter == ord("\r") else bytes([letter])
            talk.ask(bytes([letter]), 0.001).answer(echoed)
        talk.answer(b"Password: ", 0.002).ask(password.encode() + b"\r\n").answer(b"\r\n")
        talk.answer(b"Login incorrect\r\nlogin: ", delay)
    return talk.finish()


def smtp_guess(talk: Dialogue, secrets: Sequence[str], *, delay: float = 1.5) -> Dialogue:
    """Try passwords with AUTH LOGIN; Postfix cuts the line after some failures."""
    talk.open().answer(b"220 mail.example.com ESMTP Postfix\r\n", 0.02).ask(b"EHLO hydra\r\n")
    talk.answer(b"250-mail.example.com\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n")
    for secret in secrets:
        talk.ask(b"AUTH LOGIN\r\n").answer(b"334 VXNlcm5hbWU6\r\n").ask(_base64("info@example.com") + b"\r\n")
        talk.answer(b"334 UGFzc3dvcmQ6\r\n").ask(_base64(secret) + b"\r\n")
        talk.answer(b"535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\r\n", delay)
    return talk.ask(b"QUIT\r\n").answer(b"221 2.0.0 Bye\r\n").finish(by="server")


def imap_guess(talk: Dialogue, secrets: Sequence[str], *, delay: float = 2.0) -> Dialogue:
    """Try passwords with IMAP's LOGIN; Dovecot waits longer after each failure."""
    talk.open().answer(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Dovecot ready.\r\n", 0.01)
    for number, secret in enumerate(secrets, 1):
        talk.ask(f'a{number} LOGIN "info" "{secret}"\r\n'.encode())
        failed = f"a{number} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"
        talk.answer(failed.encode(), delay * number)
    return (
        talk.ask(b"z LOGOUT\r\n")
        .answer(b"* BYE Logging out\r\nz OK Logout completed.\r\n")
        .finish(by="server")
    )


def form_guess(talk: Dialogue, secrets: Sequence[str], *, status: int = 200) -> Dialogue:
    """Try passwords in a log-in form; a failure is the same page again (200) or a turn back to it (302)."""
    talk.open()
    for secret in secrets:
        body = f"username=admin&password={secret}&Login=Login".encode()
        talk.ask(_request("POST /login.php", f"Content-Length: {len(body)}\r\n") + body, 0.01)
        page = b"<html><body>Login failed</body></html>".ljust(1_523)
        talk.answer(_page(page) if status == 200 else _turned(), 0.02)  # noqa: PLR2004  # OK
    return talk.finish()


def basic_guess(talk: Dialogue, secrets: Sequence[str]) -> Dialogue:
    """Try passwords of basic authentication; a failure is 401."""
    talk.open()
    for secret in secrets:
        token = _base64(f"admin:{secret}").decode()
        talk.ask(_request("GET /manager/html", f"Authorization: Basic {token}\r\n"), 0.002)
        talk.answer(UNAUTHORISED, 0.004)
    return talk.finish()


UNAUTHORISED = (
    b'HTTP/1.1 401 Unauthorized\r\nServer: Apache\r\nWWW-Authenticate: Basic realm="Manager"\r\n'
    b"Content-Type: text/html\r\nContent-Length: 381\r\n\r\n" + b"<html>401</html>".ljust(381)
)


def _request(line: str, more: str) -> bytes:
    return f"{line} HTTP/1.1\r\nHost: 192.168.1.80\r\nUser-Agent: {AGENT}\r\n{more}\r\n".encode()


def _page(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _turned() -> bytes:
    return b"HTTP/1.1 302 Found\r\nServer: nginx\r\nLocation: login.php\r\nContent-Length: 0\r\n\r\n"


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())
