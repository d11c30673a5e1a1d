//! The program that the tests of what is around an action run: three hosts of the lab that no other test uses.

use deploy_core::prelude::*;

/// One of three hosts.
#[node(parallel)]
struct Web;

#[node]
impl Web {
    /// Say in a file when it begins and when it ends.
    #[action(lock)]
    pub async fn deploy(&self, who: String) -> Result {
        self.host()
            .run(cmd!("echo begin {who} >>journal; sleep 0.3; echo end {who} >>journal"))
            .await?;
        Ok(())
    }

    /// Fail.
    #[action(lock)]
    pub async fn fail(&self) -> Result {
        self.host().run("exit 3").await?;
        Ok(())
    }

    /// Never end.
    #[action(lock)]
    pub async fn hang(&self) -> Result {
        self.host().run("touch begun; sleep 1234").await?;
        Ok(())
    }

    /// Put a large file over another one.
    #[action(lock)]
    pub async fn upload(&self, source: String) -> Result {
        self.host().put(source, "target").await
    }
}

/// Nothing but these hosts.
#[node(main)]
struct Root {
    #[node]
    #[hosts(host = ["lock[1-3]"])]
    web: Array<Web>,
}
