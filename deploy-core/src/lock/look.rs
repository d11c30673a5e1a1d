//! Looking at the locks of hosts, whoever holds them, and freeing those that were left behind.

use super::holder::Found;
use super::script;
use crate::hosts::{Host, Hosts};
use crate::{PerHost, Result};

/// Who holds the lock of each host; nothing where nobody does.
pub(crate) async fn look(hosts: &Hosts) -> Result<PerHost<Option<Found>>> {
    let all = hosts.each(async |host: Host| {
        let output = host.without_context().run(script::show()).await?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok((!text.is_empty()).then(|| Found::parse(&text)))
    });
    all.await.all_ok()
}

/// Frees the lock of a host as it was found, and no other: one that was freed meanwhile may be somebody else's by now. What belongs to
/// another user on the host is freed as root.
pub(crate) async fn free(host: &Host, found: &Found) -> Result {
    let host = host.without_context();
    let cmd = script::free(found.run());
    match host.run(cmd.clone()).await {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            crate::ErrorKind::Command { .. } => host.sudo().run(cmd).await.map(drop),
            _ => Err(error),
        },
    }
}
