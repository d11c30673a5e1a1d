//! Programs with one mistake each, which the compiler must refuse with one good error; those of `two_mistakes` with two.
//!
//! `TRYBUILD=overwrite cargo test -p tests --test ui` writes what the compiler says now; read it before committing.

use std::fs;
use std::path::{Path, PathBuf};

/// Messages may not send people into code that they have not written. A note that names a public method is fine.
const NEVER: [&str; 6] = [
    "__private",
    "proc macro panicked",
    "custom attribute panicked",
    "deploy-macros",
    "internal error",
    "unreachable",
];

#[test]
fn every_mistake_is_one_error_at_the_users_tokens() {
    let compiler = trybuild::TestCases::new();
    compiler.compile_fail("ui/*/*.rs");
    // Compiles all of them, and fails here if any says something else than its `.stderr`.
    drop(compiler);
    check_messages();
}

fn check_messages() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 45, "there are {} cases", cases.len());
    for case in cases {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = fs::read_to_string(&case).unwrap();
        let Ok(stderr) = fs::read_to_string(case.with_extension("stderr")) else {
            wrong.push(format!("{name}: no .stderr"));
            continue;
        };
        if source.lines().count() > 21 {
            wrong.push(format!("{name}: longer than 20 lines"));
        }
        let mistakes = if case.parent().is_some_and(|folder| folder.ends_with("two_mistakes")) {
            2
        } else {
            1
        };
        let errors: Vec<&str> =
            stderr.split("\n\n").filter(|text| text.starts_with("error")).collect();
        if errors.len() != mistakes {
            wrong.push(format!("{name}: {} errors", errors.len()));
        }
        for error in errors {
            let place = error.lines().find_map(|line| line.trim().strip_prefix("--> "));
            if !place.is_some_and(|place| place.starts_with("ui/")) {
                wrong.push(format!("{name}: the error is at {place:?}"));
            }
        }
        for never in NEVER {
            if stderr.contains(never) {
                wrong.push(format!("{name}: the message holds `{never}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows of the reference's tables that end in the name of a case: what they say is what the compiler says.
#[test]
fn the_reference_says_what_the_compiler_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reference = fs::read_to_string(root.join("../docs/language.md")).unwrap();
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in reference.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, says, case] = cells.as_slice() else { continue };
        let case = case.trim_matches('`');
        let Ok(stderr) = fs::read_to_string(root.join(format!("ui/{case}.stderr"))) else {
            if case.contains('/') {
                wrong.push(format!("there is no {case}"));
            }
            continue;
        };
        rows += 1;
        if says.split('…').map(str::trim).any(|part| !stderr.contains(part)) {
            wrong.push(format!("{case} does not say: {says}"));
        }
    }
    assert!(rows > 80, "{rows} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn cases() -> Vec<PathBuf> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut cases = Vec::new();
    for folder in fs::read_dir(ui).unwrap() {
        for case in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = case.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                cases.push(path);
            }
        }
    }
    cases.sort();
    cases
}
