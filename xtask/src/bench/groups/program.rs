//! What a program costs by itself: memory, and the time until it could begin.

use super::Extent;
use crate::bench::fleet::Kex;
use crate::bench::plan::{Case, Goal, Group, Quantity, Side, Test};
use crate::bench::process::Invocation;
use crate::bench::tools::{Tool, Tools};

/// The largest resident size of one command on new connections.
pub(super) fn memory(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n, few) = (tools.fleet, extent.hosts, extent.few());
    let config = fleet.ssh_config(Kex::Fast);
    let peer = |name: &'static str, tool: Tool| {
        let file = tools.peers.dir.join(format!("memory-{}", name.replace(' ', "-")));
        let tool = tool.and_then(|tool| {
            let time = tools.peers.system("time")?;
            let words = [time.into_os_string(), "-f".into(), "%M".into(), "-o".into()];
            Ok(tool.run_by(words.into_iter().chain([file.clone().into_os_string()])))
        });
        Case::new(Side::Peer, name, tool).memory(file)
    };
    let ours = |name: &'static str, count, warm| {
        let file = tools.peers.dir.join(format!("memory-{}", name.replace([' ', ','], "-")));
        let tool = if warm { tools.ours_warm(count) } else { tools.ours_cold(Kex::Fast, count) };
        let tool = tool.arg("--memory").arg(&file).args(["run", "true"]);
        Case::new(Side::Ours, name, Ok(tool)).memory(file)
    };
    let flood = {
        let file = tools.peers.dir.join("memory-deploy-lines");
        let tool = tools.ours_cold(Kex::Fast, few).arg("--memory").arg(&file);
        let tool = tool.args(["lines", "seq 100000"]).stdout(tools.peers.dir.join("lines-memory"));
        Case::new(Side::Ours, "deploy, 100 000 lines, few hosts", Ok(tool)).memory(file)
    };
    Group {
        key: "memory",
        title: format!("Memory of one command on {n} hosts"),
        note: "The largest single process, by its own account for ours and by time(1) for others. The ssh \
               processes that OpenSSH's users start for each host come on top of it: a master takes about 1.4 MiB of its own.",
        quantity: Quantity::Memory,
        floor: "deploy, cold",
        cases: vec![
            ours("deploy, cold", n, false),
            ours("deploy, cold, few hosts", few, false),
            ours("deploy, warm", n, true).before(tools.warm_up(n)),
            flood,
            peer("pssh", tools.pssh(&config, n, &[], "true")),
            peer("pdsh", tools.pdsh(&config, n, "true")),
            peer("clush", tools.clush(&config, n).map(|tool| tool.arg("true"))),
            peer("fabric", tools.script("fabric_task.py", &config, n, &["run", "true", "1"])),
            peer("pyinfra", tools.pyinfra(n, &["exec", "--", "true"])),
            peer("ansible raw", tools.ansible(Kex::Fast, n, "raw", "true"))
                .before(tools.forget_ansible())
                .at_most(1),
        ],
        goals: vec![
            Goal {
                text: "own process ≤ 10 MiB",
                test: Test::Value { row: "deploy, cold", at_most: 10.0 },
            },
            Goal {
                text: "flat: ≤ 10 MiB with 100 000 lines of each of a few hosts",
                test: Test::Value { row: "deploy, 100 000 lines, few hosts", at_most: 10.0 },
            },
            Goal {
                text: "≤ 64 KiB for each further host",
                test: Test::PerHost {
                    row: "deploy, cold",
                    less: "deploy, cold, few hosts",
                    hosts: n - few,
                    at_most: 64.0,
                },
            },
        ],
    }
}

/// How many hosts cost nothing, and how many commands they are given, and how many fewer.
const NOWHERE: usize = 1000;
const COMMANDS: usize = 50;
const FEW_COMMANDS: usize = 5;

/// What the framework itself costs: hosts that answer at once, without a connection.
pub(super) fn scheduler(tools: &Tools<'_>) -> Group {
    let case =
        |name, commands| Case::new(Side::Ours, name, Ok(tools.ours_nowhere(NOWHERE, commands)));
    Group {
        key: "scheduler",
        title: format!("The scheduler: {COMMANDS} commands on {NOWHERE} simulated hosts"),
        note: "The hosts are in the program itself and answer at once, so what is left is ours: events, contexts, limits, results.",
        quantity: Quantity::Cpu,
        floor: "50 commands",
        cases: vec![case("50 commands", COMMANDS), case("5 commands", FEW_COMMANDS)],
        goals: vec![Goal {
            text: "≤ 100 µs a command",
            test: Test::PerCommand {
                row: "50 commands",
                commands: NOWHERE * COMMANDS,
                at_most: 100.0,
            },
        }],
    }
}

/// The memory of the same.
pub(super) fn scheduler_memory(tools: &Tools<'_>) -> Group {
    let case = |name, commands| {
        let file = tools.peers.dir.join(format!("memory-nowhere-{commands}"));
        let tool = tools.ours_nowhere(NOWHERE, commands);
        // Options come before the task.
        let (own, rest) = tool.argv.split_at(1);
        let tool = Invocation::new(own.iter().cloned()).arg("--memory").arg(&file);
        Case::new(Side::Ours, name, Ok(tool.args(rest.iter().cloned()))).memory(file)
    };
    Group {
        key: "scheduler-memory",
        title: format!("Memory of {COMMANDS} commands on {NOWHERE} simulated hosts"),
        note: "Ten times as many commands take no more memory, because nothing of a command is kept that the caller does not keep.",
        quantity: Quantity::Memory,
        floor: "5 commands",
        cases: vec![case("50 commands", COMMANDS), case("5 commands", FEW_COMMANDS)],
        goals: vec![Goal::ratio(
            "flat: ≤ 1.1 × that of 5 commands",
            "50 commands",
            "5 commands",
            1.1,
        )],
    }
}

/// `--help`.
pub(super) fn startup(tools: &Tools<'_>, _: Extent) -> Group {
    let help = |program: Result<std::path::PathBuf, String>| {
        Ok(Invocation::new([program?]).arg("--help").env("HOME", tools.peers.dir.join("home")))
    };
    let peer = |name, program| Case::new(Side::Peer, name, help(program));
    Group {
        key: "startup",
        title: "`--help`".to_owned(),
        note: "Ours is the command line of an example, built for release.",
        quantity: Quantity::Cpu,
        floor: "ssh -V",
        cases: vec![
            Case::new(Side::Floor, "ssh -V", Ok(Invocation::new(["ssh", "-V"]))),
            Case::new(Side::Ours, "deploy", help(Ok(tools.example.clone()))),
            peer("pssh", tools.peers.system("parallel-ssh")),
            peer("clush", tools.peers.system("clush")),
            peer("fabric", tools.peers.python("fab")),
            peer("ansible", tools.peers.python("ansible")),
            peer("pyinfra", tools.peers.python("pyinfra")),
        ],
        goals: vec![Goal {
            text: "≤ 10 ms of processor time",
            test: Test::Value { row: "deploy", at_most: 0.010 },
        }],
    }
}
