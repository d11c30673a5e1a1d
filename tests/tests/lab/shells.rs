//! Every shell that a host may have as its `sh` keeps every promise, behind whatever login shell.
//!
//! The host's `/bin/sh` really is that shell: a link in the host's own root, so that sshd, sudo and scripts get it as well.

use deploy_core::prelude::*;

use crate::conformance::{all, scripts};
use crate::lab::{Init, Lab, block_on};

/// No other test uses it.
const HOST: &str = "shell1";

fn conforms(path: &str) {
    let Some(lab) = Lab::with_hosts(Init::Sshd, &[HOST]) else { return };
    lab.xtask(&["exec", HOST, "ln", "-sf", path, "/bin/sh"]);
    // The link, made anew.
    lab.keeps(&["/usr/bin/sh"]);
    let _restored = Restored(&lab);
    block_on(async {
        // A connection of its own: one that is kept may have shells that wait, and they are the ones from before.
        let env = lab.env().connect_settings(|settings| {
            settings.persist = std::time::Duration::ZERO;
        });
        let at = |name: &str| Host::ssh(name).in_env(&env);
        let what = at(HOST).run("readlink -f /proc/$$/exe").await.unwrap();
        let real = std::fs::canonicalize(path).unwrap();
        assert_eq!(what.stdout_str().unwrap(), real.to_str().unwrap());
        all(&at(HOST)).await;
        for user in ["fishsh", "cshsh", "zshsh"] {
            scripts(&at(&format!("{HOST}.{user}")), user).await;
        }
        env.finish().await;
    });
}

/// Gives the host its own `sh` back when dropped.
struct Restored<'a>(&'a Lab);

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        // A second panic while the first unwinds would end all tests.
        let _ = self.0.try_xtask(&["exec", HOST, "ln", "-sf", "dash", "/bin/sh"]);
    }
}

#[test]
fn dash() {
    conforms("/usr/bin/dash");
}

#[test]
fn bash() {
    conforms("/usr/bin/bash");
}

#[test]
fn busybox() {
    conforms("/usr/bin/busybox");
}

#[test]
fn ksh93() {
    conforms("/usr/bin/ksh93");
}

#[test]
fn mksh() {
    conforms("/usr/bin/mksh");
}

#[test]
fn zsh() {
    conforms("/usr/bin/zsh");
}
