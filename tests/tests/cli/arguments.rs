//! Mistakes in the command line: exit code 2, what was probably meant, and no host touched.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::{args, run};

#[track_caller]
fn mistake(words: &str, says: &[&str]) {
    let ran = run(words).code(2).prints_nothing().touched_no_host();
    says.iter().fold(ran, |ran, text| ran.says(text));
}

#[test]
fn unknown_names_are_suggested() {
    mistake("lcoal hello", &["no node or action `lcoal`", "did you mean `local`?"]);
    mistake("local helo", &["`local` has no node or action `helo`", "did you mean `hello`?"]);
    mistake("web:wbe2 restart", &["no cell `wbe2`", "did you mean `web:web2`?"]);
    mistake("web:web[1-9] restart", &["no cell `web4`", "web1, web2, web3"]);
    mistake("web:web[3-1] restart", &["bad host pattern", "backwards"]);
    mistake("local:web1 hello", &["`local` has no cells"]);
    mistake(
        "web:web1 place",
        &["`place` is a property of `Server`", "`rack of web1`", "--inspect"],
    );
    mistake("local helo --help", &["did you mean `hello`?"]);
}

#[test]
fn unknown_options_are_suggested() {
    mistake("local hello --dry-rnu", &["no option `--dry-rnu`", "did you mean `--dry-run`?"]);
    mistake("--hots web1 three hello", &["no option `--hots`", "did you mean `--hosts`?"]);
    mistake("local add 1 --duble", &["no option `--duble`", "did you mean `--double`?"]);
    mistake("local --duble", &["no option `--duble`"]);
}

#[test]
fn wrong_values_of_options() {
    mistake("local hello --parallel none", &["--parallel"]);
    mistake("local hello --timeout soon", &["--timeout", "30s"]);
    mistake("local hello --output xml", &["--output", "human"]);
    mistake("local hello --run id", &["`hello` is an action"]);
    mistake("local --run id --list", &["--run", "--list"]);
    mistake("local hello --ssh-config /no/such/file", &["/no/such/file"]);
    mistake("local hello --run", &["--run"]);
}

#[test]
fn wrong_arguments() {
    mistake("local add x", &["`x` is no value for `first`", "u16"]);
    mistake("local add 1 2 x", &["`x` is no value for `more`"]);
    mistake("local add 70000", &["`70000` is no value for `first`"]);
    mistake("local add", &["needs its argument `first`", "usage: add <first>"]);
    mistake("local hello there", &["takes no argument `there`"]);
    let odd = OsStr::from_bytes(b"\xff");
    args([OsStr::new("local"), odd]).code(2).says("not UTF-8");
}

#[test]
fn hosts_that_are_not_there() {
    mistake("three hello --hosts web9", &["no host `web9`", "did you mean"]);
    mistake("three hello --exclude nothing*", &["no host `nothing*`"]);
    mistake("three hello --hosts web[1-", &["--hosts"]);
}

#[test]
fn options_and_arguments_may_be_mixed() {
    run("local --double add -v 1 --output human 2 3").code(0).prints("12\n");
    run("local add -- 1 2").code(0).prints("3\n");
    run("local --timeout=30s add 5").code(0).prints("5\n");
}
