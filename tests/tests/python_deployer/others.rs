//! What python-deployer tests beside nodes, hosts and queries: console, terminal, parsers.

use std::sync::{Arc, Mutex};

use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;
use deploy_core::testing::Recorder;
use deploy_core::{Console, ExitCode};

/// Keeps the notes.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Reporter for Notes {
    fn event(&self, event: &Event) {
        if let EventKind::Note { text, .. } = &event.kind {
            self.0.lock().unwrap().push(text.clone());
        }
    }
}

#[node(parallel)]
struct Cell {}

#[node]
impl Cell {
    /// Nothing.
    pub async fn nothing(&self) -> Result {
        Ok(())
    }
}

#[node]
struct Root {
    #[node]
    cells: Array<Cell>,
}

#[tokio::test]
async fn a_note_reaches_the_reporter() -> Result {
    let notes = Notes::default();
    let root = Root::builder().build().bind(&Recorder::new().env().reporter(notes.clone()))?;
    Tree::of(&root).resolve("cells")?.call("nothing", &[]).await?;
    assert_eq!(*notes.0.lock().unwrap(), ["`cells` has no hosts: nothing to do"]);
    Ok(())
}

#[test]
fn a_default_answers_when_nobody_is_there() -> Result {
    let console = Console::non_interactive();
    assert_eq!(console.input("Which?").default("this").ask::<String>()?, "this");
    let error = console.input("Which?").ask::<String>().unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Usage, "it does not wait for ever");
    Ok(())
}

#[test]
fn a_confirmation_is_never_a_guess() -> Result {
    assert!(Console::non_interactive().confirm("Really?").is_err());
    assert!(Console::always_yes().confirm("Really?")?);
    Ok(())
}

#[tokio::test]
async fn addresses_are_read_from_either_program() -> Result {
    let linux = "2: eth0    inet 10.0.0.7/24 brd 10.0.0.255 scope global eth0\n\
                 1: lo    inet 127.0.0.1/8 scope host lo";
    let macos = "en0: flags=8863<UP>\n\tether 00:11:22:33:44:55\n\tinet 192.168.1.5 netmask 0xffffff00\n\
                 en1: flags=8863<UP>\n\tether 00:11:22:33:44:66";
    let recorder = Recorder::new().on_host("linux", "*", linux).on_host("mac", "*", macos);
    let hosts = crate::hosts("linux,mac").in_env(&recorder.env());
    let found = hosts.each(async |host| host.addresses().await).await.all_ok()?;
    let found: Vec<String> = found.values().flatten().map(ToString::to_string).collect();
    assert_eq!(found, ["10.0.0.7", "192.168.1.5"]);
    Ok(())
}
