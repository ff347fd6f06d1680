//! Signs of an attack in what a client asks for: syntax that no ordinary address or search has.

use super::plain::plain;
use std::sync::LazyLock;

/// Bytes of a target or field that are read for signs.
pub(super) const MOST_SIGNS: usize = 2_048;

/// Kinds of attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sql,
    Traversal,
    Script,
    Command,
    Template,
}

/// The kinds of attacks that signs were found of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Signs(u8);

const KINDS: [(Kind, &str); 5] = [
    (Kind::Sql, "sql"),
    (Kind::Traversal, "traversal"),
    (Kind::Script, "script"),
    (Kind::Command, "command"),
    (Kind::Template, "template"),
];

/// Signs wherever they stand.
const ANYWHERE: &[(Kind, &[&str])] = &[
    (
        Kind::Sql,
        &[
            "' or 1=1",
            " or 1=1",
            "'or 1=1",
            " and 1=1",
            " and 1=2",
            "'='",
            "'--",
            "information_schema",
            "xp_cmdshell",
            "waitfor delay",
            "pg_sleep(",
            "load_file(",
            "into outfile",
            "into dumpfile",
            "group_concat(",
            "extractvalue(",
            "updatexml(",
            "; drop table",
            ";drop table",
            "@@version",
            "' order by ",
            "concat(0x",
            "(select ",
            "(select(",
            "having 1=1",
            "convert(int,",
            "utl_inaddr",
            "utl_http",
            "dbms_pipe",
        ],
    ),
    (
        Kind::Traversal,
        &[
            "../../",
            "..\\..\\",
            "/../..",
            "\\..\\..",
            "=../..",
            "....//",
            "..;/",
            "/etc/passwd",
            "/etc/shadow",
            "/proc/self/",
            "windows/system32",
            "windows\\system32",
            "\\win.ini",
            "/win.ini",
            "boot.ini",
            "web-inf/web.xml",
            ".ssh/id_rsa",
            "php://filter",
            "php://input",
        ],
    ),
    (
        Kind::Script,
        &[
            "<script",
            "</script",
            "<iframe",
            "<svg",
            "<img ",
            "<img/",
            "javascript:alert(",
            "javascript:prompt(",
            "javascript:confirm(",
            "javascript:eval(",
            "javascript:document.",
            "document.cookie",
            "alert(document",
            "alert(1)",
            "string.fromcharcode(",
        ],
    ),
    (
        Kind::Command,
        &[
            "$(",
            "${ifs}",
            "$ifs",
            "cmd.exe",
            "/bin/sh",
            "/bin/bash",
            "powershell.exe",
            "powershell -",
            "shell_exec(",
            "passthru(",
            "base64_decode(",
            "phpinfo(",
            "allow_url_include",
            "() {",
            "getruntime",
            "processbuilder",
            "@java.lang.",
            "call_user_func",
            "cd /tmp",
            "chmod 777",
            "rm -rf",
        ],
    ),
    (
        Kind::Template,
        &[
            "${jndi:",
            "${${",
            "${lower:",
            "${upper:",
            "${env:",
            "${sys:",
            "${::-",
            "{{config",
            "{{self",
            "{{request",
            "{{''",
            "{{ ''",
            "__class__",
            "__globals__",
            "__import__",
            "class.module.classloader",
            "t(java.lang",
            "freemarker.template",
        ],
    ),
];

/// A sign of an attack of that kind.
type Sign = (Kind, &'static [u8]);

/// The signs wherever they stand, by their first byte.
static BY_LETTER: LazyLock<Vec<Vec<Sign>>> = LazyLock::new(|| {
    let all = ANYWHERE.iter().flat_map(|(kind, signs)| signs.iter().map(|sign| (*kind, sign.as_bytes())));
    let of = |byte: u8| all.clone().filter(|(_, sign)| sign.first() == Some(&byte)).collect();
    (0..=u8::MAX).map(of).collect()
});

/// Calls: no letter stands before them.
const CALLS: &[(Kind, &str)] = &[
    (Kind::Sql, "sleep("),
    (Kind::Sql, "benchmark("),
    (Kind::Command, "system("),
    (Kind::Command, "exec("),
    (Kind::Command, "popen("),
    (Kind::Command, "eval("),
];
/// Attributes that run scripts: a blank, a slash or a quotation mark stands before them.
const ATTRIBUTES: [&str; 7] =
    ["onerror=", "onload=", "onmouseover=", "onfocus=", "onclick=", "ontoggle=", "onbegin="];
/// Commands behind a sign that ends another.
const COMMANDS: [&str; 21] = [
    "cat /",
    "cat ../",
    "ls -",
    "ls /",
    "uname -",
    "wget http",
    "curl http",
    "ping -c",
    "ping -n",
    "nc -",
    "bash -",
    "sh -",
    "nslookup ",
    "busybox ",
    "tftp ",
    "net user",
    "dir c:",
    "type c:",
    "powershell",
    "cat ",
    "sleep ",
];
/// Short commands behind such a sign, of which nothing follows.
const SHORT: [&str; 4] = ["id", "whoami", "ls", "uname"];
/// What encodes a step up, and is encoded by no honest program.
const ENCODED: [&str; 7] = ["..%2f", "..%5c", "%2e%2e", "..%252f", "..%255c", "%252e%252e", "%c0%ae"];

impl Signs {
    /// The signs in the target of a request.
    pub(super) fn of_target(target: &[u8]) -> Self {
        let mut signs = Self::default();
        let target = target.get(..MOST_SIGNS).unwrap_or(target);
        if has_encoded_step(target) {
            signs.add(Kind::Traversal);
        }
        signs.look(&plain(target, MOST_SIGNS));
        signs
    }

    /// Adds those of a field of the head, in which only what is expanded there is looked for.
    pub(super) fn add_field(&mut self, value: &[u8]) {
        let value = value.get(..MOST_SIGNS).unwrap_or(value);
        if value.windows(2).any(|two| two == b"${") || value.starts_with(b"() {") {
            let mut signs = Self::default();
            signs.look(&plain(value, MOST_SIGNS));
            self.0 |= signs.0 & (1 << Kind::Template as u8 | 1 << Kind::Command as u8);
        }
    }

    /// Writes their words; `false` where there is none.
    pub(super) fn put(self, text: &mut String) -> bool {
        let found = KINDS.into_iter().filter(|&(kind, _)| self.has(kind));
        for (index, (_, word)) in found.enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(word);
        }
        self.0 != 0
    }

    const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    const fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    fn look(&mut self, text: &[u8]) {
        let by_letter = &**BY_LETTER;
        let mut before = [b' '; 2];
        let mut rest = text;
        while let Some((&byte, behind)) = rest.split_first() {
            let signs = by_letter.get(usize::from(byte)).map_or(&[][..], Vec::as_slice);
            if let Some((kind, _)) = signs.iter().find(|(_, sign)| rest.starts_with(sign)) {
                self.add(*kind);
            }
            let last = before[1];
            match byte {
                b'u' if is_union(rest) => self.add(Kind::Sql),
                b's' | b'b' | b'e' | b'p' if !last.is_ascii_alphanumeric() => self.look_calls(rest),
                b'o' if matches!(last, b' ' | b'/' | b'"' | b'\'') && before != *b"  " => {
                    self.look_attributes(rest);
                }
                b';' | b'|' | b'`' => self.look_commands(behind, before),
                b'&' if last == b'&' => self.look_commands(behind, [b'=', b'=']),
                b'{' if matches!(last, b'{' | b'$' | b'#' | b'%' | b'*') => self.look_product(behind),
                _ => {}
            }
            before = [last, byte];
            rest = behind;
        }
    }

    fn look_calls(&mut self, rest: &[u8]) {
        for (kind, call) in CALLS {
            if rest.starts_with(call.as_bytes()) {
                self.add(*kind);
            }
        }
    }

    fn look_attributes(&mut self, rest: &[u8]) {
        if ATTRIBUTES.iter().any(|name| rest.starts_with(name.as_bytes())) {
            self.add(Kind::Script);
        }
    }

    /// Looks for a command behind `;`, `|`, `&&` or a backtick. A list such as `name|id` is none.
    fn look_commands(&mut self, behind: &[u8], before: [u8; 2]) {
        let behind = behind.strip_prefix(b"|").unwrap_or(behind);
        let behind = behind.strip_prefix(b" ").unwrap_or(behind);
        let in_list = before[1].is_ascii_alphabetic() || matches!(before[1], b'_' | b'|');
        let ends = |rest: &[u8]| matches!(rest, [] | [b'&' | b';' | b'|' | b'`' | b'#' | b' ', ..]);
        let short = SHORT.iter().any(|name| behind.strip_prefix(name.as_bytes()).is_some_and(ends));
        let long = COMMANDS.iter().any(|name| behind.starts_with(name.as_bytes()));
        if long || short && !in_list {
            self.add(Kind::Command);
        }
    }

    /// Looks for `{{7*7}}` and its kin.
    fn look_product(&mut self, behind: &[u8]) {
        let behind = behind.trim_ascii_start();
        let digits = behind.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
        if let Some([b'*', next, ..]) = behind.get(digits..)
            && digits > 0
            && (next.is_ascii_digit() || *next == b'\'')
        {
            self.add(Kind::Template);
        }
    }
}

/// Whether a `union select` begins here, with what a query selects: a credit union may select as well.
fn is_union(text: &[u8]) -> bool {
    let Some(behind) = text.strip_prefix(b"union").map(without_opening) else { return false };
    let behind =
        [&b"all "[..], b"distinct "].iter().find_map(|word| behind.strip_prefix(*word)).unwrap_or(behind);
    let Some(selected) = without_opening(behind).strip_prefix(b"select") else { return false };
    let value = matches!(without_opening(selected), [b'0'..=b'9' | b'\'' | b'"' | b'@' | b'*' | b'-', ..]);
    let word = [&b"null"[..], b"char(", b"concat", b"version(", b"user(", b"load_file"];
    let named = word.iter().any(|word| without_opening(selected).starts_with(word));
    let listed = selected.iter().take(48).any(|&byte| byte == b',');
    matches!(selected.first(), Some(b' ' | b'(')) && (value || named || listed)
}

fn without_opening(text: &[u8]) -> &[u8] {
    let start = text.iter().take(8).take_while(|byte| matches!(byte, b' ' | b'(')).count();
    text.get(start..).unwrap_or(&[])
}

/// Whether a step up is encoded.
fn has_encoded_step(target: &[u8]) -> bool {
    let steps = |part: &[u8]| {
        ENCODED.iter().any(|sign| {
            part.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign.as_bytes()))
        })
    };
    target.contains(&b'%')
        && (0..target.len())
            .filter_map(|start| target.get(start..))
            .any(|part| matches!(part.first(), Some(b'.' | b'%')) && steps(part))
}

#[cfg(test)]
#[path = "signs_tests.rs"]
mod tests;
