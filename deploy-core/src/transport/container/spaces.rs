//! Entering from outside: a clean environment, and the namespaces of a process.

use super::words;

/// The usual one, with the system's programs.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The words that keep out what the environment outside holds, such as keys and agents.
pub(super) fn clean() -> Vec<String> {
    words(["env", "-i", "HOME=/root", &format!("PATH={PATH}")])
}

/// The same words, with what kind of terminal there is let in.
pub(super) fn on_terminal(found: &[String]) -> Vec<String> {
    let clean = found.windows(2).position(|words| words == ["env", "-i"]);
    let Some(at) = clean else { return found.to_vec() };
    let with_kind = words(["sh", "-c", r#"exec env -i TERM="$TERM" "$@""#, "sh"]);
    [&found[..at], &with_kind, &found[at + 2..]].concat()
}

/// The words that enter all namespaces of the process with this id.
pub(super) fn enter(pid: u32) -> Vec<String> {
    let mut found = clean();
    found.extend(words(["nsenter", "--all", "--target", &pid.to_string(), "--"]));
    found
}
