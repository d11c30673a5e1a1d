//! The web servers: each is its own, isolated cell.

use deploy_contrib::process::Process;
use deploy_contrib::{context, directory, file, keep_releases, link, process, service, upload};
use deploy_core::prelude::*;
use deploy_core::{Mode, Op};

use crate::application::{self, PROGRAM, Release};
use crate::database::Database;
use crate::health;
use crate::summary::Changes;
use crate::system::Stage;

/// How many releases are kept on a host.
const KEEP: usize = 5;

/// A host that runs the web service: releases by revision, of which `current` is one, and a service that runs it.
///
/// In production systemd runs it; in staging a process manager of ours, because nothing may be installed there.
#[node(parallel, roles(database: One))]
pub struct Web {
    /// Git URL or directory of the application.
    #[required]
    repository: String,
    /// Staging or production.
    #[required]
    stage: Stage,
    /// Where releases are.
    #[required]
    directory: RemotePath,
    /// Address and port on which the service listens.
    #[required]
    listen: String,
}

#[node]
impl Web {
    /// Deploy a commit, or HEAD, on this host.
    pub async fn deploy(&self, commit: Option<String>) -> Result<String> {
        let release = application::build(self.env(), &self.repository, commit.as_deref()).await?;
        Ok(self.install(&release).await?.to_string())
    }

    /// Start the service.
    pub async fn start(&self) -> Result {
        self.ensure(service(PROGRAM).running(), Process::running).await
    }

    /// Stop the service.
    pub async fn stop(&self) -> Result {
        self.ensure(service(PROGRAM).stopped(), Process::stopped).await
    }

    /// Restart the service.
    pub async fn restart(&self) -> Result {
        self.ensure(service(PROGRAM).restarted(), Process::restarted).await
    }

    /// Say whether the service runs, and which revision answers.
    pub async fn status(&self) -> Result<String> {
        let state = match self.stage {
            Stage::Staging => self.process().state(self.host()).await?.to_string(),
            Stage::Production => {
                let show = cmd!("systemctl show --value -p ActiveState -- {PROGRAM}");
                self.host().probe(show).await?.stdout_str()?.to_owned()
            }
        };
        Ok(match health::revision(self.host(), &self.listen).await? {
            Some(revision) => format!("{state}, revision {revision} answers"),
            None => format!("{state}, nothing answers"),
        })
    }

    /// Show the end of the log.
    pub async fn log(&self, #[default(20)] lines: u32) -> Result<String> {
        match self.stage {
            Stage::Staging => self.process().log(self.host(), lines).await,
            Stage::Production => {
                let show = cmd!("journalctl --no-pager -u {PROGRAM} -n {lines}");
                Ok(self.host().sudo().probe(show).await?.stdout_str()?.to_owned())
            }
        }
    }

    /// Puts a release in place, runs it, and waits until it answers.
    pub(crate) async fn install(&self, release: &Release) -> Result<Changes> {
        let mut changes = Changes::default();
        let Release { revision, binary } = release;
        let host = self.account();
        let Some(binary) = binary else {
            // A dry run of a revision that was never built.
            return Ok(changes);
        };

        let target = self.directory.join("releases").join(revision);
        let mut files: Vec<Op> = vec![
            directory(&target).into(),
            directory(self.directory.join("shared")).into(),
            upload(binary, target.join(PROGRAM)).executable().into(),
            self.environment(revision)?.into(),
            link(self.directory.join("current"), format!("releases/{revision}")).into(),
        ];
        if self.stage == Stage::Production {
            files.push(self.unit().into());
        }
        let files = host.ensure_all(files).await?;
        changes.add(self.host(), &files);

        // Whoever was interrupted between these two steps left an old revision running.
        let answers = health::revision(self.host(), &self.listen).await?;
        let stale = files.changed() || answers.is_some_and(|answers| answers != *revision);
        let running: Op = match self.stage {
            Stage::Staging => self.process().restarted_if(stale).into(),
            Stage::Production => service(PROGRAM).restarted_if(stale).enabled().into(),
        };
        changes.add(self.host(), &host.ensure(running).await?);
        if self.env().current_mode() == Mode::Apply {
            self.answers(revision).await?;
        }

        let tidy = keep_releases(self.directory.join("releases"), KEEP);
        changes.add(self.host(), &host.ensure(tidy).await?);
        Ok(changes)
    }

    /// Waits until `revision` answers; if it does not, the service's log may say why.
    async fn answers(&self, revision: &str) -> Result {
        let Err(error) = health::wait(self.host(), &self.listen, revision).await else {
            return Ok(());
        };
        let log = self.log(10).await.unwrap_or_else(|error| error.to_string());
        let log: String = log.lines().map(|line| format!("\n  {line}")).collect();
        Err(Error::msg(format!("{error}; the end of its log:{log}")))
    }

    fn environment(&self, revision: &str) -> Result<deploy_contrib::files::File> {
        let database = Database::address(self.stage, &self.roles().database)?;
        let context = context! {
            listen => self.listen,
            database => database.expose(),
            revision,
            host => self.host().name(),
        };
        Ok(file(self.directory.join("shared/environment"))
            .template(include_str!("templates/environment.j2"), context)
            .secret()
            .mode(0o600))
    }

    fn unit(&self) -> deploy_contrib::files::File {
        let context = context! { directory => self.directory, program => PROGRAM };
        file(format!("/etc/systemd/system/{PROGRAM}.service"))
            .template(include_str!("templates/web-service.service.j2"), context)
            .mode(0o644)
    }

    fn process(&self) -> Process {
        let program = format!("./current/{PROGRAM}");
        process(PROGRAM, &self.directory, cmd!("{program}"))
            .environment(self.directory.join("shared/environment"))
    }

    /// The host, as whoever owns the service.
    fn account(&self) -> Host {
        match self.stage {
            Stage::Staging => self.host().clone(),
            Stage::Production => self.host().sudo(),
        }
    }

    async fn ensure(&self, unit: service::Service, process: fn(Process) -> Process) -> Result {
        let operation: Op = match self.stage {
            Stage::Staging => process(self.process()).into(),
            Stage::Production => unit.into(),
        };
        self.account().ensure(operation).await?;
        Ok(())
    }
}

#[node]
impl Array<Web> {
    /// Deploy a commit, or HEAD, on every host: built once.
    pub async fn deploy(&self, commit: Option<String>) -> Result<String> {
        let Some(first) = self.iter().next() else {
            return Ok("there is no host".to_owned());
        };
        let release = application::build(self.env(), &first.repository, commit.as_deref()).await?;
        Ok(self.install(&release).await?.to_string())
    }

    /// Puts a release in place on every host.
    pub(crate) async fn install(&self, release: &Release) -> Result<Changes> {
        let installed = self.each(async |web: &Web| web.install(release).await).await.all_ok()?;
        let mut changes = Changes::default();
        for change in installed.values() {
            changes.merge(change);
        }
        Ok(changes)
    }
}
