//! The committer: one thread a process that merges what the shards want written into one durable transaction, since an
//! embedded store has one writer. While it writes, the next groups gather by themselves.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use store::{Commit, Store};

use crate::mailbox::{Mailbox, Message};

/// A group, and who hears of it.
pub(crate) struct Job {
    pub(crate) commit: Commit,
    pub(crate) incarnation: u64,
    pub(crate) from: Mailbox,
}

/// Groups merged into one transaction at most.
const MERGE: usize = 256;

/// Starts the committer's thread; it ends when every sender is gone.
pub(crate) fn start(store: Arc<dyn Store>) -> std::io::Result<Sender<Job>> {
    let (sender, receiver) = channel();
    std::thread::Builder::new().name("committer".into()).spawn(move || run(&*store, &receiver))?;
    Ok(sender)
}

fn run(store: &dyn Store, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut commits = vec![first.commit];
        let mut waiting = vec![(first.incarnation, first.from)];
        while commits.len() < MERGE
            && let Ok(job) = jobs.try_recv()
        {
            commits.push(job.commit);
            waiting.push((job.incarnation, job.from));
        }
        let outcomes = write(store, &commits);
        for ((incarnation, from), result) in waiting.into_iter().zip(outcomes) {
            // A driver that is gone does not care.
            let _ = from.send(Message::Committed { incarnation, result });
        }
    }
}

/// Writes all groups at once. When one of them is fenced, the others are written on their own: one lost lease is not
/// everybody's.
fn write(store: &dyn Store, commits: &[Commit]) -> Vec<Result<(), String>> {
    match store.commit(commits) {
        Ok(()) => commits.iter().map(|_| Ok(())).collect(),
        Err(store::Error::Fenced) if commits.len() > 1 => commits
            .iter()
            .map(|commit| store.commit(std::slice::from_ref(commit)).map_err(|why| why.to_string()))
            .collect(),
        Err(why) => {
            let why = why.to_string();
            commits.iter().map(|_| Err(why.clone())).collect()
        }
    }
}
