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

/// What is left of a command when a value in it gives no words is what somebody would write who left the value out.
#[test]
fn a_value_without_words_leaves_no_blank_behind() {
    let (x, y) = (None::<String>, Vec::<&str>::new());
    let (z, raw) = (Some("z"), " r ");
    for (cmd, shown) in [
        (cmd!("a {x} b"), "a b"),
        (cmd!("{x} b"), "b"),
        (cmd!("a {x}"), "a"),
        (cmd!("a  {x}  b"), "a  b"),
        (cmd!("a\t{x}\tb"), "a\tb"),
        (cmd!("a {x} {y} b"), "a b"),
        (cmd!("a {x}{y} b {y}"), "a b"),
        (cmd!("{x} {y}"), ""),
        (cmd!("{x} {z} {y}"), "z"),
        (cmd!("a {z}{x} b"), "a z b"),
        (cmd!("a {x}{z} b"), "a z b"),
        (cmd!("a {x}; b {y} | c {x}|d"), "a; b | c|d"),
        (cmd!("(a {x}) && $(b {x})"), "(a) && $(b)"),
        (cmd!("a {x} ; b {x} && c {x} > d"), "a ; b && c > d"),
        (cmd!("a\n  {x} b {y}\n{x} c\n"), "a\n  b\nc\n"),
        (cmd!("a \\\n  {x} \\\n  b"), "a \\\n  \\\n  b"),
        (cmd!("a '{{ ' {x} \" }}\" b"), "a '{ ' \" }\" b"),
        // Where a blank is a part of a word, or the value is, it stays.
        (cmd!("--x={x} b"), "--x= b"),
        (cmd!("a\\ {x} b"), "a\\  b"),
        (cmd!("a\\  {x} b"), "a\\  b"),
        (cmd!("a {x}b"), "a b"),
        (cmd!("a\\\n{x} b"), "a\\\n b"),
        (cmd!("echo 2 {x}>f"), "echo 2 >f"),
        (cmd!("a {raw:raw}{x} b"), "a  r b"),
        (cmd!("echo 'a {raw:raw} b' {x}"), "echo 'a  r  b'"),
    ] {
        assert_eq!(cmd.to_string(), shown);
    }
    assert_eq!(Cmd::argv([Some("a"), None, Some("b"), None]).to_string(), "a b");
    assert_eq!(Cmd::script("echo \"$#\"", y).to_string(), "set --\necho \"$#\"");
    let hidden = Secret::new(Vec::<String>::new());
    assert_eq!(cmd!("a {hidden} b {hidden}").to_string(), "a b");
}

proptest! {
    /// A value without words takes no other word with it, wherever it stands.
    #[test]
    fn a_value_without_words_takes_none_with_it(before in nasty(), behind in nasty()) {
        let (none, a, b) = (None::<String>, OsString::from_vec(before.clone()), OsString::from_vec(behind.clone()));
        let words = vec![before, behind];
        for cmd in [
            cmd!("printf '%s\\0' {none} {a} {none} {b} {none}"),
            cmd!("printf '%s\\0'{none} {a}{none} {none}{b}{none}"),
            cmd!("{none} printf '%s\\0' {none}{none} {a} {none}\t{none} {b} {none};{none} true"),
        ] {
            prop_assert_eq!(arguments(&cmd), words.clone());
        }
    }
}
