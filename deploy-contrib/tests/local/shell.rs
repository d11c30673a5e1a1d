//! Temporary: until the local transport is there.
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use deploy_core::host::HostSpec;
use deploy_core::transport::*;
use deploy_core::{Status, Stdin};

#[derive(Clone, Default)]
pub(crate) struct Shell;

#[async_trait]
impl Connector for Shell {
    async fn connect(
        &self,
        _: &HostSpec,
        _: &ConnectSettings,
    ) -> Result<Arc<dyn Connection>, TransportError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Connection for Shell {
    async fn exec(&self, request: &Request, sink: &mut dyn Sink) -> Result<Status, TransportError> {
        let script = String::from_utf8(request.script.clone()).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        match &request.stdin {
            Stdin::Bytes(bytes) => stdin.write_all(bytes).unwrap(),
            Stdin::File(path) => stdin.write_all(&std::fs::read(path).unwrap()).unwrap(),
            _ => {}
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        sink.stdout(&output.stdout);
        sink.stderr(&output.stderr);
        Ok(Status::Code(u8::try_from(output.status.code().unwrap()).unwrap()))
    }
}
