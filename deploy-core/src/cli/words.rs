//! Cuts the arguments of the process into our own options and the words that the tree understands.
//!
//! Options may stand anywhere before `--`, between the names of nodes as well as behind the arguments of an action. Which
//! options an action has is only known once its node is found, so what begins with two dashes and is none
//! of ours is kept apart.

use clap::{Arg, Command};

/// The arguments of the process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Our own options and their values.
    pub(super) options: Vec<String>,
    /// Nodes, action, arguments.
    pub(super) words: Vec<String>,
    /// Options that are none of ours.
    pub(super) flags: Vec<String>,
}

impl Words {
    /// Cuts `args` by the options that `command` has.
    pub(super) fn cut(command: &Command, args: impl IntoIterator<Item = String>) -> Self {
        let mut cut = Self::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                cut.words.extend(args);
                break;
            }
            let option = match arg.strip_prefix("--") {
                Some(name) => {
                    let (name, value) = name
                        .split_once('=')
                        .map_or((name, None), |(name, value)| (name, Some(value)));
                    let option =
                        command.get_arguments().find(|known| known.get_long() == Some(name));
                    if option.is_none() {
                        cut.flags.push(arg);
                        continue;
                    }
                    option.map(|option| takes_value(option) && value.is_none())
                }
                None => short(command, &arg),
            };
            match option {
                Some(wants_value) => {
                    cut.options.push(arg);
                    if wants_value {
                        cut.options.extend(args.next());
                    }
                }
                None => cut.words.push(arg),
            }
        }
        cut
    }
}

/// Whether `-abc` is made of our options, and whether the next word is the value of the last.
fn short(command: &Command, arg: &str) -> Option<bool> {
    let letters = arg.strip_prefix('-').filter(|letters| !letters.is_empty())?;
    let mut left = letters.chars();
    while let Some(letter) = left.next() {
        let option = command.get_arguments().find(|known| known.get_short() == Some(letter))?;
        if takes_value(option) {
            return Some(left.as_str().is_empty());
        }
    }
    Some(false)
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values()
}

#[cfg(test)]
mod tests {
    use super::super::options;
    use super::*;

    fn cut(args: &str) -> (String, String, String) {
        let words = Words::cut(&options::command(), args.split(' ').map(str::to_owned));
        (words.options.join(" "), words.words.join(" "), words.flags.join(" "))
    }

    fn parts(a: &str, b: &str, c: &str) -> (String, String, String) {
        (a.to_owned(), b.to_owned(), c.to_owned())
    }

    #[test]
    fn options_may_stand_anywhere() {
        assert_eq!(
            cut("production --parallel 3 web deploy -v abc --force --timeout=5s -vv"),
            parts("--parallel 3 -v --timeout=5s -vv", "production web deploy abc", "--force")
        );
        assert_eq!(cut("a -- --dry-run"), parts("", "a --dry-run", ""));
        assert_eq!(cut("a -5 -"), parts("", "a -5 -", ""));
        assert_eq!(cut("a --hosts"), parts("--hosts", "a", ""));
        assert_eq!(cut("a --run"), parts("--run", "a", ""));
    }
}
