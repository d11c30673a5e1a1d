//! Completion: what the program offers, and that a real bash gets it.

use std::path::Path;
use std::process::Command;

use crate::support::{args, run};

/// What the last word could become.
fn offered(words: &[&str]) -> Vec<String> {
    let ran = args(["--complete-words", "--"].iter().chain(words)).code(0);
    ran.out.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn nodes_actions_cells_and_options_are_offered() {
    assert_eq!(offered(&[""]), ["local", "three", "web", "dead"]);
    assert_eq!(offered(&["lo"]), ["local"]);
    assert_eq!(offered(&["local", "he"]), ["hello"]);
    assert_eq!(offered(&["web:web"]), ["web:web1", "web:web2", "web:web3"]);
    assert_eq!(offered(&["web:web2", "r"]), ["restart"]);
    assert_eq!(offered(&["local", "add", "1", "--dou"]), ["--double"]);
    assert_eq!(offered(&["--dry-run", "local", "--par"]), ["--parallel"]);
    assert_eq!(offered(&["local", "--output", "j"]), ["json"]);
    assert_eq!(offered(&["three", "--hosts", "web3"]), ["web3"]);
    assert_eq!(offered(&["nothing", ""]), [""; 0]);
}

#[test]
fn bash_completes() {
    let program = env!("CARGO_BIN_EXE_cli_tree");
    let complete = |line: &str| {
        let name = Path::new(program).file_name().unwrap().to_str().unwrap();
        let script = format!(
            "source <(\"$1\" --completions bash)
             complete -p {name} >/dev/null || exit 9
             COMP_LINE=\"$2\" COMP_POINT=${{#2}}
             _complete_{name} \"$1\"
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let line = format!("{name} {line}");
        let output = Command::new("bash").args(["-c", &script, "bash", program, &line]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert_eq!(complete("local hel"), "hello\n");
    assert_eq!(complete("web:web[1"), "\n");
    assert_eq!(complete("web:web2"), "web2\n");
    assert_eq!(complete("local ").lines().next(), Some("hello"));
}

#[test]
fn there_is_a_script_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        run(&format!("--completions {shell}")).code(0).prints("--complete-words -- ");
    }
}
