//! The built binary, running.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::support::{client, transfer, until, value_of};

pub fn command(settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_engine"));
    command
        .env_clear()
        .envs(settings.iter().copied())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub struct Process {
    pub child: Child,
    pub logs: Lines<BufReader<ChildStderr>>,
    pub http: SocketAddr,
    pub grpc: SocketAddr,
}

impl Process {
    pub async fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let store = folder.join("engine.db").display().to_string();
        let mut all = vec![
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("GRPC_ADDR", "127.0.0.1:0"),
            ("STORE_DSN", &store),
        ];
        all.extend(settings);
        let mut child = command(&all).spawn().unwrap();
        let mut logs = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = log(&mut logs, "listening").await;
        let address = |name: &str| listening[name].as_str().unwrap().parse().unwrap();
        let (http, grpc) = (address("http"), address("grpc"));
        Self {
            child,
            logs,
            http,
            grpc,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    pub fn signal(&self, signal: Signal) {
        let id = self.child.id().unwrap() as i32;
        kill(Pid::from_raw(id), signal).unwrap();
    }

    /// No time to finish anything.
    pub async fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.child.wait().await.unwrap();
    }

    pub async fn json(&self, client: &reqwest::Client, path: &str) -> Value {
        let answer = client.get(self.url(path)).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Waits for a metric to get to a value; the limit only bounds a failing test.
    pub async fn until_metric(&self, series: &str, value: f64) {
        let client = client();
        let what = format!("{series} to get to {value}");
        let reached = async || {
            let answer = client.get(self.url("/metrics")).send().await.unwrap();
            value_of(series, &answer.text().await.unwrap()) == value
        };
        until(&what, reached).await;
    }

    pub async fn append(&self, client: &reqwest::Client, key: &str) -> reqwest::Result<Value> {
        let url = self.url("/v1/ledger/entries");
        let call = client.post(url).header("Idempotency-Key", key);
        let answer = call.json(&transfer("account", 1)).send().await?;
        answer.error_for_status()?.json().await
    }
}

/// The next line with this message. Each line must be JSON.
pub async fn log(logs: &mut Lines<BufReader<ChildStderr>>, message: &str) -> Value {
    while let Some(line) = logs.next_line().await.unwrap() {
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["msg"] == message {
            return line;
        }
    }
    panic!("no log line {message:?}");
}
