//! Rollouts in code: gates and pauses between batches, and actions of these names.

use std::time::Duration;

use deploy_core::prelude::*;
use deploy_core::testing::{Recorder, Reply};

#[node(parallel)]
struct Web;

#[node]
impl Web {
    /// Deploy.
    pub async fn deploy(&self, commit: String) -> Result {
        self.host().run(cmd!("deploy {commit}")).await?;
        Ok(())
    }

    /// See whether it is well.
    pub async fn health(&self) -> Result<String> {
        Ok(self.host().run("curl localhost").await?.stdout_str()?.to_owned())
    }
}

#[node]
impl Array<Web> {
    /// Two at a time, as long as they are well.
    pub async fn roll(&self, commit: String) -> Result {
        let careful = self.batch(2).pause(Duration::ZERO);
        careful.gate(async |batch| batch.health().await).deploy(commit).await?;
        Ok(())
    }
}

/// Plays music, and is let in through a gate.
#[node(parallel)]
struct Player;

#[node]
impl Player {
    /// Stop for a while.
    pub async fn pause(&self) -> Result {
        self.host().run("mpc pause").await?;
        Ok(())
    }

    /// Open or close it.
    pub async fn gate(&self, open: bool) -> Result {
        self.host().run(cmd!("gate {open}")).await?;
        Ok(())
    }
}

#[node]
struct Root {
    #[node]
    #[hosts(host = ["web[1-6]"])]
    web: Array<Web>,

    #[node]
    #[hosts(host = ["hall"])]
    music: Array<Player>,
}

#[tokio::test]
async fn a_batch_passes_its_gate_before_the_next_begins() -> Result {
    let recorder = Recorder::new().on_host("web3", "curl *", Reply::status(7)).on("curl *", "well");
    let root = Root::builder().build().bind(&recorder.env())?;
    let error = root.web.roll("abc".to_owned()).await.unwrap_err();
    let told: Vec<String> = error.failures().map(ToString::to_string).collect();
    assert!(told[0].starts_with("web3: `curl localhost` failed with status 7"), "{told:?}");
    assert_eq!(told[1], "web5: not attempted, because the gate after batch 2 failed");
    assert_eq!(told.len(), 3);
    for host in ["web1", "web2", "web3", "web4"] {
        assert_eq!(recorder.commands(host), ["deploy abc", "curl localhost"]);
    }
    assert_eq!(recorder.commands("web5"), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_gate_may_keep_what_it_needs() -> Result {
    let recorder = Recorder::new().on("curl *", "well");
    let root = Root::builder().build().bind(&recorder.env())?;
    let wanted = "well".to_owned();
    let gated = root.web.canary(1).gate(move |batch| {
        let wanted = wanted.clone();
        async move {
            for answer in batch.health().await?.values() {
                if *answer != wanted {
                    bail!("it is {answer}");
                }
            }
            Ok::<_, Error>(())
        }
    });
    let task =
        tokio::spawn(async move { gated.deploy("abc".to_owned()).await.map(|all| all.len()) });
    assert_eq!(task.await??, 6);
    Ok(())
}

#[tokio::test]
async fn actions_may_be_called_pause_and_gate() -> Result {
    let recorder = Recorder::new();
    let root = Root::builder().build().bind(&recorder.env())?;
    root.music.pause().await?;
    root.music.gate(true).await?;
    assert_eq!(recorder.commands("hall"), ["mpc pause", "gate true"]);
    Ok(())
}
