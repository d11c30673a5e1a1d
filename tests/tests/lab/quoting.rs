//! Whatever a value holds, it reaches the program on the host as one unchanged argument, whatever the login shell is.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use deploy_core::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::lab::{Lab, block_on};

/// Each case is one round trip with many values.
const CASES: u32 = 24;

#[test]
fn on_this_machine() {
    check(&Host::local().in_env(&Env::quiet()));
}

#[test]
fn over_ssh_to_every_login_shell() {
    let Some(lab) = Lab::get() else { return };
    for user in ["shsh", "bashsh", "zshsh", "fishsh", "cshsh"] {
        check(&lab.host(&format!("web1.{user}")));
    }
}

/// Bytes in which everything that is special to some shell is frequent.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(br##"'"\$`(){}[]*?~#!&|;<>-=%^@, "##.to_vec());
    let control = prop::sample::select(b"\n\r\t\x1b\x1e\x7f".to_vec());
    let byte = prop_oneof![4 => special, 1 => control, 2 => 1..=255_u8, 2 => b'a'..=b'z'];
    let whole = prop::sample::select(vec![
        "", "-n", "--", "-rf", "~", "~root", "$(id)", "`id`", "a b", "!!", "!-1", "*", "\\", "'",
        "\n", "\\n", "%s", "é", "if", "a=b", "#x", "\\0101", "${IFS}",
    ]);
    prop_oneof![
        4 => prop::collection::vec(byte, 0..40),
        1 => whole.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(0x80..=0xff_u8, 1..8),
    ]
}

fn check(host: &Host) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let values = prop::collection::vec(value(), 1..60);
    let result = TestRunner::new(config).run(&values, |values| {
        let words: Vec<OsString> = values.iter().cloned().map(OsString::from_vec).collect();
        let (first, value) = (&words[0], &words[words.len() - 1]);
        let host = host.env("VALUE", value);
        let command = cmd!("printf '%s\\000' {words} --x={first}.txt \"$VALUE\"");
        let output =
            block_on(host.run(command)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut expected = values.clone();
        expected.push([b"--x=", &*values[0], b".txt"].concat());
        expected.push(values[values.len() - 1].clone());
        let mut found: Vec<Vec<u8>> =
            output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(found.pop(), Some(Vec::new()));
        prop_assert_eq!(found, expected);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{host}: {error}");
    }
}
