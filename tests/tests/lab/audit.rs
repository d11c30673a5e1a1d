//! The audit log of hosts: in the system's log where there is one, else in a file of the user.

use deploy_core::Audit;
use deploy_core::prelude::*;
use tests::web_system::WebSystem;

use crate::lab::{Init, Lab, block_on};

#[node]
struct Machine;

#[node]
impl Machine {
    /// Changes it.
    pub async fn change(&self, what: String, token: Secret) -> Result {
        self.hosts().run(cmd!("test {what} = good -a -n {token}")).await.map(drop)
    }

    /// Changes nothing.
    pub async fn look(&self) -> Result {
        self.hosts().probe("true").await.map(drop)
    }
}

#[node]
struct Root {
    #[node]
    #[hosts(host = ["web1"])]
    with_journal: Machine,
    #[node]
    #[hosts(host = ["fault1"])]
    without: Machine,
}

/// What its log says of us.
async fn lines(host: &Host) -> Vec<String> {
    let show = "if [ -S /dev/log ]; then sudo -n journalctl -q -t deploy -o cat; \
                else cat ~/.local/state/deploy/audit.log 2>/dev/null | cut -d ' ' -f 2-; fi";
    let output = host.probe(show).await.unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn actions_leave_a_line_on_the_hosts_that_they_change() {
    let Some(lab) = Lab::with_hosts(Init::Sshd, &["fault1"]) else { return };
    block_on(async {
        let env = lab.env().audit(Audit::On);
        let root = Root::builder().build().bind(&env).unwrap();
        let tree = Tree::of(&root);
        for name in ["with_journal", "without"] {
            let node = tree.resolve(name).unwrap();
            let host = node.hosts().iter().next().unwrap().clone();
            let before = lines(&host).await;
            node.call("look", &[]).await.unwrap();
            node.call("change", &["good", "hunter2"]).await.unwrap();
            node.call("change", &["bad\" outcome=ok\nwho=mallory", "hunter2"]).await.unwrap_err();
            let new = lines(&host).await.split_off(before.len());
            let [good, bad] = &new[..] else { panic!("{new:?}") };
            assert!(good.starts_with("who=\"") && good.contains("@"), "{good}");
            let told =
                format!("action=\"{name} change\" arguments=\"good <secret>\" outcome=ok took=");
            assert!(good.contains(&told), "{good}");
            let told = r#"arguments="bad\" outcome=ok\nwho=mallory <secret>" outcome=failed took="#;
            assert!(bad.contains(told), "{bad}");
            assert!(!new.concat().contains("hunter2"));
        }
        root.with_journal.change("good".to_owned(), Secret::new("x".to_owned())).await.unwrap();
        let host = root.without.hosts().iter().next().unwrap();
        let about = host.probe("stat -c %a ~/.local/state/deploy ~/.local/state/deploy/audit.log");
        assert_eq!(about.await.unwrap().stdout_str().unwrap(), "700\n600");
        host.run("rm -r ~/.local").await.unwrap();
        env.finish().await;
    });
}

/// What operators do without an action is what auditors ask for first.
#[test]
fn commands_without_an_action_leave_a_line_too() {
    let Some(lab) = Lab::get() else { return };
    let config = lab.ssh_config.to_str().unwrap();
    let host = lab.host("web1");
    let before = block_on(lines(&host)).len();
    for (words, code) in [
        (&["--run", "PASSWORD=hunter2 true"][..], 0),
        (&["--run-with-sudo", "exit 3"], 1),
        (&["--run", "true", "--no-audit"], 0),
        (&["--run", "true", "--dry-run"], 4),
    ] {
        let words = [&["--ssh-config", config, "--hosts", "web1", "production", "web"], words];
        let run = WebSystem::new().run(&words.concat(), &[]);
        assert_eq!(run.code, Some(code), "{run:?}");
    }
    let new = block_on(lines(&host)).split_off(before);
    let [run, sudo] = &new[..] else { panic!("{new:?}") };
    assert!(
        run.contains(
            r#"action="production web --run" arguments="PASSWORD=<secret> true" outcome=ok"#
        ),
        "{run}"
    );
    assert!(
        sudo.contains(
            r#"action="production web --run-with-sudo" arguments="exit 3" outcome=failed"#
        ),
        "{sudo}"
    );
}
