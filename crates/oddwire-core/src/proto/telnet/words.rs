//! What a server's text says: asks for a name or a password, refuses, or lets in.

/// What a line asks for at its colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    User,
    Password,
}

const USER: [&str; 7] =
    ["login:", "username:", "user name:", "user:", "login as:", "account:", "login name:"];
const PASSWORD: [&str; 3] = ["password:", "passcode:", "passwd:"];
/// A line with one of these asks for nothing.
const NO_PROMPT: [&str; 5] =
    ["last login", "last failed login", "new password", "old password", "last successful login"];
const REFUSES: [&str; 8] = [
    "incorrect",
    "failed",
    "denied",
    "invalid",
    "bad password",
    "failure",
    "wrong password",
    "not authorized",
];
/// A line with one of these refuses nobody: it warns, or counts.
const ONLY_WARNS: [&str; 6] = ["last ", "since", "unauthorized", "unauthorised", "prohibited", "attempts"];
const WELCOMES: [&str; 4] = ["last login", "welcome", "you have mail", "you have new mail"];

/// What a line up to its colon asks for; `line` is in lower case.
pub(super) fn asks(line: &str) -> Option<Asks> {
    if NO_PROMPT.iter().any(|words| line.contains(words)) {
        return None;
    }
    if PASSWORD.iter().any(|words| line.ends_with(words)) {
        return Some(Asks::Password);
    }
    USER.iter().any(|words| line.ends_with(words)).then_some(Asks::User)
}

/// Whether a line says that a log-in was refused.
pub(super) fn refuses(line: &str) -> bool {
    REFUSES.iter().any(|words| line.contains(words)) && !ONLY_WARNS.iter().any(|words| line.contains(words))
}

/// Whether a line greets somebody who got in.
pub(super) fn welcomes(line: &str) -> bool {
    WELCOMES.iter().any(|words| line.contains(words))
}

/// Whether a line that goes no further is the prompt of a shell.
pub(super) fn is_prompt(line: &str) -> bool {
    line.trim_end().ends_with(['$', '#', '>', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_refusals_are_told_from_what_looks_alike() {
        assert_eq!(asks("host login:"), Some(Asks::User));
        assert_eq!(asks("last login:"), None);
        assert_eq!(asks("password:"), Some(Asks::Password));
        assert_eq!(asks("enter new password:"), None);
        assert!(refuses("login incorrect") && refuses("% authentication failed"));
        assert!(!refuses("last failed login: monday") && !refuses("unauthorized access is denied"));
        assert!(is_prompt("user@host:~$ ") && !is_prompt("welcome"));
    }
}
