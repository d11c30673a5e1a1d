//! Holds `python_deployer.md` to what is there: every row names a test or a compile-fail case that exists, or says why
//! there is none.

use std::fs;
use std::path::{Path, PathBuf};

/// How many test functions each of python-deployer's test files has.
const THEIRS: [(&str, usize); 6] = [
    ("node_test", 46),
    ("host_test", 12),
    ("host_container_test", 10),
    ("inspector_test", 43),
    ("query_test", 9),
    ("others", 5),
];

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows under each heading: what it is called there, and what is here.
fn rows(table: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let mut sections = Vec::new();
    for line in table.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push((heading.split(' ').next().unwrap_or_default(), Vec::new()));
        } else if let (Some(cells), Some((_, rows))) =
            (line.strip_prefix("| ").and_then(|line| line.strip_suffix('|')), sections.last_mut())
            && let Some((theirs, ours)) = cells.split_once(" | ")
            && theirs != "theirs"
        {
            rows.push((theirs.trim(), ours.trim()));
        }
    }
    sections
}

/// What stands in backticks.
fn references(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The file of a test, and its name.
fn test(reference: &str) -> Option<(PathBuf, &str)> {
    let (place, name) = reference.rsplit_once("::")?;
    if let Some(file) = place.strip_suffix(".rs") {
        return Some((package().join("..").join(file).with_extension("rs"), name));
    }
    let file = place.replace("::", "/");
    Some((package().join("tests/python_deployer").join(file).with_extension("rs"), name))
}

/// Whether a file has a test function of this name.
fn has_test(file: &Path, name: &str) -> bool {
    let source = fs::read_to_string(file).unwrap_or_default();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line == "#[tokio::test]" {
            is_test = true;
        } else if is_test && line.contains("fn ") {
            is_test = false;
            if line.contains(&format!("fn {name}(")) {
                return true;
            }
        }
    }
    false
}

fn wrong(reference: &str) -> Option<String> {
    if let Some(case) = reference.strip_prefix("ui/") {
        let (file, stderr) =
            (format!("ui/{case}"), format!("ui/{}", case.replace(".rs", ".stderr")));
        let there = [&file, &stderr].iter().all(|file| package().join(file).is_file());
        return (!there).then(|| format!("no case `{reference}`"));
    }
    match test(reference) {
        Some((file, name)) if has_test(&file, name) => None,
        Some(_) => Some(format!("no test `{reference}`")),
        None => Some(format!("`{reference}` is neither a test nor a case")),
    }
}

#[test]
fn every_test_of_theirs_has_its_counterpart() {
    let table = fs::read_to_string(package().join("python_deployer.md")).unwrap();
    let sections = rows(&table);
    let counts: Vec<(&str, usize)> =
        sections.iter().map(|(heading, rows)| (*heading, rows.len())).collect();
    assert_eq!(counts, THEIRS);
    assert_eq!(THEIRS.iter().map(|(_, count)| count).sum::<usize>(), 125);
    let mut mistakes = Vec::new();
    for (theirs, ours) in sections.iter().flat_map(|(_, rows)| rows) {
        let references = references(ours);
        let reason = ours.strip_prefix("no meaning: ").is_some_and(|reason| reason.len() > 20);
        if references.is_empty() && !reason {
            mistakes.push(format!("{theirs}: nothing"));
        }
        let wrong = references.iter().filter_map(|reference| wrong(reference));
        mistakes.extend(wrong.map(|what| format!("{theirs}: {what}")));
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn a_row_that_names_nothing_is_found() {
    assert!(wrong("node::isolation::there_is_no_such_test").is_some());
    assert!(wrong("ui/none.rs").is_some());
    assert!(wrong("prose").is_some());
    // Not every function is a test.
    assert!(wrong("table::wrong").is_some());
    assert!(wrong("table::a_row_that_names_nothing_is_found").is_none());
}
