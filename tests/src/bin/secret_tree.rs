//! The program that the lab's test of secrets runs: it does with secrets all that a deployment does, on real hosts.
//!
//! The file that `DEPLOY_TEST_SECRETS` names has two words: one that must never show, and one that is shown on purpose, so that
//! the test sees that it would find it. No program on a host is given the first as an argument or in its environment: what has
//! it are the shell and its builtins, so that a search of all processes needs no exception.

use std::time::Duration;

use deploy_contrib::{context, file};
use deploy_core::Mode;
use deploy_core::prelude::*;

/// A host that is trusted with secrets.
#[node]
struct Vault;

#[node]
impl Vault {
    /// Use the secrets in every way, and fail with one of them in the error.
    pub async fn spend(&self) -> Result {
        let (word, canary) = words()?;
        let key = format!("-----BEGIN {word}-----\nAAAA{word}\n-----END {word}-----\n");
        for (index, value) in
            [word.clone(), format!("it's $({word}) %s \"ü\\q\" &"), key].into_iter().enumerate()
        {
            let secret = Secret::new(value);
            let mut last = self.commands(&secret).await;
            last = last.and(self.files(&secret, index).await);
            if index == 2 {
                self.show(&canary).await?;
                last?;
            }
        }
        Ok(())
    }
}

/// Takes a while, in which the shell is all that there is.
const SLOWLY: &str = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

impl Vault {
    /// Runs commands with a secret, most of which print it on both streams and fail. Gives the last error.
    async fn commands(&self, secret: &Secret) -> Result {
        let mut last = Ok(());
        let slowly = Cmd::raw(SLOWLY);
        let echo =
            cmd!("printf '%s\\n' {secret}; {slowly:raw}; printf 'no <%s>\\n' {secret} >&2; exit 3");
        for hosts in [self.hosts().clone(), self.hosts().sudo()] {
            let variable = hosts.env("TOKEN", secret);
            let prefixed = hosts.prefix(cmd!("TOKEN={secret}"));
            for (hosts, cmd) in [
                (&hosts, echo.clone()),
                (&variable, cmd!("{slowly:raw}; echo \"$TOKEN\"; echo \"$TOKEN\" >&2; exit 3")),
                (&prefixed, cmd!("echo \"$TOKEN\"; exit 3")),
                (&hosts, cmd!("sleep 0.31; cat; exit 3").stdin(secret)),
                (&hosts, cmd!("( echo {secret}").described_as("a mistake")),
                (&hosts, cmd!("set -x; : {secret}; exit 3")),
                (&hosts, cmd!("echo {secret} >&2; sleep 30").timeout(Duration::from_millis(400))),
            ] {
                last = last.and(hosts.run(cmd).await.map(drop));
            }
        }
        last
    }

    /// Writes the secret to files, in every way, and takes them away again.
    async fn files(&self, secret: &Secret, index: usize) -> Result {
        let mut last = Ok(());
        let own = self.hosts().iter().map(|host| ("own", host.clone()));
        let root = self.hosts().iter().map(|host| ("root", host.sudo()));
        for (user, host) in own.chain(root) {
            let path = |name: &str| RemotePath::new(format!("/var/tmp/{name}-{user}-{index}"));
            host.write_file(path("written"), secret).await?;
            last = last.and(host.write_file("/no/such/directory", secret).await);
            let ensured = file(path("ensured"));
            for content in [secret, &Secret::new(format!("{}, too", secret.expose()))] {
                host.ensure(ensured.clone().content(content)).await?;
            }
            // The check prints the file itself.
            let (checked, other) = (path("ensured"), Secret::new(format!("{}\n", secret.expose())));
            let check = cmd!("cat {checked} >&2; exit 9");
            last = last.and(host.ensure(ensured.content(&other).validate(check)).await.map(drop));
            let template = file(path("template"))
                .template("password = {{ it }}\n", context! { it => secret.expose() })
                .secret();
            host.ensure(template).await?;
            if self.env().current_mode() == Mode::Apply {
                let back = host.read_file(path("written")).await?;
                assert_eq!(back, secret.expose().as_bytes());
            }
            for name in ["written", "ensured", "template"] {
                host.remove(path(name)).await?;
            }
        }
        last
    }

    /// What the test must find: in arguments, in an environment, in output.
    async fn show(&self, word: &str) -> Result {
        self.hosts()
            .env("CANARY", word)
            .run(cmd!("sleep 0.5; echo {word}; echo {word} >&2"))
            .await?;
        self.hosts().run(cmd!("sh -c 'sleep 0.5; :' {word}")).await?;
        Ok(())
    }
}

fn words() -> Result<(String, String)> {
    let path =
        std::env::var("DEPLOY_TEST_SECRETS").map_err(|error| Error::msg(error.to_string()))?;
    let text = std::fs::read_to_string(path)?;
    let (word, canary) = text.trim().split_once('\n').ok_or_else(|| Error::msg("two lines"))?;
    Ok((word.to_owned(), canary.to_owned()))
}

/// The hosts, by the names that the lab's ssh_config has for them.
#[node(main)]
struct Root {
    #[node]
    #[hosts(host = ["web1.sudoer", "web2.sudoer"])]
    vault: Vault,
}
