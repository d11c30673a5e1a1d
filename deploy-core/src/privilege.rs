//! The password that sudo wants on hosts: where it comes from, on which host it is tried first, and where it is needed.
//!
//! Asked for once in a run, and before it is needed again. It is tried on one host; the others wait for what comes of
//! that, so that a wrong one locks no account on all of them. Knows hosts as data; what tries it is a closure.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::process::Command;

use crate::command::Secret;
use crate::env::Env;
use crate::error::ErrorKind;
use crate::host::{AsUser, HostSpec};
use crate::transport::{SudoPassword, TransportError};
use crate::{Error, Result};

/// How often a person may mistype.
const ATTEMPTS: usize = 3;

/// Where the password for sudo comes from, where a host wants one.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum PasswordSource {
    /// It is asked for on the console.
    #[default]
    Ask,
    /// It is known.
    Known(Secret),
    /// It is the first line that this shell command prints, such as `pass show sudo`.
    Command(String),
}

/// Lets sudo on a host decide on a password.
pub(crate) type Attempt<'a> =
    &'a (dyn Fn(SudoPassword) -> BoxFuture<'a, Result<(), TransportError>> + Sync);

/// What a run has learnt of it.
#[derive(Debug, Default)]
pub(crate) struct Privileges {
    learnt: Mutex<Learnt>,
    /// Held while it is asked for and tried for the first time.
    gate: tokio::sync::Mutex<Gate>,
}

#[derive(Debug, Default)]
struct Learnt {
    /// A password that a host has taken.
    proven: Option<SudoPassword>,
    /// Where one is wanted, and whether it was refused there.
    wanted: HashMap<(HostSpec, AsUser), bool>,
}

#[derive(Debug, Default)]
struct Gate {
    /// What has been asked for and not been tried to an end.
    candidate: Option<SudoPassword>,
    /// Why there is none.
    given_up: Option<String>,
}

impl Privileges {
    /// The password for commands of this user on this host, if it is known that it is wanted.
    pub(crate) fn password(&self, host: &HostSpec, user: &AsUser) -> Option<SudoPassword> {
        if *user == AsUser::Login {
            return None;
        }
        let learnt = self.lock();
        let refused = learnt.wanted.get(&(host.clone(), user.clone()))?;
        learnt.proven.clone().filter(|_| !refused)
    }

    /// A host did not take the password.
    pub(crate) fn refused(&self, host: &HostSpec, user: &AsUser) {
        self.lock().wanted.insert((host.clone(), user.clone()), true);
    }

    /// Finds the password for a host that wants one. `attempt` tries one on it.
    ///
    /// # Errors
    /// When there is none, or not the right one.
    pub(crate) async fn unlock(
        &self,
        env: &Env,
        host: &HostSpec,
        user: &AsUser,
        attempt: Attempt<'_>,
    ) -> Result<SudoPassword> {
        let key = (host.clone(), user.clone());
        let error = |message: &str| Error::host(&host.name, message);
        if self.lock().wanted.get(&key) == Some(&true) {
            return Err(error("sudo refused the password before; it is not tried there again"));
        }
        let mut gate = self.gate.lock().await;
        let proven = self.lock().proven.clone();
        let password = match proven {
            Some(password) => password,
            None => {
                let password = gate.open(env, host, user, attempt).await?;
                self.lock().proven = Some(password.clone());
                password
            }
        };
        self.lock().wanted.insert(key, false);
        Ok(password)
    }

    fn lock(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// A password that this host takes.
    async fn open(
        &mut self,
        env: &Env,
        host: &HostSpec,
        user: &AsUser,
        attempt: Attempt<'_>,
    ) -> Result<SudoPassword> {
        if let Some(reason) = &self.given_up {
            let (host, reason) = (host.name.clone(), reason.clone());
            return Err(Error::new(ErrorKind::NotAttempted { host, reason }));
        }
        let mut refused = 0;
        loop {
            let password = match self.candidate.take() {
                Some(password) => password,
                None => SudoPassword::new(ask(env, host, user, refused > 0).await?),
            };
            match attempt(password.clone()).await {
                Ok(()) => return Ok(password),
                Err(error @ TransportError::PasswordRefused { .. }) => {
                    refused += 1;
                    let asked = matches!(env.password_source(), PasswordSource::Ask);
                    if refused == ATTEMPTS || !asked {
                        let reason = format!("the password for sudo was refused by {}", host.name);
                        self.given_up = Some(reason);
                        return Err(error.of_host(&host.name));
                    }
                }
                Err(other) => {
                    self.candidate = Some(password);
                    return Err(other.of_host(&host.name));
                }
            }
        }
    }
}

async fn ask(env: &Env, host: &HostSpec, user: &AsUser, again: bool) -> Result<Secret> {
    let name = &host.name;
    let secret = match env.password_source() {
        PasswordSource::Known(secret) => secret.clone(),
        PasswordSource::Command(line) => printed(env, line).await?,
        PasswordSource::Ask if !env.console().is_interactive() => {
            return Err(Error::host(
                name,
                format!(
                    "sudo asks for a password to become `{}`, and there is nobody to ask: name a file that holds it in \
                     DEPLOY_SUDO_PASSWORD_FILE, give a command with --sudo-password-command, or allow it without one \
                     (NOPASSWD) in sudoers",
                    user.name()
                ),
            ));
        }
        PasswordSource::Ask => {
            let question = match again {
                true => format!("{name} refused it. Password for sudo once more (not shown):"),
                false => {
                    format!("Password for sudo on {name} and others that want one (not shown):")
                }
            };
            let _terminal = env.terminal().lock().await;
            let console = env.console().clone();
            let answer = tokio::task::spawn_blocking(move || console.password(question)).await;
            answer.map_err(|error| Error::msg(format!("nobody was asked: {error}")))??
        }
    };
    if secret.expose().is_empty() || secret.expose().contains(['\n', '\r', '\0']) {
        return Err(Error::host(name, "the password for sudo must be one line that is not empty"));
    }
    env.secrets().learn(secret.expose().as_bytes().into());
    Ok(secret)
}

/// The first line that a command prints. It may ask questions of its own on the terminal.
async fn printed(env: &Env, line: &str) -> Result<Secret> {
    let _terminal = env.terminal().lock().await;
    let _pause = env.pause();
    let mut command = Command::new("sh");
    command.args(["-c", line]).stdout(Stdio::piped()).kill_on_drop(true);
    let failed = |what: String| Error::msg(format!("the command for the sudo password {what}"));
    let child = command.spawn().map_err(|error| failed(format!("did not start: {error}")))?;
    let output = tokio::select! {
        output = child.wait_with_output() => output.map_err(|error| failed(error.to_string()))?,
        () = env.cancellation().cancelled() => {
            let detail = "while the sudo password was fetched".to_owned();
            return Err(Error::new(ErrorKind::Cancelled { host: None, detail }));
        }
    };
    if !output.status.success() {
        return Err(failed(format!("failed ({})", output.status)));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| failed("printed something that is not UTF-8".to_owned()))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    fn env() -> Env {
        Env::quiet().sudo_password(PasswordSource::Command("echo wrong; echo other".to_owned()))
    }

    /// Whatever many hosts do at once, a wrong password is tried on one of them alone.
    #[tokio::test]
    async fn a_wrong_password_is_tried_on_one_host() {
        let (env, attempts) = (env(), AtomicUsize::new(0));
        let user = AsUser::Other("root".to_owned());
        let hosts: Vec<HostSpec> =
            (1..9).map(|n| HostSpec::new("ssh", &format!("web{n}"))).collect();
        let refuse = |_: SudoPassword| -> BoxFuture<'_, _> {
            Box::pin(async {
                attempts.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Err(TransportError::PasswordRefused { user: "root".to_owned() })
            })
        };
        let tries = hosts.iter().map(|host| env.privileges().unlock(&env, host, &user, &refuse));
        let errors: Vec<Error> =
            join_all(tries).await.into_iter().map(Result::unwrap_err).collect();
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        assert_eq!(errors[0].to_string(), "web1: sudo refused the password to become `root`");
        assert!(errors[1].to_string().contains("refused by web1"), "{}", errors[1]);
    }

    #[tokio::test]
    async fn a_right_one_is_asked_for_once() {
        let (env, attempts) = (env(), AtomicUsize::new(0));
        let user = AsUser::Other("root".to_owned());
        let hosts: Vec<HostSpec> =
            (1..9).map(|n| HostSpec::new("ssh", &format!("web{n}"))).collect();
        let take = |_: SudoPassword| -> BoxFuture<'_, _> {
            attempts.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(()) })
        };
        assert!(env.privileges().password(&hosts[0], &user).is_none());
        let tries = hosts.iter().map(|host| env.privileges().unlock(&env, host, &user, &take));
        assert!(join_all(tries).await.iter().all(Result::is_ok));
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        assert!(env.privileges().password(&hosts[0], &user).is_some());
        assert!(env.privileges().password(&hosts[0], &AsUser::Login).is_none());
        env.privileges().refused(&hosts[0], &user);
        assert!(env.privileges().password(&hosts[0], &user).is_none());
        assert!(env.privileges().unlock(&env, &hosts[0], &user, &take).await.is_err());
    }

    #[tokio::test]
    async fn nobody_to_ask_says_what_to_do() {
        let env = Env::quiet();
        let host = HostSpec::new("ssh", "web1");
        let user = AsUser::Other("app".to_owned());
        let error = env
            .privileges()
            .unlock(&env, &host, &user, &|_| Box::pin(async { Ok(()) }))
            .await
            .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("asks for a password to become `app`"), "{text}");
        assert!(text.contains("DEPLOY_SUDO_PASSWORD_FILE"), "{text}");
    }
}
