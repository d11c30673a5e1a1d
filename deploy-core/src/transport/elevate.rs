//! The scripts that become another user: by sudo, doas or su, with and without a password.
//!
//! All take the same parameters: `$1` is the user, `$2` what `sh` runs as that user, `$3` is `-l` for a login shell, and where there is a
//! password, `$4` marks what is about it. No byte in them means anything to a login shell inside
//! single quotes. Messages are read, so they are in English; the shell behind does not inherit that.
//!
//! Knows what the programs say and want, not who types it ([`password`](super::password)).

use super::bootstrap::WORDS;
use crate::host::Elevation;

/// Where the streams of what is started go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Streams {
    /// Where those of the channel go.
    Channel,
    /// To the terminal that it is started on.
    Terminal,
}

const ENGLISH: &str = "LANGUAGE=en; export LANGUAGE; ";

/// Who is root becomes root by nothing.
const ROOT_STAYS: &str = r#"if [ "$1" = root ]; then exec sh $3 -c "$2"; fi; "#;

/// su and doas leave root with the path of whoever becomes it, which on most systems has no `sbin`, and may have directories of that
/// user's. This is what sudo gives.
const PATH_OF_ROOT: &str = r#"if [ "$1" = root ]; then PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; fi; "#;

/// Makes a terminal for doas, which reads a password from nothing else, and leaves it when that is done.
///
/// The shell's streams stay those of the channel, by descriptors 3 to 5. The terminal's keys are the line that is read from the channel once
/// doas has asked; it goes from the shell's own memory into a pipe. `$5` is what runs on the terminal, `$6` what doas starts.
const ON_A_TERMINAL: &str = concat!(
    r#"command -v script >/dev/null 2>&1 || { echo "doas reads a password from a terminal only, and there is no script (util-linux) to make one: "#,
    r#"permit nopass in doas.conf, or use sudo" >&2; exit 127; }; "#,
    r#"_deploy_1=$1 _deploy_2=$2 _deploy_3=$3 _deploy_4=$4 _deploy_5=$6 SHELL=/bin/sh; "#,
    r#"export _deploy_1 _deploy_2 _deploy_3 _deploy_4 _deploy_5 SHELL; "#,
    r#"exec 3<&0 4>&1 5>&2; "#,
    r#"{ IFS= read -r _deploy <&3; exec 3<&- 4>&- 5>&-; _deploy_w "$_deploy"; } | script -q -e -c "$5" /dev/null >&2"#,
);

/// What runs on that terminal.
const DOAS_THERE: &str = concat!(
    r#"echo "${_deploy_4}p"; "#,
    r#"exec doas -u "$_deploy_1" -- sh $_deploy_3 -c "$_deploy_5" sh "$_deploy_2" "$_deploy_4" <&3 >&4 2>&5 3<&- 4>&- 5>&-"#,
);

/// What doas starts there. It says that it has started where doas has asked, so that nothing of that comes later; then it leaves the terminal,
/// whose end would end what commands have left in the background.
const LEAVE_IT: &str = concat!(
    r#"unset LANGUAGE _deploy_1 _deploy_2 _deploy_3 _deploy_4 _deploy_5; echo "$2r" >/dev/tty; "#,
    r#"if setsid -w true 2>/dev/null; then exec setsid -w sh -c "$1"; fi; exec sh -c "$1""#,
);

/// What comes before `$2`, and the script itself with what follows after `$4`.
pub(super) struct Start {
    pub(super) behind: &'static str,
    pub(super) script: String,
    pub(super) more: &'static [&'static str],
}

/// What the shell does first behind a program that was not asked for a password.
const BEHIND: &str = "unset LANGUAGE; ";

/// It also says that it has started, so that nothing is sent to the program that is meant for the shell.
const BEHIND_WITH_PASSWORD: &str = r#"unset LANGUAGE; echo "$1r" >&2; "#;

/// How to start where no password is known to be wanted: the program must not ask for one.
pub(super) fn without_password(by: Elevation, streams: Streams) -> Start {
    let program = by.program();
    // Without the program it takes root to become somebody else.
    let root = format!(
        r#"[ "$(id -u)" = 0 ] || {{ echo "{program} is not installed" >&2; exit 127; }}; {ROOT_STAYS}{}"#,
        su(streams)
    );
    let script = match by {
        Elevation::Sudo => format!(
            r#"if command -v sudo >/dev/null 2>&1; then {ENGLISH}exec sudo -n -H -u "$1" -- sh $3 -c "$2"; fi; {root}"#
        ),
        Elevation::Doas => format!(
            r#"if command -v doas >/dev/null 2>&1; then {ENGLISH}{PATH_OF_ROOT}exec doas -n -u "$1" -- sh $3 -c "$2"; fi; {root}"#
        ),
        // It cannot be told not to ask, and an attempt without a password would be one of those after which accounts are locked.
        Elevation::Su => format!(
            r#"[ "$(id -u)" = 0 ] || {{ echo "su: a password is required" >&2; exit 1; }}; {ROOT_STAYS}{}"#,
            su(streams)
        ),
    };
    Start { behind: BEHIND, script, more: &[] }
}

/// How to start where a password is wanted, for [`SudoPassword`](super::SudoPassword) to type.
pub(super) fn with_password(by: Elevation, streams: Streams) -> Start {
    let behind = match streams {
        Streams::Channel => BEHIND_WITH_PASSWORD,
        // A shell on a terminal says by itself that it has started.
        Streams::Terminal => BEHIND,
    };
    match (by, streams) {
        (Elevation::Sudo, _) => {
            let script =
                format!(r#"{ENGLISH}exec sudo -S -p "$4p" -H -u "$1" -- sh $3 -c "$2" sh "$4""#);
            Start { behind, script, more: &[] }
        }
        (Elevation::Doas, Streams::Terminal) => {
            let script = format!(
                r#"{ENGLISH}{PATH_OF_ROOT}echo "$4p" >&2; exec doas -u "$1" -- sh $3 -c "$2""#
            );
            Start { behind, script, more: &[] }
        }
        (Elevation::Doas, Streams::Channel) => Start {
            behind: "",
            script: format!("{WORDS}{ENGLISH}{PATH_OF_ROOT}{ON_A_TERMINAL}"),
            more: &[DOAS_THERE, LEAVE_IT],
        },
        (Elevation::Su, _) => {
            let script = format!(r#"echo "$4p" >&2; {}"#, su(streams));
            Start { behind, script, more: &[] }
        }
    }
}

/// su starts a session without the terminal unless it is told not to. Only some can be told, and others do not do so.
fn su(streams: Streams) -> String {
    let session = match streams {
        Streams::Channel => "",
        Streams::Terminal => {
            "case $(su --help 2>&1) in *--session-command*) _deploy=--session-command;; esac; "
        }
    };
    format!(
        r#"{ENGLISH}{PATH_OF_ROOT}_deploy=-c; {session}exec su $3 -s /bin/sh "$1" $_deploy "$2" sh "$4""#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::bootstrap::command_line;

    #[test]
    fn every_login_shell_passes_them_on() {
        for by in Elevation::ALL {
            for streams in [Streams::Channel, Streams::Terminal] {
                for start in [without_password(by, streams), with_password(by, streams)] {
                    let more = start.more.iter().map(|&word| word.to_owned());
                    let words = more.chain([start.behind.to_owned(), start.script]);
                    command_line(&words.collect::<Vec<_>>()).unwrap();
                }
            }
        }
    }
}
