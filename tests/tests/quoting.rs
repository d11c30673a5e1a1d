//! Whatever a value holds, it reaches the program as one unchanged argument: `cmd!` through this machine's `sh`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use deploy_core::prelude::*;
use proptest::prelude::*;

/// Runs a command's text as `sh` would get it and splits what `printf '%s\0'` wrote.
fn arguments(command: &Cmd) -> Vec<Vec<u8>> {
    let script = OsString::from_vec(command.to_bytes());
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().expect("sh runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut words: Vec<Vec<u8>> =
        output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    words.pop();
    words
}

/// Bytes in which everything that is special to a shell is frequent.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(br##"'"\$`(){}[]*?~#!&|;<>-=% "##.to_vec());
    let byte = prop_oneof![3 => special, 1 => Just(b'\n'), 1 => 1..=255_u8, 2 => prop::char::range('a', 'z').prop_map(|c| c as u8)];
    prop::collection::vec(byte, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn each_value_is_one_unchanged_argument(values in prop::collection::vec(nasty(), 1..12)) {
        let words: Vec<OsString> = values.iter().cloned().map(OsString::from_vec).collect();
        let command = cmd!("printf '%s\\0' {words}");
        prop_assert_eq!(arguments(&command), values);
    }

    #[test]
    fn a_value_beside_text_stays_one_argument(value in nasty()) {
        let word = OsString::from_vec(value.clone());
        let command = cmd!("printf '%s\\0' --name={word}.txt");
        prop_assert_eq!(arguments(&command), vec![[b"--name=".as_slice(), &value, b".txt"].concat()]);
    }

    #[test]
    fn a_command_in_a_command_runs_unchanged(value in nasty()) {
        let word = OsString::from_vec(value.clone());
        let inner = cmd!("printf '%s\\0' {word}");
        prop_assert_eq!(arguments(&cmd!("sh -c {inner}")), vec![value]);
    }
}

#[test]
fn lists_iterators_and_options() {
    let (names, none, port) = (vec!["a", "b c"], None::<String>, 8080_u16);
    let upper = names.iter().map(|name| name.to_uppercase());
    let secret = Secret::new("pass word".to_owned());
    assert_eq!(cmd!("x {names} {none} {port} {upper}").to_string(), "x a 'b c' 8080 A 'B C'");
    let nothing: [&str; 0] = [];
    assert_eq!(cmd!("x {none} {nothing} y -o={none} z").to_string(), "x y -o= z");
    // A blank with a backslash is a part of a word.
    assert_eq!(arguments(&cmd!(r"printf '%s\0' a\ {none} b")), [b"a ".to_vec(), b"b".to_vec()]);
    let command = cmd!("login --password {secret}");
    assert_eq!(command.to_string(), "login --password <secret>");
    assert_eq!(command.to_bytes(), b"login --password 'pass word'");
}
