//! Measures a group: rounds in which every case runs once, in an order that moves on with each round.

use std::fs;
use std::path::Path;

use super::interrupt::Interrupt;
use super::plan::{Case, Group};
use super::process::{self, Sample};
use super::stats::{Summary, rotated};
use crate::error::{Context, Result};

/// What came of a case.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) wall: Option<Summary>,
    pub(super) cpu: Option<Summary>,
    /// MiB.
    pub(super) memory: Option<Summary>,
    /// Why there is no number.
    pub(super) problem: Option<String>,
    /// What was wrong with the results, however fast they came.
    pub(super) remark: Option<String>,
}

/// The rows of a group, in the order of its cases.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) rows: Vec<Row>,
}

/// Runs all rounds of a group.
pub(super) fn measure(
    group: &Group,
    rounds: usize,
    log: &Path,
    interrupt: &Interrupt,
) -> Result<Measured> {
    fs::create_dir_all(log).context(format_args!("create {log:?}"))?;
    let mut samples: Vec<Samples> = group.cases.iter().map(Samples::of).collect();
    for round in 0..rounds {
        for place in rotated(group.cases.len(), round) {
            let (case, samples) = (&group.cases[place], &mut samples[place]);
            if samples.problem.is_none() && round < case.most_rounds {
                once(group, case, samples, log, interrupt)?;
            }
        }
    }
    Ok(Measured { rows: samples.into_iter().map(Samples::into_row).collect() })
}

#[derive(Default)]
struct Samples {
    samples: Vec<Sample>,
    memory: Vec<f64>,
    problem: Option<String>,
    remark: Option<String>,
}

impl Samples {
    fn of(case: &Case) -> Self {
        Self { problem: case.invocation.as_ref().err().cloned(), ..Self::default() }
    }

    fn into_row(self) -> Row {
        // What failed once is not to be trusted, however fast it was.
        if let Some(problem) = self.problem {
            return Row { problem: Some(problem), ..Row::default() };
        }
        Row {
            wall: Summary::of(self.samples.iter().map(|sample| sample.wall.as_secs_f64())),
            cpu: Summary::of(self.samples.iter().map(|sample| sample.cpu.as_secs_f64())),
            memory: Summary::of(self.memory),
            problem: None,
            remark: self.remark,
        }
    }
}

fn once(
    group: &Group,
    case: &Case,
    samples: &mut Samples,
    log: &Path,
    interrupt: &Interrupt,
) -> Result<()> {
    let stderr = log.join(format!("{}-{}.err", group.key, case.name.replace([' ', '/'], "-")));
    for before in &case.before {
        if let Err(problem) = process::measure(before, &stderr, interrupt)? {
            samples.problem = Some(format!("failed while preparing: {problem}"));
            return Ok(());
        }
    }
    let Ok(invocation) = &case.invocation else { return Ok(()) };
    match process::measure(invocation, &stderr, interrupt)? {
        Ok(sample) => samples.samples.push(sample),
        Err(problem) => samples.problem = Some(format!("failed: {problem}")),
    }
    if let Some(Err(problem)) = case.check.as_ref().map(|check| check()) {
        samples.remark.get_or_insert(problem);
    }
    if let Some(path) = &case.memory
        && samples.problem.is_none()
    {
        let text = fs::read_to_string(path).unwrap_or_default();
        match text.lines().last().and_then(|line| line.trim().parse::<f64>().ok()) {
            Some(kib) => samples.memory.push(kib / 1024.0),
            None => samples.problem = Some("did not say how much memory it took".to_owned()),
        }
    }
    Ok(())
}
