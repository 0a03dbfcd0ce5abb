//! From the `[logs]` table to where execution logs go. The files are of this machine even when the executions are in PostgreSQL.

use std::path::PathBuf;
use std::sync::Arc;

use aws_client::Client;
use integrations::logs::{CloudWatch, Files, Rotation};
use runtime::{LogBatch, LogOutlet, blocking};

use super::Backing;
use crate::config::{Loaded, LogDestination, Logs};

/// The folder of the files in the data folder, or where there is none in the working folder.
const FOLDER: &str = "logs";
const FOLDER_ALONE: &str = "stepwell-logs";

/// Where execution logs go.
#[derive(Clone, Debug)]
pub struct ExecutionLogs {
    to: Option<Vec<LogDestination>>,
    files: Files,
}

impl ExecutionLogs {
    /// As a file has it, for a server that keeps its data there.
    pub fn declared(config: Option<&Loaded>, backing: &Backing) -> ExecutionLogs {
        let table = config.map(|loaded| loaded.file.logs.clone()).unwrap_or_default();
        let in_data = match backing {
            Backing::Folder(folder) => folder.join(FOLDER),
            Backing::Memory | Backing::Postgres(_) => PathBuf::from(FOLDER_ALONE),
        };
        let own = config.zip(table.dir.as_ref()).map(|(loaded, dir)| loaded.folder().join(dir));
        let files = Files::new(own.unwrap_or(in_data), rotation(&table));
        ExecutionLogs { to: table.to, files }
    }

    /// The server's own log, and nothing that is kept: for a service that leaves nothing behind.
    pub fn nowhere() -> ExecutionLogs {
        let files = Files::new(PathBuf::from(FOLDER_ALONE), Rotation::default());
        ExecutionLogs { to: Some(Vec::new()), files }
    }

    /// The files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Makes the outlets.
    pub fn outlets(&self, client: &Client) -> Vec<LogOutlet> {
        let settings = client.settings();
        let has_endpoint = settings.endpoint.is_some() || settings.endpoints.contains_key("cloudwatchlogs");
        let goes = |to: LogDestination| match &self.to {
            Some(chosen) => chosen.contains(&to),
            None => to == LogDestination::Files || (to == LogDestination::Cloudwatch && has_endpoint),
        };
        let mut outlets = Vec::new();
        if goes(LogDestination::Log) {
            outlets.push(LogOutlet::new(|batch| Box::pin(async move { log(&batch) })));
        }
        if goes(LogDestination::Files) {
            let files = self.files.clone();
            outlets.push(LogOutlet::new(move |batch| {
                let files = files.clone();
                Box::pin(blocking(move || write(&files, &batch)))
            }));
        }
        if goes(LogDestination::Cloudwatch) {
            let cloud_watch = Arc::new(CloudWatch::new(client.clone()));
            outlets.push(LogOutlet::new(move |batch| {
                let cloud_watch = cloud_watch.clone();
                Box::pin(async move { send(&cloud_watch, &batch).await })
            }));
        }
        outlets
    }
}

fn log(batch: &LogBatch) -> Result<(), String> {
    for line in &batch.lines {
        tracing::info!(target: "execution", machine = batch.machine, "{}", line.text);
    }
    Ok(())
}

fn write(files: &Files, batch: &LogBatch) -> Result<(), String> {
    files.append(&batch.log_group_arn, batch.lines.iter().map(|line| line.text.as_str()))
}

async fn send(cloud_watch: &CloudWatch, batch: &LogBatch) -> Result<(), String> {
    let lines: Vec<(i64, &str)> = batch.lines.iter().map(|line| (line.at, line.text.as_str())).collect();
    cloud_watch.append(&batch.log_group_arn, &batch.machine, &lines).await
}

fn rotation(table: &Logs) -> Rotation {
    let base = Rotation::default();
    Rotation {
        file_bytes: table.file_bytes.unwrap_or(base.file_bytes).max(1),
        kept: table.files_kept.unwrap_or(base.kept),
    }
}
