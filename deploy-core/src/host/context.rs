//! [`Context`]: directory, environment, prefixes and user of the commands of a `Host` value, and
//! how they become shell source.

use std::sync::Arc;
use std::time::Duration;

use crate::command::{Cmd, RemotePath, Surroundings, ToWords};

/// Everything about a command that is not the command. A value: changing one gives a new one, so
/// a context cannot leak.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Working directory.
    pub cwd: Option<RemotePath>,
    /// Environment, in the order given; a later value of a name wins.
    pub env: Vec<(String, Cmd)>,
    /// Commands that run before, in the same shell, such as `. venv/bin/activate`.
    pub prefixes: Vec<Cmd>,
    /// Whom the command runs as.
    pub user: AsUser,
    /// File mode creation mask.
    pub umask: Option<u32>,
    /// Whether the shell reads the user's login profile first.
    pub login_shell: bool,
    /// Limit for each command.
    pub timeout: Option<Duration>,
}

/// Whom a command runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum AsUser {
    /// The user that is logged in.
    #[default]
    Login,
    /// Another user, through sudo or what is in its place; `root` for `Host::sudo`.
    Other(String),
}

impl AsUser {
    /// What to call it in a message.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Login => "the user that is logged in",
            Self::Other(user) => user,
        }
    }
}

impl Context {
    /// Sets a variable; the value is quoted.
    pub(crate) fn set_env(&mut self, name: &str, value: &(impl ToWords + ?Sized)) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), Cmd::new().words(value)));
    }

    /// The name of a variable that no shell can have. A name cannot be quoted, so such a command is not run.
    pub(crate) fn bad_env_name(&self) -> Option<&str> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        };
        self.env.iter().map(|(name, _)| name.as_str()).find(|name| !is_name(name))
    }

    /// The POSIX shell source that runs `cmd` in this context. The user is not in it: changing user is
    /// the transport's business.
    pub(crate) fn script(&self, cmd: &Cmd) -> Vec<u8> {
        if cmd.surroundings == Surroundings::None {
            return [cmd.source(), b"\n".to_vec()].concat();
        }
        let mut script = Vec::new();
        if let Some(mask) = self.umask {
            script.extend_from_slice(format!("umask {mask:04o}\n").as_bytes());
        }
        for (name, value) in &self.env {
            script.extend_from_slice(format!("export {name}=").as_bytes());
            script.extend_from_slice(&value.source());
            script.push(b'\n');
        }
        match (&self.cwd, &self.user) {
            (Some(cwd), _) => {
                script.extend_from_slice(b"CDPATH= cd -- ");
                script.extend_from_slice(&cwd.to_shell());
                script.extend_from_slice(b" || exit\n");
            }
            // Another user may not even look at the directory in which the login user starts.
            (None, AsUser::Other(user)) if user != "root" => {
                script.extend_from_slice(b"CDPATH= cd -- \"$HOME\" 2>/dev/null || CDPATH= cd /\n");
            }
            _ => {}
        }
        for prefix in &self.prefixes {
            script.extend_from_slice(b"{\n");
            script.extend_from_slice(&prefix.source());
            script.extend_from_slice(b"\n} && ");
        }
        if self.prefixes.is_empty() {
            script.extend_from_slice(&cmd.source());
        } else {
            script.extend_from_slice(b"{\n");
            script.extend_from_slice(&cmd.source());
            script.extend_from_slice(b"\n}");
        }
        script.push(b'\n');
        script
    }

    /// The secrets of the command and of this context.
    pub(crate) fn secrets<'a>(&'a self, cmd: &'a Cmd) -> impl Iterator<Item = Arc<[u8]>> + 'a {
        let env = self.env.iter().map(|(_, value)| value);
        let parts = env.chain(&self.prefixes).chain([cmd]);
        parts.flat_map(Cmd::secrets)
    }

    /// The command as echoed and recorded: `sudo: cd=/srv: systemctl start postgresql`.
    pub(crate) fn echo(&self, cmd: &Cmd) -> String {
        let mut text = String::new();
        match &self.user {
            AsUser::Login => {}
            AsUser::Other(user) if user == "root" => text.push_str("sudo: "),
            AsUser::Other(user) => text.push_str(&format!("user={user}: ")),
        }
        if let Some(cwd) = &self.cwd {
            text.push_str(&format!("cd={cwd}: "));
        }
        for (name, value) in &self.env {
            text.push_str(&format!("{name}={value}: "));
        }
        for prefix in &self.prefixes {
            text.push_str(&format!("prefix={prefix}: "));
        }
        text.push_str(&cmd.to_string());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_are_checked() {
        for (name, bad) in [
            ("PATH", false),
            ("_a1", false),
            ("", true),
            ("1a", true),
            ("A;id", true),
            ("A B", true),
            ("A=B", true),
        ] {
            let mut context = Context::default();
            context.set_env(name, "x");
            assert_eq!(context.bad_env_name().is_some(), bad, "{name:?}");
        }
    }

    #[test]
    fn script_puts_the_context_in_front() {
        let mut context =
            Context { cwd: Some("~/my app".into()), umask: Some(0o27), ..Context::default() };
        context.set_env("A", "x y");
        context.prefixes.push(Cmd::raw(". venv/bin/activate"));
        assert_eq!(
            String::from_utf8(context.script(&Cmd::raw("make all"))).unwrap(),
            "umask 0027\nexport A='x y'\nCDPATH= cd -- ~/'my app' || exit\n{\n. venv/bin/activate\n} && {\nmake all\n}\n"
        );
        assert_eq!(
            context.echo(&Cmd::raw("make all")),
            "cd=~/my app: A='x y': prefix=. venv/bin/activate: make all"
        );
    }
}
