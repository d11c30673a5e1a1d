//! Whole programs of the language: they compile as written and mean what they say.
//!
//! The root below is the system of the introduction, with two small components of its own.

#![allow(missing_docs, unreachable_pub, reason = "as in the introduction")]

mod actions;
mod combined;
mod generics;
mod given;
mod hygiene;
mod nesting;
mod rollout;
mod shapes;
mod strangers;
mod threads;
mod web_system;

use deploy_core::prelude::*;

/// A service of the init system.
#[node]
pub struct Service {
    /// The unit's name.
    #[required]
    name: String,
}

#[node]
impl Service {
    /// Start it.
    pub async fn start(&self) -> Result {
        self.hosts().sudo().run(cmd!("systemctl start {self.name}")).await?;
        Ok(())
    }

    /// Stop it.
    pub async fn stop(&self) -> Result {
        self.hosts().sudo().run(cmd!("systemctl stop {self.name}")).await?;
        Ok(())
    }

    /// What the unit is called.
    pub fn unit(&self) -> String {
        format!("{}.service", self.name)
    }
}

/// A git checkout.
#[node(parallel)]
pub struct Git {
    #[required]
    repository: String,
    #[required]
    directory: RemotePath,
}

#[node]
impl Git {
    /// Check out a commit.
    pub async fn checkout(&self, commit: String) -> Result {
        self.host().run(cmd!("git -C {self.directory} fetch {self.repository} {commit}")).await?;
        Ok(())
    }

    /// The commit that is checked out.
    pub async fn show(&self) -> Result<String> {
        let out = self.host().probe(cmd!("git -C {self.directory} rev-parse HEAD")).await?;
        Ok(out.stdout_str()?.to_owned())
    }
}

/// A database with one master and any number of replicas.
#[node(roles(master: One, replica))]
pub struct Database {
    #[inherit] // start/stop/status/… become Database's own
    #[node(name = "postgresql")]
    #[map_roles(host = [master, replica])]
    service: Service,
}

#[node]
impl Database {
    /// Run a query on the master.
    pub async fn query(&self, sql: String) -> Result<String> {
        let out = self.roles().master.as_user("postgres").run(cmd!("psql -Atc {sql}")).await?;
        Ok(out.stdout_str()?.to_owned())
    }
}

/// Stateless web servers: every host is its own, isolated cell.
#[node(parallel)]
pub struct Web {
    #[required]
    repository: String,
    #[default("~/app")]
    directory: RemotePath,

    #[node(repository = self.repository.clone(), directory = self.directory.clone())]
    git: Git, // a parallel node inside a parallel node: same cell
}

#[node]
impl Web {
    /// Check out a commit and restart.
    pub async fn deploy(&self, commit: String) -> Result {
        self.git.checkout(commit).await?;
        self.restart().await
    }

    /// Restart the server.
    pub async fn restart(&self) -> Result {
        self.host().sudo().run(cmd!("systemctl restart web")).await?;
        Ok(())
    }
}

#[node]
impl Array<Web> {
    /// Ask once, then deploy everywhere, a quarter of the hosts at a time.
    #[action(alias = "ask")]
    pub async fn deploy_interactively(&self) -> Result {
        let commit: String = self.console().input("Which commit?").ask()?;
        self.batch(Batch::percent(25)).max_fail(1).deploy(commit).await?;
        Ok(())
    }
}

#[node(roles(load_balancer, web, master_db: One, slave_db, queue, cache))]
pub struct WebSystem {
    /// Git URL of the application.
    #[required]
    repository: String,

    #[node(name = "redis-server")]
    #[map_roles(host = cache)]
    cache: Service,

    #[node]
    #[map_roles(master = master_db, replica = slave_db)]
    database: Database,

    #[node(repository = self.repository.clone())]
    #[map_roles(host = web)]
    web: Array<Web>,
}

#[node(main)]
struct Root {
    /// Everything on this machine.
    #[group(staging)]
    #[node(repository = "git@github.com:example/example.git")]
    #[hosts(web = [Host::local()], master_db = [Host::local()], cache = [Host::local()], ..)]
    staging: WebSystem,

    #[group(production)]
    #[node(repository = "git@github.com:example/example.git", cache.name = "redis")]
    #[hosts(load_balancer = ["lb[0-1]"], web = ["web[1-3]"], master_db = ["db1"],
            slave_db = ["db2"], queue = ["queue"], cache = ["cache"])]
    production: WebSystem,
}
