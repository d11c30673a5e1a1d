//! A service of systemd: what nearly every component of production is made of.

use deploy_contrib::{package, service};
use deploy_core::prelude::*;

use crate::summary::Changes;

/// A service that comes with a package of the same name.
#[node]
pub struct Service {
    /// Its name.
    #[required]
    name: String,
}

#[node]
impl Service {
    /// Start it.
    pub async fn start(&self) -> Result {
        self.hosts().sudo().ensure(service(&self.name).running()).await?;
        Ok(())
    }

    /// Stop it.
    pub async fn stop(&self) -> Result {
        // Some services, such as PostgreSQL, are one instance of a template for each of their clusters.
        let instances = format!("{}@*", self.name);
        self.hosts().sudo().run(cmd!("systemctl stop -- {self.name} {instances}")).await?;
        Ok(())
    }

    /// Stop it and start it again.
    pub async fn restart(&self) -> Result {
        self.hosts().sudo().ensure(service(&self.name).restarted()).await?;
        Ok(())
    }

    /// Say on each host whether it runs.
    pub async fn status(&self) -> Result<PerHost<String>> {
        let instances = format!("{}@*", self.name);
        let states = self
            .hosts()
            .probe(cmd!("systemctl show --value -p ActiveState -- {self.name} {instances}"))
            .await?;
        Ok(states.map(|out| worst(&out)))
    }

    /// Install it, and let it run now and after every boot.
    pub(crate) async fn install(&self) -> Result<Changes> {
        let mut changes = Changes::default();
        let up = (package(&self.name), service(&self.name).running().enabled());
        changes.add_all(&self.hosts().sudo().ensure_all(up).await?);
        Ok(changes)
    }
}

/// The first state that is not `active`.
fn worst(out: &Output) -> String {
    out.lines()
        .filter(|line| !line.is_empty())
        .find(|line| line != "active")
        .unwrap_or_else(|| "active".to_owned())
}
