//! Addresses and what engines say, without any engine.

use super::place::Said;
use super::*;

#[test]
fn the_words_before_the_shell_mean_nothing_to_a_login_shell() {
    assert!(!LEAD.contains(['\'', '\\', '!', '\n']));
}

#[test]
fn addresses() {
    for address in ["", "-x", "a/b", "a b", "a;b", "$(id)", "a\u{e9}"] {
        assert!(docker::Container::new("docker", address, None).is_err(), "{address}");
    }
    assert!(docker::Container::new("docker", "app.web_1-x", Some("-u")).is_err());
    assert!(docker::Container::new("docker", "app.web_1-x", Some("1000")).is_ok());
    for path in ["", "srv", "/it's", "/a!b", "/a\\b", "/a\nb"] {
        assert!(tree(path).is_err(), "{path}");
    }
    assert!(tree("/srv/a b").is_ok());
}

/// Texts of podman 4.3, docker 20 to 28 and their shells, as they wrote them.
#[test]
fn refusals() {
    let docker = docker::Container::new("docker", "app", None).unwrap();
    for (code, stderr, reason, detail) in [
        (127, "sh: 1: docker: not found\n", Unreachable::NoEngine, "there is no `docker`"),
        (
            1,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
            Unreachable::EngineDown,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        ),
        (
            1,
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied\n",
            Unreachable::EngineDenied,
            "permission denied while trying",
        ),
        (
            1,
            "Error response from daemon: No such container: app\n",
            Unreachable::NoContainer,
            "No such container: app; `docker ps --all` shows what there is",
        ),
        (
            125,
            "Error: inspecting object: no such container app\n",
            Unreachable::NoContainer,
            "inspecting object: no such container app; `docker ps --all` shows",
        ),
        (
            1,
            "Error response from daemon: Container 4f is not running\n",
            Unreachable::NotRunning,
            "is not running; `docker start app` starts it",
        ),
        (1, "something new\n", Unreachable::Other, "docker said: something new"),
    ] {
        let said = Said { code: Some(code), stderr: stderr.to_owned(), ..Said::default() };
        let TransportError::Unreachable { reason: found, detail: text } =
            docker.manual().refused(&said)
        else {
            panic!("{stderr}")
        };
        assert_eq!(found, reason, "{stderr}");
        assert!(text.contains(detail), "{text}");
    }
}
