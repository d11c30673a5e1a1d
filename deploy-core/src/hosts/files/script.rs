//! The shell scripts behind the methods, and how they are given their values.

use crate::command::{Cmd, ToWords};

/// Writes standard input to `$1`: `$2` bytes, owner `$3`, mode `$4`, mode `$5` for a new file before the umask, and `$6` a check that is
/// run with the new file in place, if there is one.
///
/// The new content goes to a file beside it, which takes its name when it is whole and on disk. Whatever interrupts that leaves the old file and
/// nothing else; so does a check that fails. What is not said about owner and mode stays, and a symbolic link goes on pointing there.
pub(super) const WRITE: &str = r#"path=$1 owner=$3 mode=$4
if [ -L "$path" ]; then path=$(readlink -f -- "$path") || { echo "$1 is a link that leads nowhere" >&2; exit 1; }; fi
if [ -d "$path" ]; then echo "$path is a directory" >&2; exit 1; fi
if [ -e "$path" ] && [ ! -f "$path" ]; then echo "$path is no regular file" >&2; exit 1; fi
case $path in */*) dir=${path%/*}/;; *) dir=./;; esac
mask=$(umask); umask 077; new= old= placed=
undo() {
  [ -z "$placed" ] || if [ -n "$old" ]; then mv -f -- "$old" "$path"; old=; else rm -f -- "$path"; fi
  [ -z "$new" ] || rm -f -- "$new"
  [ -z "$old" ] || rm -f -- "$old"
}
trap undo EXIT
# A shell that is told that its child was ended writes so, maybe to nobody any more; that must not end it before it has cleaned up.
trap '' PIPE
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
new=$(mktemp "${dir}.deploy.XXXXXX") || { s=$?; echo "cannot write $path" >&2; exit "$s"; }
cat >"$new" || { s=$?; echo "cannot write $path" >&2; exit "$s"; }
[ "$(wc -c <"$new")" -eq "$2" ] || { echo "only a part of $path arrived" >&2; exit 1; }
if [ -e "$path" ]; then
  is=$(stat -c '%u:%g %a' -- "$path" 2>/dev/null || stat -f '%u:%g %Lp' -- "$path") || exit
  [ -n "$mode" ] || mode=${is#* }
  is=${is% *}
  case $owner in
    '') owner=$is;;
    :*) owner=${is%:*}$owner;;
    *:?*) ;;
    *) owner=${owner%:}:${is#*:};;
  esac
fi
[ -n "$mode" ] || mode=$(printf %o "$(( $5 & ~0$mask ))")
[ -z "$owner" ] || chown -- "$owner" "$new" 2>/dev/null ||
  { echo "$path cannot belong to $owner: that takes root, or a user:group that it may belong to" >&2; exit 1; }
chmod -- "$mode" "$new" || exit
sync -- "$new" 2>/dev/null
[ -n "$6" ] || { mv -f -- "$new" "$path" && new=; exit; }
if [ -e "$path" ]; then
  old=$(mktemp "${dir}.deploy.XXXXXX") || exit
  ln -f -- "$path" "$old" 2>/dev/null || cp -p -- "$path" "$old" || exit
fi
placed=yes
mv -f -- "$new" "$path" || exit
new=
( eval "$6" ) </dev/null >&2 || { s=$?; echo "the new $path did not pass this check, the old state is back" >&2; exit "$s"; }
placed="#;

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
