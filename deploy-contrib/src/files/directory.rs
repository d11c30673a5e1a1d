//! A directory.

use deploy_core::command::ToWords;
use deploy_core::{Cmd, Error, Operation, Output, Plan, RemotePath, Result};

use super::attributes::{Attributes, Stat};
use super::file::SET_ATTRIBUTES;

/// A directory that should be there, with those above it.
#[derive(Clone, Debug)]
pub struct Directory {
    path: RemotePath,
    attributes: Attributes,
}

/// What is at a directory's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryState {
    /// Nothing.
    Missing,
    /// A directory.
    Directory(Stat),
    /// Something else.
    Other,
}

/// The directory at `path`.
///
/// ```
/// use deploy_contrib::directory;
/// let releases = directory("/srv/app/releases").owner("app").mode(0o755);
/// ```
pub fn directory(path: impl Into<RemotePath>) -> Directory {
    Directory { path: path.into(), attributes: Attributes::default() }
}

impl Directory {
    /// Who owns it.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.attributes.owner = Some(owner.into());
        self
    }

    /// Its group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.attributes.group = Some(group.into());
        self
    }

    /// Its permission bits, such as `0o755`.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.attributes.mode = Some(mode);
        self
    }
}

impl Operation for Directory {
    type State = DirectoryState;

    fn describe(&self) -> String {
        format!("directory {}", self.path)
    }

    fn inspect(&self) -> Cmd {
        let words: [&dyn ToWords; 2] = [&self.path, &Stat::FORMAT];
        Cmd::script(
            "if [ -d \"$1\" ]; then stat -L -c \"$2\" -- \"$1\"; elif [ -e \"$1\" ] || [ -L \"$1\" ]; then echo other; else echo missing; fi",
            words,
        )
    }

    fn parse(&self, output: &Output) -> Result<DirectoryState> {
        Ok(match output.stdout_str()? {
            "missing" => DirectoryState::Missing,
            "other" => DirectoryState::Other,
            stat => DirectoryState::Directory(Stat::parse(stat)?),
        })
    }

    fn plan(&self, state: &DirectoryState) -> Result<Plan> {
        let name = self.path.as_str();
        let [owner, group, mode] = self.attributes.arguments();
        let words: [&dyn ToWords; 4] = [&self.path, &owner, &group, &mode];
        match state {
            DirectoryState::Other => {
                Err(Error::msg(format!("{name} is there and is no directory")))
            }
            DirectoryState::Missing => {
                let make = Cmd::script("mkdir -p -- \"$1\"", [&self.path]);
                let plan = Plan::nothing()
                    .line(format!("{name}/: new"))
                    .step(format!("make {name}"), make);
                if self.attributes.is_empty() {
                    return Ok(plan);
                }
                Ok(plan
                    .step(format!("set attributes of {name}"), Cmd::script(SET_ATTRIBUTES, words)))
            }
            DirectoryState::Directory(stat) => {
                let differences = self.attributes.differences(name, stat);
                if differences.is_empty() {
                    return Ok(Plan::nothing());
                }
                let plan = Plan::nothing()
                    .step(format!("set attributes of {name}"), Cmd::script(SET_ATTRIBUTES, words));
                Ok(differences.into_iter().fold(plan, Plan::line))
            }
        }
    }
}
