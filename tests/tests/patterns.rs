//! Patterns of hosts and the way back: what is folded expands to the same names.

use std::collections::BTreeSet;

use deploy_core::host::{Pattern, fold};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,2}[0-9]{1,3}",
        "[a-b][0-2]-[0-9]{1,2}\\.example\\.com",
        "10\\.0\\.[0-1]\\.[0-9]{1,3}",
        "[a-z][a-z0-9.-]{0,12}",
    ]
}

proptest! {
    #[test]
    fn a_folded_pattern_stands_for_the_same_names(names in prop::collection::btree_set(name(), 1..40)) {
        let folded = fold(names.iter().map(String::as_str));
        let pattern = Pattern::parse(&folded).unwrap();
        let back: Vec<String> = pattern.names().map(str::to_owned).collect();
        prop_assert_eq!(back.len(), names.len(), "{} stands for a name twice", folded);
        prop_assert_eq!(back.into_iter().collect::<BTreeSet<_>>(), names);
    }
}
