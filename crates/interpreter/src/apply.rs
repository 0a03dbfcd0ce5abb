//! `apply`: the only mutator. Total and dumb: it looks nothing up in the definition, computes no time and joins no
//! branches; whatever it needs stands in the record. A record that does not fit the state changes nothing but the counters.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::Data;
use crate::event::{
    Event, ExecutionEvent, MapEvent, ParallelEvent, Started, StateEvent, StateKind, TaskEvent,
};
use crate::execution::{EffectId, Execution, Place, Status};
use crate::frame::{Cursor, EarlyAnswer, Frame, MapWork, Phase, TaskWork, Visit, Work};
use crate::record::{FrameId, Record, Timestamp};
use crate::redrive::{Point, Redriven, Resume, TOKENS};
use crate::text::Text;

impl Execution {
    /// Folds one record.
    pub fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        if let Some(public) = record.public {
            self.event = public.id;
            if let Some(frame) = self.frames.get_mut(&record.frame) {
                frame.last = if record.event.advances_chain() { public.id } else { public.previous };
            }
        }
        let id = record.public.map_or(0, |public| public.id);
        match &record.event {
            Event::Execution(event) => self.apply_execution(record, event),
            Event::State(event) => self.apply_state(record, event, id),
            Event::Task(TaskEvent::Released { effect }) => _ = self.abandoned.remove(effect),
            Event::Task(event) => self.apply_task(record, event),
            Event::Parallel(event) => self.apply_parallel(record, event, id),
            Event::Map(event) => self.apply_map(record, event, id),
        }
        self.refresh(record.frame);
    }

    fn apply_execution(&mut self, record: &Record, event: &ExecutionEvent) {
        let status = match event {
            ExecutionEvent::Started(started) => return self.apply_started(record, started),
            ExecutionEvent::Adopted { parent } => {
                self.parents.insert(record.seq, *parent);
                return;
            }
            ExecutionEvent::Redriven(redriven) => return self.apply_redriven(record, redriven),
            ExecutionEvent::Succeeded { output } => Status::Succeeded { output: output.clone() },
            ExecutionEvent::Failed { error, cause } => {
                Status::Failed { error: error.clone(), cause: cause.clone() }
            }
            ExecutionEvent::TimedOut => Status::TimedOut,
            ExecutionEvent::Aborted { error, cause } => {
                Status::Aborted { error: error.clone(), cause: cause.clone() }
            }
        };
        self.status = status;
        self.closed_at = Some(record.at);
        let of_task = |place: &Place| if let Place::Task { frame } = place { Some(*frame) } else { None };
        let waiting: Vec<FrameId> = self.effects.values().filter_map(of_task).collect();
        waiting.into_iter().for_each(|frame| self.abandon(frame, record.at));
        self.effects.clear();
        self.runnable.clear();
    }

    fn apply_started(&mut self, record: &Record, started: &Started) {
        self.started = Some(Box::new(started.clone()));
        self.started_at = record.at;
        self.status = Status::Running;
        self.parents.extend(started.parent.map(|parent| (record.seq, parent)));
        if let Some(at) = started.timeout_at {
            self.effects.insert(record.seq, Place::Timeout { at });
        }
        let ready = Cursor::Ready { state: started.start_at.clone(), input: started.input.clone() };
        self.open_frame(0, None, 0, 0, ready);
    }

    fn apply_redriven(&mut self, record: &Record, redriven: &Redriven) {
        self.status = Status::Running;
        self.closed_at = None;
        self.redrive_count = redriven.count;
        self.redriven_at = Some(record.at);
        if let Some(token) = &redriven.token {
            self.redrive_tokens.push_back((token.clone(), record.at));
            let old = self.redrive_tokens.len().saturating_sub(TOKENS);
            self.redrive_tokens.drain(..old);
        }
        if let Some(at) = redriven.timeout_at {
            self.effects.insert(record.seq, Place::Timeout { at });
        }
        redriven.released.iter().for_each(|task| _ = self.abandoned.remove(task));
        self.frames.values_mut().for_each(|frame| frame.effect = None);
        for point in &redriven.points {
            self.reopen(point, record);
        }
    }

    fn reopen(&mut self, point: &Point, record: &Record) {
        if point.resume == Resume::Again {
            self.drop_frames_below(point.frame);
        }
        let Some(frame) = self.frames.get_mut(&point.frame) else { return };
        if let Cursor::Closed { was: Some(was) } = &mut frame.cursor {
            let was = std::mem::replace(&mut **was, Cursor::Closed { was: None });
            frame.cursor = was;
        }
        if let Cursor::In(visit) = &mut frame.cursor {
            // A branch goes on after the event that entered its state: whoever reads the history finds the state by it.
            if point.frame != record.frame {
                frame.last = visit.entered;
            }
            visit.attempts.clear();
            visit.retry_count = 0;
            let failed = visit.failed.take();
            match point.resume {
                Resume::Again => visit.work = Work::Begin,
                Resume::GoOn => {
                    visit.work = failed.unwrap_or(std::mem::replace(&mut visit.work, Work::Begin))
                }
                Resume::Enter => {
                    let (state, input) = (visit.state.clone(), visit.input.clone());
                    frame.cursor = Cursor::Ready { state, input };
                }
            }
        }
        self.refresh(point.frame);
    }

    fn apply_state(&mut self, record: &Record, event: &StateEvent, id: u32) {
        match event {
            StateEvent::Entered { state, kind, input } => {
                let visit = Visit {
                    state: state.clone(),
                    kind: *kind,
                    input: input.clone(),
                    entered: id,
                    entered_after: record.public.map_or(0, |public| public.previous),
                    entered_at: record.at,
                    attempts: BTreeMap::new(),
                    retry_count: 0,
                    work: Work::Begin,
                    failed: None,
                };
                self.set_cursor(record.frame, Cursor::In(Box::new(visit)));
            }
            StateEvent::Exited { kind, output, assigned, next, .. } => {
                if matches!(kind, StateKind::Parallel | StateKind::Map) {
                    self.drop_frames_below(record.frame);
                }
                self.drop_effects_of(record.frame);
                if let Some(frame) = self.frames.get_mut(&record.frame) {
                    for variable in assigned {
                        frame.variables.insert(variable.name.clone(), variable.value.clone());
                    }
                }
                self.set_cursor(
                    record.frame,
                    match next {
                        Some(state) => Cursor::Ready { state: state.clone(), input: output.clone() },
                        None => Cursor::Done { output: output.clone() },
                    },
                );
            }
            StateEvent::Waiting { until } => self.set_timer(record, *until, Work::Waiting),
            StateEvent::RetryScheduled { retrier, until, after, .. } => {
                self.apply_retry(record, *retrier, *until, *after);
            }
            StateEvent::Aborted { .. } => self.close_frame(record.frame, record.at),
            StateEvent::EvaluationFailed { .. } => {}
        }
    }

    fn apply_retry(&mut self, record: &Record, retrier: u32, until: Timestamp, after: u32) {
        let kind = self.visit_mut(record.frame).map(|visit| visit.kind);
        if matches!(kind, Some(StateKind::Parallel | StateKind::Map)) {
            for below in self.open_descendants(record.frame) {
                self.abandon(below, record.at);
            }
            self.drop_frames_below(record.frame);
        }
        if let Some(frame) = self.frames.get_mut(&record.frame) {
            frame.last = after;
        }
        if let Some(visit) = self.visit_mut(record.frame) {
            *visit.attempts.entry(retrier).or_default() += 1;
            visit.retry_count += 1;
            visit.failed = None;
        }
        self.set_timer(record, until, Work::Backoff);
    }

    fn apply_task(&mut self, record: &Record, event: &TaskEvent) {
        if let TaskEvent::Scheduled { kind, resource, parameters, timeout, heartbeat, role, .. } = event {
            self.set_effect(record.frame, record.seq, Place::Task { frame: record.frame });
            let task = TaskWork {
                kind: kind.clone(),
                resource: resource.clone(),
                parameters: parameters.clone(),
                timeout: *timeout,
                heartbeat: *heartbeat,
                role: role.clone(),
                phase: Phase::Scheduled,
                since: record.at,
                scheduled_at: record.at,
                due: None,
                handle: None,
                early: None,
                mocked: self.count_invocation(record.frame),
            };
            return self.set_work(record.frame, Work::Task(Box::new(task)));
        }
        let Some(task) = self.task_mut(record.frame) else { return };
        match event {
            TaskEvent::Started { due, .. } => {
                task.phase = Phase::Started;
                task.since = record.at;
                task.due = *due;
            }
            TaskEvent::Returned => {
                task.phase = Phase::Scheduled;
                task.since = record.at;
                task.due = None;
            }
            TaskEvent::Submitted { handle, .. } => {
                task.phase = Phase::Submitted;
                task.since = record.at;
                task.handle = handle.clone();
            }
            TaskEvent::AnsweredEarly { output, error, cause } => {
                task.early = Some(match output {
                    Some(output) => EarlyAnswer::Succeeded(output.clone()),
                    None => EarlyAnswer::Failed { error: error.clone(), cause: cause.clone() },
                });
            }
            TaskEvent::Succeeded { output, .. } => {
                let result = output.clone();
                self.finish_task(record.frame, Work::Returned { result });
            }
            TaskEvent::TimedOut { .. } => {
                self.abandon(record.frame, record.at);
                self.finish_task(record.frame, Work::Backoff);
            }
            TaskEvent::Failed { .. } => self.finish_task(record.frame, Work::Backoff),
            TaskEvent::Scheduled { .. } | TaskEvent::Released { .. } => {}
        }
    }

    /// Counts that the work of a frame's state is wanted, if the state is mocked; says how many times it was before.
    fn count_invocation(&mut self, frame: FrameId) -> Option<u32> {
        let state = self.visit_mut(frame)?.state.clone();
        if !self.is_mocked(&state) {
            return None;
        }
        let count = self.invocations.entry(state).or_default();
        let before = *count;
        *count = before.saturating_add(1);
        Some(before)
    }

    fn finish_task(&mut self, frame: FrameId, work: Work) {
        self.drop_effects_of(frame);
        self.set_work(frame, work);
    }

    fn apply_parallel(&mut self, record: &Record, event: &ParallelEvent, id: u32) {
        let frame = record.frame;
        match event {
            ParallelEvent::Started { first, start_at, input } => {
                self.drop_effects_of(frame);
                self.drop_frames_below(frame);
                let count = start_at.len() as u32;
                self.set_work(frame, Work::Parallel { first: *first, count });
                for (index, state) in start_at.iter().enumerate() {
                    let ready = Cursor::Ready { state: state.clone(), input: input.clone() };
                    self.open_frame(first + index as u32, Some(frame), index as u32, id, ready);
                }
            }
            ParallelEvent::Succeeded { result } => {
                self.drop_frames_below(frame);
                self.set_work(frame, Work::Returned { result: result.clone() });
            }
            ParallelEvent::Failed => self.fail_container(frame, record.at),
        }
    }

    fn apply_map(&mut self, record: &Record, event: &MapEvent, id: u32) {
        let frame = record.frame;
        match event {
            MapEvent::Started { items, length, concurrency, input } => {
                self.drop_effects_of(frame);
                self.drop_frames_below(frame);
                self.set_work(
                    frame,
                    Work::Map(Box::new(MapWork {
                        items: items.clone(),
                        input: input.clone(),
                        length: *length,
                        concurrency: *concurrency,
                        next: 0,
                        running: BTreeMap::new(),
                        results: vec![None; *length as usize],
                        finished: 0,
                        last_inner: None,
                    })),
                );
            }
            MapEvent::IterationStarted { index, frame: child, start_at, input, .. } => {
                if let Some(map) = self.map_mut(frame) {
                    map.next = index + 1;
                    map.running.insert(*index, *child);
                }
                let ready = Cursor::Ready { state: start_at.clone(), input: input.clone() };
                self.open_frame(*child, Some(frame), *index, id, ready);
            }
            MapEvent::IterationSucceeded { index, frame: child, .. } => {
                let output = self.take_output(*child);
                if let Some(map) = self.map_mut(frame) {
                    map.running.remove(index);
                    map.finished += 1;
                    map.last_inner = record.public.map(|public| public.previous);
                    if let Some(place) = map.results.get_mut(*index as usize) {
                        *place = output;
                    }
                }
            }
            MapEvent::IterationFailed { .. } | MapEvent::IterationAborted { .. } => {}
            MapEvent::Succeeded { result } => {
                self.drop_frames_below(frame);
                self.set_work(frame, Work::Returned { result: result.clone() });
            }
            MapEvent::Failed => self.fail_container(frame, record.at),
        }
    }

    /// The output of a finished iteration; its frame is gone afterwards.
    fn take_output(&mut self, frame: FrameId) -> Option<Data> {
        self.runnable.remove(&frame);
        match self.frames.remove(&frame)?.cursor {
            Cursor::Done { output } => Some(output),
            Cursor::Ready { .. } | Cursor::In(_) | Cursor::Closed { .. } => None,
        }
    }

    /// A Parallel or Map failed: its frames stay as tombstones, nothing below it is wanted any more.
    fn fail_container(&mut self, frame: FrameId, at: Timestamp) {
        for below in self.open_descendants(frame) {
            self.close_frame(below, at);
        }
        if let Some(visit) = self.visit_mut(frame) {
            visit.failed = Some(std::mem::replace(&mut visit.work, Work::Backoff));
        }
    }

    fn open_frame(&mut self, id: FrameId, parent: Option<FrameId>, index: u32, last: u32, cursor: Cursor) {
        self.frames
            .insert(id, Frame { parent, index, last, effect: None, variables: BTreeMap::new(), cursor });
        self.next_frame = self.next_frame.max(id + 1);
        self.refresh(id);
    }

    fn close_frame(&mut self, frame: FrameId, at: Timestamp) {
        self.abandon(frame, at);
        self.drop_effects_of(frame);
        self.runnable.remove(&frame);
        let Some(frame) = self.frames.get_mut(&frame) else { return };
        if !matches!(frame.cursor, Cursor::Closed { .. }) {
            let was = std::mem::replace(&mut frame.cursor, Cursor::Closed { was: None });
            frame.cursor = Cursor::Closed { was: Some(Box::new(was)) };
        }
    }

    fn drop_frames_below(&mut self, frame: FrameId) {
        let mut gone = BTreeSet::from([frame]);
        for (id, below) in self.frames.range(frame.saturating_add(1)..) {
            if below.parent.is_some_and(|parent| gone.contains(&parent)) {
                gone.insert(*id);
            }
        }
        gone.remove(&frame);
        for id in gone {
            self.drop_effects_of(id);
            self.frames.remove(&id);
            self.runnable.remove(&id);
        }
    }

    /// A job or a child that the frame waits for is wanted by nobody any more. It goes on by itself, so it is kept until it
    /// has been seen to.
    fn abandon(&mut self, frame: FrameId, at: Timestamp) {
        let Some(effect) = self.frames.get(&frame).and_then(|frame| frame.effect) else { return };
        if let Some((state, task)) = self.task_of(frame)
            && let Some(abandoned) = task.abandoned(state, at)
        {
            self.abandoned.insert(effect, abandoned);
        }
    }

    /// A frame has at most one effect.
    fn drop_effects_of(&mut self, frame: FrameId) {
        let effect = self.frames.get_mut(&frame).and_then(|frame| frame.effect.take());
        if let Some(effect) = effect {
            self.effects.remove(&effect);
        }
    }

    fn set_effect(&mut self, frame: FrameId, effect: EffectId, place: Place) {
        self.drop_effects_of(frame);
        if let Some(frame) = self.frames.get_mut(&frame) {
            frame.effect = Some(effect);
            self.effects.insert(effect, place);
        }
    }

    fn set_timer(&mut self, record: &Record, at: Timestamp, work: Work) {
        self.set_effect(record.frame, record.seq, Place::Timer { frame: record.frame, at });
        self.set_work(record.frame, work);
    }

    fn set_cursor(&mut self, frame: FrameId, cursor: Cursor) {
        if let Some(frame) = self.frames.get_mut(&frame) {
            frame.cursor = cursor;
        }
    }

    fn set_work(&mut self, frame: FrameId, work: Work) {
        if let Some(visit) = self.visit_mut(frame) {
            visit.work = work;
        }
    }

    fn visit_mut(&mut self, frame: FrameId) -> Option<&mut Visit> {
        match &mut self.frames.get_mut(&frame)?.cursor {
            Cursor::In(visit) => Some(visit),
            Cursor::Ready { .. } | Cursor::Done { .. } | Cursor::Closed { .. } => None,
        }
    }

    fn task_mut(&mut self, frame: FrameId) -> Option<&mut TaskWork> {
        match &mut self.visit_mut(frame)?.work {
            Work::Task(task) => Some(task),
            _ => None,
        }
    }

    fn map_mut(&mut self, frame: FrameId) -> Option<&mut MapWork> {
        match &mut self.visit_mut(frame)?.work {
            Work::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Keeps the set of runnable frames in step with a frame that changed.
    fn refresh(&mut self, frame: FrameId) {
        let runnable =
            self.status == Status::Running && self.frames.get(&frame).is_some_and(Frame::is_runnable);
        if runnable {
            self.runnable.insert(frame);
        } else {
            self.runnable.remove(&frame);
        }
    }
}

/// The name that a record of a state carries, for those that read records.
impl StateEvent {
    /// The state's name, where the event carries it.
    pub fn state(&self) -> Option<&Text> {
        match self {
            StateEvent::Entered { state, .. } | StateEvent::Exited { state, .. } => Some(state),
            StateEvent::EvaluationFailed { state, .. } => Some(state),
            StateEvent::Waiting { .. } | StateEvent::RetryScheduled { .. } | StateEvent::Aborted { .. } => {
                None
            }
        }
    }
}
