//! A thousand hosts at once: nobody is forgotten, nobody overtakes, and no more work than may.

use std::sync::Arc;

use deploy_core::prelude::*;
use tests::nowhere::Nowhere;

#[tokio::test]
async fn a_thousand_hosts_run_fifty_commands_each() {
    let nowhere = Nowhere::default();
    let env = Env::quiet().parallel(40).connector(Arc::new(nowhere.clone()));
    let hosts = Hosts::parse("h[1-1000]").unwrap().in_env(&env);
    let names = hosts.names().into_iter().map(str::to_owned).collect::<Vec<_>>();
    for round in 1..=50 {
        let outputs = hosts.run(cmd!("echo {round}")).await.unwrap();
        let expected = format!("echo {round}");
        let mut order = names.iter();
        for (host, output) in &outputs {
            assert_eq!(Some(host.name()), order.next().map(String::as_str));
            assert_eq!(output.stdout_str().unwrap(), expected, "{host}");
        }
        assert_eq!(order.next(), None);
        // In lock step: nobody has begun the next one.
        assert_eq!(nowhere.commands(), round * 1000);
    }
    assert_eq!(nowhere.most_at_once(), 40);
}
