//! `web-system production` on the nine hosts of the lab.

use std::time::{Duration, Instant};

use deploy_core::prelude::*;
use tests::web_system::{Run, WebSystem};

use crate::lab::{Lab, block_on};

/// The example, told to use the lab.
struct Production {
    system: WebSystem,
    lab: Lab,
}

impl Production {
    fn run(&self, args: &[&str]) -> Run {
        let config = self.lab.ssh_config.to_str().expect("a path of letters");
        let args: Vec<&str> =
            ["--ssh-config", config, "production"].iter().chain(args).copied().collect();
        self.system.run(&args, &[])
    }

    /// What a command prints on a host.
    fn on(&self, host: &str, cmd: Cmd) -> String {
        let output = block_on(self.lab.host(host).run(cmd));
        output.expect("it works").stdout_str().expect("text").to_owned()
    }

    /// Who answers a request through a balancer.
    fn answers(&self, balancer: &str) -> String {
        let url = format!("http://{balancer}/?format=text");
        let page = self.on("queue", cmd!("curl -fsS --max-time 10 {url}"));
        let host = page.lines().find_map(|line| line.strip_prefix("host "));
        host.expect("a line with the host").to_owned()
    }

    /// How often anybody has logged in, on each host. Looking is a login itself, but not the second time.
    fn handshakes(&self) -> Vec<String> {
        ["lb0", "lb1", "web1", "web2", "web3", "db1", "db2", "queue", "cache"]
            .map(|host| {
                let count = cmd!("sudo grep -c 'Accepted publickey' /var/log/sshd.log");
                let _ = self.on(host, count.clone());
                self.on(host, count)
            })
            .into()
    }

    /// The process of the web service on each web server.
    fn web_processes(&self) -> Vec<String> {
        ["web1", "web2", "web3"]
            .map(|host| self.on(host, cmd!("systemctl show --value -p MainPID web-service")))
            .into()
    }
}

#[test]
fn production() {
    let Some(lab) = Lab::get() else { return };
    // It stays deployed, for whoever wants to look at it.
    lab.keeps(&[
        "/etc/nginx/",
        "/etc/postgresql/",
        "/etc/rc",
        "/etc/systemd/system",
        "/srv/web-service",
    ]);
    let production = Production { system: WebSystem::new(), lab };

    let first = production.run(&["deploy"]);
    assert!(first.ok().contains("changes: "), "{first:?}");
    let second = production.run(&["deploy"]);
    assert!(second.ok().contains("nothing changed"), "{second:?}");
    let dry = production.run(&["deploy", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "nothing is left to change: {dry:?}");

    balancers_take_turns(&production);
    database_is_driven(&production);
    only_the_picked_cells_restart(&production);

    let status = production.run(&["status"]);
    let lines: Vec<&str> = status.ok().lines().filter(|line| line.contains(" on ")).collect();
    assert_eq!(lines.len(), 9, "{status:?}");
    assert!(lines.iter().all(|line| line.contains(": active")), "{status:?}");

    let before = production.handshakes();
    let again = production.run(&["status"]);
    assert_eq!(again.ok(), status.ok());
    assert_eq!(production.handshakes(), before, "the second status connects to nobody anew");
}

fn balancers_take_turns(production: &Production) {
    for balancer in ["lb0", "lb1"] {
        let answers: Vec<String> = (0..6).map(|_| production.answers(balancer)).collect();
        let mut turn = answers[..3].to_vec();
        turn.sort();
        assert_eq!(turn, ["web1", "web2", "web3"], "through {balancer}: {answers:?}");
        assert_eq!(answers[..3], answers[3..], "through {balancer}: {answers:?}");
    }
}

fn database_is_driven(production: &Production) {
    let query = || production.run(&["database", "query", "select 1"]);
    assert_eq!(query().ok(), "1");
    let _ = production.run(&["database", "stop"]).ok();
    let stopped = production.run(&["database", "status"]);
    assert!(!stopped.ok().contains(" active"), "{stopped:?}");
    let refused = query();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("db1"), "{refused:?}");
    let _ = production.run(&["database", "start"]).ok();
    let started = production.run(&["database", "status"]);
    assert!(!started.ok().contains("inactive"), "{started:?}");
    assert_eq!(query().ok(), "1");
    let visits = production.run(&["database", "query", "select count(*) > 0 from visits"]);
    assert_eq!(visits.ok(), "t", "the page counts in this database");
    db2_follows(production);
}

/// After a restart the replica comes back by itself, within a few seconds.
fn db2_follows(production: &Production) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let count = "select count(*) from pg_stat_replication";
        let followers = production.run(&["database", "query", count]);
        if followers.ok() == "1" {
            return;
        }
        assert!(Instant::now() < deadline, "db2 does not follow: {followers:?}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn only_the_picked_cells_restart(production: &Production) {
    let before = production.web_processes();
    let _ = production.run(&["web:web[1-2]", "restart"]).ok();
    let after = production.web_processes();
    let restarted: Vec<bool> = before.iter().zip(&after).map(|(old, new)| old != new).collect();
    assert_eq!(restarted, [true, true, false], "{before:?} became {after:?}");
}
