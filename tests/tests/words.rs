//! Paths are words of a command line: what is printed is read back, as a shell would read it.

use std::process::Command;

use deploy_core::prelude::*;
use deploy_core::tree::PathTokens as _;
use proptest::prelude::*;

/// The words that this machine's `sh` makes of `text`; none if it refuses it.
fn words_of_sh(text: &str) -> Option<Vec<String>> {
    let script = format!("f() {{ for word; do printf '%s\\0' \"$word\"; done; }}; f {text}");
    let output = Command::new("sh").arg("-c").arg(script).output().expect("sh runs");
    let printed = String::from_utf8(output.stdout).expect("what was given was text");
    let mut words: Vec<String> = printed.split('\0').map(str::to_owned).collect();
    words.pop();
    output.status.success().then_some(words)
}

#[node(parallel)]
struct Web {
    #[node]
    part: Part,
}

#[node]
struct Part {}

#[node]
struct Root {
    #[node]
    r#in: Array<Web>,
}

fn nasty() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab '\"\\\\$:;*\\[\\]~ü\u{a0}\t\n-]{1,8}").expect("a pattern")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn text_is_split_as_by_a_shell(text in "[ab '\"\\\\\t]{0,12}", quoted in "[ab$`\\\\]{0,6}") {
        // At the end of a text shells differ about a backslash.
        prop_assume!(!text.ends_with('\\') && !quoted.ends_with('\\'));
        // What a shell would expand stands behind a backslash or not at all.
        let quoted = quoted.replace('$', "\\$").replace('`', "\\`").replace("\\\\$", "$");
        prop_assume!(!quoted.replace("\\\\", "").replace("\\$", "").replace("\\`", "").contains(['$', '`']));
        let text = format!("{text} \"{quoted}\"");
        prop_assert_eq!(text.as_str().tokens().ok(), words_of_sh(&text), "{}", text);
    }

    #[test]
    fn a_path_is_read_back_whatever_its_hosts_are_called(names in prop::collection::vec(nasty(), 1..4)) {
        let hosts: Hosts = names.iter().map(|name| Host::local().named(name.as_str())).collect();
        let roles = RootRoles { host: hosts.clone() };
        let root = Root::builder().build().bind_to(roles, &Env::quiet()).unwrap();
        let tree = Tree::of(&root);
        for name in hosts.names() {
            let cell = root.r#in.get(name).expect("a cell for each host");
            for path in [cell.path(), cell.part.path()] {
                let node = tree.resolve(path).unwrap();
                prop_assert_eq!(node.path(), path);
                prop_assert_eq!(tree.resolve(node.tokens()).unwrap().path(), path);
                prop_assert_eq!(words_of_sh(path).unwrap(), node.tokens());
                let hosts = node.hosts();
                prop_assert_eq!(hosts.names(), [name]);
            }
        }
    }
}
