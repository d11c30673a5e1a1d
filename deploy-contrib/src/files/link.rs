//! A symbolic link, switched in one step.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Operation, Output, Plan, RemotePath, Result};

/// Points the link `$1` to `$2`: a new link beside it takes its name, so there is always one.
const SWITCH: &str = r#"new=$1.deploy.$$
ln -s -- "$2" "$new" || exit
mv -f -T -- "$new" "$1" 2>/dev/null || { rm -f -- "$new"; ln -sfn -- "$2" "$1"; }"#;

/// A symbolic link that should be there.
#[derive(Clone, Debug)]
pub struct Link {
    path: RemotePath,
    target: String,
}

/// What is at a link's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing.
    Missing,
    /// A link to this.
    To(String),
    /// Something else.
    Other,
}

/// The symbolic link `path` to `target`, which is written into it as it is.
///
/// ```
/// use deploy_contrib::link;
/// let current = link("/srv/app/current", "releases/4f2c9e1");
/// ```
pub fn link(path: impl Into<RemotePath>, target: impl Into<String>) -> Link {
    Link { path: path.into(), target: target.into() }
}

impl Operation for Link {
    type State = LinkState;

    fn describe(&self) -> String {
        format!("link {}", self.path)
    }

    fn inspect(&self) -> Cmd {
        Cmd::script(
            "if [ -L \"$1\" ]; then printf 'to '; readlink -- \"$1\"; elif [ -e \"$1\" ]; then echo other; else echo missing; fi",
            [&self.path],
        )
    }

    fn parse(&self, output: &Output) -> Result<LinkState> {
        match output.stdout_str()? {
            "missing" => Ok(LinkState::Missing),
            "other" => Ok(LinkState::Other),
            text => match text.strip_prefix("to ") {
                Some(target) => Ok(LinkState::To(target.to_owned())),
                None => Err(Error::msg(format!("cannot look at it: {}", output.stderr_str()?))),
            },
        }
    }

    fn plan(&self, state: &LinkState) -> Result<Plan> {
        let (name, target) = (self.path.as_str(), &self.target);
        let line = match state {
            LinkState::Other => {
                return Err(Error::msg(format!("{name} is there and is no symbolic link")));
            }
            LinkState::To(now) if now == target => return Ok(Plan::nothing()),
            LinkState::To(now) => format!("{name}: {now} becomes {target}"),
            LinkState::Missing => format!("{name}: new, to {target}"),
        };
        let words: [&dyn ToWords; 2] = [&self.path, target];
        Ok(Plan::nothing()
            .line(line)
            .step(format!("point {name} to {target}"), Cmd::script(SWITCH, words)))
    }
}
