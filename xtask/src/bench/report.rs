//! What was measured as text: one Markdown for the terminal and for `BENCHMARKS.md`.
//!
//! Pure. Names no date and no path, so that the same results give the same file.

use std::fmt::Write;

use super::plan::{Case, Goal, Group, Quantity, Side};
use super::runner::{Measured, Row};
use super::stats::Summary;
use super::verdict::{Verdict, judge, quantity};

/// A group's title, note, table and goals.
pub(super) fn group(group: &Group, measured: &Measured) -> String {
    let mut text = format!("## {}\n\n{}\n\n", group.title, group.note);
    let place = group.cases.iter().position(|case| case.name == group.floor);
    let floor = place.and_then(|place| quantity(group.quantity, &measured.rows[place]));
    text.push_str(match group.quantity {
        Quantity::Time => "| | median s | min–max | ratio | CPU s | rounds |\n",
        Quantity::Cpu => "| | median CPU ms | min–max | ratio | wall ms | rounds |\n",
        Quantity::Memory => "| | median MiB | min–max | ratio | rounds |\n",
    });
    text.push_str(match group.quantity {
        Quantity::Memory => "|---|--:|--:|--:|--:|\n",
        Quantity::Time | Quantity::Cpu => "|---|--:|--:|--:|--:|--:|\n",
    });
    let mut remarks = String::new();
    for (case, row) in group.cases.iter().zip(&measured.rows) {
        let _ = writeln!(text, "| {} | {}", name(case), cells(group.quantity, row, floor));
        if let Some(remark) = &row.remark {
            let _ = writeln!(remarks, "- {}: {remark}.", case.name);
        }
    }
    if !remarks.is_empty() {
        let _ = write!(text, "\n{remarks}");
    }
    if !group.goals.is_empty() {
        text.push('\n');
    }
    for goal in &group.goals {
        let _ = writeln!(text, "- Goal {}: {}.", goal.text, words(&judge(group, measured, goal)));
    }
    text
}

/// One line for each goal of a group, for the summary.
pub(super) fn goals(group: &Group, measured: &Measured) -> String {
    let line = |goal: &Goal| {
        let (got, verdict) = match judge(group, measured, goal) {
            Verdict::Reached(got) => (got, "yes"),
            Verdict::Missed(got) => (got, "**no**"),
            Verdict::Open(why) => (why, "not measured"),
        };
        format!("| {} | {} | {got} | {verdict} |\n", group.title, goal.text)
    };
    group.goals.iter().map(line).collect()
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reached(got) => format!("**reached** ({got})"),
        Verdict::Missed(got) => format!("**missed** ({got})"),
        Verdict::Open(why) => format!("not measured ({why})"),
    }
}

fn name(case: &Case) -> String {
    match case.side {
        Side::Ours => format!("**{}**", case.name),
        Side::Floor => format!("*{}*", case.name),
        Side::Peer => case.name.to_owned(),
    }
}

fn cells(shown: Quantity, row: &Row, floor: Option<Summary>) -> String {
    let Some(value) = quantity(shown, row) else {
        let why = row.problem.as_deref().unwrap_or("left out of a quick run");
        let columns = if shown == Quantity::Memory { 4 } else { 5 };
        return format!("not measured: {}{}", why.replace('|', "\\|"), " |".repeat(columns));
    };
    let ratio = floor.and_then(|floor| value.ratio(&floor));
    let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
    let other = match shown {
        Quantity::Time => row.cpu.map(|cpu| format!("{:.2} | ", cpu.median)),
        Quantity::Cpu => row.wall.map(|wall| format!("{:.1} | ", wall.median * 1000.0)),
        Quantity::Memory => None,
    };
    let scale = if shown == Quantity::Cpu { 1000.0 } else { 1.0 };
    let digits = if shown == Quantity::Time { 3 } else { 1 };
    let number = |value: f64| format!("{:.digits$}", value * scale);
    format!(
        "{} | {}–{} | {ratio} | {}{} |",
        number(value.median),
        number(value.min),
        number(value.max),
        other.unwrap_or_default(),
        value.count,
    )
}

/// What `BENCHMARKS.md` says before the tables.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) hosts: usize,
    pub(super) rounds: usize,
    pub(super) machine: Vec<String>,
    pub(super) tools: Vec<String>,
}

/// The whole file, of the groups' goals and tables.
pub(super) fn file(
    head: &Head,
    goals: &str,
    tables: &[String],
    missing: &[(&str, &str)],
) -> String {
    let mut text = format!(
        "# Benchmarks\n\n\
         <!-- Written by `cargo xtask bench`; not to be edited. -->\n\n\
         Everything here was measured in one run of\n\n\
         ```sh\n\
         cargo xtask bench --hosts {} --rounds {}\n\
         ```\n\n\
         as root, on a machine that it may change: it installs the tools that it compares with, and gives each host a \
         user for as long as it runs. The hosts are sshd on loopback addresses of the same machine, so servers \
         and clients share its processors and there is no network: compare the ratios, not the \
         seconds. Every program of a table runs once a round, in an order that moves on with each round. All get 32 \
         hosts at once. Ratios are of medians, to the row in each table that has 1.00. CPU is that of the program \
         and the processes that it waited for, without servers and ssh masters. *Italics*: no tool, but the least that could do \
         the work. **Bold**: ours.\n\n",
        head.hosts, head.rounds,
    );
    let _ = writeln!(text, "Machine: {}.\n", head.machine.join(", "));
    let _ = writeln!(text, "Compared with: {}.\n", head.tools.join(", "));
    text.push_str("## Goals\n\n| | goal | measured | reached |\n|---|---|---|---|\n");
    text.push_str(goals);
    for (row, why) in missing {
        let _ = writeln!(text, "| {row} | | {why} | not built yet |");
    }
    for table in tables {
        text.push('\n');
        text.push_str(table);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Group, Measured) {
        let case = |side, name| Case::new(side, name, Err(String::new()));
        let group = Group {
            key: "g",
            title: "Title".to_owned(),
            note: "Note.",
            quantity: Quantity::Time,
            floor: "floor",
            cases: vec![
                case(Side::Floor, "floor"),
                case(Side::Ours, "ours"),
                case(Side::Peer, "absent"),
            ],
            goals: vec![Goal::ratio("≤ 1.05 ×", "ours", "floor", 1.05)],
        };
        let row = |value| Row {
            wall: Summary::of([value]),
            cpu: Summary::of([value / 2.0]),
            ..Row::default()
        };
        let absent = Row { problem: Some("pssh is not installed".to_owned()), ..Row::default() };
        (group, Measured { rows: vec![row(2.0), row(3.0), absent] })
    }

    #[test]
    fn a_group_as_text() {
        let (group, measured) = example();
        let expected = "## Title\n\nNote.\n\n\
            | | median s | min–max | ratio | CPU s | rounds |\n\
            |---|--:|--:|--:|--:|--:|\n\
            | *floor* | 2.000 | 2.000–2.000 | 1.00 | 1.00 | 1 |\n\
            | **ours** | 3.000 | 3.000–3.000 | 1.50 | 1.50 | 1 |\n\
            | absent | not measured: pssh is not installed | | | | |\n\n\
            - Goal ≤ 1.05 ×: **missed** (1.500 ×).\n";
        assert_eq!(super::group(&group, &measured), expected);
        assert_eq!(goals(&group, &measured), "| Title | ≤ 1.05 × | 1.500 × | **no** |\n");
    }
}
