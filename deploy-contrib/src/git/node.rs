//! [`Git`]: a checkout on each host, as a component to be nested.

use deploy_core::prelude::*;

use super::git_checkout;

/// A checkout of a repository.
#[node(parallel)]
pub struct Git {
    /// Its URL.
    #[required]
    repository: String,
    /// Where it is checked out.
    #[required]
    directory: RemotePath,
}

#[node]
impl Git {
    /// Check out a commit, a branch or a tag.
    pub async fn checkout(&self, revision: String) -> Result {
        let checkout = git_checkout(&self.repository, &self.directory).revision(revision);
        self.host().ensure(checkout).await?;
        Ok(())
    }

    /// Show the commit that is checked out.
    pub async fn show(&self) -> Result<String> {
        let show = cmd!("git log -1 --format='%h %s (%an, %ar)'");
        let out = self.host().cd(&self.directory).probe(show).await?;
        Ok(out.stdout_str()?.to_owned())
    }

    /// Show what was changed by hand.
    pub async fn status(&self) -> Result<String> {
        let out = self.host().cd(&self.directory).probe(cmd!("git status --short")).await?;
        Ok(out.stdout_str()?.to_owned())
    }
}
