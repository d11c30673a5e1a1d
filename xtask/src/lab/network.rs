//! The lab's network: one bridge, one link per host, no way out.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use super::state::{Host, Lab};
use crate::command;
use crate::error::{Context, Result, failed};

/// The bridge's own address; connections from outside seem to come from here.
const BRIDGE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// The last octets that hosts get.
const HOSTS: std::ops::RangeInclusive<u8> = 11..=250;

/// Makes the bridge, inside the lab's network namespace.
pub(crate) fn create_bridge() -> Result<()> {
    let script = format!(
        "link set lo up\n\
         link add lab0 type bridge forward_delay 0\n\
         addr add {BRIDGE}/24 dev lab0\n\
         link set lab0 up\n"
    );
    command::output_with_input(Command::new("ip").args(["-batch", "-"]), &script).map(drop)
}

/// The lowest free address.
pub(crate) fn allocate(taken: &[Ipv4Addr]) -> Result<Ipv4Addr> {
    let [a, b, c, _] = BRIDGE.octets();
    HOSTS
        .map(|last| Ipv4Addr::new(a, b, c, last))
        .find(|address| !taken.contains(address))
        .ok_or_else(|| failed("the lab has no address left"))
}

/// Connects a new host's network namespace to the bridge.
pub(crate) fn connect(netns: &Path, host: &Host) -> Result<()> {
    let (link, pid) = (host.link(), host.process.pid);
    let [a, b, c, d] = host.address.octets();
    // A host that boots again has the hardware address that its neighbours remember, as a real one.
    let hardware = format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
    let outside = format!(
        "link add {link} type veth peer name eth0 address {hardware} netns {pid}\n\
         link set {link} master lab0\n\
         link set {link} up\n"
    );
    ip_batch(netns, &outside)?;
    let inside = format!(
        "link set lo up\n\
         addr add {}/24 dev eth0\n\
         link set eth0 up\n",
        host.address
    );
    ip_batch(Path::new(&format!("/proc/{pid}/ns/net")), &inside)
}

/// Takes a host's link up or down.
pub(crate) fn set_link(netns: &Path, host: &Host, up: bool) -> Result<()> {
    let link = host.link();
    match up {
        // The kernel may still be asking, of what was sent meanwhile, where the host is. A connection that begins now would share
        // the answer, which is that there is no route.
        true => ip_batch(
            netns,
            &format!("link set {link} up\nneigh flush to {} dev lab0\n", host.address),
        ),
        false => ip_batch(netns, &format!("link set {link} down\n")),
    }
}

/// The links of the lab that are up.
pub(crate) fn links_up(netns: &Path) -> Result<Vec<String>> {
    let text = command::output(&mut inside(netns, "ip", &["-oneline", "link", "show", "up"]))?;
    Ok(text.lines().filter_map(link_name).map(str::to_owned).collect())
}

/// Adds a delay to what the kernel sends to a host; 0 takes it back.
pub(crate) fn set_netem(netns: &Path, host: &Host, ms: u64) -> Result<()> {
    let (link, delay) = (host.link(), format!("{ms}ms"));
    if ms == 0 {
        // Without a delay there is nothing to delete, and that is well.
        let _ = command::output(&mut inside(netns, "tc", &["qdisc", "del", "dev", &link, "root"]));
        return Ok(());
    }
    let arguments = ["qdisc", "replace", "dev", &link, "root", "netem", "delay", &delay];
    command::output(&mut inside(netns, "tc", &arguments)).map(drop)
}

/// True once a process listens on TCP port 22 in the network namespace of a process.
pub(crate) fn listens_on_ssh(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/net/tcp")).is_ok_and(|table| has_listener(&table, 22))
}

/// The hosts' names and addresses, as lines of `/etc/hosts`.
pub(crate) fn hosts_lines(lab: &Lab) -> String {
    lab.hosts.iter().map(|host| format!("{} {}\n", host.address, host.name)).collect()
}

/// Adds the lab's new hosts to the `/etc/hosts` of a running host.
pub(crate) fn announce(lab: &Lab, host: &Host) -> Result<()> {
    let path = format!("/proc/{}/root/etc/hosts", host.process.pid);
    let mut text = fs::read_to_string(&path).context(format_args!("read {path}"))?;
    let before = text.len();
    for line in hosts_lines(lab).lines() {
        if !text.lines().any(|present| present == line) {
            text.push_str(line);
            text.push('\n');
        }
    }
    if text.len() == before {
        return Ok(());
    }
    fs::write(&path, text).context(format_args!("write {path}"))
}

fn ip_batch(netns: &Path, script: &str) -> Result<()> {
    let mut command = inside(netns, "ip", &["-batch", "-"]);
    command::output_with_input(&mut command, script).map(drop)
}

fn inside(netns: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--net={}", netns.display())).arg("--").arg(program).args(arguments);
    command
}

/// `host11` from `7: host11@if2: <BROADCAST,…`.
fn link_name(line: &str) -> Option<&str> {
    line.split(": ").nth(1)?.split('@').next()
}

/// Looks for a listener on a port in the text of `/proc/PID/net/tcp`.
fn has_listener(table: &str, port: u16) -> bool {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        fields.next().is_some_and(|local| local.ends_with(&suffix)) && fields.nth(1) == Some(LISTEN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fill_gaps_and_run_out() {
        let address = |last| Ipv4Addr::new(10, 77, 0, last);
        assert_eq!(allocate(&[]).ok(), Some(address(11)));
        assert_eq!(allocate(&[address(11), address(13)]).ok(), Some(address(12)));
        let all: Vec<Ipv4Addr> = (0..=255).map(address).collect();
        assert!(allocate(&all).is_err());
    }

    #[test]
    fn a_link_line_has_a_name() {
        assert_eq!(link_name("7: host11@if2: <BROADCAST,UP> mtu 1500"), Some("host11"));
        assert_eq!(link_name(""), None);
    }

    #[test]
    fn a_listener_is_found_by_port_and_state() {
        let table = |state| format!("  sl local\n   0: 00000000:0016 00000000:0000 {state} 0\n");
        assert!(has_listener(&table("0A"), 22));
        assert!(!has_listener(&table("01"), 22));
        assert!(!has_listener(&table("0A"), 80));
    }
}
