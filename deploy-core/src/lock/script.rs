//! The shell scripts that take, show and free the lock of a host.
//!
//! The lock is a directory, because `mkdir` is atomic everywhere and follows no symbolic link; in it is one file, which is called
//! like the run that holds it and says who that is. Where it is does not depend on who asks, or two users would not lock each
//! other out: all may write to `/var/tmp`, it is there on every system that we know, and it outlives a reboot, as a deployment does that
//! reboots its hosts. The sticky bit of that directory keeps others from renaming or removing ours; whoever makes a false lock there can
//! stop deployments and nothing else, since what is in it is read only if it is a plain file in a plain directory, and
//! shown only if it is of our form.

use std::time::Duration;

use crate::command::Cmd;

/// How a script says that somebody else holds the lock.
pub(super) const TAKEN: u8 = 75;

/// None of the scripts works for long; a host where one does is in trouble.
const LIMIT: Duration = Duration::from_secs(30);

/// Where the lock is, for people.
pub(super) const PLACE: &str = "/var/tmp/deploy.lock";

/// Every script begins with it. What is begun is finished: between directory and file there is no good place to stop.
macro_rules! script {
    ($rest:literal) => {
        concat!(
            "trap '' HUP INT TERM PIPE\n",
            "if [ -d /var/tmp ]; then d=/var/tmp/deploy.lock; else d=/tmp/deploy.lock; fi\n",
            r#"show() {
  set -- $(LC_ALL=C ls -ld -- "$d" 2>/dev/null)
  printf '%s\n' "$3"
  [ -d "$d" ] && [ ! -L "$d" ] || return 0
  for f in "$d"/*; do
    [ -f "$f" ] && [ ! -L "$f" ] && { printf '%s\n' "${f##*/}"; head -c 4096 <"$f"; return 0; }
  done
}
"#,
            $rest
        )
    };
}

/// Takes the lock for the run `$1`, whose description is `$2`. Whoever has just made the directory gets a moment to say who it is, and
/// one that went away meanwhile is tried again.
const TAKE: &str = script!(
    r#"umask 022
found=
for n in 1 2 3 4; do
  if why=$(LC_ALL=C mkdir -- "$d" 2>&1); then
    printf '%s\n' "$2" >"$d/$1" && exit
    s=$?; rm -f -- "$d/$1"; rmdir -- "$d"; exit "$s"
  fi
  case $why in
    *"File exists"*) ;;
    *) printf '%s\n' "$why" >&2; exit 1;;
  esac
  found=$(show)
  case $found in *"
"*) break;; esac
  [ "$n" = 4 ] || sleep 0.2 2>/dev/null || sleep 1
done
printf '%s\n' "$found"; exit 75"#
);

/// Shows who holds the lock; nothing if nobody does.
const SHOW: &str = script!(r#"[ -e "$d" ] || [ -L "$d" ] || exit 0; show"#);

/// Frees the lock if the run `$1` holds it, or if it is without a run and so is `$1`; says `gone` if it does not.
const FREE: &str = script!(
    r#"if [ -n "$1" ]; then [ -e "$d/$1" ] || { echo gone; exit 0; }; fi
if [ -d "$d" ] && [ ! -L "$d" ]; then
  [ -z "$1" ] || rm -f -- "$d/$1" || exit
  rmdir -- "$d"
else rm -f -- "$d"; fi"#
);

pub(super) fn take(run: &str, holder: &str) -> Cmd {
    ours(TAKE, &[run, holder]).ok_codes([0, TAKEN]).described_as("take the deploy lock")
}

pub(super) fn show() -> Cmd {
    ours(SHOW, &[]).described_as("look at the deploy lock")
}

pub(super) fn free(run: &str) -> Cmd {
    ours(FREE, &[run]).described_as("free the deploy lock")
}

/// In a shell of its own, whose traps and variables are the script's. It alters nothing that a fact could be about.
fn ours(script: &'static str, words: &[&str]) -> Cmd {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    Cmd::new()
        .lit("sh -c ")
        .words(&Cmd::new().lit(script))
        .lit(" sh ")
        .words(&words)
        .quiet()
        .read_only()
        .timeout(LIMIT)
}
