//! What only shells say: prompts, banners, complaints, and answers to well known commands.

/// The kinds of shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Cmd,
    PowerShell,
    Unix,
}

/// What a line that goes no further is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// No other text looks like that.
    Sure(Kind),
    /// `$ ` or `# ` alone: a prompt where the other side then gives a command.
    Bare,
}

/// Commands that are known by their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    System,
    Place,
    Users,
    List,
}

const SHELLS: [&[u8]; 7] = [b"sh", b"bash", b"rbash", b"dash", b"ash", b"ksh", b"zsh"];
const COMPLAINTS: [&[u8]; 4] = [
    b"no job control in this shell",
    b"cannot set terminal process group",
    b"can't access tty; job control turned off",
    b"can't access tty, job control turned off",
];

impl Kind {
    /// Its word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cmd => "windows_cmd",
            Self::PowerShell => "powershell",
            Self::Unix => "unix",
        }
    }
}

/// Whether a line may become a prompt with this byte: only then [`prompt`] need be asked.
pub(super) const fn may_end_prompt(before: Option<u8>, byte: u8) -> bool {
    byte == b'>' || byte == b' ' && matches!(before, Some(b'$' | b'#' | b'%'))
}

/// What prompt a line is, if it is one.
pub(super) fn prompt(line: &[u8]) -> Option<Prompt> {
    let behind = line.trim_ascii_end();
    if let Some(body) = behind.strip_suffix(b">") {
        return windows(body).map(Prompt::Sure);
    }
    match line {
        [b'$' | b'#', b' '] => Some(Prompt::Bare),
        [body @ .., b'$' | b'#', b' '] => is_unix(body, false).then_some(Prompt::Sure(Kind::Unix)),
        [body @ .., b'%', b' '] => is_unix(body, true).then_some(Prompt::Sure(Kind::Unix)),
        _ => None,
    }
}

/// `C:\Users\joe`, or `PS C:\Users\joe` and `PS /srv/joe`.
fn windows(body: &[u8]) -> Option<Kind> {
    let (kind, place) = match body.strip_prefix(b"PS ") {
        Some(place) => (Kind::PowerShell, place),
        None => (Kind::Cmd, body),
    };
    let fits = match place {
        [drive, b':', b'\\', rest @ ..] => drive.is_ascii_alphabetic() && is_place(rest),
        [b'\\', b'\\', rest @ ..] | [b'/', rest @ ..] => kind == Kind::PowerShell && is_place(rest),
        _ => false,
    };
    fits.then_some(kind)
}

/// Whether a path has none of the letters that paths of Windows lack.
fn is_place(path: &[u8]) -> bool {
    !path.iter().any(|byte| matches!(byte, b'<' | b'>' | b'|' | b'"' | b'?' | b'*' | b';' | b'\t'))
}

/// `user@host:~`, `[user@host dir]`, `bash-5.1`, or the second line of a prompt with a frame.
fn is_unix(body: &[u8], percent: bool) -> bool {
    if body == "└─".as_bytes() || body == "└──╼ ".as_bytes() {
        return true;
    }
    if !percent && is_versioned(body) {
        return true;
    }
    let inner = body.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]"));
    let plain = inner.unwrap_or_else(|| without_environment(body));
    let Some(at) = plain.iter().position(|&byte| byte == b'@') else { return false };
    let (user, host) = plain.split_at_checked(at).unwrap_or((plain, &[]));
    let host = host.get(1..).unwrap_or(&[]);
    let end = host.iter().position(|byte| matches!(byte, b':' | b' ')).unwrap_or(host.len());
    let (host, place) = host.split_at_checked(end).unwrap_or((host, &[]));
    let placed = match place {
        [b':', b'~' | b'/', ..] => true,
        [b' ', b' ', ..] | [b' '] => false,
        [b' ', rest @ ..] => {
            (inner.is_some() || percent) && !rest.contains(&b' ') || rest.first() == Some(&b'~')
        }
        _ => false,
    };
    placed && is_name(user) && is_name(host)
}

fn is_versioned(body: &[u8]) -> bool {
    let Some(dash) = body.iter().rposition(|&byte| byte == b'-') else { return false };
    let (name, version) = body.split_at_checked(dash).unwrap_or((body, &[]));
    let version = version.get(1..).unwrap_or(&[]);
    let digits = version.first().is_some_and(u8::is_ascii_digit)
        && version.contains(&b'.')
        && version.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.');
    digits && SHELLS.contains(&name)
}

/// A prompt without the name of a Python environment before it.
fn without_environment(body: &[u8]) -> &[u8] {
    let behind = body.strip_prefix(b"(").and_then(|rest| {
        let end = rest.iter().position(|&byte| byte == b')')?;
        rest.get(end + 1..)?.strip_prefix(b" ")
    });
    behind.unwrap_or(body)
}

fn is_name(name: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'\\');
    (1..=64).contains(&name.len()) && name.iter().all(fits)
}

/// Whether a whole line is one that only a shell says of itself.
pub(super) fn phrase(line: &[u8]) -> Option<Kind> {
    if line.starts_with(b"Microsoft Windows [") && line.contains(&b']') {
        return Some(Kind::Cmd);
    }
    if line == b"Windows PowerShell" {
        return Some(Kind::PowerShell);
    }
    let end = line.iter().position(|&byte| byte == b':')?;
    let (shell, words) = line.split_at_checked(end)?;
    let name = shell.rsplit(|&byte| matches!(byte, b'/' | b'-')).next().unwrap_or(shell);
    let complains =
        COMPLAINTS.iter().any(|words_of| words.windows(words_of.len()).any(|part| part == *words_of));
    (SHELLS.contains(&name) && complains).then_some(Kind::Unix)
}

/// The command of a line, if its answers are known.
pub(super) fn asked(line: &[u8]) -> Option<Asked> {
    Some(match line.trim_ascii() {
        b"uname -a" | b"uname" => Asked::System,
        b"pwd" => Asked::Place,
        b"cat /etc/passwd" => Asked::Users,
        b"ls -l" | b"ls -la" | b"ls -al" | b"ls -lah" => Asked::List,
        _ => return None,
    })
}

impl Asked {
    /// Whether a line is the beginning of the answer.
    pub(super) fn is_answered_by(self, line: &[u8]) -> bool {
        match self {
            Self::System => [&b"Linux "[..], b"Darwin ", b"FreeBSD ", b"SunOS "]
                .iter()
                .any(|name| line.starts_with(name) || line == name.trim_ascii_end()),
            Self::Place => line.starts_with(b"/") && !line.contains(&b' '),
            Self::Users => line.starts_with(b"root:x:0:0:"),
            Self::List => {
                line.strip_prefix(b"total ").is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
            }
        }
    }
}

/// `uid=0(root) gid=0(root) ...`
pub(super) fn is_identity(line: &[u8]) -> bool {
    let named = |text: &[u8], word: &[u8]| -> Option<usize> {
        let rest = text.strip_prefix(word)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = rest.iter().position(|&byte| byte == b')')?;
        (digits > 0 && rest.get(digits) == Some(&b'(')).then_some(word.len() + end + 1)
    };
    let Some(end) = named(line, b"uid=") else { return false };
    line.get(end..).is_some_and(|rest| named(rest, b" gid=").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_told_from_what_looks_alike() {
        let sure = |line: &[u8]| match prompt(line) {
            Some(Prompt::Sure(kind)) => Some(kind),
            _ => None,
        };
        for line in [&br"C:\Windows\system32>"[..], br"d:\>", br"C:\Documents and Settings\joe> "] {
            assert_eq!(sure(line), Some(Kind::Cmd));
        }
        for line in [&br"PS C:\Users\joe> "[..], b"PS /srv/joe> ", br"PS \\srv\share> "] {
            assert_eq!(sure(line), Some(Kind::PowerShell));
        }
        for line in [
            &b"joe@host:~$ "[..],
            b"root@host:/var/log# ",
            b"[root@host ~]# ",
            b"[joe@host log]$ ",
            b"(env) joe@host:~/x$ ",
            b"bash-5.1$ ",
            b"sh-4.2# ",
            b"joe@mac ~ % ",
            "└─$ ".as_bytes(),
        ] {
            assert_eq!(sure(line), Some(Kind::Unix), "{line:?}");
        }
        assert_eq!((prompt(b"$ "), prompt(b"# ")), (Some(Prompt::Bare), Some(Prompt::Bare)));
        for line in [
            &b"<a href=\"C:\\x\">"[..],
            b"see joe@example.org for $ ",
            b"price: $ ",
            b"## ",
            b"a>",
            b"C:>",
            b"joe <joe@example.org>",
            b"version-2.0# ",
            b"100 % ",
            b"joe@host$ ",
        ] {
            assert_eq!(prompt(line), None, "{line:?}");
        }
    }

    #[test]
    fn whole_lines_are_signs_only_where_they_are_precise() {
        assert_eq!(phrase(b"Microsoft Windows [Version 10.0.19045.1]"), Some(Kind::Cmd));
        assert_eq!(phrase(b"bash: no job control in this shell"), Some(Kind::Unix));
        assert_eq!(phrase(b"/bin/sh: 0: can't access tty; job control turned off"), Some(Kind::Unix));
        assert_eq!(phrase(b"note: no job control in this shell"), None);
        assert_eq!(phrase(b"Microsoft Windows is a product"), None);
        assert!(is_identity(b"uid=0(root) gid=0(root) groups=0(root)"));
        assert!(!is_identity(b"uid=5 gid=7") && !is_identity(b"uid=5(x)gid=7"));
        assert!(asked(b"pwd\r").is_some_and(|asked| asked.is_answered_by(b"/srv/joe")));
        assert_eq!(asked(b"pwds"), None);
    }
}
