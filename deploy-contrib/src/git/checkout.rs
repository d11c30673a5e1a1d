//! A revision of a repository in a directory.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Operation, Output, Plan, RemotePath, Result};

/// `$1` directory, `$2` URL, `$3` revision. A revision that is no full name of a commit is looked up where it comes from.
const INSPECT: &str = r#"export GIT_TERMINAL_PROMPT=0
case $3 in
  *[!0-9a-f]*) full= ;;
  ????????????????????????????????????????) full=$3 ;;
  *) full= ;;
esac
[ -n "$full" ] || {
  full=$(git ls-remote -- "$2" "$3" "$3^{}" | sed -n '$s/[[:space:]].*//p')
}
echo "wanted $full"
[ -d "$1" ] && [ -n "$(ls -A -- "$1")" ] || { echo missing; exit 0; }
cd -- "$1" || exit
[ -e .git ] || { echo other; exit 0; }
echo "head $(git rev-parse -q --verify HEAD)"
echo "url $(git config --get remote.origin.url)"
echo "changes $(git status --porcelain --untracked-files=no | head -n 1)""#;

/// `$1` directory, `$2` URL, `$3` revision as asked for, `$4` commit if known.
const CHECKOUT: &str = r#"export GIT_TERMINAL_PROMPT=0
if [ ! -e "$1/.git" ]; then mkdir -p -- "$1" && git init -q -- "$1" || exit; fi
cd -- "$1" || exit
if git config --get remote.origin.url >/dev/null; then git remote set-url origin "$2"; else git remote add origin "$2"; fi || exit
commit=$4
if [ -z "$commit" ] || ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
  git fetch -q --tags --update-shallow origin '+refs/heads/*:refs/remotes/origin/*' || exit
  commit=$(git rev-parse -q --verify "${4:-$3}^{commit}" || git rev-parse -q --verify "origin/$3^{commit}" || git rev-parse -q --verify "$3^{commit}") || {
    echo "$2 has no revision $3" >&2; exit 1
  }
fi
git -c advice.detachedHead=false checkout -q --detach "$commit""#;

/// A directory in which a revision of a repository should be checked out.
///
/// Files that git does not know stay; changes to files that it knows are an error, and are never thrown away.
#[derive(Clone, Debug)]
pub struct GitCheckout {
    url: String,
    directory: RemotePath,
    revision: String,
}

/// What is in a checkout's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutState {
    /// The commit that is wanted, where it could be found out.
    pub wanted: Option<String>,
    /// What is there.
    pub there: There,
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Missing,
    /// A checkout.
    Checkout {
        /// Its commit; empty when there is none yet.
        head: String,
        /// Where it comes from.
        url: String,
        /// The first file with changes, as `git status` shows it.
        changes: String,
    },
    /// Files that are no checkout.
    Other,
}

/// The repository at `url` in `directory`, at the commit that its `HEAD` names.
///
/// ```
/// use deploy_contrib::git_checkout;
/// let source = git_checkout("https://example.com/app.git", "~/app").revision("v1.2");
/// ```
pub fn git_checkout(url: impl Into<String>, directory: impl Into<RemotePath>) -> GitCheckout {
    GitCheckout { url: url.into(), directory: directory.into(), revision: "HEAD".to_owned() }
}

impl GitCheckout {
    /// Which revision: the full name of a commit, a branch or a tag. A full name needs no network when it is there.
    #[must_use]
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = revision.into();
        self
    }

    fn check(&self) -> Result {
        for (what, text) in [("URL", &self.url), ("revision", &self.revision)] {
            if text.is_empty() || text.starts_with('-') {
                return Err(Error::msg(format!("`{text}` is no {what} of a repository")));
            }
        }
        Ok(())
    }
}

impl Operation for GitCheckout {
    type State = CheckoutState;

    fn describe(&self) -> String {
        format!("checkout {} at {}", self.directory, self.revision)
    }

    fn inspect(&self) -> Cmd {
        if self.check().is_err() {
            return Cmd::raw("true");
        }
        let words: [&dyn ToWords; 3] = [&self.directory, &self.url, &self.revision];
        Cmd::script(INSPECT, words)
    }

    fn parse(&self, output: &Output) -> Result<CheckoutState> {
        self.check()?;
        let text = output.stdout_str()?;
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .map_or_else(String::new, |value| value.trim().to_owned())
        };
        let there = if text.lines().any(|line| line == "missing") {
            There::Missing
        } else if text.lines().any(|line| line == "other") {
            There::Other
        } else if text.lines().any(|line| line.starts_with("head ")) {
            There::Checkout { head: field("head "), url: field("url "), changes: field("changes ") }
        } else {
            return Err(Error::msg(format!("cannot look at it: {}", output.stderr_str()?)));
        };
        let wanted = field("wanted ");
        Ok(CheckoutState { wanted: (!wanted.is_empty()).then_some(wanted), there })
    }

    fn plan(&self, state: &CheckoutState) -> Result<Plan> {
        let name = self.directory.as_str();
        let from = match &state.there {
            There::Other => {
                return Err(Error::msg(format!("{name} is not empty and is no git checkout")));
            }
            There::Missing => "nothing".to_owned(),
            There::Checkout { head, url, changes } => {
                if state.wanted.as_ref() == Some(head) && *url == self.url {
                    return Ok(Plan::nothing());
                }
                if !changes.is_empty() {
                    return Err(Error::msg(format!("{name} has changes of its own ({changes})")));
                }
                short(head).to_owned()
            }
        };
        let to = short(state.wanted.as_deref().unwrap_or(&self.revision));
        let commit = state.wanted.clone().unwrap_or_default();
        let words: [&dyn ToWords; 4] = [&self.directory, &self.url, &self.revision, &commit];
        Ok(Plan::nothing()
            .line(format!("{name}: {from} becomes {to}"))
            .step(format!("check out {to} in {name}"), Cmd::script(CHECKOUT, words)))
    }
}

/// The first digits of a commit's full name; branches and tags as they are.
fn short(revision: &str) -> &str {
    let is_full = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_full { &revision[..12] } else { revision }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "4f2c9e1000000000000000000000000000000000";

    fn checkout(head: &str, url: &str, changes: &str) -> CheckoutState {
        CheckoutState {
            wanted: Some(COMMIT.to_owned()),
            there: There::Checkout {
                head: head.to_owned(),
                url: url.to_owned(),
                changes: changes.to_owned(),
            },
        }
    }

    #[test]
    fn table() {
        let operation = git_checkout("u", "/d").revision(COMMIT);
        let diff = |state: &CheckoutState| operation.plan(state).unwrap().diff();
        assert_eq!(diff(&checkout(COMMIT, "u", "")), "");
        assert_eq!(diff(&checkout(COMMIT, "u", " M a")), "");
        assert_eq!(diff(&checkout("abc", "u", "")), "/d: abc becomes 4f2c9e100000\n");
        assert_eq!(diff(&checkout(COMMIT, "other", "")), "/d: 4f2c9e100000 becomes 4f2c9e100000\n");
        let missing = CheckoutState { wanted: None, there: There::Missing };
        assert_eq!(diff(&missing), "/d: nothing becomes 4f2c9e100000\n");
    }

    #[test]
    fn own_changes_are_kept() {
        let operation = git_checkout("u", "/d").revision(COMMIT);
        let error = operation.plan(&checkout("abc", "u", "M a")).unwrap_err();
        assert_eq!(error.to_string(), "/d has changes of its own (M a)");
        let other = CheckoutState { wanted: None, there: There::Other };
        assert!(operation.plan(&other).is_err());
    }

    #[test]
    fn an_option_is_no_revision() {
        let operation = git_checkout("u", "/d").revision("--upload-pack=x");
        assert!(operation.parse(&Output::from_stdout("wanted \nmissing\n")).is_err());
    }
}
