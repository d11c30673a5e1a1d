//! Operations on a real host, as root by sudo: packages, services, owners, and the cost of a run without changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deploy_contrib::{absent, directory, file, link, package, service};
use deploy_core::Op;
use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;

use crate::lab::{Lab, block_on};

const UNIT: &str = "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n";

/// Counts commands.
#[derive(Clone, Default)]
struct Commands(Arc<AtomicUsize>);

impl Reporter for Commands {
    fn event(&self, event: &Event) {
        if let EventKind::CommandStarted { .. } = event.kind {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_service_of_ones_own() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let commands = Commands::default();
        let host = Host::ssh("queue").in_env(&lab.env().reporter(commands.clone())).sudo();
        let unit = |text: &str| file("/etc/systemd/system/nap.service").content(text);
        let up = || -> Vec<Op> {
            let mut ops: Vec<Op> = vec![
                package("nginx").into(),
                directory("/srv/nap").owner("www-data").group("www-data").mode(0o750).into(),
                file("/srv/nap/motd").content("hello\n").owner("www-data").mode(0o640).into(),
                link("/srv/nap/current", "motd").into(),
                unit(UNIT).into(),
                service("nap").running().enabled().into(),
            ];
            ops.extend((0..14).map(|n| Op::from(file(format!("/srv/nap/{n}")).content("x"))));
            ops
        };

        let down = || {
            (
                service("nap").stopped().disabled(),
                absent("/etc/systemd/system/nap.service"),
                absent("/srv/nap"),
            )
        };

        // An earlier run may have been interrupted.
        host.ensure_all(down()).await.unwrap();
        let dry = host.in_env(&lab.env().dry_run()).ensure_all(up()).await.unwrap();
        assert!(host.probe("ls /srv").await.unwrap().stdout.is_empty(), "a dry run writes nothing");
        let first = host.ensure_all(up()).await.unwrap();
        let states: Vec<bool> = first.parts().iter().map(Change::changed).collect();
        let shown: Vec<bool> = dry.parts().iter().map(Change::changed).collect();
        assert_eq!(states, shown, "the dry run said something else");
        assert!(!states[0] && states[1..].iter().all(|changed| *changed), "{states:?}");
        let stat = host.probe("stat -c '%U %G %a' /srv/nap /srv/nap/motd").await.unwrap();
        assert_eq!(stat.stdout_str().unwrap(), "www-data www-data 750\nwww-data root 640");

        commands.0.store(0, Ordering::Relaxed);
        let second = host.ensure_all(up()).await.unwrap();
        assert!(!second.changed(), "{}", second.diff());
        assert_eq!(commands.0.load(Ordering::Relaxed), 1, "20 operations, one round trip");

        let pid =
            async || host.probe("systemctl show --value -p MainPID nap").await.unwrap().stdout;
        let before = pid().await;
        host.ensure_all((unit(&UNIT.replace("1000", "2000")), service("nap").restarted()))
            .await
            .unwrap();
        let command =
            host.probe("tr '\\0' ' ' <\"/proc/$(systemctl show --value -p MainPID nap)/cmdline\"");
        assert_eq!(command.await.unwrap().stdout_str().unwrap(), "/bin/sleep 2000 ");
        assert_ne!(pid().await, before);

        host.ensure_all(down()).await.unwrap();
        let left = host.probe("systemctl is-active nap; ls /srv; true").await.unwrap();
        assert_eq!(left.stdout_str().unwrap(), "inactive");
    });
}

#[test]
fn a_check_that_fails_brings_the_old_file_back() {
    let Some(lab) = Lab::get() else { return };
    block_on(async {
        let host = lab.host("queue").sudo();
        let site = |text: &str| {
            file("/etc/nginx/conf.d/broken.conf").content(text).validate(cmd!("nginx -q -t"))
        };
        let error = host.ensure(site("no such directive;\n")).await.unwrap_err().to_string();
        assert!(error.contains("unknown directive") && error.contains("did not pass"), "{error}");
        let left = host.probe("ls -A /etc/nginx/conf.d").await.unwrap();
        assert_eq!(left.stdout_str().unwrap(), "");
    });
}
