//! The program that the tests of terminals run: this machine, and whatever hosts `DEPLOY_TEST_SITE` names.

use deploy_core::prelude::*;

/// Machines on which somebody works by hand.
#[node]
struct Machines;

#[node]
impl Machines {
    /// Give a command this terminal, and show what was kept of what it showed.
    pub async fn give(&self, command: String) -> Result<String> {
        let outputs = self.hosts().interactive(Cmd::raw(command)).await?;
        let kept =
            outputs.values().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        Ok(format!("kept {:?}", kept.collect::<Vec<_>>()))
    }

    /// The same as root.
    pub async fn give_as_root(&self, command: String) -> Result {
        self.hosts().sudo().interactive(Cmd::raw(command)).await?;
        Ok(())
    }

    /// Open a shell as root, elsewhere.
    pub async fn root_shell(&self) -> Result {
        self.hosts().sudo().cd("/usr").env("A", "b c").shell().await?;
        Ok(())
    }

    /// Give a command this terminal and fall over once Enter was pressed.
    pub async fn fall(&self) -> Result {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        let pressed = directory.path().join("pressed");
        let given = self.hosts().interactive(cmd!("echo begun; read line; : >{pressed}; cat"));
        let fall = async {
            while !pressed.exists() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            panic!("the floor is gone");
        };
        tokio::select! {
            given = given => given.map(drop),
            () = fall => Ok(()),
        }
    }
}

fn site() -> Hosts {
    let pattern = std::env::var("DEPLOY_TEST_SITE").unwrap_or_else(|_| "local".to_owned());
    Hosts::parse(&pattern).expect("DEPLOY_TEST_SITE is a pattern")
}

#[node(main)]
struct Root {
    #[node]
    #[hosts(host = [Host::local()])]
    local: Machines,

    /// Two names for it.
    #[node]
    #[hosts(host = [Host::local().named("a"), Host::local().named("b")])]
    two: Machines,

    #[node]
    #[hosts(host = site())]
    site: Machines,
}
