//! `kubectl:POD`, `kubectl:NAMESPACE/POD`, `kubectl:NAMESPACE/POD/CONTAINER`: a container of a running pod, through the user's own
//! kubectl and so in its current cluster (`KUBECONFIG`). `kubectl:/POD/CONTAINER` is in the current namespace. The image needs a
//! POSIX `sh`; another user (`kubectl:USER@POD`) needs `su` in it, because kubectl itself has no way to name one.
//!
//! Kubernetes is not in the lab: this file is tested against a stand-in for kubectl's command line.

use async_trait::async_trait;

use super::place::{Manual, Place};
use super::{Engine, name, register_engine, words};
use crate::error::Unreachable;
use crate::host::AsUser;
use crate::transport::TransportError;

register_engine!("kubectl", "kubectl+ssh", |address, _| Ok(Box::new(Pod::new(address)?)));

struct Pod {
    pod: String,
    /// `-n NAMESPACE`, or nothing for the current one.
    namespace: Vec<String>,
    container: Option<String>,
    manual: Manual,
}

const PHRASES: &[(&str, Unreachable)] = &[
    ("forbidden", Unreachable::EngineDenied),
    ("unauthorized", Unreachable::EngineDenied),
    ("must be logged in", Unreachable::EngineDenied),
    ("connection to the server", Unreachable::EngineDown),
    ("unable to connect to the server", Unreachable::EngineDown),
    ("no configuration has been provided", Unreachable::EngineDown),
    ("current-context must exist", Unreachable::EngineDown),
    ("notfound", Unreachable::NoContainer),
    ("not found in pod", Unreachable::NoContainer),
    ("is not valid for pod", Unreachable::NoContainer),
    ("completed pod", Unreachable::NotRunning),
];

impl Pod {
    fn new(address: &str) -> Result<Self, String> {
        let parts: Vec<&str> = address.split('/').collect();
        let (namespace, pod, container) = match parts[..] {
            [pod] => ("", pod, None),
            [namespace, pod] => (namespace, pod, None),
            [namespace, pod, container] => (namespace, pod, Some(container)),
            _ => return Err("write [NAMESPACE/]POD or NAMESPACE/POD/CONTAINER".to_owned()),
        };
        let namespace = match namespace {
            "" => Vec::new(),
            _ => words(["-n", name("namespace", namespace)?]),
        };
        let pod = name("pod", pod)?.to_owned();
        let container =
            container.map(|text| name("container", text)).transpose()?.map(str::to_owned);
        let at = namespace.join(" ");
        let manual = Manual {
            program: "kubectl",
            list: format!("kubectl get pods {at}").trim_end().to_owned(),
            start: format!("kubectl describe pod {pod} {at}").trim_end().to_owned(),
            phrases: PHRASES,
        };
        Ok(Self { pod, namespace, container, manual })
    }
}

#[async_trait]
impl Engine for Pod {
    async fn find(&self, place: &Place) -> Result<Vec<String>, TransportError> {
        let (pod, at) = (&self.pod, self.namespace.join(" "));
        let script = format!(
            "kubectl get pod {pod} {at} -o 'jsonpath={{.status.phase}} {{.spec.containers[*].name}}'"
        );
        let said = place.ask(AsUser::Login, script).await?;
        if !said.success() {
            return Err(self.manual.refused(&said));
        }
        let mut answer = said.stdout.split_whitespace();
        let (phase, containers) = (answer.next().unwrap_or("unknown"), answer.collect::<Vec<_>>());
        if phase != "Running" {
            let detail = format!("the pod is {phase}; `{}` says why", self.manual.start);
            return Err(TransportError::unreachable(Unreachable::NotRunning, detail));
        }
        let mut found = words(["kubectl", "exec", "-i", pod]);
        found.extend(self.namespace.iter().cloned());
        if let Some(container) = &self.container {
            if !containers.contains(&container.as_str()) {
                let detail =
                    format!("`{container}` is none of the pod's: {}", containers.join(", "));
                return Err(TransportError::unreachable(Unreachable::NoContainer, detail));
            }
            found.extend(words(["-c", container]));
        }
        found.push("--".to_owned());
        Ok(found)
    }

    fn on_terminal(&self, found: &[String]) -> Vec<String> {
        found.iter().map(|word| if word == "-i" { "-it" } else { word }.to_owned()).collect()
    }
}
