//! `host_test.py`: what one host can do, on this machine.

use std::sync::{Arc, Mutex};

use deploy_core::event::{Event, EventKind, Reporter};
use deploy_core::prelude::*;

/// Keeps the lines that are shown.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Reporter for Lines {
    fn event(&self, event: &Event) {
        if let EventKind::Line { text, .. } = &event.kind {
            self.0.lock().unwrap().push(text.clone());
        }
    }
}

fn path(directory: &tempfile::TempDir, name: &str) -> String {
    directory.path().join(name).display().to_string()
}

async fn said(host: &Host, command: impl deploy_core::IntoCmd) -> Result<String> {
    Ok(host.run(command).await?.stdout_str()?.to_owned())
}

#[tokio::test]
async fn a_command_gives_back_what_it_prints() -> Result {
    let output = Host::local().run("echo test; echo aside >&2").await?;
    assert_eq!(output.stdout, b"test\n");
    assert_eq!(output.stdout_str()?, "test");
    assert_eq!(output.stderr_str()?, "aside", "apart from the other stream");
    Ok(())
}

#[tokio::test]
async fn a_context_is_of_the_value_that_it_was_made_for() -> Result {
    let host = Host::local();
    assert_eq!(said(&host.env("V1", "my value"), "echo \"$V1\"").await?, "my value");
    assert_eq!(said(&host, "echo \"$V1\"").await?, "");
    let both = host.env("V1", "one").env("V2", "two");
    assert_eq!(said(&both, "echo $V1 $V2").await?, "one two");
    let literal = host.env("V1", "one").env("V2", "$V1");
    assert_eq!(said(&literal, "echo \"$V2\"").await?, "$V1", "a value stays what it is");
    assert_eq!(said(&host.prefix("echo before"), "echo test").await?, "before\ntest");
    assert_eq!(said(&host.cd("/"), "pwd").await?, "/");
    let home = said(&host, "cd && pwd").await?;
    assert_eq!(said(&host.cd("~"), "pwd").await?, home);
    assert_eq!(host.home().await?.as_str(), said(&host, "echo ~").await?);
    Ok(())
}

#[test]
fn a_host_shows_its_name() {
    assert_eq!(format!("{:?}", Host::ssh("deploy@web1:2222")), "Host(web1)");
    assert_eq!(Host::local().to_string(), "localhost");
}

#[tokio::test]
async fn output_is_shown_as_it_comes_and_given_back() -> Result {
    let lines = Lines::default();
    let env = Env::quiet().reporter(lines.clone());
    let output = Host::local().in_env(&env).run("echo test").await?;
    assert_eq!(output.stdout_str()?, "test");
    assert_eq!(*lines.0.lock().unwrap(), ["test"]);
    Ok(())
}

#[tokio::test]
async fn a_command_reads_what_it_is_given() -> Result {
    let output = Host::local().run(cmd!("read line; echo \"$line\"").stdin("typed\n")).await?;
    assert_eq!(output.stdout_str()?, "typed");
    Ok(())
}

#[tokio::test]
async fn a_file_is_written_and_read() -> Result {
    let directory = tempfile::tempdir()?;
    let (host, file) = (Host::local(), path(&directory, "it's a file"));
    host.write_file(file.clone(), "my content").await?;
    assert_eq!(std::fs::read_to_string(&file)?, "my content");
    assert_eq!(host.read_file(file.clone()).await?, b"my content");
    assert!(host.read_file(path(&directory, "none")).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_file_goes_there_and_back() -> Result {
    let directory = tempfile::tempdir()?;
    let host = Host::local();
    let [from, there, back] = ["from", "there", "back"].map(|name| path(&directory, name));
    std::fs::write(&from, b"bytes \xff\0")?;
    host.put(&from, there.clone()).await?;
    host.get(there, &back).await?;
    assert_eq!(std::fs::read(&back)?, b"bytes \xff\0");
    Ok(())
}

#[tokio::test]
async fn stat_says_what_is_there() -> Result {
    let directory = tempfile::tempdir()?;
    let (host, file) = (Host::local(), path(&directory, "empty"));
    host.write_file(file.clone(), "").await?;
    let stat = host.stat(file).await?.ok_or_else(|| Error::msg("not there"))?;
    assert!(stat.is_file() && !stat.is_dir());
    assert_eq!((stat.size, stat.owner.is_empty()), (0, false));
    let stat = host.stat("/tmp").await?.ok_or_else(|| Error::msg("no /tmp"))?;
    assert!(stat.is_dir());
    assert!(host.stat(path(&directory, "none")).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_host_knows_its_addresses() -> Result {
    let addresses = Host::local().addresses().await?;
    assert!(addresses.iter().all(|address| !address.is_loopback()), "{addresses:?}");
    Ok(())
}

#[tokio::test]
async fn a_directory_is_listed_from_where_one_is() -> Result {
    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("b"), "")?;
    std::fs::create_dir(directory.path().join("a"))?;
    let host = Host::local().cd(directory.path().display().to_string());
    let names: Vec<String> = host.list_dir(".").await?.into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(!Host::local().cd("/").list_dir(".").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn entries_of_a_directory_say_what_they_are() -> Result {
    use deploy_core::FileKind;

    let directory = tempfile::tempdir()?;
    std::fs::write(directory.path().join("file"), "")?;
    std::fs::create_dir(directory.path().join("dir"))?;
    let entries = Host::local().list_dir(directory.path().display().to_string()).await?;
    let kinds: Vec<FileKind> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [FileKind::Directory, FileKind::File]);
    Ok(())
}

#[tokio::test]
async fn the_kind_of_terminal_can_be_set() -> Result {
    let host = Host::local().env("TERM", "xterm-256color");
    assert_eq!(said(&host, "echo $TERM").await?, "xterm-256color");
    assert_eq!(said(&host.env("TERM", "vt100"), "echo $TERM").await?, "vt100");
    Ok(())
}
