//! The password that sudo, doas or su wants on hosts: where it comes from, on which host it is tried first, and where it is needed.
//!
//! Asked for once in a run for all hosts that take the same one, and before it is needed again. It is tried on one host; the others wait
//! for what comes of that, so that a wrong one locks no account on all of them. Knows hosts as data; what tries it is a closure.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::process::Command;

use crate::command::Secret;
use crate::env::Env;
use crate::error::ErrorKind;
use crate::host::{AsUser, Elevation, HostSpec};
use crate::transport::{SudoPassword, TransportError};
use crate::{Error, Result};

/// How often a person may mistype.
const ATTEMPTS: usize = 3;

/// Where the password for sudo, doas or su comes from, where a host wants one.
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

/// Lets a host decide on a password.
pub(crate) type Attempt<'a> =
    &'a (dyn Fn(SudoPassword) -> BoxFuture<'a, Result<(), TransportError>> + Sync);

/// Who wants to become whom, where, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    host: HostSpec,
    user: AsUser,
    by: Elevation,
}

/// Whose password it is that a claim takes. Hosts of the same one make a group that is asked for once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    /// That of whoever logs in, if it is not ssh's business who that is.
    Login(Option<String>),
    /// That of the user whom commands run as.
    Target(String),
}

/// What a run has learnt of it.
#[derive(Debug, Default)]
pub(crate) struct Privileges {
    learnt: Mutex<Learnt>,
    /// Held while it is asked for and tried for the first time.
    gate: tokio::sync::Mutex<HashMap<Whose, Gate>>,
}

#[derive(Debug, Default)]
struct Learnt {
    /// Passwords that a host has taken.
    proven: HashMap<Whose, SudoPassword>,
    /// Where one is wanted, and whether it was refused there.
    wanted: HashMap<Claim, bool>,
}

#[derive(Debug, Default)]
struct Gate {
    /// What has been asked for and not been tried to an end.
    candidate: Option<SudoPassword>,
    /// Why there is none.
    given_up: Option<String>,
}

impl Claim {
    pub(crate) fn new(host: &HostSpec, user: &AsUser, by: Elevation) -> Self {
        Self { host: host.clone(), user: user.clone(), by }
    }

    fn whose(&self) -> Whose {
        match (self.by, &self.user) {
            (Elevation::Su, AsUser::Other(user)) => Whose::Target(user.clone()),
            _ => Whose::Login(self.host.user.clone()),
        }
    }
}

impl Privileges {
    /// The password for it, if it is known that one is wanted.
    pub(crate) fn password(&self, claim: &Claim) -> Option<SudoPassword> {
        if claim.user == AsUser::Login {
            return None;
        }
        let learnt = self.lock();
        match learnt.wanted.get(claim)? {
            true => None,
            false => learnt.proven.get(&claim.whose()).cloned(),
        }
    }

    /// A host did not take the password.
    pub(crate) fn refused(&self, claim: &Claim) {
        self.lock().wanted.insert(claim.clone(), true);
    }

    /// Finds the password for a host that wants one. `attempt` tries one on it.
    ///
    /// # Errors
    /// When there is none, or not the right one.
    pub(crate) async fn unlock(
        &self,
        env: &Env,
        claim: &Claim,
        attempt: Attempt<'_>,
    ) -> Result<SudoPassword> {
        if self.lock().wanted.get(claim) == Some(&true) {
            let message =
                format!("{} refused the password before; it is not tried there again", claim.by);
            return Err(Error::host(&claim.host.name, message));
        }
        let whose = claim.whose();
        let mut gates = self.gate.lock().await;
        let proven = self.lock().proven.get(&whose).cloned();
        let password = match proven {
            Some(password) => password,
            None => {
                let gate = gates.entry(whose.clone()).or_default();
                let password = gate.open(env, claim, attempt).await?;
                self.lock().proven.insert(whose, password.clone());
                password
            }
        };
        self.lock().wanted.insert(claim.clone(), false);
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
        claim: &Claim,
        attempt: Attempt<'_>,
    ) -> Result<SudoPassword> {
        let name = &claim.host.name;
        if let Some(reason) = &self.given_up {
            let (host, reason) = (name.clone(), reason.clone());
            return Err(Error::new(ErrorKind::NotAttempted { host, reason }));
        }
        let mut refused = 0;
        loop {
            let password = match self.candidate.take() {
                Some(password) => password,
                None => SudoPassword::new(ask(env, claim, refused > 0).await?),
            };
            match attempt(password.clone()).await {
                Ok(()) => return Ok(password),
                Err(error @ TransportError::PasswordRefused { .. }) => {
                    refused += 1;
                    let asked = matches!(env.password_source(), PasswordSource::Ask);
                    if refused == ATTEMPTS || !asked {
                        let by = claim.by;
                        self.given_up =
                            Some(format!("the password for {by} was refused by {name}"));
                        return Err(error.of_host(name));
                    }
                }
                Err(other) => {
                    self.candidate = Some(password);
                    return Err(other.of_host(name));
                }
            }
        }
    }
}

async fn ask(env: &Env, claim: &Claim, again: bool) -> Result<Secret> {
    let Claim { host: HostSpec { name, .. }, user, by } = claim;
    let (what, without) = match by {
        Elevation::Sudo => {
            ("for sudo".to_owned(), ", or allow it without one (NOPASSWD) in sudoers")
        }
        Elevation::Doas => {
            ("for doas".to_owned(), ", or permit it without one (nopass) in doas.conf")
        }
        Elevation::Su => (format!("of `{}`", user.name()), ""),
    };
    let secret = match env.password_source() {
        PasswordSource::Known(secret) => secret.clone(),
        PasswordSource::Command(line) => printed(env, line).await?,
        PasswordSource::Ask if !env.console().is_interactive() => {
            return Err(Error::host(
                name,
                format!(
                    "{by} asks for a password to become `{}`, and there is nobody to ask: name a file that holds it in \
                     DEPLOY_SUDO_PASSWORD_FILE, give a command with --sudo-password-command{without}",
                    user.name()
                ),
            ));
        }
        PasswordSource::Ask => {
            let question = match again {
                true => format!("{name} refused it. Password {what} once more (not shown):"),
                false => {
                    format!("Password {what} on {name} and others that want one (not shown):")
                }
            };
            let _terminal = env.terminal().lock().await;
            let console = env.console().clone();
            let answer = tokio::task::spawn_blocking(move || console.password(question)).await;
            answer.map_err(|error| Error::msg(format!("nobody was asked: {error}")))??
        }
    };
    if secret.expose().is_empty() || secret.expose().contains(['\n', '\r', '\0']) {
        return Err(Error::host(
            name,
            format!("the password {what} must be one line that is not empty"),
        ));
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

    fn claims(by: Elevation, user: &str) -> Vec<Claim> {
        let user = AsUser::Other(user.to_owned());
        let hosts = (1..9).map(|n| HostSpec::new("ssh", &format!("web{n}")));
        hosts.map(|host| Claim::new(&host, &user, by)).collect()
    }

    /// Whatever many hosts do at once, a wrong password is tried on one of them alone.
    #[tokio::test]
    async fn a_wrong_password_is_tried_on_one_host() {
        let (env, attempts) = (env(), AtomicUsize::new(0));
        let claims = claims(Elevation::Sudo, "root");
        let refuse = |_: SudoPassword| -> BoxFuture<'_, _> {
            Box::pin(async {
                attempts.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                let (by, user) = (Elevation::Sudo, "root".to_owned());
                Err(TransportError::PasswordRefused { by, user })
            })
        };
        let tries = claims.iter().map(|claim| env.privileges().unlock(&env, claim, &refuse));
        let errors: Vec<Error> =
            join_all(tries).await.into_iter().map(Result::unwrap_err).collect();
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        assert_eq!(errors[0].to_string(), "web1: sudo refused the password to become `root`");
        assert!(errors[1].to_string().contains("refused by web1"), "{}", errors[1]);
    }

    #[tokio::test]
    async fn a_right_one_is_asked_for_once() {
        let (env, attempts) = (env(), AtomicUsize::new(0));
        let claims = claims(Elevation::Sudo, "root");
        let take = |_: SudoPassword| -> BoxFuture<'_, _> {
            attempts.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(()) })
        };
        assert!(env.privileges().password(&claims[0]).is_none());
        let tries = claims.iter().map(|claim| env.privileges().unlock(&env, claim, &take));
        assert!(join_all(tries).await.iter().all(Result::is_ok));
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        assert!(env.privileges().password(&claims[0]).is_some());
        let login = Claim { user: AsUser::Login, ..claims[0].clone() };
        assert!(env.privileges().password(&login).is_none());
        env.privileges().refused(&claims[0]);
        assert!(env.privileges().password(&claims[0]).is_none());
        assert!(env.privileges().unlock(&env, &claims[0], &take).await.is_err());
    }

    /// su takes the password of whom it becomes, the others that of whoever logs in.
    #[tokio::test]
    async fn each_group_of_hosts_has_its_own() {
        let (env, attempts) = (env(), AtomicUsize::new(0));
        let take = |_: SudoPassword| -> BoxFuture<'_, _> {
            attempts.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(()) })
        };
        let mut other_login = claims(Elevation::Sudo, "root");
        other_login.iter_mut().for_each(|claim| claim.host.user = Some("admin".to_owned()));
        for (claims, asked) in [
            (claims(Elevation::Sudo, "root"), 1),
            (claims(Elevation::Sudo, "app"), 1),
            (claims(Elevation::Doas, "root"), 1),
            (claims(Elevation::Su, "root"), 2),
            (claims(Elevation::Su, "app"), 3),
            (other_login, 4),
        ] {
            for claim in &claims {
                env.privileges().unlock(&env, claim, &take).await.unwrap();
            }
            assert_eq!(attempts.load(Ordering::Relaxed), asked, "{:?}", claims[0]);
        }
    }

    #[tokio::test]
    async fn nobody_to_ask_says_what_to_do() {
        let env = Env::quiet();
        for (by, way_out) in [
            (Elevation::Sudo, "(NOPASSWD) in sudoers"),
            (Elevation::Doas, "(nopass) in doas.conf"),
            (Elevation::Su, "DEPLOY_SUDO_PASSWORD_FILE"),
        ] {
            let claim = &claims(by, "app")[0];
            let take = |_: SudoPassword| -> BoxFuture<'_, _> { Box::pin(async { Ok(()) }) };
            let error = env.privileges().unlock(&env, claim, &take).await.unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&format!("{by} asks for a password to become `app`")), "{text}");
            assert!(text.contains(way_out), "{text}");
        }
    }
}
