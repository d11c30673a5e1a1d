//! Much output from many hosts at once, each line with its host in front.

use std::collections::HashMap;
use std::path::Path;

use super::Extent;
use crate::bench::fleet::Kex;
use crate::bench::plan::{Case, Goal, Group, Quantity, Side, Test};
use crate::bench::tools::{Tool, Tools};

const LINES: u64 = 100_000;

/// 100 000 lines from each of a few hosts, to a file.
pub(super) fn lines(tools: &Tools<'_>, extent: Extent) -> Group {
    let (fleet, n) = (tools.fleet, extent.few());
    let config = fleet.ssh_config(Kex::Fast);
    let command = format!("seq {LINES}");
    let case = |side, name: &'static str, tool: Tool| {
        let file = tools.peers.dir.join(format!("lines-{}", name.replace([' ', ','], "-")));
        Case::new(side, name, tool.map(|tool| tool.stdout(&file)))
    };
    let checked = |side, name: &'static str, tool: Tool| {
        let case = case(side, name, tool);
        let file = case.invocation.as_ref().ok().and_then(|tool| tool.stdout.clone());
        case.check(move || file.as_deref().map_or(Ok(()), |file| check(file, n)))
    };
    Group {
        key: "lines",
        title: format!("{LINES} lines from each of {n} hosts, each prefixed with its host"),
        note: "Each output is checked by value: every line there once, whole, in order and prefixed. `xargs ssh` \
               prefixes nothing, and parallax keeps it in memory.",
        quantity: Quantity::Time,
        floor: "xargs ssh",
        cases: vec![
            case(Side::Floor, "xargs ssh", Ok(tools.xargs(&config, n, &[&command]))),
            checked(
                Side::Ours,
                "deploy",
                Ok(tools.ours_keeping(Kex::Fast, n).args(["lines", &command])),
            ),
            checked(Side::Ours, "deploy, warm", Ok(tools.ours_warm(n).args(["lines", &command])))
                .before(tools.warm_up(n)),
            checked(Side::Peer, "pssh -P", tools.pssh(&config, n, &["-P"], &command)),
            checked(Side::Peer, "pdsh", tools.pdsh(&config, n, &command)),
            checked(Side::Peer, "clush", tools.clush(&config, n).map(|tool| tool.arg(&command)))
                .at_most(2),
            case(
                Side::Peer,
                "parallax",
                tools.script("parallax_task.py", &config, n, &["run", &command, "1"]),
            ),
            case(
                Side::Peer,
                "fabric",
                tools.script("fabric_task.py", &config, n, &["run", &command, "1"]),
            ),
        ],
        goals: vec![
            Goal::ratio("≤ 1.1 × unprefixed `ssh`", "deploy", "xargs ssh", 1.1),
            Goal { text: "no line torn or lost", test: Test::Correct { row: "deploy" } },
        ],
    }
}

fn check(file: &Path, hosts: usize) -> Result<(), String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    judge(&String::from_utf8_lossy(&bytes), hosts, LINES)
}

/// Whether each of the hosts h1, h2, … has counted from 1 to `lines`, on lines that name it.
fn judge(text: &str, hosts: usize, lines: u64) -> Result<(), String> {
    let mut next: HashMap<&str, u64> = HashMap::new();
    let mut wrong = 0_u64;
    for line in text.lines() {
        // `[h1] 5`, `h1: 5`, `h1 | 5`: whatever stands around the name and the number.
        let mut words = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
        let (host, number) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let expected = next.entry(host).or_insert(1);
        if host.starts_with('h') && words.next().is_none() && number == expected.to_string() {
            *expected += 1;
        } else {
            wrong += 1;
        }
    }
    let complete = next.iter().filter(|(host, next)| host.starts_with('h') && **next == lines + 1);
    let complete = complete.count();
    if wrong == 0 && complete == hosts {
        return Ok(());
    }
    Err(format!("{complete} of {hosts} hosts complete, {wrong} lines torn, bare or out of order"))
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn complete_output_in_any_order_of_hosts() {
        assert_eq!(judge("[h1] 1\n[h2] 1\n[h2] 2\n[h1] 2\n", 2, 2), Ok(()));
        assert_eq!(judge("h1: 1\nh1: 2\n", 1, 2), Ok(()));
    }

    #[test]
    fn torn_lost_bare_and_swapped_lines_are_found() {
        for text in [
            "h1: 1\nh1: 2\nh1: \n3\n",
            "h1: 1\nh1: 3\n",
            "h1: 1\n2\nh1: 3\n",
            "h1: 2\nh1: 1\nh1: 3\n",
            "h1: 1\nh1: 2\n",
        ] {
            assert!(judge(text, 1, 3).is_err(), "{text}");
        }
    }
}
