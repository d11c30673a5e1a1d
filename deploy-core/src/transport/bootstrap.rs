//! How a [`Request`] becomes a command line and the bytes behind it on standard input.
//!
//! The command line is the same for every script: it starts a POSIX `sh`, whatever the login shell is, and that
//! `sh` reads one line from its standard input and evaluates it. So nothing that a user wrote ever
//! meets the login shell's quoting rules, an argument list or a length limit, here or on the host. The line
//! holds the script with every byte escaped that `read -r` or `printf %b` could treat specially.
//!
//! Knows shells, not channels: what carries the bytes is [`drive`](super::drive)'s business.

use super::Request;
use super::TransportError;
use super::frames::Mark;
use super::terminal::Echo;
use crate::command::{OnDisconnect, Stdin, quote};
use crate::host::AsUser;

/// Reads one line, byte by byte as POSIX demands of `read`, and evaluates it; what follows on standard input is
/// the line's own business. No byte in it means anything to sh, dash, bash, zsh, fish, csh or tcsh inside single quotes.
const READ_AND_EVAL: &str = r#"IFS= read -r _deploy && eval "$_deploy""#;

/// The same again and again, for a shell that stays. Its lines come by file descriptor 3, so that no script reads them.
const READ_AND_EVAL_EACH: &str =
    r#"exec 3<&0 </dev/null; while IFS= read -r _deploy <&3; do eval "$_deploy"; done"#;

/// Becomes another user: through sudo, or where that is not installed and we are root already, without it.
/// `$1` is the user, `$2` what `sh` runs as that user, `$3` is `-l` for a login shell.
///
/// sudo's messages are read, so they are in English; the shell behind it does not inherit that.
const AS_USER: &str = concat!(
    r#"if command -v sudo >/dev/null 2>&1; then LANGUAGE=en; export LANGUAGE; exec sudo -n -H -u "$1" -- sh $3 -c "$2"; fi; "#,
    r#"[ "$(id -u)" = 0 ] || { echo "sudo is not installed" >&2; exit 127; }; "#,
    r#"if [ "$1" = root ]; then exec sh $3 -c "$2"; fi; "#,
    r#"exec su -s /bin/sh "$1" -c "$2""#,
);

/// The same where sudo is known to want a password, for [`SudoPassword`](super::SudoPassword) to type. `$4` marks its prompt.
const AS_USER_WITH_PASSWORD: &str = concat!(
    "LANGUAGE=en; export LANGUAGE; ",
    r#"exec sudo -S -p "$4p" -H -u "$1" -- sh $3 -c "$2" sh "$4""#,
);

/// What the shell behind sudo does first.
const BEHIND: &str = "unset LANGUAGE; ";

/// It also says that it has started, so that nothing is sent to sudo that is meant for the shell.
const BEHIND_WITH_PASSWORD: &str = r#"unset LANGUAGE; echo "$1r" >&2; shift; "#;

/// For a terminal: the same without echo and line editing, which would cut a long line. It says when it is ready, by a word that is not in
/// its source. The terminal is as it was before the script has it.
fn read_on_terminal(ready: &str) -> String {
    format!(
        r#"_deploy_t=$(stty -g) && stty raw -echo && echo {ready}"r" && IFS= read -r _deploy && stty "$_deploy_t" && eval "$_deploy""#
    )
}

/// Whether the shell for `request` can take another one afterwards. Not where standard input is the script's, or where
/// a shell must outlive its connection.
pub(super) fn stays(request: &Request) -> bool {
    matches!(request.stdin, Stdin::Null)
        && request.on_disconnect == OnDisconnect::End
        && !request.login_shell
}

/// The words that start the shell for `request`, for `execve`, wherever that is.
///
/// # Errors
/// When the user's name is none.
pub(super) fn argv(request: &Request) -> Result<Vec<String>, TransportError> {
    let read = if stays(request) { READ_AND_EVAL_EACH } else { READ_AND_EVAL };
    let behind = if request.password.is_some() { BEHIND_WITH_PASSWORD } else { BEHIND };
    let words = start(request, read, behind)?;
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
    start(request, &read_on_terminal(ready), BEHIND)
}

/// The words that start a shell which runs `read`, as the user that is wanted; `behind` comes before that behind sudo.
fn start(request: &Request, read: &str, behind: &str) -> Result<Vec<String>, TransportError> {
    let login = if request.login_shell { "-l" } else { "" };
    let behind_sudo;
    let words: Vec<&str> = match &request.user {
        AsUser::Login if request.login_shell => vec!["sh", "-l", "-c", read],
        AsUser::Login => vec!["sh", "-c", read],
        AsUser::Other(user) if is_user(user) => {
            let (start, mark) = match &request.password {
                None => (AS_USER, None),
                Some(password) => (AS_USER_WITH_PASSWORD, Some(password.mark())),
            };
            behind_sudo = format!("{behind}{read}");
            let words = ["sh", "-c", start, "sh", user, &behind_sudo, login];
            words.into_iter().chain(mark).collect()
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

/// What ends a process group from within: everything but the shell around the script and the watcher is gone after the
/// first, and these two after the second.
const KILL: &str = "kill -TERM 0; sleep 2; kill -KILL 0; exit";

/// What a shell that stays reads first: what it needs for each script. `_deploy MARK SCRIPT` runs one.
fn preparation(request: &Request) -> String {
    let group = group(request);
    format!(
        "trap : TERM; _deploy_g={group}; _deploy_n=$(printf '\\nx'); _deploy_n=${{_deploy_n%x}}; _deploy() {{ \
         printf '\\036%s %d\\n' \"$1\" \"$_deploy_g\"; printf '\\036%s\\n' \"$1\" >&2; \
         (trap '' TERM HUP; while IFS= read -r _deploy_s; do case $_deploy_s in \"$1\") exit;; \"$1c\") {KILL};; esac; done; {KILL}) \
         <&3 3<&- >/dev/null 2>&1 & \
         _deploy_s=$2; (exec 3<&-; set --; eval \"$_deploy_s\"); \
         printf '\\036%s %d\\n' \"$1\" $?; printf '\\036%s\\n' \"$1\" >&2; wait; }}\n"
    )
}

/// The shell's process group: sshd and the local transport start it as leader of one, sudo may or may not.
fn group(request: &Request) -> &'static str {
    match request.user {
        AsUser::Login => "$$",
        AsUser::Other(_) => {
            "$(read -r a b c d e f 2>/dev/null </proc/$$/stat && echo $e || ps -o pgid= -p $$)"
        }
    }
}

/// What the shell is sent for a script. `input` is how many bytes of the script's own standard input follow, or nothing
/// if the script reads none; `fresh` is whether the shell has just been started.
///
/// Marks frame the script's output, see [`frames`](super::frames). The channel's standard input is the line of life: a watcher
/// in the same process group reads it, and ends the whole group when it is told so or when the
/// connection is gone. The shell around the script survives TERM (a trap, which children do not inherit), so that it can
/// still report the status of what has been ended; it does not survive the KILL two seconds later.
pub(super) fn line(request: &Request, mark: &Mark, input: Option<u64>, fresh: bool) -> Vec<u8> {
    if stays(request) {
        let preparation = if fresh { preparation(request) } else { String::new() };
        let word = word(&request.script, "\"$_deploy_n\"");
        return format!("{preparation}_deploy {} {word}\n", mark.done()).into_bytes();
    }
    let printf = mark.as_printf();
    let lost = match request.on_disconnect {
        OnDisconnect::End => KILL,
        OnDisconnect::KeepRunning => "exit",
    };
    let (done, cancel, complete) = (mark.done(), mark.cancel(), mark.complete());
    let watch = format!(
        "while IFS= read -r _deploy; do case $_deploy in {done}) exit;; {cancel}) {KILL};; esac; done; {lost}"
    );
    let script = format!("eval {}", word(&request.script, ""));
    let group = group(request);
    let begin = format!("printf '{printf} %d\\n' {group}; printf '{printf}\\n' >&2");
    let end = format!("_deploy=$?; printf '{printf} %d\\n' $_deploy; printf '{printf}\\n' >&2");
    match input {
        None => format!(
            "unset _deploy; exec 3<&0 </dev/null; trap : TERM; {begin}; \
             (trap '' TERM HUP; {watch}) <&3 3<&- >/dev/null 2>&1 & \
             (exec 3<&-; {script}); {end}; wait\n"
        ),
        // The script sees the end of its input only when all of it has come: a broken connection must not look like a short file.
        Some(bytes) => format!(
            "unset _deploy; trap : TERM; {begin}; \
             (trap '' TERM HUP; exec 2>/dev/null; head -c {bytes}; \
             while IFS= read -r _deploy || {{ {KILL}; }}; do case $_deploy in {complete}) break;; {done}) exit;; {cancel}) {KILL};; esac; done; \
             exec >/dev/null; {watch}) | {{ trap : TERM; ({script}); {end}; }}\n"
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
    let (printf, group) = (mark.as_printf(), group(request));
    let script = word(&request.script, "");
    format!(
        "unset _deploy _deploy_t; {echo}trap : INT QUIT; printf '{printf} %d\\n' {group}; \
         (trap '[ $? != 130 ] || exit 130' INT; eval {script}); printf '{printf} %d\\n' $?\n"
    )
    .into_bytes()
}

/// `script` as one word of a POSIX shell, on one line of printable ASCII. `newline` is a word that expands to a newline, if
/// the shell has one at hand; without one, and for bytes that `read` may not pass unchanged everywhere, it takes a `printf`.
fn word(script: &[u8], newline: &str) -> String {
    let script = script.strip_suffix(b"\n").unwrap_or(script);
    let plain = |byte: &u8| match byte {
        b'\n' => !newline.is_empty(),
        byte => matches!(byte, b' '..=b'~' | b'\t'),
    };
    if script.iter().all(plain) {
        let lines = script.split(|byte| *byte == b'\n').map(quote::quoted).collect::<Vec<_>>();
        return String::from_utf8_lossy(&lines.join(newline.as_bytes())).into_owned();
    }
    let mut escaped = String::with_capacity(script.len() * 5 / 4 + 32);
    for &byte in script {
        match byte {
            b'\\' | b'\'' | 0..b' ' | 0x7f.. => escaped.push_str(&format!("\\0{byte:03o}")),
            _ => escaped.push(char::from(byte)),
        }
    }
    format!("\"$(printf %b '{escaped}')\"")
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_script_is_one_word_on_one_line() {
        for (script, newline, expected) in [
            ("true\n", "", "true"),
            ("echo 'a b' \\x", "", r"'echo '\''a b'\'' \x'"),
            ("a b\n\nc d\n", "\"$n\"", r#"'a b'"$n"''"$n"'c d'"#),
            ("a\nb", "", r#""$(printf %b 'a\0012b')""#),
            ("é'\\", "\"$n\"", r#""$(printf %b '\0303\0251\0047\0134')""#),
        ] {
            assert_eq!(word(script.as_bytes(), newline), expected, "{script}");
        }
    }
}
