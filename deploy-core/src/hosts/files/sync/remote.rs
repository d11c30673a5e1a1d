//! What a host has in the directory: one script that looks, and its answer.
//!
//! The host is told which paths are asked about, so it reads nothing else, however much there is beside them. Its answer is not trusted: a path
//! that leads out of the directory is an error.

use std::collections::HashMap;

use super::local::{Kind, Sum, Tree};
use super::options::{Compare, Delete, SyncOptions};
use crate::command::{Cmd, RemotePath};
use crate::hosts::files::script;

/// Looks at what standard input names, each ended by NUL, below `$1`. `$2` says whether to sum contents, `$3` whether to read links, `$4`
/// whether to say the names of owners, which take longer than their numbers; `$5` whether to name everything there is; the words after that leave names out of it.
///
/// Prints fields that are ended by NUL: the ids of the user; whether the directory is there; for each batch of names `batch`, what `stat` and the
/// summing program say, each link and its target with a dot behind it, and an empty field; `names`, and the names.
const LOOK: &str = r#"dir=$1 sum=$2 links=$3 owners=$4 list=$5; shift 5
command -v tar >/dev/null 2>&1 || { echo "there is no tar, which is needed to unpack files" >&2; exit 1; }
if [ -n "$sum" ]; then
  if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum
  elif command -v shasum >/dev/null 2>&1; then sum='shasum -a 256'
  else echo "there is neither sha256sum nor shasum to compare contents with" >&2; exit 1; fi
fi
if ids=$(stat -L -c '%u %g' /proc/self 2>/dev/null) || { ids="$(id -u) $(id -g)"; stat -c %f / >/dev/null 2>&1; }
then how=-c format="%f/%s/%Y/%u/%g/${owners:+%U}/${owners:+%G}/%n"
else how=-f format="%Xp/%z/%m/%u/%g/${owners:+%Su}/${owners:+%Sg}/%N"; fi
export sum links how format
printf '%s\000' "$ids"
[ -e "$dir" ] || [ -L "$dir" ] || { printf 'missing\000'; exit 0; }
[ -d "$dir" ] || { echo "$dir is no directory" >&2; exit 1; }
CDPATH= cd -- "$dir" || exit
printf 'there\000'
xargs -0 sh -c '[ $# -gt 0 ] || exit 0; printf "batch\000"
  stat "$how" "$format" -- "$@" 2>/dev/null
  printf "\000"
  [ -z "$sum" ] || find "$@" -prune -type f -exec $sum {} + 2>/dev/null
  printf "\000"
  [ -z "$links" ] || find "$@" -prune -type l -exec sh -c "for l; do printf \"%s\\000%s\\000\" \"\$l\" \"\$(readlink \"\$l\"; echo .)\"; done" sh {} + 2>/dev/null
  printf "\000"
  exit 0' sh || exit
printf 'names\000'
[ -z "$list" ] || find . "$@" -print0 2>/dev/null
exit 0"#;

/// What is in the directory of a host.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Whether the directory is there.
    pub(super) exists: bool,
    /// The user who writes.
    pub(super) uid: u32,
    /// Their group.
    pub(super) gid: u32,
    /// What is there of what was asked about, by path.
    pub(super) entries: HashMap<Vec<u8>, There>,
    /// Every path there is, if that was asked for.
    pub(super) all: Vec<Vec<u8>>,
}

/// What is at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct There {
    pub(super) kind: ThereKind,
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) modified: i64,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Empty unless names were asked for.
    pub(super) owner: String,
    pub(super) group: String,
    /// Of a file, where it could be read.
    pub(super) sum: Option<Sum>,
    /// Of a link, where it points.
    pub(super) target: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ThereKind {
    #[default]
    Other,
    File,
    Directory,
    Link,
}

/// The command that looks.
pub(super) fn look(tree: &Tree, path: &RemotePath, options: &SyncOptions) -> Cmd {
    let mut names = Vec::new();
    for entry in &tree.entries {
        names.extend_from_slice(&below_top(&entry.path));
        names.push(0);
    }
    let yes = |condition: bool| if condition { "yes" } else { "" };
    let has_links = tree.entries.iter().any(|entry| matches!(entry.kind, Kind::Link(_)));
    let mut words = vec![
        yes(options.compare == Compare::Content).to_owned(),
        yes(has_links).to_owned(),
        yes(options.owner.is_some()).to_owned(),
        yes(options.delete == Delete::Extra).to_owned(),
    ];
    words.extend(options.exclude.for_find());
    script::command(LOOK, path).lit(" ").words(&words).stdin(names)
}

/// A path of the directory as programs there are given it: no option, whatever it is.
pub(super) fn below_top(path: &[u8]) -> Vec<u8> {
    [b"./", path].concat()
}

impl Found {
    /// Reads the answer about `tree`. No answer at all, as a connector gives that runs nothing, is one about a directory that is not there.
    pub(super) fn parse(answer: &[u8], tree: &Tree) -> Result<Self, String> {
        let mut found = Self::default();
        if answer.is_empty() {
            return Ok(found);
        }
        let mut fields = answer.split(|byte| *byte == 0);
        let mut next = || fields.next().ok_or_else(|| "the answer is not whole".to_owned());
        let ids = next()?;
        (found.uid, found.gid) = ids_of(ids).ok_or("the answer does not begin with a user")?;
        found.exists = next()? == b"there";
        if !found.exists {
            return Ok(found);
        }
        let (mut stats, mut sums) = (Vec::new(), Vec::new());
        let mut targets = HashMap::new();
        while next()? == b"batch" {
            stats.extend_from_slice(next()?);
            sums.extend_from_slice(next()?);
            loop {
                match next()? {
                    b"" => break,
                    link => {
                        let target = next()?;
                        // A newline of readlink, and the dot.
                        let target = target.strip_suffix(b"\n.").unwrap_or(target);
                        targets.insert(link, target.to_vec());
                    }
                }
            }
        }
        let (mut stats, mut sums) = (&stats[..], &sums[..]);
        for entry in &tree.entries {
            let name = below_top(&entry.path);
            let sum = take_sum(&mut sums, &name);
            if let Some(there) = take_stat(&mut stats, &name) {
                let there = There { sum, target: targets.remove(&name[..]), ..there };
                found.entries.insert(entry.path.clone(), there);
            }
        }
        for name in fields.filter(|name| !name.is_empty() && *name != b".") {
            found.all.push(checked(name)?);
        }
        Ok(found)
    }
}

fn ids_of(text: &[u8]) -> Option<(u32, u32)> {
    let (uid, gid) = std::str::from_utf8(text).ok()?.split_once(' ')?;
    Some((uid.parse().ok()?, gid.parse().ok()?))
}

/// Takes the line about `name` from the beginning, if that is what it is about: what is not there has none.
fn take_stat(lines: &mut &[u8], name: &[u8]) -> Option<There> {
    let mut rest = *lines;
    let mut next = || {
        let at = rest.iter().position(|byte| *byte == b'/')?;
        let field = std::str::from_utf8(&rest[..at]).ok()?;
        rest = &rest[at + 1..];
        Some(field)
    };
    let mode = u32::from_str_radix(next()?, 16).ok()?;
    let there = There {
        kind: match mode >> 12 {
            0o10 => ThereKind::File,
            0o04 => ThereKind::Directory,
            0o12 => ThereKind::Link,
            _ => ThereKind::Other,
        },
        mode: mode & 0o7777,
        size: next()?.parse().ok()?,
        modified: next()?.parse().ok()?,
        uid: next()?.parse().ok()?,
        gid: next()?.parse().ok()?,
        owner: next()?.to_owned(),
        group: next()?.to_owned(),
        sum: None,
        target: None,
    };
    *lines = rest.strip_prefix(name)?.strip_prefix(b"\n")?;
    Some(there)
}

/// The same with a checksum. Some programs write a name with a newline or a backslash in it another way, and say so with a backslash in front.
fn take_sum(lines: &mut &[u8], name: &[u8]) -> Option<Sum> {
    let (is_escaped, line) = match lines.strip_prefix(b"\\") {
        Some(line) => (true, line),
        None => (false, *lines),
    };
    let (digits, line) = line.split_at_checked(64)?;
    let line = line.get(2..)?;
    let rest = match is_escaped {
        false => line.strip_prefix(name)?,
        true => {
            let end = line.iter().position(|byte| *byte == b'\n')?;
            (unescaped(&line[..end]) == name).then_some(&line[end..])?
        }
    };
    *lines = rest.strip_prefix(b"\n")?;
    let mut sum = Sum::default();
    for (byte, digits) in sum.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(sum)
}

fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(match (byte, byte == b'\\') {
            (_, true) => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(&other) => other,
                None => byte,
            },
            (byte, false) => byte,
        });
    }
    plain
}

/// A name of `find` without its `./`.
fn checked(name: &[u8]) -> Result<Vec<u8>, String> {
    let below = name.strip_prefix(b"./").filter(|path| {
        path.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
    });
    below.map(<[u8]>::to_vec).ok_or_else(|| {
        format!("the host names `{}` in the directory", String::from_utf8_lossy(name))
    })
}

#[cfg(test)]
mod tests {
    use super::super::local::Entry;
    use super::*;

    fn tree(names: &[&str]) -> Tree {
        let entry = |name: &&str| Entry {
            path: name.as_bytes().to_vec(),
            mode: 0o644,
            kind: Kind::File { size: 1, sum: None, content: None },
            modified: 0,
        };
        Tree { root: "/".into(), mode: 0o755, entries: names.iter().map(entry).collect() }
    }

    fn parse(answer: &str, names: &[&str]) -> Result<Found, String> {
        Found::parse(answer.as_bytes(), &tree(names))
    }

    #[test]
    fn answers() {
        assert!(!parse("", &[]).unwrap().exists);
        assert!(!parse("0 0\0missing\0", &["a"]).unwrap().exists);
        let sum = "ab".repeat(32);
        let answer = format!(
            "1 2\0there\0batch\x0081a4/12/7/0/5/root/tty/./a\n81a4/1/7/0/5/root/tty/./n\nl\n\0{sum}  ./a\n\\{sum}  ./n\\nl\n\0\0batch\0\
             a1ff/4/7/0/5/root/tty/./z\n\0\0./z\0to\n.\0\0names\0.\0./a\0./b/c\0"
        );
        let found = parse(&answer, &["a", "gone", "n\nl", "z"]).unwrap();
        assert_eq!((found.exists, found.uid, found.gid), (true, 1, 2));
        let a = &found.entries[&b"a"[..]];
        assert_eq!((a.kind, a.mode, a.size), (ThereKind::File, 0o644, 12));
        assert_eq!(a.sum, Some([0xab; 32]));
        assert_eq!(found.entries[&b"n\nl"[..]].sum, Some([0xab; 32]));
        let z = &found.entries[&b"z"[..]];
        assert_eq!((z.kind, z.target.as_deref()), (ThereKind::Link, Some(&b"to"[..])));
        assert_eq!(found.entries.len(), 3);
        assert_eq!(found.all, [b"a".to_vec(), b"b/c".to_vec()]);
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in ["/etc/passwd", "../x", "./../x", "./a/../../x", "./", ".//x", "a"] {
            let answer = format!("0 0\0there\0names\0{name}\0");
            assert!(parse(&answer, &[]).is_err(), "{name}");
        }
        assert!(parse("0 0\0there\0batch\0", &[]).is_err());
        assert!(parse("what\0", &[]).is_err());
    }
}
