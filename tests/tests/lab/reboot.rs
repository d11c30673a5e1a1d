//! A host that really boots again: with systemd as process 1, and a boot id of its own as every machine has.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deploy_core::prelude::*;

use crate::lab::{Init, Lab, block_on};

const HOST: &str = "boot1";

/// Boots the host again whenever its power is off, as a machine does by itself after a reboot.
struct PowerButton(Arc<AtomicBool>, Option<std::thread::JoinHandle<()>>);

impl PowerButton {
    fn held(lab: &Lab) -> Self {
        let program = lab.ssh_config.with_file_name("bin").join("xtask");
        let over = Arc::new(AtomicBool::new(false));
        let until = over.clone();
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                // While the host runs this changes nothing; a host that is just going down may refuse.
                let _ = Command::new(&program).args(["lab", "up", HOST]).output();
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self(over, Some(thread))
    }
}

impl Drop for PowerButton {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        if let Some(thread) = self.1.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_host_reboots_and_is_waited_for() {
    let Some(lab) = Lab::with_hosts(Init::Systemd, &[HOST]) else { return };
    // What systemd makes when it boots.
    lab.keeps(&["/run/initctl", "/run/shm"]);
    let button = PowerButton::held(&lab);
    block_on(async {
        let env = lab.env();
        let host = Host::ssh(HOST).in_env(&env);
        let id = async || host.probe("cat /proc/sys/kernel/random/boot_id").await.unwrap();
        let before = id().await.stdout;
        assert_eq!(before.len(), 37);
        host.run("touch /run/user/$(id -u)/gone 2>/dev/null || touch /tmp/gone; touch stays")
            .await
            .unwrap();
        let shown = Host::ssh(HOST).in_env(&lab.env().dry_run());
        shown.reboot(Duration::from_secs(60)).await.unwrap();
        assert_eq!(id().await.stdout, before);
        host.cd("/").reboot(Duration::from_secs(60)).await.unwrap();
        assert_ne!(id().await.stdout, before);
        let left = host.run("ls /tmp /home/deploy").await.unwrap();
        let left = left.stdout_str().unwrap();
        assert!(left.contains("stays") && !left.contains("gone"), "{left}");
        host.run("rm stays").await.unwrap();
        env.finish().await;
    });
    drop(button);
}
