//! Hosts that are written down elsewhere: in a file of hosts, in an ssh_config, in what terraform, vagrant or a script prints.
//!
//! [`Inventory`] is a description: it is read when it is first asked for hosts, once, and never at compile time. What it finds are
//! plain [`Hosts`], with tags and data; how a host is reached is not its business. `docs/hosts.md` is the guide.

mod file;
mod listing;
mod printed;
mod ssh_config;

use std::borrow::Cow;
use std::sync::OnceLock;

use deploy_core::prelude::*;

use listing::Listing;

/// Where hosts come from.
///
/// ```no_run
/// use deploy_contrib::Inventory;
/// use deploy_core::prelude::*;
///
/// static SITE: Inventory = Inventory::file("hosts.toml");
///
/// #[node]
/// struct Service {}
///
/// #[node]
/// struct Root {
///     #[node]
///     #[hosts(host = [SITE.group("web"), SITE.tagged("canary")])]
///     service: Service,
/// }
/// ```
#[derive(Debug)]
pub struct Inventory {
    source: Source,
    /// What was found, or why nothing was: the message and what to do.
    listing: OnceLock<Result<Listing, Mistake>>,
}

/// The kinds of sources, for a place that is only known when the program runs: `Inventory::from(Source::File(path.into()))`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Source {
    /// A file in the format of `docs/hosts.md`; its name says whether it is `.toml`, `.yaml` or `.json`.
    File(Cow<'static, str>),
    /// An ssh_config; `None` is the user's own.
    SshConfig(Option<Cow<'static, str>>),
    /// What `terraform output -json` prints in this directory.
    Terraform(Cow<'static, str>),
    /// The machines that run, as `vagrant ssh-config` prints them in this directory.
    Vagrant(Cow<'static, str>),
    /// What this shell command prints: the JSON of a file of hosts.
    Script(Cow<'static, str>),
}

impl Inventory {
    /// A file of hosts and groups: TOML, YAML or JSON, as its name ends. A relative path is below the working directory, `~/` is
    /// the user's home.
    #[must_use]
    pub const fn file(path: &'static str) -> Self {
        Self::new(Source::File(Cow::Borrowed(path)))
    }

    /// The hosts that the user's own ssh_config names, with the files that it includes. They have no groups.
    #[must_use]
    pub const fn ssh_config() -> Self {
        Self::new(Source::SshConfig(None))
    }

    /// The hosts that this ssh_config names. The program itself is to use it as well (`--ssh-config`).
    #[must_use]
    pub const fn ssh_config_file(path: &'static str) -> Self {
        Self::new(Source::SshConfig(Some(Cow::Borrowed(path))))
    }

    /// The outputs of the terraform configuration in a directory; each output that holds addresses is a group of its name.
    #[must_use]
    pub const fn terraform(directory: &'static str) -> Self {
        Self::new(Source::Terraform(Cow::Borrowed(directory)))
    }

    /// The machines of the Vagrantfile in a directory that are running.
    #[must_use]
    pub const fn vagrant(directory: &'static str) -> Self {
        Self::new(Source::Vagrant(Cow::Borrowed(directory)))
    }

    /// What a shell command prints as JSON, in the format of a file of hosts.
    #[must_use]
    pub const fn script(command: &'static str) -> Self {
        Self::new(Source::Script(Cow::Borrowed(command)))
    }

    const fn new(source: Source) -> Self {
        Self { source, listing: OnceLock::new() }
    }

    /// The hosts of a group, in the order in which they are written.
    ///
    /// # Errors
    /// A usage error when the source cannot be read or is wrong, which says where; and when it has no such group.
    pub fn group(&self, name: &str) -> Result<Hosts> {
        let listing = self.listing()?;
        listing.group(name).map_err(|mistake| mistake.error(&self.source))
    }

    /// All hosts.
    ///
    /// # Errors
    /// A usage error when the source cannot be read or is wrong.
    pub fn all(&self) -> Result<Hosts> {
        Ok(self.listing()?.all())
    }

    /// The hosts with a name that matches: `*` stands for anything, `?` for one character, and several patterns have commas between.
    ///
    /// # Errors
    /// A usage error when the source cannot be read or is wrong; and when nothing matches.
    pub fn hosts(&self, pattern: &str) -> Result<Hosts> {
        let listing = self.listing()?;
        listing.matching(pattern).map_err(|mistake| mistake.error(&self.source))
    }

    /// The hosts with a tag; there may be none.
    ///
    /// # Errors
    /// A usage error when the source cannot be read or is wrong.
    pub fn tagged(&self, tag: &str) -> Result<Hosts> {
        Ok(self.all()?.filter(|host| host.tags().iter().any(|it| it == tag)))
    }

    /// The names of the groups, in the order in which they are written.
    ///
    /// # Errors
    /// A usage error when the source cannot be read or is wrong.
    pub fn groups(&self) -> Result<Vec<&str>> {
        Ok(self.listing()?.groups().collect())
    }

    fn listing(&self) -> Result<&Listing> {
        let listing = self.listing.get_or_init(|| match &self.source {
            Source::File(path) => file::read(path),
            Source::SshConfig(path) => ssh_config::read(path.as_deref()),
            Source::Terraform(directory) => printed::terraform(directory),
            Source::Vagrant(directory) => printed::vagrant(directory),
            Source::Script(command) => printed::script(command),
        });
        listing.as_ref().map_err(|mistake| mistake.error(&self.source))
    }
}

impl From<Source> for Inventory {
    fn from(source: Source) -> Self {
        Self::new(source)
    }
}

/// What is wrong with a source: where, what, and what to do.
#[derive(Clone, Debug, Default)]
struct Mistake {
    /// The line, where there are lines.
    line: Option<usize>,
    message: String,
    hint: String,
}

impl Mistake {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line: None, message: message.into(), hint: hint.into() }
    }

    fn at(self, line: Option<usize>) -> Self {
        Self { line: self.line.or(line), ..self }
    }

    fn error(&self, source: &Source) -> Error {
        let place = match source {
            Source::File(path) | Source::SshConfig(Some(path)) => path.to_string(),
            Source::SshConfig(None) => "your ssh_config".to_owned(),
            Source::Terraform(directory) => format!("`terraform output -json` in {directory}"),
            Source::Vagrant(directory) => format!("`vagrant ssh-config` in {directory}"),
            Source::Script(command) => format!("`{command}`"),
        };
        let line = self.line.map_or_else(String::new, |line| format!(":{line}"));
        let message = format!("hosts of {place}{line}: {}", self.message);
        match self.hint.is_empty() {
            true => Error::usage(message),
            false => Error::usage_with_hint(message, self.hint.clone()),
        }
    }
}

/// A path of the user's, whose `~/` is the home directory.
fn expand(path: &str) -> std::path::PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}
