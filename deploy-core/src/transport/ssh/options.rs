//! The arguments with which `ssh` is started, and what of a host they come from.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::host::HostSpec;
use crate::transport::ConnectSettings;

/// How long an idle master that was to end with the program stays if the program did not come to that.
const PERSIST_AFTER_CRASH: u64 = 60;

/// What decides the connection to a host, in `ssh`'s own words.
///
/// Given on the command line, it wins over the user's ssh_config; everything else is that file's business. Host keys are
/// checked as it says, by default strictly.
pub(super) fn connection(host: &HostSpec, settings: &ConnectSettings) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut pair = |option: &str, value: &dyn AsRef<std::ffi::OsStr>| {
        arguments.push(option.into());
        arguments.push(value.as_ref().to_owned());
    };
    if let Some(path) = &settings.ssh_config {
        pair("-F", path);
    }
    for option in &settings.ssh_options {
        pair("-o", option);
    }
    if let Some(user) = &host.user {
        pair("-l", user);
    }
    if let Some(port) = host.port {
        pair("-p", &port.to_string());
    }
    if let Some(key) = &host.key {
        pair("-i", key);
        pair("-o", &"IdentitiesOnly=yes");
    }
    if let Some(jump) = &host.jump {
        pair("-J", jump);
    }
    arguments
}

/// All arguments of a master.
pub(super) fn master(
    host: &HostSpec,
    settings: &ConnectSettings,
    socket: &Path,
    limit: Duration,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["-M", "-N", "-f", "-T", "-S"].map(OsString::from).into();
    arguments.push(socket.into());
    let persist = match settings.persist.as_secs() {
        0 => PERSIST_AFTER_CRASH,
        seconds => seconds,
    };
    arguments.push("-o".into());
    arguments.push(format!("ControlPersist={persist}").into());
    common(&mut arguments, host, settings, limit);
    arguments
}

/// All arguments of an ssh that runs `line` with a terminal over the master's connection. Where sshd allows no further session on that, ssh
/// makes a connection of its own, as it always does.
pub(super) fn terminal(
    host: &HostSpec,
    settings: &ConnectSettings,
    socket: &Path,
    limit: Duration,
    line: &str,
) -> Vec<OsString> {
    // Its escape character would act upon what is typed by program.
    let mut arguments: Vec<OsString> = ["-tt", "-e", "none", "-S"].map(OsString::from).into();
    arguments.push(socket.into());
    // "Shared connection to web1 closed." is no news.
    arguments.extend(["-o", "ControlMaster=no", "-o", "LogLevel=ERROR"].map(OsString::from));
    common(&mut arguments, host, settings, limit);
    arguments.push(line.into());
    arguments
}

/// All arguments of an attempt that is only to say what is wrong.
pub(super) fn diagnosis(
    host: &HostSpec,
    settings: &ConnectSettings,
    limit: Duration,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["-N", "-T", "-S", "none"].map(OsString::from).into();
    common(&mut arguments, host, settings, limit);
    arguments
}

fn common(
    arguments: &mut Vec<OsString>,
    host: &HostSpec,
    settings: &ConnectSettings,
    limit: Duration,
) {
    // The first value of an option wins, so that the user's own come before what is merely our default.
    arguments.extend(connection(host, settings));
    let timeout = limit.as_secs() + u64::from(limit.subsec_nanos() > 0);
    for option in [
        "BatchMode=yes".to_owned(),
        format!("ConnectTimeout={}", timeout.max(1)),
        "ServerAliveInterval=15".to_owned(),
        "ServerAliveCountMax=3".to_owned(),
        // What a person wants of an interactive login is not for hundreds of them at once.
        "ClearAllForwardings=yes".to_owned(),
        "PermitLocalCommand=no".to_owned(),
        "RemoteCommand=none".to_owned(),
        "LogLevel=INFO".to_owned(),
    ] {
        arguments.push("-o".into());
        arguments.push(option.into());
    }
    arguments.push("--".into());
    arguments.push((&host.address).into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_in_the_words_of_ssh() {
        let host = HostSpec {
            user: Some("deploy".to_owned()),
            port: Some(2222),
            key: Some("/k".into()),
            jump: Some("gate".to_owned()),
            ..HostSpec::new("ssh", "web1")
        };
        let settings = ConnectSettings {
            ssh_config: Some("/c".into()),
            ssh_options: vec!["ServerAliveInterval=5".to_owned()],
            ..ConnectSettings::default()
        };
        let arguments = master(&host, &settings, Path::new("/s"), Duration::from_millis(1500));
        let line = arguments.join(&OsString::from(" ")).into_string().unwrap();
        assert_eq!(
            line,
            "-M -N -f -T -S /s -o ControlPersist=60 -F /c -o ServerAliveInterval=5 -l deploy -p 2222 -i /k \
             -o IdentitiesOnly=yes -J gate -o BatchMode=yes -o ConnectTimeout=2 -o ServerAliveInterval=15 \
             -o ServerAliveCountMax=3 -o ClearAllForwardings=yes -o PermitLocalCommand=no -o RemoteCommand=none \
             -o LogLevel=INFO -- web1"
        );
    }
}
