//! The shell scripts behind the methods, and how they are given their values.

use crate::command::{Cmd, ToWords};

/// Writes standard input to `$1`: `$2` bytes, owner `$3`, mode `$4`, mode `$5` for a new file before the umask.
///
/// The new content goes to a file beside it, which takes its name when it is whole and on disk. Whatever interrupts that leaves the old file and
/// nothing else. Owner and mode of the old file stay, and a symbolic link goes on pointing there.
pub(super) const WRITE: &str = r#"path=$1
if [ -L "$path" ]; then path=$(readlink -f -- "$path") || exit; fi
if [ -d "$path" ]; then echo "$path is a directory" >&2; exit 1; fi
case $path in */*) dir=${path%/*}/;; *) dir=./;; esac
mask=$(umask); umask 077; new=
trap '[ -z "$new" ] || rm -f -- "$new"' EXIT
# A shell that is told that its child was ended writes so, maybe to nobody any more; that must not end it before it has cleaned up.
trap '' PIPE
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
new=$(mktemp "${dir}.deploy.XXXXXX") && cat >"$new" || exit
[ "$(wc -c <"$new")" -eq "$2" ] || { echo "only a part of it arrived" >&2; exit 1; }
owner=$3 mode=$4 same=
if [ -e "$path" ]; then
  old=$(stat -c '%u:%g %a' -- "$path" 2>/dev/null || stat -f '%u:%g %Lp' -- "$path") || exit
  [ -n "$owner" ] || { owner=${old% *}; [ "$owner" != "$(id -u):$(id -g)" ] || owner=; }
  [ -n "$mode" ] || mode=${old#* }
fi
[ -n "$mode" ] || mode=$(printf %o "$(( $5 & ~0$mask ))")
[ -z "$owner" ] || chown -- "$owner" "$new" || exit
chmod -- "$mode" "$new" || exit
sync -- "$new" 2>/dev/null
mv -f -- "$new" "$path" && new="#;

/// One line about `$1`, what a link points to: type and mode in octal or hexadecimal, size, ids, names, time of change.
pub(super) const STAT: &str = r#"[ -e "$1" ] || [ -L "$1" ] || exit 0
[ -e "$1" ] && l=-L || l=
stat $l -c '0x%f %s %u %g %U %G %Y' -- "$1" 2>/dev/null || stat $l -f '0%p %z %u %g %Su %Sg %m' -- "$1""#;

/// Kind and name of everything in the directory `$1`, each ended by NUL.
pub(super) const LIST: &str = r#"CDPATH= cd -- "$1" || exit
for f in * .*; do
  case $f in .|..) continue;; esac
  if [ -L "$f" ]; then k=l; elif [ -d "$f" ]; then k=d; elif [ -f "$f" ]; then k=f; elif [ -e "$f" ]; then k=o; else continue; fi
  printf '%s%s\000' "$k" "$f"
done"#;

/// A command that runs `script` with these words as `$1`, `$2`, and so on.
///
/// The shell that runs it is a child of the command's own, so that traps and variables are the script's.
pub(super) fn command(script: &'static str, words: impl ToWords) -> Cmd {
    Cmd::new().lit("sh -c ").words(&Cmd::new().lit(script)).lit(" sh ").words(&words)
}
