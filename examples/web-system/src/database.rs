//! The database of the application.

use deploy_contrib::{context, file, packages, service};
use deploy_core::prelude::*;

use crate::control;
use crate::postgres::{Cluster, Database as Db, Replica, Role};
use crate::service::Service;
use crate::summary::Changes;
use crate::system::Stage;

/// The database, and its owner: the application.
pub(crate) const NAME: &str = "visits";
/// Whom the application is to the database.
pub(crate) const USER: &str = "web";
/// Whom a replica is to its master.
const REPLICATOR: &str = "replicator";

/// PostgreSQL on a master and the replicas that follow it; in staging a SQLite file beside the web service, which needs
/// no server.
#[node(roles(master: One, replica))]
pub struct Database {
    /// Staging or production.
    #[required]
    stage: Stage,

    #[inherit]
    #[node(name = "postgresql")]
    #[map_roles(host = [master, replica])]
    service: Service,
}

#[node]
impl Database {
    /// Run a query on the master.
    pub async fn query(&self, sql: String) -> Result<String> {
        let master = self.roles().master.as_user("postgres");
        let out = master.run(cmd!("psql -d {NAME} -Atc {sql}").quiet()).await?;
        Ok(out.stdout_str()?.to_owned())
    }

    /// What the application is told: where the database is, and the password.
    pub(crate) fn address(stage: Stage, master: &Host) -> Result<Secret> {
        Ok(match stage {
            Stage::Staging => "sqlite:shared/visits.db".into(),
            Stage::Production => {
                let password = control::password("database")?;
                let (password, master) = (password.expose(), master.name());
                format!("postgres://{USER}:{password}@{master}/{NAME}").into()
            }
        })
    }

    /// Install PostgreSQL where there is none, let the application in, and make its database.
    pub(crate) async fn install(&self) -> Result<Changes> {
        let mut changes = Changes::default();
        if self.stage == Stage::Staging {
            return Ok(changes);
        }
        let hosts = self.hosts().sudo();
        changes.add_all(&hosts.ensure(packages(["postgresql"])).await?);
        let configured = hosts.each(async |host: Host| configure(&host).await).await.all_ok()?;
        for (host, change) in &configured {
            for part in change {
                changes.add(host, part);
            }
        }
        let master = self.roles().master.as_user("postgres");
        let password = control::password("database")?;
        let replication = control::password("replication")?;
        let follower = Role::new(REPLICATOR, replication.clone()).replication();
        let database = (Role::new(USER, password), Db::new(NAME, USER), follower);
        changes.add(&master, &master.ensure_all(database).await?);

        let follow = async |host: Host| {
            let cluster = host.fact::<Cluster>().await?;
            host.ensure(Replica::new(cluster, &master, REPLICATOR, replication.clone())).await
        };
        let replicas = self.roles().replica.sudo().each(follow).await.all_ok()?;
        changes.add_all(&replicas);
        Ok(changes)
    }
}

/// Lets PostgreSQL listen on the network, and lets in the application's user from the same network, with its password.
async fn configure(host: &Host) -> Result<Vec<Change>> {
    let cluster = host.fact::<Cluster>().await?;
    let base = RemotePath::new(format!("/etc/postgresql/{}/{}", cluster.version, cluster.name));
    let context = context! { database => NAME, user => USER, replicator => REPLICATOR };
    let files = (
        file(base.join("conf.d/web-system.conf"))
            .content(include_str!("templates/postgresql.conf"))
            .owner("postgres")
            .group("postgres")
            .mode(0o644),
        file(base.join("pg_hba.conf"))
            .template(include_str!("templates/pg_hba.conf.j2"), context)
            .owner("postgres")
            .group("postgres")
            .mode(0o640),
    );
    let files = host.ensure_all(files).await?;
    let running = service("postgresql").restarted_if(files.changed()).enabled();
    let running = host.ensure(running).await?;
    Ok(vec![files, running])
}
