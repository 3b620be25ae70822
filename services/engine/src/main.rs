//! Reads the settings, serves until SIGTERM or SIGINT, drains.
//!
//! Exit codes: 0 drained, 1 requests were cut off by `DRAIN_TIMEOUT` or the runtime failed, 2 refused to start.

use std::process::ExitCode;

use engine::defects::Defect;
use engine::telemetry::logs;
use engine::{Config, Engine};
use tokio::signal::unix::{Signal, SignalKind, signal};

fn main() -> ExitCode {
    let config = match Config::from_lookup(|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(problems) => {
            eprintln!("engine: bad settings:\n{problems}");
            return ExitCode::from(2);
        }
    };
    logs::init(config.log_level);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(error = %error, "the async runtime cannot be started");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(run(&config))
}

async fn run(config: &Config) -> ExitCode {
    // Before the start: a signal that comes early must not be lost.
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    let (Ok(terminate), Ok(interrupt)) = signals else {
        tracing::error!("signals cannot be handled");
        return ExitCode::FAILURE;
    };
    let mut signals = [terminate, interrupt];
    let engine = match Engine::start(config).await {
        Ok(engine) => engine,
        Err(error) => {
            tracing::error!(error = %error, "refused to start");
            return ExitCode::from(2);
        }
    };
    let defects: Vec<&str> = config.defects.iter().map(|defect| defect.name()).collect();
    tracing::info!(
        http = %engine.http_addr,
        grpc = %engine.grpc_addr,
        defects = defects.join(","),
        "listening"
    );
    wait(&mut signals).await;
    if config.defects.contains(&Defect::AbruptStop) {
        std::process::exit(0);
    }
    tracing::info!("draining");
    let drained = tokio::select! {
        drained = engine.drain(config.drain_timeout) => drained,
        // A second signal: whoever sends it does not want to wait.
        () = wait(&mut signals) => false,
    };
    if drained {
        tracing::info!("stopped");
        ExitCode::SUCCESS
    } else {
        tracing::warn!("stopped; requests in flight were cut off");
        ExitCode::FAILURE
    }
}

async fn wait([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
