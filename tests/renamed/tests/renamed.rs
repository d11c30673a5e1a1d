//! Nodes of a library under another name do what they say.

use renamed::prelude::*;
use renamed::testing::Recorder;
use tests_renamed::{Stage, Top, TopRoles};

#[derive(Debug)]
struct Live;

impl Stage for Live {
    const DOMAIN: &'static str = "live";
}

#[tokio::test]
async fn a_node_runs() -> Result {
    let recorder = Recorder::new();
    let roles =
        TopRoles { one: Host::ssh("one"), many: Hosts::parse("a,b,c")?, some: Hosts::parse("x")? };
    let top = Top::<Live>::builder().build().bind_to(roles, &recorder.env())?;
    top.all().await?;
    assert_eq!(recorder.commands("one"), ["cd=/srv: start live 1 --wait"]);
    assert_eq!(recorder.commands("b")[1], "cd=/srv: start cell 1 --no-wait -v");
    assert_eq!(recorder.commands("x").len(), 4);
    Ok(())
}
