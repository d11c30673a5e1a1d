//! The system: which components there are, which hosts they get, and in which order they are deployed.

use deploy_core::Mode;
use deploy_core::prelude::*;

use crate::application;
use crate::balancer::LoadBalancer;
use crate::database::Database;
use crate::service::Service;
use crate::summary::Changes;
use crate::web::Web;

/// What a system is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// To be tried out, on a machine on which nothing may be installed.
    Staging,
    /// To be used.
    Production,
}

/// A web service behind load balancers, with its database, a cache and a queue.
#[node(roles(load_balancer, web, master_db: One, slave_db, queue, cache))]
pub struct WebSystem {
    /// Git URL or directory of the application.
    #[required]
    repository: String,
    /// Staging or production.
    #[required]
    stage: Stage,
    /// Where releases are on the web servers.
    #[required]
    directory: RemotePath,
    /// Address and port on which the web servers listen.
    #[required]
    listen: String,

    #[node(name = "redis-server")]
    #[map_roles(host = cache)]
    cache: Service,

    #[node(name = "redis-server")]
    #[map_roles(host = queue)]
    queue: Service,

    #[node(stage = self.stage)]
    #[map_roles(master = master_db, replica = slave_db)]
    database: Database,

    #[node(
        repository = self.repository.clone(),
        stage = self.stage,
        directory = self.directory.clone(),
        listen = self.listen.clone()
    )]
    #[map_roles(host = web, database = master_db)]
    web: Array<Web>,

    #[node(port = port(&self.listen))]
    #[map_roles(host = load_balancer, web = web)]
    balancer: LoadBalancer,
}

#[node]
impl WebSystem {
    /// Deploy a commit, or HEAD, and everything that it needs.
    pub async fn deploy(&self, commit: Option<String>) -> Result<String> {
        let mut changes = Changes::default();
        // What cannot be built should not touch a host.
        let release = application::build(self.env(), &self.repository, commit.as_deref()).await?;
        let (cache, queue, database) =
            tokio::join!(self.cache.install(), self.queue.install(), self.database.install());
        for installed in [cache, queue, database] {
            changes.merge(&installed?);
        }
        changes.merge(&self.web.install(&release).await?);
        changes.merge(&self.balancer.install(&release.revision).await?);
        let revision = &release.revision;
        if self.env().current_mode() != Mode::Apply {
            return Ok(match release.binary {
                Some(_) => format!("revision {revision}: {changes}"),
                None => format!("revision {revision} would be built first, and then installed"),
            });
        }
        let place = match self.stage {
            Stage::Staging => {
                format!("see http://{}/ (its files are in {})", self.listen, self.directory)
            }
            Stage::Production => {
                format!("it is behind {}", self.roles().load_balancer.names().join(", "))
            }
        };
        Ok(format!("{changes}\nrevision {revision} runs: {place}"))
    }

    /// Say of every component what it does on each of its hosts.
    pub async fn status(&self) -> Result<String> {
        let mut lines = Vec::new();
        let mut add = |component: &str, states: PerHost<String>| {
            for (host, state) in &states {
                lines.push(format!("{component} on {host}: {state}"));
            }
        };
        add("balancer", self.balancer.status().await?);
        add("web", self.web.status().await?);
        if self.stage == Stage::Production {
            add("database", self.database.status().await?);
        }
        add("cache", self.cache.status().await?);
        add("queue", self.queue.status().await?);
        Ok(lines.join("\n"))
    }

    /// Stop the web service; in staging that is everything.
    pub async fn stop(&self) -> Result {
        self.web.stop().await?;
        Ok(())
    }
}

/// The port of an address; one that is none is the service's own to complain about.
fn port(address: &str) -> u16 {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(8080)
}
