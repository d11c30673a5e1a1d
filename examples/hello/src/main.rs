//! The smallest deployment: says hello on this machine and on another one.

use deploy_core::prelude::*;

/// Says hello on every host it is given.
#[node]
struct SayHello {
    /// Who is greeted.
    #[default("world")]
    name: String,
}

#[node]
impl SayHello {
    /// Print a greeting on every host.
    pub async fn hello(&self) -> Result {
        self.hosts().run(cmd!("echo hello {self.name}")).await?;
        Ok(())
    }
}

#[node(main)]
struct Root {
    #[node]
    #[hosts(host = [Host::local()])]
    local: SayHello,

    #[node(name = "from far away")]
    #[hosts(host = ["deploy@192.168.0.200:2222"])]
    remote: SayHello,
}
