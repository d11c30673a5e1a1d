//! The timeline: a row for each host, and in it a bar for each step, from when it began to when it ended.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use super::super::record::{Record, Step, StepKind};
use super::page::{Text, class, is_bad, time};

/// Steps of one host at the same time stand one below the other; more than so many share the last lane.
const LANES: usize = 6;

/// Nothing is narrower than this share of the whole, in percent, or it could not be seen.
const NARROW: f64 = 0.25;

/// Writes the section; nothing when no host had to do with the run.
pub(super) fn section(html: &mut String, record: &Record) {
    let Some((began, ended)) = record.span.filter(|_| !record.steps.is_empty()) else { return };
    let whole = ended.duration_since(began).unwrap_or_default().max(Duration::from_millis(1));
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); record.hosts.len()];
    for (index, step) in record.steps.iter().enumerate() {
        rows[step.host].push(index);
    }
    let many = if record.hosts.len() > 40 { " class=\"many\"" } else { "" };
    let _ = write!(html, "<section id=\"timeline\"{many}>\n<h2>Timeline</h2>\n");
    legend(html, record);
    html.push_str("<div class=\"axis\"><span></span><div>");
    let step = tick(whole);
    let ticks = (whole.as_secs_f64() / step) as u32;
    for n in 0..=ticks {
        let at = f64::from(n) * step;
        let left = share(Duration::from_secs_f64(at), whole);
        if left < 96.0 {
            let label = if n == 0 { "0".to_owned() } else { time(Duration::from_secs_f64(at)) };
            let _ = write!(html, "<i style=\"left:{left:.2}%\">{label}</i>");
        }
    }
    html.push_str("</div></div>\n");
    for (host, steps) in rows.iter().enumerate() {
        let name = Text(&record.hosts[host]);
        let bad = if is_bad(record, host) { " bad" } else { "" };
        let lanes = lanes(record, steps, ended, whole);
        let count = lanes.iter().max().map_or(1, |lane| lane + 1);
        let _ = write!(
            html,
            "<div class=\"row\" style=\"--lanes:{count}\"><span class=\"host{bad}\" title=\"{name}\">{name}</span><div>"
        );
        for (index, lane) in steps.iter().zip(lanes) {
            bar(html, *index, &record.steps[*index], lane, (began, ended), whole);
        }
        html.push_str("</div></div>\n");
    }
    html.push_str("</section>\n");
}

/// What the colours mean that are there.
fn legend(html: &mut String, record: &Record) {
    html.push_str("<p class=\"legend\">");
    for (class, what) in [
        ("link", "connecting"),
        ("good", "ok"),
        ("change", "changed"),
        ("bad", "failed"),
        ("late", "timed out"),
        ("lost", "unreachable or lost"),
        ("open", "cancelled or not over"),
    ] {
        if !record.steps.iter().any(|step| self::class(step.came_to) == class) {
            continue;
        }
        let _ = write!(html, "<span><span class=\"dot {class}\"></span>{what}</span>");
    }
    html.push_str("</p>\n");
}

fn bar(
    html: &mut String,
    index: usize,
    step: &Step,
    lane: usize,
    (began, ended): (SystemTime, SystemTime),
    whole: Duration,
) {
    let start = step.start.duration_since(began).unwrap_or_default();
    let took = took(step, ended);
    let left = share(start, whole).min(100.0 - NARROW);
    let width = share(took, whole).max(NARROW).min(100.0 - left);
    let mark = if step.kind == StepKind::Operation { " mark" } else { "" };
    let about = match step.kind {
        StepKind::Operation => String::new(),
        _ => format!(", {}", time(took)),
    };
    let text: String = step.text.chars().take(200).collect();
    let _ = write!(
        html,
        "<a class=\"bar {}{mark}\" href=\"#s{index}\" style=\"left:{left:.3}%;width:{width:.3}%;--lane:{lane}\" title=\"{}\n{}{about}\"></a>",
        class(step.came_to),
        Text(&text),
        step.came_to.words(),
    );
}

fn took(step: &Step, ended: SystemTime) -> Duration {
    step.elapsed.unwrap_or_else(|| ended.duration_since(step.start).unwrap_or_default())
}

/// The lane of each step: the first that is free when it begins.
fn lanes(record: &Record, steps: &[usize], ended: SystemTime, whole: Duration) -> Vec<usize> {
    let gap = whole.mul_f64(NARROW / 100.0);
    let mut free: Vec<SystemTime> = Vec::new();
    steps
        .iter()
        .map(|index| {
            let step = &record.steps[*index];
            if step.kind == StepKind::Operation {
                return 0;
            }
            // What is drawn wider than it is does not take the place of the next.
            let end = step.start + took(step, ended).saturating_sub(gap);
            let lane = free.iter().position(|at| *at <= step.start).unwrap_or(free.len());
            let lane = lane.min(LANES - 1);
            match free.get_mut(lane) {
                Some(at) => *at = end.max(*at),
                None => free.push(end),
            }
            lane
        })
        .collect()
}

/// In percent.
fn share(part: Duration, whole: Duration) -> f64 {
    (part.as_secs_f64() / whole.as_secs_f64() * 100.0).clamp(0.0, 100.0)
}

/// A round number of seconds of which the whole has four to ten.
fn tick(whole: Duration) -> f64 {
    let whole = whole.as_secs_f64();
    let mut step = 0.001;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(40) {
        if whole / step <= 9.0 {
            break;
        }
        // Seconds become minutes at 60, not at 100.
        step = if (step - 50.0_f64).abs() < 1.0 { 60.0 } else { step * factor };
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_a_few_ticks_at_round_times() {
        for (whole, step) in [(0.004, 0.001), (0.06, 0.01), (1.0, 0.2), (44.0, 5.0), (200.0, 50.0)]
        {
            let got = tick(Duration::from_secs_f64(whole));
            assert!((got - step).abs() < 1e-9, "{whole}: {got}");
        }
    }
}
