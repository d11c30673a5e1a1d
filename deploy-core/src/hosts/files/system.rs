//! `home`, `has_command`, `addresses`: small questions that many deployments ask.

use std::net::IpAddr;

use futures_util::future::BoxFuture;

use super::super::Host;
use crate::command::{RemotePath, Status};
use crate::{Cmd, Result};

impl Host {
    /// The home directory of the user that commands run as.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub fn home(&self) -> BoxFuture<'static, Result<RemotePath>> {
        let host = self.clone();
        Box::pin(
            async move { Ok(RemotePath::new(host.probe("printf '%s\\n' ~").await?.stdout_str()?)) },
        )
    }

    /// Whether the host has a program of this name.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub fn has_command(&self, name: impl AsRef<str>) -> BoxFuture<'static, Result<bool>> {
        let (host, name) = (self.clone(), name.as_ref().to_owned());
        Box::pin(async move {
            if name.is_empty() || name.starts_with('-') {
                return Ok(false);
            }
            let look = Cmd::new().lit("command -v ").words(&name).lit(" >/dev/null 2>&1");
            Ok(host.probe(look.ok_codes([0, 1, 127])).await?.status == Status::Code(0))
        })
    }

    /// Its addresses, without those that only the host itself or its own link can use.
    ///
    /// # Errors
    /// When the host cannot be asked, or has neither `ip` nor `ifconfig`.
    pub fn addresses(&self) -> BoxFuture<'static, Result<Vec<IpAddr>>> {
        let host = self.clone();
        Box::pin(async move {
            let list = "PATH=$PATH:/sbin:/usr/sbin; ip -o addr show 2>/dev/null || ifconfig -a";
            let output = host.probe(list).await?;
            Ok(parse(&String::from_utf8_lossy(&output.stdout)))
        })
    }
}

/// The word after each `inet` or `inet6`.
fn parse(text: &str) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word != "inet" && word != "inet6" {
            continue;
        }
        let word = words.next().unwrap_or_default();
        let word = word.strip_prefix("addr:").unwrap_or(word);
        let word = word.split(['/', '%']).next().unwrap_or_default();
        let Ok(address) = word.parse::<IpAddr>() else { continue };
        let link_local = match address {
            IpAddr::V4(address) => address.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        };
        if !address.is_loopback() && !link_local && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn both_programs() {
        let ip = "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.0.0.7/24 brd 10.0.0.255 scope global eth0\n2: eth0    inet6 fe80::1/64 scope link\n2: eth0    inet6 2001:db8::7/64 scope global";
        let ifconfig = "eth0: flags=4163<UP>\n\tinet 10.0.0.7  netmask 255.255.255.0\n\tinet6 fe80::1%eth0 prefixlen 64\n\tinet6 2001:db8::7 prefixlen 64\nlo0:\n\tinet 127.0.0.1";
        for text in [ip, ifconfig] {
            let found: Vec<String> = parse(text).iter().map(ToString::to_string).collect();
            assert_eq!(found, ["10.0.0.7", "2001:db8::7"]);
        }
    }
}
