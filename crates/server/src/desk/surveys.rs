//! Surveys at the desk: when one is wanted, and what documents get of it.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use shipworthy_audit::panic_message;
use shipworthy_workspace::text_state;
use tokio::time::Instant;
use tower_lsp_server::ls_types as lsp;
use tracing::error;

use super::{Desk, Event, Open, State};
use crate::convert;
use crate::index::Indexing;
use crate::surveys::{Done, Found, Snapshot, Survey};
use crate::work::Content;

/// What of a document matters to a survey.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stamp {
    /// The text that a survey saw.
    Known,
    /// The state of the notes of code.
    Notes(u64),
    /// The version of a file around the code.
    Version(i32),
}

impl Stamp {
    /// None for what no survey sees.
    fn of(content: &Content, version: i32) -> Option<Self> {
        match content {
            Content::Code(document) => Some(Self::Notes(document.reading().notes_state())),
            Content::File(Some(_), _) => Some(Self::Version(version)),
            Content::File(None, _) => None,
        }
    }
}

impl Desk {
    /// Gives a document what the last survey found, if it saw the same text.
    pub(super) fn recall(&mut self, uri: &lsp::Uri) {
        let Some(open) = self.documents.get(uri) else { return };
        let root = self.root_of(uri).and_then(|root| self.indexes.get(root));
        let Some(known) = root.and_then(|indexing| indexing.surveys.found(&open.buffer.path)) else { return };
        if known.text != text_state(&open.buffer.text.to_string()) {
            return;
        }
        let found = Found { text: open.buffer.text.clone(), findings: known.findings.clone() };
        let Some(open) = self.documents.get_mut(uri) else { return };
        (open.stamp, open.unread) = (Some(Stamp::Known), usize::MAX);
        self.find(uri, found);
    }

    /// Gives a document what a survey found. It is analysed again where that is news.
    pub(super) fn find(&mut self, uri: &lsp::Uri, found: Found) {
        let Some(open) = self.documents.get_mut(uri) else { return };
        let is_known = match &open.state {
            State::Fresh(Some(content)) if found.text == open.buffer.text => {
                *content.surveyed() == *found.findings
            }
            _ => {
                found.findings.is_empty() && open.found.as_ref().is_none_or(|known| known.findings.is_empty())
            }
        };
        open.is_news |= !is_known;
        open.found = Some(found);
        if !is_known {
            self.stale(uri);
        }
    }

    /// Wants a survey where a document tells something else that matters to one. What is broken for the moment wakes none: half a line would
    /// make other files look unused.
    pub(super) fn mind_notes(&mut self, uri: &lsp::Uri) {
        let Some(open) = self.documents.get_mut(uri) else { return };
        let (State::Fresh(Some(content)) | State::Stale(Some(content))) = &mut open.state else { return };
        // A place that no parser of ours can read stays: what it was when it was surveyed is not for the moment.
        let unread = content.unread();
        if open.stamp.is_some() && unread > open.unread {
            return;
        }
        open.unread = unread;
        let Some(now) = Stamp::of(content, open.version) else { return };
        let has_lost = match content {
            Content::Code(document) => document.has_lost(),
            Content::File(document, _) => document.as_mut().is_some_and(|document| document.has_lost()),
        };
        let before = open.stamp.replace(now);
        let is_the_same = before.is_some_and(|b| b == now || b == Stamp::Known && !open.is_edited);
        if is_the_same && !has_lost {
            return;
        }
        let root = self.root_of(uri).cloned();
        let indexing = root.and_then(|root| self.indexes.get_mut(&root));
        indexing.into_iter().for_each(|indexing| indexing.surveys.want());
    }

    /// Starts the surveys for which it is time.
    pub(super) fn start_surveys(&mut self) {
        let now = Instant::now();
        let is_time = |indexing: &Indexing| indexing.survey_due().is_some_and(|due| due <= now);
        let roots = self.indexes.iter().filter(|(_, indexing)| is_time(indexing));
        let roots: Vec<PathBuf> = roots.map(|(root, _)| root.clone()).collect();
        roots.into_iter().for_each(|root| self.survey(root));
    }

    /// Starts a survey, unless documents are still to be analysed: there is one once they are.
    fn survey(&mut self, root: PathBuf) {
        let Some(indexing) = self.indexes.get_mut(&root) else { return };
        let inside = self.documents.iter().filter(|(_, open)| {
            let file = open.buffer.file.as_ref();
            file.and_then(|file| convert::root_of(&self.session.roots, file)) == Some(&root)
        });
        let inside: Vec<(&lsp::Uri, &Open)> = inside.collect();
        if inside.iter().any(|(_, open)| !matches!(open.state, State::Fresh(_))) {
            return indexing.surveys.want();
        }
        let Some(indexed) = indexing.known.clone() else { return };
        let Some(surveyor) = indexing.surveys.start() else { return };
        let seen = inside.into_iter().filter_map(|(uri, open)| {
            let State::Fresh(Some(content)) = &open.state else { return None };
            let text = open.buffer.text.clone();
            let file = content.open_file(&text)?;
            let path = open.buffer.path.as_str().into();
            Some((file, Snapshot { uri: uri.clone(), opening: open.opening, path, text }))
        });
        let (open, snapshots): (Vec<_>, Vec<Snapshot>) = seen.unzip();
        // It sees what is broken for the moment too: what follows is told from that.
        for Snapshot { uri, .. } in &snapshots {
            if let Some(open) = self.documents.get_mut(uri)
                && let State::Fresh(Some(content)) = &open.state
            {
                (open.stamp, open.unread) = (Stamp::of(content, open.version), content.unread());
            }
        }
        let survey = Survey { surveyor, indexed, open, snapshots };
        let (auditor, settings, events) = (self.auditor.clone(), self.settings.clone(), self.events.clone());
        tokio::task::spawn_blocking(move || {
            let run = AssertUnwindSafe(|| survey.run(&auditor, &settings));
            let done = catch_unwind(run).map_err(|panic| panic_message(&*panic));
            let _ = events.send(Event::Surveyed(root, done));
        });
    }

    /// Takes over what a survey found.
    pub(super) fn surveyed(&mut self, root: &PathBuf, done: Result<Done, String>) {
        let Some(indexing) = self.indexes.get_mut(root) else { return };
        let (snapshots, failures) = match done {
            Ok(done) => indexing.surveys.end(done),
            Err(panic) => {
                indexing.surveys.fail(root.clone());
                return error!("the survey of {} failed: {panic}", root.display());
            }
        };
        for failure in failures {
            error!("{} failed in {}: {}", failure.rule, root.display(), failure.message);
        }
        let mut seen: HashSet<lsp::Uri> = HashSet::new();
        for Snapshot { uri, opening, path, text } in snapshots {
            let is_open = self.documents.get(&uri).is_some_and(|open| open.opening == opening);
            let found = self.indexes.get(root).and_then(|indexing| indexing.surveys.found(&path));
            let findings = found.map(|found| found.findings.clone()).unwrap_or_default();
            if is_open {
                self.find(&uri, Found { text, findings });
                seen.insert(uri);
            }
        }
        // What was opened meanwhile was not seen, or as it is on disk.
        let late: Vec<lsp::Uri> = self.documents.keys().filter(|uri| !seen.contains(uri)).cloned().collect();
        for uri in late {
            if self.root_of(&uri) == Some(root) {
                self.recall(&uri);
            }
        }
    }
}
