//! The program that the command line tests run: every host of it is this machine, or is not there at all.

use deploy_contrib::files::file;
use deploy_core::prelude::*;

/// Runs things on its hosts.
#[node]
struct Things {
    /// Who is greeted.
    #[default("world")]
    greeted: String,
}

#[node]
impl Things {
    /// Print a greeting on every host.
    ///
    /// It goes to both streams.
    pub async fn hello(&self) -> Result {
        self.hosts().run(cmd!("echo hello {self.greeted}; echo oops >&2")).await?;
        Ok(())
    }

    /// Fail, and say why.
    pub async fn fail(&self) -> Result {
        self.hosts().run("echo working; echo no such thing >&2; exit 3").await?;
        Ok(())
    }

    /// Run a command everywhere, and when it is over, another one.
    pub async fn twice(&self, first: String) -> Result {
        self.hosts().run(Cmd::raw(first)).await?;
        self.hosts().run("echo second").await?;
        Ok(())
    }

    /// Take a while.
    pub async fn sleep(&self, seconds: u32) -> Result {
        self.hosts().run(cmd!("sleep {seconds}")).await?;
        Ok(())
    }

    /// Print many lines.
    pub async fn count(&self, to: u32) -> Result {
        self.hosts().run(cmd!("seq {to}")).await?;
        Ok(())
    }

    /// Add numbers.
    pub async fn add(
        &self,
        /// The first number.
        first: u16,
        /// The other numbers.
        more: Vec<u16>,
        /// Twice as much.
        double: bool,
    ) -> Result<u32> {
        let sum: u32 = more.into_iter().chain([first]).map(u32::from).sum();
        Ok(if double { 2 * sum } else { sum })
    }

    /// Put text into a file.
    pub async fn write(&self, path: RemotePath, text: String) -> Result {
        self.hosts().ensure(file(path).content(format!("{text}\n"))).await?;
        Ok(())
    }

    /// Ask for a port.
    pub async fn ask(&self) -> Result<String> {
        let port: u16 = self.console().input("Which port?").ask()?;
        Ok(format!("port {port}"))
    }

    /// Remove everything.
    #[action(confirm = "Really remove everything?")]
    pub async fn remove(&self) -> Result<String> {
        Ok("removed".to_owned())
    }

    /// Fall over.
    pub async fn panic(&self) -> Result {
        self.hosts().run("echo so far").await?;
        panic!("the floor is gone");
    }

    /// Print what would drive a terminal.
    pub async fn draw(&self) -> Result {
        self.hosts().run("printf '\\033[2J\\033]0;title\\007\\033[31mred\\033[0m\\n'").await?;
        Ok(())
    }
}

/// One of several servers.
#[node(parallel)]
struct Server;

#[node]
impl Server {
    /// Start it again.
    pub async fn restart(&self) -> Result<String> {
        self.host().run("echo restarting").await?;
        Ok(format!("{} is up", self.host().name()))
    }

    /// Run a command that finds the host's name in HOST_NAME, and another one.
    pub async fn deploy(&self, first: String) -> Result<String> {
        let host = self.host().env("HOST_NAME", self.host().name());
        host.run(Cmd::raw(first)).await?;
        host.run("echo second").await?;
        Ok("deployed".to_owned())
    }

    /// Be well, unless this is web2.
    pub async fn health(&self) -> Result {
        self.host().env("HOST_NAME", self.host().name()).run("test \"$HOST_NAME\" != web2").await?;
        Ok(())
    }

    /// Read a number that is none.
    pub async fn load(&self) -> Result<u8> {
        Ok(self.place().parse()?)
    }

    /// Where it stands.
    pub fn place(&self) -> String {
        format!("rack of {}", self.host())
    }
}

#[node]
impl Array<Server> {
    /// Restart all of them, from within an action.
    pub async fn roll(&self) -> Result {
        self.restart().await?;
        Ok(())
    }
}

fn servers() -> Hosts {
    (1..=3).map(|n| Host::local().named(format!("web{n}"))).collect()
}

/// Everything that the tests need.
#[node(main)]
struct Root {
    /// This machine.
    #[group(local)]
    #[node]
    #[hosts(host = [Host::local()])]
    local: Things,

    /// Three names for this machine.
    #[group(staging)]
    #[node(greeted = "three")]
    #[hosts(host = servers())]
    three: Things,

    #[node]
    #[hosts(host = servers())]
    web: Array<Server>,

    /// A host where nothing listens, and one that is there.
    #[node]
    #[hosts(host = [Host::ssh("127.0.0.1").port(1).named("dead"), Host::local()])]
    dead: Things,
}
