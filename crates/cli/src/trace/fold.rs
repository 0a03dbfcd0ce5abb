//! The fold: one event after the other changes the tree. An event finds its state through `previousEventId`; what does not
//! fit (a history that begins in the middle, an unknown type) changes nothing.

use std::collections::HashMap;

use super::{Change, Event, Node, Phase, ROOT, Step, Trace};

impl Trace {
    /// A tree with only a root, which has the execution's name.
    pub fn new(name: &str) -> Self {
        let root = Node::new(name, "execution", 0, ROOT);
        Self {
            nodes: vec![root],
            places: HashMap::new(),
            last_event: 0,
            events: 0,
            timed_out: false,
            redriven: false,
        }
    }

    /// The execution.
    pub fn root(&self) -> &Node {
        &self.nodes[ROOT]
    }

    /// A node that a step names.
    pub fn node(&self, index: usize) -> &Node {
        self.nodes.get(index).unwrap_or(&self.nodes[ROOT])
    }

    /// The children of a node.
    pub fn children(&self, node: &Node) -> impl Iterator<Item = &Node> {
        node.children.iter().filter_map(|&child| self.nodes.get(child))
    }

    /// The number of the newest event.
    pub fn last_event(&self) -> i64 {
        self.last_event
    }

    /// The states that wait for their task token to be answered.
    pub fn waiting(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.phase == Phase::Running && node.asked.is_some())
    }

    /// How many events have been folded.
    pub fn event_count(&self) -> usize {
        self.events
    }

    /// The visits of states, in the order of their entry.
    pub fn visits(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().skip(1).filter(|node| node.kind != "iteration")
    }

    /// How many states have been entered.
    pub fn transitions(&self) -> usize {
        self.visits().count()
    }

    /// Whether the execution has ended.
    pub fn is_ended(&self) -> bool {
        self.root().phase != Phase::Running
    }

    /// Folds the next event. Events must come in the order of their numbers; one that was seen before is ignored.
    pub fn apply(&mut self, event: &Event) -> Option<Step> {
        if event.id <= self.last_event {
            return None;
        }
        self.last_event = event.id;
        self.events += 1;
        let (from, inside) = self.places.get(&event.previous).copied().unwrap_or((ROOT, true));
        // The next attempt of a container points to the event that ended the one before, and so do ends.
        let goes_on = !["StateStarted", "Aborted", "Failed"].iter().any(|end| event.kind.ends_with(end));
        if self.redriven && goes_on {
            self.reopen(from);
        }
        let (node, opens, change) = self.change(event, from, inside);
        self.places.insert(event.id, (node, opens));
        change.map(|change| Step { at: event.at, depth: self.depth(node), node, change })
    }

    /// The node that the event belongs to, whether it opens that node, and what to tell.
    fn change(&mut self, event: &Event, from: usize, inside: bool) -> (usize, bool, Option<Change>) {
        let kind = event.kind;
        if let Some(state) = kind.strip_suffix("StateEntered") {
            let parent = if inside { from } else { self.nodes[from].parent };
            let name = event.text("name").unwrap_or("?");
            let node = self.add(Node::new(name, &state.to_lowercase(), event.at, parent));
            return (node, false, matches!(state, "Parallel" | "Map").then_some(Change::Began));
        }
        if kind.ends_with("StateExited") {
            let node =
                self.climb(from, |node| Some(node.name.as_str()) == event.text("name") && node.is_state());
            let phase = if self.nodes[node].error.is_some() && !self.is_retried(node) {
                Phase::Caught
            } else {
                Phase::Done
            };
            return self.end(node, phase, event.at);
        }
        match kind {
            "ExecutionStarted" => {
                let root = &mut self.nodes[ROOT];
                (root.phase, root.left, root.entered) = (Phase::Running, None, event.at);
                (ROOT, true, None)
            }
            "ExecutionRedriven" => self.redrive(),
            "ExecutionSucceeded" => self.end(ROOT, Phase::Done, event.at),
            "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" => self.end_all(event),
            "MapIterationStarted" => {
                let map = self.climb(from, |node| node.kind == "map");
                let index = event.details.get("index").map_or_else(|| "?".to_owned(), ToString::to_string);
                (self.add(Node::new(&index, "iteration", event.at, map)), true, None)
            }
            "MapIterationSucceeded" => self.end_quietly(from, "iteration", Phase::Done, event.at),
            "MapIterationFailed" => self.end_quietly(from, "iteration", Phase::Failed, event.at),
            "MapIterationAborted" => self.end_quietly(from, "iteration", Phase::Aborted, event.at),
            _ => self.change_attempt(event, from),
        }
    }

    /// The execution goes on, with the state of its top level that had not ended well.
    fn redrive(&mut self) -> (usize, bool, Option<Change>) {
        (self.redriven, self.timed_out) = (true, false);
        let root = &mut self.nodes[ROOT];
        (root.phase, root.left, root.error) = (Phase::Running, None, None);
        match root.children.last().copied() {
            // A Fail is entered again.
            Some(last) if self.nodes[last].kind != "fail" => {
                self.reopen(last);
                (last, false, None)
            }
            Some(last) => (last, false, None),
            None => (ROOT, true, None),
        }
    }

    /// After a redrive, what had failed or was aborted goes on when something happens in it, and so does what holds it.
    fn reopen(&mut self, from: usize) {
        let mut at = from;
        while at != ROOT {
            let node = &mut self.nodes[at];
            if matches!(node.phase, Phase::Failed | Phase::Aborted) && node.kind != "fail" {
                (node.phase, node.left) = (Phase::Running, None);
                // A task's error is that of the attempt before; what others hold has not failed any more.
                node.error = node.error.take().filter(|_| node.kind == "task");
            }
            at = node.parent;
        }
    }

    fn change_attempt(&mut self, event: &Event, from: usize) -> (usize, bool, Option<Change>) {
        let kind = event.kind;
        if let Some(container) =
            ["Parallel", "Map"].into_iter().find(|name| kind.starts_with(&format!("{name}State")))
        {
            let node = self.climb(from, |node| node.kind == container.to_lowercase());
            if kind.ends_with("StateStarted") {
                self.nodes[node].attempts += 1;
            }
            if kind.ends_with("StateFailed") {
                self.nodes[node].failed_attempts += 1;
                let error = event.text("error").map(str::to_owned).or_else(|| self.failed_child(node));
                self.nodes[node].error = Some(error.unwrap_or_else(|| "a branch failed".to_owned()));
                self.end_open_children(node, event.at);
            }
            return (node, kind.ends_with("StateStarted"), None);
        }
        if kind.ends_with("StateAborted") {
            return self.end(from, Phase::Aborted, event.at);
        }
        let node = &mut self.nodes[from];
        let change = match kind {
            "TaskScheduled" | "LambdaFunctionScheduled" | "ActivityScheduled" => {
                node.attempts += 1;
                node.is_submitted = false;
                let has_token =
                    event.text("resource").is_some_and(|name| name.ends_with(".waitForTaskToken"));
                node.asked = event.text("parameters").filter(|_| has_token).map(str::to_owned);
                None
            }
            "TaskSubmitted" => {
                node.is_submitted = true;
                Some(Change::Began)
            }
            "TaskSucceeded" | "LambdaFunctionSucceeded" | "ActivitySucceeded" => {
                node.is_submitted = false;
                node.asked = None;
                None
            }
            _ if event.is_failure() => {
                let fallback = if kind.ends_with("TimedOut") { "States.Timeout" } else { kind };
                node.error = Some(event.text("error").unwrap_or(fallback).to_owned());
                node.attempts = node.attempts.max(1);
                node.failed_attempts += 1;
                node.is_submitted = false;
                node.asked = None;
                Some(Change::AttemptFailed)
            }
            _ => None,
        };
        (from, false, change)
    }

    /// Whether the last attempt of a node went well, whatever happened to those before.
    fn is_retried(&self, node: usize) -> bool {
        self.nodes[node].attempts > self.nodes[node].failed_attempts
    }

    fn failed_child(&self, node: usize) -> Option<String> {
        let children = self.nodes[node].children.iter().rev();
        children.filter_map(|&child| self.nodes.get(child)).find_map(|child| child.error.clone())
    }

    fn add(&mut self, node: Node) -> usize {
        let index = self.nodes.len();
        self.nodes[node.parent].children.push(index);
        self.nodes.push(node);
        index
    }

    fn end(&mut self, node: usize, phase: Phase, at: i64) -> (usize, bool, Option<Change>) {
        (self.nodes[node].phase, self.nodes[node].left) = (phase, Some(at));
        (node, false, Some(Change::Ended))
    }

    fn end_quietly(
        &mut self,
        from: usize,
        kind: &str,
        phase: Phase,
        at: i64,
    ) -> (usize, bool, Option<Change>) {
        let node = self.climb(from, |node| node.kind == kind);
        let (node, opens, _) = self.end(node, phase, at);
        (node, opens, None)
    }

    /// Ends the execution and everything that was still open in it.
    fn end_all(&mut self, event: &Event) -> (usize, bool, Option<Change>) {
        for node in self.nodes.iter_mut().skip(1).filter(|node| node.left.is_none()) {
            let failed = node.error.is_some() || node.kind == "fail";
            node.phase =
                if failed && event.kind == "ExecutionFailed" { Phase::Failed } else { Phase::Aborted };
            node.left = Some(event.at);
        }
        self.timed_out = event.kind == "ExecutionTimedOut";
        let root = &mut self.nodes[ROOT];
        root.error = event.text("error").map(str::to_owned);
        let phase = match event.kind {
            "ExecutionAborted" => Phase::Aborted,
            "ExecutionTimedOut" => {
                root.error.get_or_insert_with(|| "States.Timeout".to_owned());
                Phase::Failed
            }
            _ => Phase::Failed,
        };
        self.end(ROOT, phase, event.at)
    }

    /// Ends what is still open inside of a container that failed.
    fn end_open_children(&mut self, container: usize, at: i64) {
        let mut open = self.nodes[container].children.clone();
        while let Some(index) = open.pop() {
            let node = &mut self.nodes[index];
            open.extend(&node.children);
            if node.left.is_none() {
                node.left = Some(at);
                node.phase =
                    if node.error.is_some() || node.kind == "fail" { Phase::Failed } else { Phase::Aborted };
            }
        }
    }

    /// The nearest open node upwards that fits; the start itself if none does.
    fn climb(&self, from: usize, fits: impl Fn(&Node) -> bool) -> usize {
        let mut node = from;
        while node != ROOT {
            if self.nodes[node].left.is_none() && fits(&self.nodes[node]) {
                return node;
            }
            node = self.nodes[node].parent;
        }
        from
    }

    fn depth(&self, node: usize) -> usize {
        let mut depth = 0;
        let mut node = node;
        while node != ROOT {
            node = self.nodes[node].parent;
            depth += 1;
        }
        depth
    }
}

impl Node {
    fn new(name: &str, kind: &str, entered: i64, parent: usize) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            phase: Phase::Running,
            entered,
            left: None,
            attempts: 0,
            failed_attempts: 0,
            error: None,
            is_submitted: false,
            asked: None,
            parent,
            children: Vec::new(),
        }
    }

    pub(super) fn is_state(&self) -> bool {
        self.kind != "iteration"
    }
}
