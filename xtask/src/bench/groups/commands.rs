//! Commands: one and twenty, on new connections and on those that are there.

use super::Extent;
use crate::bench::fleet::Kex;
use crate::bench::plan::{Case, Goal, Group, Quantity, Side, Test};
use crate::bench::tools::Tools;

/// As many commands as a small deployment has.
const TWENTY: [&str; 20] = ["true"; 20];

/// One command on connections that have to be made.
pub(super) fn cold(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.hosts);
    let config = fleet.ssh_config(Kex::Fast);
    let peer = |name, tool| Case::new(Side::Peer, name, tool);
    Group {
        key: "cold",
        title: format!("One command on {n} hosts, new connections, curve25519 key exchange"),
        note: "Everybody connects, runs `true` and goes. Ours keeps the connections for a minute unless told otherwise.",
        quantity: Quantity::Time,
        floor: "xargs ssh",
        cases: vec![
            Case::new(Side::Floor, "xargs ssh", Ok(tools.xargs(&config, n, &["true"]))),
            Case::new(
                Side::Ours,
                "deploy",
                Ok(tools.ours_keeping(Kex::Fast, n).args(["run", "true"])),
            )
            .before(tools.renew(Kex::Fast)),
            Case::new(
                Side::Ours,
                "deploy, keeping nothing",
                Ok(tools.ours_cold(Kex::Fast, n).args(["run", "true"])),
            ),
            peer("parallax", tools.script("parallax_task.py", &config, n, &["run", "true", "1"])),
            peer("pssh", tools.pssh(&config, n, &[], "true")),
            peer("pdsh", tools.pdsh(&config, n, "true")),
            peer("clush", tools.clush(&config, n).map(|tool| tool.arg("true"))),
            peer("fabric", tools.script("fabric_task.py", &config, n, &["run", "true", "1"])),
            peer("pyinfra", tools.pyinfra(n, &["exec", "--", "true"])),
            peer("ansible raw", tools.ansible(Kex::Fast, n, "raw", "true"))
                .before(tools.forget_ansible())
                .at_most(3),
            peer("ansible command", tools.ansible(Kex::Fast, n, "command", "true"))
                .before(tools.forget_ansible())
                .at_most(if extent.quick { 1 } else { 2 }),
        ],
        goals: vec![
            Goal::ratio("≤ 1.05 × `xargs ssh`", "deploy", "xargs ssh", 1.05),
            Goal::ratio(
                "≤ 1.05 × `xargs ssh`, keeping nothing",
                "deploy, keeping nothing",
                "xargs ssh",
                1.05,
            ),
        ],
    }
}

/// The same with the key exchange that OpenSSH comes with.
pub(super) fn default_kex(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.hosts);
    let config = fleet.ssh_config(Kex::Default);
    let peer = |name, tool| Case::new(Side::Peer, name, tool);
    Group {
        key: "default-kex",
        title: format!("One command on {n} hosts, new connections, OpenSSH's default key exchange"),
        note: "The exchange is the user's choice, in ssh_config. pyinfra and Fabric bring an SSH of their own, which \
               does not know the post-quantum exchanges and so does less.",
        quantity: Quantity::Time,
        floor: "xargs ssh",
        cases: vec![
            Case::new(Side::Floor, "xargs ssh", Ok(tools.xargs(&config, n, &["true"]))),
            Case::new(
                Side::Ours,
                "deploy",
                Ok(tools.ours_keeping(Kex::Default, n).args(["run", "true"])),
            )
            .before(tools.renew(Kex::Default)),
            Case::new(
                Side::Ours,
                "deploy, keeping nothing",
                Ok(tools.ours_cold(Kex::Default, n).args(["run", "true"])),
            ),
            peer("pssh", tools.pssh(&config, n, &[], "true")),
            peer("pyinfra", tools.pyinfra(n, &["exec", "--", "true"])),
            peer("ansible raw", tools.ansible(Kex::Default, n, "raw", "true"))
                .before(tools.forget_ansible())
                .at_most(2),
        ],
        goals: vec![
            Goal::ratio("≤ 1.03 × `xargs ssh`", "deploy", "xargs ssh", 1.03),
            Goal::ratio(
                "≤ 1.03 × `xargs ssh`, keeping nothing",
                "deploy, keeping nothing",
                "xargs ssh",
                1.03,
            ),
        ],
    }
}

/// One command on connections that are there.
pub(super) fn warm(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.hosts);
    let mux = fleet.mux_config();
    let peer = |name, tool| Case::new(Side::Peer, name, tool);
    let ours = tools.ours_warm(n).args(["run", "true"]);
    Group {
        key: "warm",
        title: format!("One command on {n} hosts, connections kept from an earlier run"),
        note: "Whole processes, from start to exit. `bare channels` opens a channel on each master and \
               does nothing else.",
        quantity: Quantity::Time,
        floor: "xargs ssh -S",
        cases: vec![
            Case::new(Side::Floor, "xargs ssh -S", Ok(tools.xargs(&mux, n, &["true"]))),
            Case::new(Side::Floor, "bare channels", Ok(tools.floor("exec", n).arg("true"))),
            Case::new(Side::Ours, "deploy", Ok(ours)).before(tools.warm_up(n)),
            peer("parallax", tools.script("parallax_task.py", &mux, n, &["run", "true", "1"])),
            peer("pssh", tools.pssh(&mux, n, &[], "true")),
            peer("pdsh", tools.pdsh(&mux, n, "true")),
            peer("clush", tools.clush(&mux, n).map(|tool| tool.arg("true"))),
        ],
        goals: vec![Goal::ratio("≤ 0.45 × `xargs ssh -S`", "deploy", "xargs ssh -S", 0.45)],
    }
}

/// Twenty commands on connections that have to be made.
pub(super) fn twenty_cold(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.hosts);
    let config = fleet.ssh_config(Kex::Fast);
    let peer = |name, tool| Case::new(Side::Peer, name, tool);
    let ours = tools.ours_keeping(Kex::Fast, n).arg("run").args(TWENTY);
    // All at once on the shell's input: no lock step, no status, no output of one's own.
    let script = TWENTY.map(|command| format!("({command}) </dev/null; ")).concat();
    Group {
        key: "twenty-cold",
        title: format!("20 commands on {n} hosts, new connections"),
        note: "`xargs ssh, one script` is all 20 in one script: nobody sees which one failed. Ansible is in the next \
               table, where it matters even less whether connections are there.",
        quantity: Quantity::Time,
        floor: "xargs ssh, one script",
        cases: vec![
            Case::new(
                Side::Floor,
                "xargs ssh, one script",
                Ok(tools.xargs(&config, n, &[script.as_str()])),
            ),
            Case::new(Side::Ours, "deploy", Ok(ours)).before(tools.renew(Kex::Fast)),
            peer("fabric", tools.script("fabric_task.py", &config, n, &["run", "true", "20"])),
            peer("pyinfra", tools.pyinfra_twenty(n)),
        ],
        goals: vec![Goal::faster("≥ 4 × faster than pyinfra", "deploy", "pyinfra", 4.0)],
    }
}

/// Twenty commands on connections that are there.
pub(super) fn twenty_warm(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.hosts);
    let mux = fleet.mux_config();
    let peer = |name, tool| Case::new(Side::Peer, name, tool);
    let ours = tools.ours_warm(n).arg("run").args(TWENTY);
    let slow = if extent.quick { 0 } else { 1 };
    let raw = tools.xargs(&mux, n, &["true"]);
    let loop_script = "f=$1; shift; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; \
                       do \"$@\" <\"$f\" || exit; done";
    let hosts_file = tools.peers.hosts_file(n).into_os_string();
    let raw = raw.run_by(["sh".into(), "-c".into(), loop_script.into(), "sh".into(), hosts_file]);
    Group {
        key: "twenty-warm",
        title: format!("20 commands on {n} hosts, connections kept from an earlier run"),
        note: "`bare shell` gives the commands to one shell for each host and does nothing else. pyinfra cannot keep \
               connections; Ansible's are kept.",
        quantity: Quantity::Time,
        floor: "bare shell",
        cases: vec![
            Case::new(Side::Floor, "bare shell", Ok(tools.floor("shell", n).args(TWENTY))),
            Case::new(Side::Floor, "bare channels", Ok(tools.floor("exec", n).args(TWENTY))),
            Case::new(Side::Floor, "20 × xargs ssh -S", Ok(raw)),
            Case::new(Side::Ours, "deploy", Ok(ours)).before(tools.warm_up(n)),
            peer("parallax", tools.script("parallax_task.py", &mux, n, &["run", "true", "20"])),
            peer("pyinfra", tools.pyinfra_twenty(n)),
            peer("ansible raw", tools.ansible_twenty(n, "raw")).at_most(slow),
            peer("ansible command", tools.ansible_twenty(n, "command")).at_most(slow),
        ],
        goals: vec![
            Goal::ratio("≤ 1.5 × the bare shell", "deploy", "bare shell", 1.5),
            Goal::faster("≥ 12 × faster than pyinfra", "deploy", "pyinfra", 12.0),
            Goal::faster("≥ 250 × faster than Ansible command", "deploy", "ansible command", 250.0),
        ],
    }
}

/// Twenty operations that find nothing to do.
pub(super) fn converged(tools: &Tools<'_>, extent: Extent) -> Group {
    let n = extent.hosts;
    let converge = || tools.ours_warm(n).args(["converge", "converged"]);
    Group {
        key: "converged",
        title: format!("20 operations on {n} hosts that have nothing to do, connections kept"),
        note: "A directory and 19 files with content, owner and mode. The program fails unless each host is asked once.",
        quantity: Quantity::Time,
        floor: "deploy, one command",
        cases: vec![
            Case::new(
                Side::Ours,
                "deploy, one command",
                Ok(tools.ours_warm(n).args(["run", "true"])),
            )
            .before(tools.warm_up(n)),
            Case::new(Side::Ours, "deploy", Ok(converge()))
                .before(tools.warm_up(n))
                .before(tools.ours_warm(n).args(["prepare", "converged"])),
        ],
        goals: vec![Goal {
            text: "1 round trip for each host",
            test: Test::Correct { row: "deploy" },
        }],
    }
}
