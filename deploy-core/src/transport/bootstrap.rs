//! How a [`Request`] becomes a command line and the bytes behind it on standard input.
//!
//! The command line is the same for every script: it starts a POSIX `sh`, whatever the login shell is, and that
//! `sh` reads one line from its standard input and evaluates it. So nothing that a user wrote ever
//! meets the login shell's quoting rules, an argument list or a length limit, here or on the host. The line
//! holds the script with every byte escaped that `read -r` or `printf %b` could treat specially.
//!
//! Knows shells, not channels: what carries the bytes is [`drive`](super::drive)'s business.

use super::elevate::{self, Streams};
use super::frames::Mark;
use super::terminal::Echo;
use super::{Request, SudoPassword, TransportError, resident};
use crate::command::{OnDisconnect, Stdin, quote};
use crate::host::AsUser;

/// Reads one line, byte by byte as POSIX demands of `read`, and evaluates it; what follows on standard input is
/// the line's own business. No byte in it means anything to sh, dash, bash, zsh, fish, csh or tcsh inside single quotes.
const READ_AND_EVAL: &str = r#"IFS= read -r _deploy && eval "$_deploy""#;

/// For a terminal: the same without echo and line editing, which would cut a long line. It says when it is ready, by a word that is not in
/// its source. The terminal is as it was before the script has it.
fn read_on_terminal(ready: &str) -> String {
    format!(
        r#"_deploy_t=$(stty -g) && stty raw -echo && echo {ready}"r" && IFS= read -r _deploy && stty "$_deploy_t" && eval "$_deploy""#
    )
}

/// Whether the shell for `request` can take another one afterwards. Not where standard input is the script's, where
/// a shell must outlive its connection, or where the script knows its shell's number and might end it.
pub(super) fn stays(request: &Request) -> bool {
    matches!(request.stdin, Stdin::Null)
        && request.on_disconnect == OnDisconnect::End
        && !request.login_shell
        && !request.script.windows(2).any(|pair| pair == b"$$")
}

/// The words that start the shell for `request`, for `execve`, wherever that is.
///
/// # Errors
/// When the user's name is none.
pub(super) fn argv(request: &Request) -> Result<Vec<String>, TransportError> {
    let read = match stays(request) {
        true => resident::program(group(request)),
        false => READ_AND_EVAL.to_owned(),
    };
    let words = start(request, &read, Streams::Channel)?;
    Ok(request.within.iter().cloned().chain(words).collect())
}

/// The same for a shell on a terminal; `ready` is what it says when it has started. What it stands in is the connection's business.
///
/// # Errors
/// As [`argv`].
pub(super) fn argv_on_terminal(
    request: &Request,
    ready: &str,
) -> Result<Vec<String>, TransportError> {
    start(request, &read_on_terminal(ready), Streams::Terminal)
}

/// The words that start a shell which runs `read` as the user that is wanted.
fn start(request: &Request, read: &str, streams: Streams) -> Result<Vec<String>, TransportError> {
    let login = if request.login_shell { "-l" } else { "" };
    let (behind, start);
    let words: Vec<&str> = match &request.user {
        AsUser::Login if request.login_shell => vec!["sh", "-l", "-c", read],
        AsUser::Login => vec!["sh", "-c", read],
        AsUser::Other(user) if is_user(user) => {
            let mark = request.password.as_ref().map(SudoPassword::mark);
            start = match mark {
                None => elevate::without_password(request.elevation, streams),
                Some(_) => elevate::with_password(request.elevation, streams),
            };
            behind = format!("{}{read}", start.behind);
            let words = ["sh", "-c", &start.script, "sh", user, &behind, login];
            words.into_iter().chain(mark).chain(start.more.iter().copied()).collect()
        }
        AsUser::Other(user) => {
            return Err(TransportError::Failed { message: format!("`{user}` is no user name") });
        }
    };
    Ok(words.into_iter().map(str::to_owned).collect())
}

/// Those words as one line for whatever shell a login has on a host.
///
/// # Errors
/// When a word could not be quoted for all of them.
pub(super) fn command_line(words: &[String]) -> Result<String, TransportError> {
    let mut line = String::from("exec");
    for word in words {
        if word.contains(['\'', '\\', '!', '\n']) {
            let message = format!("`{word}` means something else in some login shells");
            return Err(TransportError::Failed { message });
        }
        line.push_str(&format!(" '{word}'"));
    }
    Ok(line)
}

/// Names as `useradd` makes them, and what directories such as LDAP or AD add to that.
fn is_user(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.@+-#".contains(&b))
}

/// A script that ends what is left of a process group, gently first.
pub(super) fn end_group(group: i32) -> Vec<u8> {
    format!(
        "kill -TERM -{group} 2>/dev/null || exit 0; \
         for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2 2>/dev/null || sleep 1; kill -0 -{group} 2>/dev/null || exit 0; done; \
         kill -KILL -{group}; exit 0"
    )
    .into_bytes()
}

/// What ends a process group from within: everything but the shell around the script and what reads the line of life is gone
/// after the first, and these after the second.
pub(super) const KILL: &str = "kill -TERM 0; sleep 2; kill -KILL 0; exit";

/// Makes what [`word`] needs, without a process: a newline, cut out of what POSIX lets `IFS` be in a new shell, and `_deploy_c`,
/// which undoes escapes, `_deploy_w`, which writes a line. Both must be the shell's own: what another program is given can be
/// seen in its argument list. mksh has no `printf` of its own, but `print`. And `_deploy_f`, which makes a subshell of ksh93 a
/// process, as it is everywhere else: one that is none waits for other children than its own. And `_deploy_x`, which evaluates
/// what comes when a pipe is to be closed: mksh keeps it open until it becomes another program.
pub(super) const WORDS: &str = concat!(
    r#"_deploy_i=${IFS#??}; _deploy_n=${_deploy_i%"${_deploy_i#?}"}; "#,
    r#"if PATH=/dev/null printf "" 2>/dev/null; then "#,
    r#"_deploy_c() { printf %b "$1"; }; _deploy_w() { printf "%s$_deploy_n" "$1"; }; "#,
    r#"elif PATH=/dev/null print -n "" 2>/dev/null; then "#,
    r#"_deploy_c() { print -n -- "$1"; }; _deploy_w() { print -r -- "$1"; }; "#,
    r#"else echo "this sh has neither printf nor print built in" >&2; exit 126; fi; "#,
    r#"_deploy_f=:; _deploy_x=eval; case ${KSH_VERSION-} in Version*) _deploy_f="ulimit -S -t $(ulimit -S -t)";; "#,
    r#"?*) _deploy_x="exec sh -c";; esac; "#,
);

/// Makes a status of `$?`: ksh93 adds 256 and not 128 to a signal's number.
pub(super) const STATUS: &str = "[ $_deploy -le 256 ] || _deploy=$((_deploy-128)); ";

/// The shell's process group, as a word: sshd and the local transport start it as leader of one, sudo may or may not.
fn group(request: &Request) -> &'static str {
    match request.user {
        AsUser::Login => "$$",
        AsUser::Other(_) => {
            "$(read -r a b c d e f 2>/dev/null </proc/$$/stat && echo $e || ps -o pgid= -p $$)"
        }
    }
}

/// The line that says that a script's input is complete.
pub(super) const COMPLETE: &str = "e";

/// The line that says that the script is over.
pub(super) const DONE: &str = "d";

/// The line that ends the script.
pub(super) const CANCEL: &str = "c";

/// Whether somebody waits to be told that the script is over: not where a shell has served before.
pub(super) fn is_watched(request: &Request, fresh: bool) -> bool {
    fresh || !stays(request)
}

/// What the shell is sent for a script. `input` is how many bytes of the script's own standard input follow, or nothing
/// if the script reads none; `fresh` is whether the shell has just been started.
///
/// Marks frame the script's output, see [`frames`](super::frames). The channel's standard input is the line of life: a process
/// in the same group reads it, and ends the whole group when it is told so or when the connection is gone. The shell
/// around the script survives TERM (a trap, which children do not inherit), so that it can still report the status of what has
/// been ended; it does not survive the KILL two seconds later.
pub(super) fn line(request: &Request, mark: &Mark, input: Option<u64>, fresh: bool) -> Vec<u8> {
    let (word, raw) = (word(&request.script), mark.raw());
    if stays(request) {
        let begin = if fresh { format!("_deploy_b {raw}; ") } else { String::new() };
        return format!("{begin}_deploy {raw} {word}\n").into_bytes();
    }
    let lost = match request.on_disconnect {
        OnDisconnect::End => KILL,
        OnDisconnect::KeepRunning => "exit",
    };
    let watch = format!(
        "while IFS= read -r _deploy; do case $_deploy in {DONE}) exit;; {CANCEL}) {KILL};; esac; done; {lost}"
    );
    let group = group(request);
    let begin = format!("unset _deploy; {WORDS}echo {raw} {group}; echo {raw} >&2");
    let script = format!("eval {word}");
    let end = format!("_deploy=$?; {STATUS}echo {raw} >&2; echo {raw} $_deploy");
    match input {
        None => format!(
            "exec 3<&0 </dev/null; trap : TERM; {begin}; \
             (trap '' TERM HUP; {watch}) <&3 3<&- >/dev/null 2>&1 & \
             ($_deploy_f; exec 3<&-; {script}); {end}; wait\n"
        ),
        // The script sees the end of its input only when all of it has come: a broken connection must not look like a short file.
        Some(bytes) => format!(
            "trap : TERM; {begin}; \
             (trap '' TERM HUP; exec 2>/dev/null; head -c {bytes}; \
             while IFS= read -r _deploy || {{ {KILL}; }}; do case $_deploy in {COMPLETE}) break;; {DONE}) exit;; {CANCEL}) {KILL};; esac; done; \
             exec >/dev/null; $_deploy_x '{watch}') | {{ trap : TERM; ($_deploy_f; {script}); {end}; }}\n"
        ),
    }
    .into_bytes()
}

/// What the shell on a terminal is sent.
///
/// Ctrl-C reaches all of the terminal's foreground. The shell around the script survives it, to report; the script itself ends by it if the
/// program that it was running did, and goes on if that program took it for itself, as psql and editors do.
pub(super) fn line_on_terminal(request: &Request, mark: &Mark, echo: Echo) -> Vec<u8> {
    let echo = match echo {
        Echo::AsSet => "",
        Echo::Off => "stty -echo; ",
    };
    let (raw, group) = (mark.raw(), group(request));
    let script = word(&request.script);
    format!(
        "unset _deploy _deploy_t; {WORDS}{echo}trap : INT QUIT; echo {raw} {group}; \
         ($_deploy_f; trap '[ $? != 130 ] || exit 130' INT; eval {script}); _deploy=$?; {STATUS}echo {raw} $_deploy\n"
    )
    .into_bytes()
}

/// `script` as one word of a POSIX shell, on one line of printable ASCII. What else there is takes what [`WORDS`] has made.
fn word(script: &[u8]) -> String {
    let script = script.strip_suffix(b"\n").unwrap_or(script);
    if script.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n')) {
        let lines = script.split(|byte| *byte == b'\n').map(quote::quoted).collect::<Vec<_>>();
        return String::from_utf8_lossy(&lines.join(&b"\"$_deploy_n\""[..])).into_owned();
    }
    let mut escaped = String::with_capacity(script.len() * 5 / 4 + 32);
    for &byte in script {
        match byte {
            b'\\' | b'\'' | 0..b' ' | 0x7f.. => escaped.push_str(&format!("\\0{byte:03o}")),
            _ => escaped.push(char::from(byte)),
        }
    }
    format!("\"$(_deploy_c '{escaped}')\"")
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_script_is_one_word_on_one_line() {
        for (script, expected) in [
            ("true\n", "true"),
            ("echo 'a b' \\x", r"'echo '\''a b'\'' \x'"),
            ("a b\n\nc d\n", r#"'a b'"$_deploy_n"''"$_deploy_n"'c d'"#),
            ("é'\\\n\n", r#""$(_deploy_c '\0303\0251\0047\0134\0012')""#),
        ] {
            assert_eq!(word(script.as_bytes()), expected, "{script}");
        }
    }
}
