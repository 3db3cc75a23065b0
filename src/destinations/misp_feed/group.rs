//! Group commit: events that are ready at the same time share the waits for the disk.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, oneshot};

use super::{Folder, Prepared, blocking, files, journal};
use crate::failure::{Failure, Reason};

type Waiting = (Prepared, oneshot::Sender<Result<(), Failure>>);

/// Events waiting to be committed, and the turn of whoever commits them.
#[derive(Default)]
pub(super) struct Group {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<AsyncMutex<()>>,
}

impl Group {
    /// Gives the event its name and its journal line, both on the disk when this returns. Whoever gets the turn
    /// first commits everything that waits; the others find their answer.
    pub(super) async fn commit(
        &self,
        folder: &Arc<Folder>,
        event: Prepared,
    ) -> Result<(), Failure> {
        let (answer, mut answered) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((event, answer));
        let turn = Arc::clone(&self.turn).lock_owned().await;
        match answered.try_recv() {
            Ok(result) => return result,
            Err(oneshot::error::TryRecvError::Closed) => return Err(lost()),
            Err(oneshot::error::TryRecvError::Empty) => {}
        }
        let (waiting, folder) = (Arc::clone(&self.waiting), Arc::clone(folder));
        // The turn goes along: it ends when the work is done, also if this future is dropped meanwhile.
        blocking(move || {
            let batch =
                std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
            commit_all(&folder, batch);
            drop(turn);
            Ok(())
        })
        .await?;
        answered.await.unwrap_or_else(|_| Err(lost()))
    }
}

fn lost() -> Failure {
    Failure::new(Reason::Crashed, "writing to the feed folder stopped")
}

fn commit_all(folder: &Folder, batch: Vec<Waiting>) {
    let (mut lines, mut answers) = (Vec::new(), Vec::new());
    for (event, answer) in batch {
        let placed = match event.rename {
            Some((file, path)) => file.place(&path),
            None => Ok(()),
        };
        match placed {
            Ok(()) => {
                lines.push(event.line);
                answers.push(answer);
            }
            Err(failure) => {
                let _ = answer.send(Err(failure));
            }
        }
    }
    let result =
        files::sync_folder(&folder.path).and_then(|()| journal::append(folder, lines.iter()));
    for answer in answers {
        // A receiver that is gone was cancelled; its job comes again and finds the file.
        let _ = answer.send(result.clone());
    }
}
