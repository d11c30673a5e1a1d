//! The shell source of the process manager.
//!
//! Every script is given `$1` directory, `$2` name, `$3` launcher, `$4` seconds of patience.

use deploy_core::Cmd;

/// `born PID` says when a process started: by the clock of this boot where the system tells, so that neither a number that
/// was given out again nor a reboot is mistaken for it. Holds no single quote, because it is also quoted by them.
macro_rules! born {
    () => {
        r#"born() {
  if [ -r "/proc/$1/stat" ]; then
    echo "$(sed "s/.*) //" "/proc/$1/stat" | cut -d " " -f 20)-$(cat /proc/sys/kernel/random/boot_id)"
  else
    LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null | tr -s " " -
  fi
}
"#
    };
}

/// What all scripts share. `alive` sets `pid` when the process of the pid file still runs.
macro_rules! script {
    ($($source:expr),+) => {
        concat!(
            "pidfile=$1/$2.pid runfile=$1/$2.run logfile=$1/$2.log\n",
            born!(),
            r#"ended() {
  [ -r "/proc/$1/stat" ] && [ "$(sed "s/.*) //" "/proc/$1/stat" | cut -d " " -f 1)" = Z ]
}
alive() {
  [ -f "$pidfile" ] && read -r pid since <"$pidfile" && [ -n "$since" ] || return
  kill -0 "$pid" 2>/dev/null && ! ended "$pid" && [ "$(born "$pid")" = "$since" ]
}
nap() { sleep 0.1 2>/dev/null || sleep 1; }
"#,
            $($source),+
        )
    };
}

/// Says `running PID same`, `running PID other` or `stopped`.
pub(super) const INSPECT: &str = script!(
    r#"if alive; then
  if [ "$(cat -- "$runfile" 2>/dev/null)" = "$3" ]; then echo "running $pid same"; else echo "running $pid other"; fi
else echo stopped; fi"#
);

/// Starts the process in a session of its own, and looks whether it lives for a moment. The shell that becomes the
/// process writes the pid file before it does, so there is no instant in which it runs and nobody knows.
pub(super) const START: &str = script!(
    r#"! alive || exit 0
umask 077
mkdir -p -- "$1" && printf '%s\n' "$3" >"$runfile" && rm -f -- "$pidfile" || exit
if command -v setsid >/dev/null; then session=setsid; else session=nohup; fi
$session sh -c '"#,
    born!(),
    r#"echo "$$ $(born "$$")" >"$2.new" && mv -f -- "$2.new" "$2" && exec sh -- "$1"' sh "$runfile" "$pidfile" </dev/null >>"$logfile" 2>&1 &
tries=50
until alive && tries=-1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] && [ ! -s "$pidfile" ] || break
  nap
done
nap; nap; nap
alive || { echo "$2 did not stay up; the end of $logfile:" >&2; tail -n 10 -- "$logfile" >&2; exit 1; }"#
);

/// Asks the process and its children to end, waits, and kills what is left after that.
pub(super) const STOP: &str = script!(
    r#"alive || { rm -f -- "$pidfile"; exit 0; }
tell() { kill "-$1" "-$pid" 2>/dev/null || kill "-$1" "$pid"; }
tell TERM || exit
tries=$(($4 * 10))
while alive; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { tell KILL; break; }
  nap
done
tries=50
while alive; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "$2 (pid $pid) does not end" >&2; exit 1; }
  nap
done
rm -f -- "$pidfile""#
);

/// One script after the other.
pub(super) fn then(first: &Cmd, second: &Cmd) -> Cmd {
    Cmd::new().lit("eval ").words(first).lit("\neval ").words(second)
}

/// The command in place of the shell that runs it.
pub(super) fn exec(cmd: &Cmd) -> Cmd {
    Cmd::new().lit("eval exec ").words(cmd)
}
