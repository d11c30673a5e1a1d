//! nginx in front of the web servers.

use deploy_contrib::{absent, context, file, package, service};
use deploy_core::Mode;
use deploy_core::prelude::*;

use crate::health;
use crate::summary::Changes;

/// nginx, which hands each request to the next web server in turn.
#[node(roles(host, web))]
pub struct LoadBalancer {
    /// The port on which the web servers listen.
    #[required]
    port: u16,
}

#[node]
impl LoadBalancer {
    /// Say on each host whether it runs.
    pub async fn status(&self) -> Result<PerHost<String>> {
        let states =
            self.roles().host.probe(cmd!("systemctl show --value -p ActiveState nginx")).await?;
        states.into_iter().map(|(host, out)| Ok((host, out.stdout_str()?.to_owned()))).collect()
    }

    /// Check the configuration and read it again.
    pub async fn reload(&self) -> Result {
        self.roles().host.sudo().ensure(service("nginx").reloaded()).await?;
        Ok(())
    }

    /// Installs and configures it, and waits until `revision` answers through it.
    pub(crate) async fn install(&self, revision: &str) -> Result<Changes> {
        let servers: Vec<&str> = self.roles().web.names();
        let context = context! { servers, port => self.port };
        let hosts = self.roles().host.sudo();
        let configured = hosts.each(async |host: Host| {
            let site = file("/etc/nginx/sites-enabled/web-service.conf")
                .template(include_str!("templates/nginx.conf.j2"), context.clone())
                .mode(0o644)
                .validate(cmd!("nginx -q -t"));
            let default = absent("/etc/nginx/sites-enabled/default");
            let files = host.ensure_all((package("nginx"), default, site)).await?;
            let running = service("nginx").reloaded_if(files.changed()).enabled();
            let running = host.ensure(running).await?;
            if self.env().current_mode() == Mode::Apply {
                health::wait(&host, "127.0.0.1:80", revision).await?;
            }
            Ok([files, running])
        });
        let mut changes = Changes::default();
        for (host, parts) in &configured.await.all_ok()? {
            parts.iter().for_each(|change| changes.add(host, change));
        }
        Ok(changes)
    }
}
