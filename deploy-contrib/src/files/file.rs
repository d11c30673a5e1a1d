//! A regular file: content, owner, group, mode, and a check that a new content must pass.

use std::path::{Path, PathBuf};

use deploy_core::{
    Cmd, Error, IntoCmd, Operation, Output, Plan, RemotePath, Result, Secret, WriteOptions,
};

use super::attributes::{Attributes, Stat};
use super::content::{Content, Kind};
use crate::template::{self, Context};

/// Old contents up to this many bytes are fetched for the diff.
const DIFF_LIMIT: u32 = 256 << 10;

/// Looks at a path: `$1` path, `$2` wanted checksum, `$3` how large a content may be to be shown, `$4` format of `stat`.
const INSPECT: &str = r#"[ -e "$1" ] || { echo missing; exit 0; }
[ -f "$1" ] || { echo other; exit 0; }
s=$(stat -L -c "$4" -- "$1") || exit
echo "file $s"
[ -n "$2" ] || { echo same; exit 0; }
if command -v sha256sum >/dev/null; then h=$(sha256sum <"$1"); else h=$(shasum -a 256 <"$1"); fi || exit
if [ "${h%% *}" = "$2" ]; then echo same
elif [ "${s##* }" -le "$3" ]; then echo content && cat -- "$1"
else echo unseen; fi"#;

/// Sets owner, group and mode where they are given.
pub(super) const SET_ATTRIBUTES: &str = r#"[ -z "$2" ] || chown -- "$2" "$1" || exit
[ -z "$3" ] || chgrp -- "$3" "$1" || exit
[ -z "$4" ] || chmod -- "$4" "$1""#;

/// A file that should be there.
///
/// Without content it is made empty where it is missing and otherwise left as it is. What is not said about owner,
/// group and mode stays; a new file has mode 0644, or 0600 when its content is secret. A symbolic link is followed.
#[derive(Clone, Debug)]
pub struct File {
    path: RemotePath,
    content: Content,
    attributes: Attributes,
    validate: Option<Cmd>,
}

/// What is at a file's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Nothing.
    Missing,
    /// A file.
    File {
        /// Its attributes.
        stat: Stat,
        /// Its content, compared with what is wanted.
        found: Found,
    },
    /// A directory, a socket or the like.
    Other,
}

/// A file's content, compared with what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is what is wanted.
    Same,
    /// It is this.
    Content(Vec<u8>),
    /// It is another, too large or too secret to be looked at.
    Unseen,
}

/// The file at `path`.
///
/// ```
/// use deploy_contrib::{context, file};
/// use deploy_core::Cmd;
/// let site = file("/etc/nginx/sites-enabled/app.conf")
///     .template("server_name {{ domain }};\n", context! { domain => "example.com" })
///     .owner("root")
///     .mode(0o644)
///     .validate(Cmd::argv(["nginx", "-t"]));
/// ```
pub fn file(path: impl Into<RemotePath>) -> File {
    File {
        path: path.into(),
        content: Content(Kind::Any),
        attributes: Attributes::default(),
        validate: None,
    }
}

impl File {
    /// What it holds: text, bytes, or a [`Secret`](deploy_core::Secret), which no diff shows.
    #[must_use]
    pub fn content(mut self, content: impl Into<Content>) -> Self {
        self.content = content.into();
        self
    }

    /// It holds this template, filled in. Errors call it by the path of the file.
    #[must_use]
    pub fn template(mut self, source: &str, context: Context) -> Self {
        self.content = template::render(self.path.as_str(), source, &context)
            .map_or_else(|error| Content::failed(&error), Content::from);
        self
    }

    /// It holds the template in this file of this machine, filled in.
    #[must_use]
    pub fn template_file(mut self, source: impl AsRef<Path>, context: Context) -> Self {
        let name = source.as_ref().display().to_string();
        let text = std::fs::read_to_string(source)
            .map_err(|error| Error::msg(format!("template {name}: {error}")));
        self.content = text
            .and_then(|text| template::render(&name, &text, &context))
            .map_or_else(|error| Content::failed(&error), Content::from);
        self
    }

    /// It holds what this file of this machine holds, streamed. No diff is shown.
    #[must_use]
    pub fn source(mut self, path: impl Into<PathBuf>) -> Self {
        self.content = Content::local(path);
        self
    }

    /// Its content, given before, is shown in no diff.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.content = self.content.hidden();
        self
    }

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

    /// Its permission bits, such as `0o644`.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.attributes.mode = Some(mode);
        self
    }

    /// It may be run by everybody: mode 0755.
    #[must_use]
    pub fn executable(self) -> Self {
        self.mode(0o755)
    }

    /// A command that a new content must pass, such as `nginx -t`. It runs with the new file in place; if it fails,
    /// the old file is put back (or the new one taken away) and the operation fails with what the command said.
    #[must_use]
    pub fn validate(mut self, cmd: impl IntoCmd) -> Self {
        self.validate = Some(cmd.into_cmd());
        self
    }

    fn write(&self, state: &FileState) -> Result<Cmd> {
        let Attributes { owner, group, mode } = &self.attributes;
        let new_mode = if self.content.is_secret() { 0o600 } else { 0o644 };
        let mode = mode.or_else(|| (*state == FileState::Missing).then_some(new_mode));
        let mut options = WriteOptions::new();
        if owner.is_some() || group.is_some() {
            let (owner, group) = (owner.as_deref(), group.as_deref());
            let group = group.map(|group| format!(":{group}")).unwrap_or_default();
            options = options.owner(format!("{}{group}", owner.unwrap_or_default()));
        }
        if let Some(mode) = mode {
            options = options.mode(mode);
        }
        if let Some(check) = &self.validate {
            options = options.validate(check);
        }
        options.command(&self.path, self.content.stdin())
    }

    fn content_difference(&self, plan: Plan, old: Option<&Found>) -> Plan {
        let name = self.path.as_str();
        match (&self.content.0, old) {
            (Kind::Any, _) => plan.line(format!("{name}: new, empty")),
            (Kind::Bytes { secret: true, .. }, _) => {
                plan.line(format!("{name}: <secret content changed>"))
            }
            (Kind::Bytes { bytes, .. }, None) if bytes.is_empty() => {
                plan.line(format!("{name}: new, empty"))
            }
            (Kind::Bytes { bytes, .. }, None) => plan.content(name, b"", bytes),
            (Kind::Bytes { bytes, .. }, Some(Found::Content(old))) => {
                plan.content(name, old, bytes)
            }
            (Kind::Local { path, .. }, None) => {
                plan.line(format!("{name}: new, from {}", path.display()))
            }
            (Kind::Local { path, .. }, _) => {
                plan.line(format!("{name}: content changed, from {}", path.display()))
            }
            _ => plan.line(format!("{name}: content changed")),
        }
    }
}

impl Operation for File {
    type State = FileState;

    fn describe(&self) -> String {
        format!("file {}", self.path)
    }

    fn inspect(&self) -> Cmd {
        // A content that cannot be had is reported by `plan`.
        let checksum = self.content.checksum().unwrap_or_default();
        let (shown, checksum) = match self.content.is_secret() {
            true => (0, Secret::new(checksum)),
            false => (DIFF_LIMIT, Secret::new(checksum)),
        };
        let plain = checksum.expose().clone();
        let checksum: &dyn deploy_core::command::ToWords =
            if self.content.is_secret() { &checksum } else { &plain };
        let words: [&dyn deploy_core::command::ToWords; 4] =
            [&self.path, checksum, &shown, &Stat::FORMAT];
        Cmd::script(INSPECT, words)
    }

    fn parse(&self, output: &Output) -> Result<FileState> {
        let (first, rest) = line(&output.stdout);
        let first = std::str::from_utf8(first)?;
        if first == "missing" {
            return Ok(FileState::Missing);
        }
        if first == "other" {
            return Ok(FileState::Other);
        }
        let (word, content) = line(rest);
        let found = match word {
            b"same" => Found::Same,
            b"content" => Found::Content(content.to_vec()),
            b"unseen" => Found::Unseen,
            _ => return Err(Error::msg(format!("cannot look at it: {}", output.stderr_str()?))),
        };
        let stat = Stat::parse(first.strip_prefix("file ").unwrap_or(first))?;
        Ok(FileState::File { stat, found })
    }

    fn plan(&self, state: &FileState) -> Result<Plan> {
        self.content.checksum()?;
        let name = self.path.as_str();
        match state {
            FileState::Other => Err(Error::msg(format!("{name} is there and is no file"))),
            FileState::Missing => Ok(self
                .content_difference(Plan::nothing(), None)
                .step(format!("write {name}"), self.write(state)?)),
            FileState::File { stat, found } => {
                let attributes = self.attributes.differences(name, stat);
                let mut plan = Plan::nothing();
                if *found != Found::Same {
                    plan = self
                        .content_difference(plan, Some(found))
                        .step(format!("write {name}"), self.write(state)?);
                } else if !attributes.is_empty() {
                    let [owner, group, mode] = self.attributes.arguments();
                    let words: [&dyn deploy_core::command::ToWords; 4] =
                        [&self.path, &owner, &group, &mode];
                    plan = plan.step(
                        format!("set attributes of {name}"),
                        Cmd::script(SET_ATTRIBUTES, words),
                    );
                }
                Ok(attributes.into_iter().fold(plan, Plan::line))
            }
        }
    }
}

/// The first line of `bytes`, and the rest.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}
