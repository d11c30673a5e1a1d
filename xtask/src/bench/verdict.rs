//! Judges goals by what was measured.

use super::plan::{Goal, Group, Quantity, Test};
use super::runner::{Measured, Row};
use super::stats::Summary;

/// What became of a goal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Reached(String),
    Missed(String),
    /// A row that it is about has no number.
    Open(String),
}

/// Judges one goal.
pub(super) fn judge(group: &Group, measured: &Measured, goal: &Goal) -> Verdict {
    try_judge(group, measured, goal).unwrap_or_else(Verdict::Open)
}

fn try_judge(group: &Group, measured: &Measured, goal: &Goal) -> Result<Verdict, String> {
    let value = |name: &'static str| -> Result<Summary, String> {
        let row = row(group, measured, name)?;
        quantity(group.quantity, row).ok_or_else(|| format!("`{name}` is not measured"))
    };
    let (got, limit, text) = match goal.test {
        Test::Ratio { row, to, factor } => {
            let ratio = value(row)?.ratio(&value(to)?);
            let ratio = ratio.ok_or_else(|| format!("`{to}` took no time"))?;
            let text = if factor <= 0.25 {
                format!("{:.1} × faster", ratio.recip())
            } else {
                format!("{ratio:.3} ×")
            };
            (ratio, factor, text)
        }
        Test::Value { row, at_most } => {
            let median = value(row)?.median;
            let text = match group.quantity {
                Quantity::Memory => format!("{median:.1} MiB"),
                Quantity::Time | Quantity::Cpu => format!("{:.1} ms", median * 1000.0),
            };
            (median, at_most, text)
        }
        Test::PerHost { row, less, hosts, at_most } => {
            let each = (value(row)?.median - value(less)?.median) * 1024.0 / hosts.max(1) as f64;
            (each, at_most, format!("{each:.0} KiB"))
        }
        Test::PerCommand { row, commands, at_most } => {
            let each = value(row)?.median * 1e6 / commands.max(1) as f64;
            (each, at_most, format!("{each:.1} µs"))
        }
        Test::Correct { row } => {
            value(row)?;
            match &self::row(group, measured, row)?.remark {
                None => (0.0, 0.0, "none".to_owned()),
                Some(remark) => (1.0, 0.0, remark.clone()),
            }
        }
    };
    Ok(if got <= limit { Verdict::Reached(text) } else { Verdict::Missed(text) })
}

fn row<'a>(group: &Group, measured: &'a Measured, name: &str) -> Result<&'a Row, String> {
    let place = group.cases.iter().position(|case| case.name == name);
    place.and_then(|place| measured.rows.get(place)).ok_or_else(|| format!("there is no `{name}`"))
}

/// The measurements that a group is about.
pub(super) fn quantity(quantity: Quantity, row: &Row) -> Option<Summary> {
    match quantity {
        Quantity::Time => row.wall,
        Quantity::Cpu => row.cpu,
        Quantity::Memory => row.memory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::{Case, Side};

    fn group(quantity: Quantity) -> Group {
        let case = |name| Case::new(Side::Peer, name, Err(String::new()));
        Group {
            key: "g",
            title: String::new(),
            note: "",
            quantity,
            floor: "floor",
            cases: vec![case("floor"), case("ours"), case("absent")],
            goals: Vec::new(),
        }
    }

    fn measured(floor: f64, ours: f64) -> Measured {
        let row = |value| Row {
            wall: Summary::of([value]),
            memory: Summary::of([value]),
            ..Row::default()
        };
        Measured { rows: vec![row(floor), row(ours), Row::default()] }
    }

    #[test]
    fn ratios() {
        let goal = Goal::ratio("", "ours", "floor", 1.05);
        let judge = |ours| judge(&group(Quantity::Time), &measured(1.0, ours), &goal);
        assert_eq!(judge(1.04), Verdict::Reached("1.040 ×".to_owned()));
        assert_eq!(judge(1.06), Verdict::Missed("1.060 ×".to_owned()));
    }

    #[test]
    fn times_faster() {
        let goal = Goal::faster("", "ours", "floor", 12.0);
        let verdict = judge(&group(Quantity::Time), &measured(24.0, 1.0), &goal);
        assert_eq!(verdict, Verdict::Reached("24.0 × faster".to_owned()));
    }

    #[test]
    fn memory_for_each_further_host() {
        let test = Test::PerHost { row: "ours", less: "floor", hosts: 40, at_most: 64.0 };
        let goal = Goal { text: "", test };
        let verdict = judge(&group(Quantity::Memory), &measured(4.0, 6.0), &goal);
        assert_eq!(verdict, Verdict::Reached("51 KiB".to_owned()));
    }

    #[test]
    fn a_goal_about_a_row_without_numbers_is_open() {
        let goal = Goal::ratio("", "ours", "absent", 1.0);
        let verdict = judge(&group(Quantity::Time), &measured(1.0, 1.0), &goal);
        assert_eq!(verdict, Verdict::Open("`absent` is not measured".to_owned()));
    }
}
