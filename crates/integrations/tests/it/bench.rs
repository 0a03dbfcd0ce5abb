//! The workbench of these tests: a host with one function whose code is written for the test.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use integrations::functions::{
    Answer, FunctionConfig, FunctionHost, FunctionLog, HostConfig, Invocation, LogSink, Runtime,
};
use tempfile::TempDir;

pub struct Bench {
    pub host: FunctionHost,
    pub folder: TempDir,
    pub log: Arc<Mutex<Vec<FunctionLog>>>,
}

/// A function named `f` with these files, after `adjust`.
pub fn bench(
    runtime: &str,
    handler: &str,
    files: &[(&str, &str)],
    adjust: impl FnOnce(&mut FunctionConfig),
) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(&folder.path().join(name), text);
    }
    let mut config = FunctionConfig {
        name: "f".to_owned(),
        runtime: Runtime::parse(runtime).unwrap(),
        handler: handler.to_owned(),
        code: folder.path().to_owned(),
        environment: BTreeMap::new(),
        timeout: Duration::from_secs(20),
        memory_mb: 512,
        concurrency: 4,
    };
    adjust(&mut config);
    let log = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&log);
    let host = FunctionHost::new(
        HostConfig {
            region: "us-east-1".to_owned(),
            environment: BTreeMap::from([("SHARED".to_owned(), "all".to_owned())]),
            idle_limit: Duration::from_secs(60),
            log: LogSink::new(move |line| lines.lock().unwrap().push(line)),
        },
        [config],
    )
    .unwrap();
    Bench { host, folder, log }
}

pub fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

pub fn python(code: &str) -> Bench {
    bench("python3.12", "app.handler", &[("app.py", code)], |_| ())
}

pub fn invocation(payload: &str) -> Invocation {
    Invocation {
        request_id: "r-1".into(),
        payload: payload.to_owned().into(),
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        client_context: None,
        trace_header: Some("Root=1-2-3".into()),
        idempotency_key: Some("effect-7".into()),
    }
}

impl Bench {
    pub async fn ask(&self, payload: &str) -> Answer {
        self.host.invoke("f", &invocation(payload)).await.unwrap()
    }

    /// The answer as text, errors marked.
    pub async fn say(&self, payload: &str) -> String {
        let answer = self.ask(payload).await;
        let text = String::from_utf8_lossy(&answer.payload);
        if answer.is_error { format!("error {text}") } else { text.into_owned() }
    }

    /// The lines of the log that contain `needle`.
    pub fn lines(&self, needle: &str) -> Vec<FunctionLog> {
        self.log.lock().unwrap().iter().filter(|line| line.line.contains(needle)).cloned().collect()
    }
}
