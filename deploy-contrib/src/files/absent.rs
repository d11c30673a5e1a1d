//! A path at which nothing should be.

use deploy_core::{Cmd, Error, Operation, Output, Plan, RemotePath, Result};

/// A path at which nothing should be: a file, a link, or a directory with all that is in it is removed.
#[derive(Clone, Debug)]
pub struct Absent {
    path: RemotePath,
}

/// Nothing at `path`.
///
/// ```
/// use deploy_contrib::absent;
/// let default_site = absent("/etc/nginx/sites-enabled/default");
/// ```
pub fn absent(path: impl Into<RemotePath>) -> Absent {
    Absent { path: path.into() }
}

impl Operation for Absent {
    type State = bool;

    fn describe(&self) -> String {
        format!("removal of {}", self.path)
    }

    fn inspect(&self) -> Cmd {
        Cmd::script("if [ -e \"$1\" ] || [ -L \"$1\" ]; then echo there; fi", [&self.path])
    }

    fn parse(&self, output: &Output) -> Result<bool> {
        Ok(output.stdout_str()? == "there")
    }

    fn plan(&self, is_there: &bool) -> Result<Plan> {
        let name = self.path.as_str();
        let whole = name.trim_end_matches(['/', '.']);
        if whole.is_empty() || (whole.starts_with('~') && !whole.contains('/')) {
            return Err(Error::msg(format!("`{name}` is never removed")));
        }
        if !is_there {
            return Ok(Plan::nothing());
        }
        let remove = Cmd::script("rm -rf -- \"$1\"", [&self.path]);
        Ok(Plan::nothing().line(format!("{name}: removed")).step(format!("remove {name}"), remove))
    }
}
