//! Hosts that come from the lab's own ssh_config, and from a file that has data about them, are reached as any.

use deploy_contrib::Inventory;
use deploy_contrib::sources::Source;
use deploy_core::prelude::*;

use crate::lab::{Lab, block_on};

#[test]
fn names_of_the_labs_ssh_config() {
    let Some(lab) = Lab::get() else { return };
    let config = lab.ssh_config.to_str().unwrap().to_owned();
    let hosts = Inventory::from(Source::SshConfig(Some(config.into()))).hosts("web[1-2]").unwrap();
    assert_eq!(hosts.names(), ["web1", "web2"]);
    let answers = block_on(hosts.in_env(&lab.env()).run("hostname")).unwrap();
    let answers: Vec<&str> = answers.values().map(|it| it.stdout_str().unwrap()).collect();
    assert_eq!(answers, ["web1", "web2"]);
}

#[test]
fn a_file_that_says_how_hosts_are_reached() {
    let Some(lab) = Lab::get() else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("hosts.toml");
    let text = "[groups.web]\nhosts = ['first', 'web2']\n\
                [hosts.first]\naddress = 'web1'\nuser = 'bashsh'\ndata = { greeting = \"it's me\" }\n";
    std::fs::write(&file, text).unwrap();
    let site = Inventory::from(Source::File(file.to_str().unwrap().to_owned().into()));
    let hosts = site.group("web").unwrap().in_env(&lab.env());
    let said = block_on(hosts.each(async |host: Host| {
        let greeting: String = host.data("greeting")?.unwrap_or_else(|| "nothing".to_owned());
        let output = host.run(cmd!("echo \"$(hostname) $(id -un):\" {greeting}")).await?;
        Ok(output.stdout_str()?.to_owned())
    }));
    let said: Vec<String> = said.into_iter().map(|(_, result)| result.unwrap()).collect();
    assert_eq!(said, ["web1 bashsh: it's me", "web2 deploy: nothing"]);
}
