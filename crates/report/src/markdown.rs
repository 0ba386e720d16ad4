//! Markdown, for readers: the sections of a report in their order, with links into the code.

use std::fmt::Write as _;

use shipworthy_audit::inventory::{Covered, Evidence, Status};
use shipworthy_audit::level::Severity;
use shipworthy_syntax::Language;

use crate::model::{FindingEntry, Report};
use crate::paths::encoded;
use crate::prose::{Piece, counted, line, pieces, visible};

/// Findings of a rule whose code is shown; the others are in the checklist.
const SHOWN: usize = 5;

/// A report as Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let mut page = Page { report, out: String::new() };
    page.head();
    page.verdict();
    page.scores();
    page.checklist_of_findings();
    page.findings_by_category();
    page.what_is_right();
    page.services();
    page.capabilities();
    page.inventory();
    page.plan();
    page.checklist();
    page.trend();
    page.out
}

struct Page<'a> {
    report: &'a Report,
    out: String,
}

macro_rules! say {
    ($page:expr, $($text:tt)*) => {{
        let _ = writeln!($page.out, $($text)*);
    }};
}

impl Page<'_> {
    fn head(&mut self) {
        let workspace = &self.report.workspace;
        say!(self, "# Audit of {}\n", words(&workspace.name));
        if let Some(date) = &workspace.date {
            say!(self, "- **Date**: {}", words(date));
        }
        if let Some(commit) = &workspace.commit {
            let state = match workspace.clean {
                Some(true) => ", as it was committed",
                Some(false) => ", with changes that are not committed",
                None => "",
            };
            say!(self, "- **Commit**: {}{state}", code(commit));
        }
        let languages: Vec<String> =
            workspace.languages.iter().map(|(language, files)| format!("{language} {files}")).collect();
        let (files, lines) = (counted(workspace.files, "file"), counted(workspace.lines, "line"));
        say!(self, "- **Audited**: {files}, {lines} ({})", languages.join(", "));
        let applying = self.report.capabilities.iter().filter(|c| c.status != Status::NotApplicable).count();
        let (rules, tool) = (self.report.rules.len(), &self.report.tool);
        say!(
            self,
            "- **In force**: {rules} rules, {applying} capabilities that apply, rubric {}",
            tool.rubric
        );
        say!(self, "- **Shipworthy**: {}\n", words(&tool.version));
    }

    fn verdict(&mut self) {
        let grade = &self.report.grade;
        say!(self, "## Verdict\n");
        let letter = grade.letter.as_deref().unwrap_or("no letter");
        let score = match (grade.score, grade.raw) {
            (Some(score), Some(raw)) if grade.capped => {
                format!(" ({score:.1} of 100; {raw:.1} without the cap of a blocking finding)")
            }
            (Some(score), _) => format!(" ({score:.1} of 100)"),
            _ => String::new(),
        };
        let provisional = if grade.provisional { ", provisional" } else { "" };
        say!(self, "**Grade {letter}**{score}{provisional}: **{}**\n", grade.verdict.id());
        for reason in &grade.reasons {
            say!(self, "- {}", words(reason));
        }
        self.gap(!grade.reasons.is_empty());
        let counts = self.report.counts;
        say!(self, "| Blocking | High | Medium | Low | Accepted |\n| ---: | ---: | ---: | ---: | ---: |");
        let (blocking, high, medium, low) = (counts.blocking, counts.high, counts.medium, counts.low);
        say!(self, "| {blocking} | {high} | {medium} | {low} | {} |\n", counts.accepted);
        if let Some(compared) = &self.report.compared {
            let (new, known, gone) = (compared.new, compared.known, compared.gone);
            let with = words(&compared.with);
            say!(self, "Compared with {with}: {new} new, {known} known, {gone} gone.\n");
        }
        if !grade.holding.is_empty() {
            say!(self, "What holds the grade down most:\n");
            for (number, holding) in grade.holding.iter().enumerate() {
                let (letter, score, raw) = (&holding.letter, holding.score, holding.raw);
                let what = prose(&holding.what);
                say!(self, "{}. {what}: without, {letter} ({score:.1}; raw {raw:.1})", number + 1);
            }
            self.gap(true);
        }
        if let Some(worst) = grade.worst_category {
            say!(self, "The worst category is {}.{}\n", worst.title(), self.worst_project());
        }
    }

    fn worst_project(&self) -> String {
        let worst = self.report.grade.worst_project.as_ref();
        let worst = worst.and_then(|path| self.report.projects.iter().find(|p| p.path == *path));
        worst.map_or(String::new(), |project| format!(" The worst project is {}.", words(&project.name)))
    }

    fn scores(&mut self) {
        say!(self, "## Scores\n");
        say!(
            self,
            "| Category | Weight | Score | | Findings | Checked |\n| :--- | ---: | ---: | :--- | ---: | :--- |"
        );
        for category in &self.report.categories {
            let Some(score) = category.score else {
                say!(self, "| {} | {} | | | | not applicable |", category.title, category.weight);
                continue;
            };
            let raw = category.raw.filter(|_| category.capped);
            let raw = raw.map_or(String::new(), |raw| format!(" (raw {raw:.1})"));
            let mut checked = Vec::new();
            if category.sites > 0 {
                let (sites, rules) = (counted(category.sites, "place"), counted(category.rules, "rule"));
                checked.push(format!("{} of {sites} sound, by {rules}", category.sound));
            }
            if category.capabilities > 0 {
                checked.push(format!("{} capabilities", category.capabilities));
            }
            let (title, weight, findings) = (&category.title, category.weight, category.findings);
            let (stars, checked) = (stars(score), checked.join("; "));
            say!(self, "| {title} | {weight} | {score:.1}{raw} | {stars} | {findings} | {checked} |");
        }
        self.gap(true);
        if !self.report.projects.is_empty() {
            say!(
                self,
                "| Project | Folder | Grade | Score | Files | Findings | Capabilities |\n| :--- | :--- | :--- | ---: | ---: | ---: | ---: |"
            );
            for project in &self.report.projects {
                let letter = project.letter.as_deref().unwrap_or("");
                let score = project.score.map_or(String::new(), |score| format!("{score:.1}"));
                let (name, path) = (words(&project.name), cell_code(&project.path));
                say!(
                    self,
                    "| {name} | {path} | {letter} | {score} | {} | {} | {} |",
                    project.files,
                    project.findings,
                    project.present()
                );
            }
            self.gap(true);
        }
        self.coverage();
    }

    fn coverage(&mut self) {
        let coverage = &self.report.coverage;
        say!(self, "### What could not be checked\n");
        say!(self, "{:.1} % was checked.\n", coverage.share * 100.0);
        for skipped in &coverage.skipped {
            say!(self, "- {} was not audited: {}", code(&skipped.path), words(&skipped.reason));
        }
        for broken in &coverage.broken {
            let place = self.link(&broken.path, broken.range.start.line);
            say!(self, "- {:.1} % of {place} could be read: there is a syntax error", broken.share * 100.0);
        }
        for off in &coverage.off {
            say!(self, "- The rule {} is switched off in {}", code(&off.rule), counted(off.files, "file"));
        }
        for failure in &coverage.failures {
            let (rule, path) = (code(&failure.rule), code(&failure.path));
            say!(self, "- The rule {rule} broke on {path}: {}", words(&failure.message));
        }
        for blind in &coverage.blind_spots {
            say!(self, "- {}: {}", words(&blind.what), words(&blind.reason));
        }
        let is_whole = coverage.skipped.is_empty() && coverage.broken.is_empty() && coverage.off.is_empty();
        self.gap(!is_whole || !coverage.failures.is_empty() || !coverage.blind_spots.is_empty());
    }

    fn checklist_of_findings(&mut self) {
        say!(self, "## Findings by severity\n");
        for severity in Severity::ALL.iter().rev() {
            let count = self.report.count(*severity);
            say!(self, "### {}\n", title(*severity));
            if count == 0 {
                say!(self, "None.\n");
                continue;
            }
            let report = self.report;
            for rule in &report.rules {
                let own: Vec<_> = report.of_rule(&rule.id).filter(|f| f.severity == *severity).collect();
                if own.is_empty() {
                    continue;
                }
                say!(self, "{} ({}, {})\n", prose(&rule.summary), code(&rule.id), own.len());
                for finding in own {
                    let place = self.link(&finding.path, finding.line());
                    let known = if finding.known { ", known" } else { "" };
                    say!(self, "- [ ] **{}** {} ({place}{known})", finding.id, prose(&finding.message));
                }
                self.gap(true);
            }
        }
        let mut accepted = self.report.findings.iter().filter(|f| f.suppressed.is_some()).peekable();
        if accepted.peek().is_none() {
            return;
        }
        say!(self, "### Accepted\n");
        for finding in accepted {
            let Some(why) = &finding.suppressed else { continue };
            let until = why.until.as_ref().map_or(String::new(), |day| format!(", until {}", words(day)));
            let (place, said) = (self.link(&finding.path, finding.line()), prose(&finding.message));
            say!(self, "- **{}** {said} ({place}): {}{until}", finding.id, words(&why.reason));
        }
        self.gap(true);
    }

    fn findings_by_category(&mut self) {
        say!(self, "## Findings by category\n");
        let report = self.report;
        if report.open().next().is_none() {
            say!(self, "None.\n");
        }
        for category in report.categories.iter().filter(|c| c.findings > 0) {
            say!(self, "### {}\n", category.title);
            for rule in report.rules.iter().filter(|r| r.category == category.id && r.findings > 0) {
                say!(self, "#### {} ({})\n", prose(&rule.summary), code(&rule.id));
                let (findings, sites) = (counted(rule.findings, "finding"), counted(rule.sites, "place"));
                say!(self, "{findings} in {sites}.\n");
                for finding in report.of_rule(&rule.id).take(SHOWN) {
                    self.finding(finding);
                }
                let more = rule.findings.saturating_sub(SHOWN as u64);
                if more > 0 {
                    say!(self, "{more} more stand under *Findings by severity*.\n");
                }
            }
        }
    }

    fn finding(&mut self, finding: &FindingEntry) {
        let place = self.link(&finding.path, finding.line());
        let symbol = match finding.symbol.as_str() {
            "" => String::new(),
            symbol => format!(", in {}", code(symbol)),
        };
        say!(self, "**{}** {} ({place}{symbol})\n", finding.id, prose(&finding.message));
        let language = Language::from_path(&finding.path).map_or("", Language::id);
        let lines: Vec<String> = finding.code.lines.iter().map(|l| visible(&l.text()).into_owned()).collect();
        if !lines.is_empty() {
            self.fence(language, &lines);
        }
        if !finding.why.is_empty() {
            say!(self, "{}\n", prose(&finding.why));
        }
        if !finding.help.is_empty() {
            say!(self, "{}\n", prose(&finding.help));
        }
        if !finding.related.is_empty() {
            let is_chain = finding.related.iter().any(|r| r.function.is_some());
            say!(self, "{}\n", if is_chain { "The chain of calls:" } else { "See also:" });
            for (number, related) in finding.related.iter().enumerate() {
                let place = match (&related.path, related.range, &related.function) {
                    (Some(path), Some(range), _) => format!(" ({})", self.link(path, range.start.line)),
                    (_, _, Some(function)) => format!(" ({})", code(function)),
                    _ => String::new(),
                };
                let mark = if is_chain { format!("{}.", number + 1) } else { "-".to_owned() };
                say!(self, "{mark} {}{place}", prose(&related.message));
            }
            self.gap(true);
        }
        if let Some(fix) = finding.fix.as_ref().filter(|_| !finding.diff.is_empty()) {
            say!(self, "{} (a {} fix):\n", prose(&fix.title), fix.safety);
            let mut lines = Vec::new();
            for hunk in &finding.diff {
                lines.push(format!("@@ line {} @@", hunk.line));
                lines.extend(hunk.removed.iter().map(|l| format!("-{}", visible(l))));
                lines.extend(hunk.added.iter().map(|l| format!("+{}", visible(l))));
            }
            self.fence("diff", &lines);
        }
    }

    fn what_is_right(&mut self) {
        say!(self, "## What is right\n");
        let report = self.report;
        let sound = || report.rules.iter().filter(|r| r.sites > 0 && r.findings == 0);
        if sound().next().is_none() {
            say!(self, "No rule found all of its places sound.\n");
            return;
        }
        for category in report.categories.iter().filter(|c| sound().any(|r| r.category == c.id)) {
            say!(self, "**{}**\n", category.title);
            for rule in sound().filter(|r| r.category == category.id) {
                let accepted = match rule.accepted {
                    0 => String::new(),
                    accepted => format!(", {accepted} accepted"),
                };
                let (id, sites) = (code(&rule.id), counted(rule.sites, "place"));
                say!(self, "- {id}: {} of {sites} sound{accepted} ({})", rule.sound, prose(&rule.summary));
            }
            self.gap(true);
        }
        let quiet = report.rules.iter().filter(|r| r.sites == 0).count();
        if quiet > 0 {
            say!(self, "{quiet} more rules found nothing here that they judge.\n");
        }
    }

    fn services(&mut self) {
        say!(self, "## External services\n");
        if self.report.services.is_empty() {
            say!(self, "None found.\n");
            return;
        }
        say!(
            self,
            "| Service | Calls | Time limit | Retries | Breaker | Fallback | When it is down |\n| :--- | :--- | ---: | ---: | ---: | ---: | :--- |"
        );
        for service in &self.report.services {
            let name = words(&service.name);
            let calls = self.links(&service.calls);
            let of = |covered: Covered| format!("{}/{}", covered.covered, covered.total);
            let (limit, retries) = (of(service.time_limit), of(service.retries));
            let (breaker, fallback) = (of(service.breaker), of(service.fallback));
            let down = words(&service.when_down);
            say!(self, "| {name} | {calls} | {limit} | {retries} | {breaker} | {fallback} | {down} |");
        }
        self.gap(true);
    }

    fn capabilities(&mut self) {
        say!(self, "## Capabilities\n");
        if self.report.capabilities.is_empty() {
            say!(self, "None judged.\n");
            return;
        }
        say!(
            self,
            "| Capability | Category | Status | Share | Priority | Evidence |\n| :--- | :--- | :--- | ---: | :--- | :--- |"
        );
        for own in &self.report.capabilities {
            if own.status == Status::NotApplicable {
                continue;
            }
            let priority = if own.status == Status::Present { "" } else { priority(own.weight) };
            let evidence = match own.status {
                Status::DeclaredOnly => format!("declared in {}, used nowhere", self.links(&own.evidence)),
                _ => self.links(&own.evidence),
            };
            let (title, category, status) = (words(&own.title), own.category.title(), own.status);
            let share = own.credit() * 100.0;
            say!(self, "| {title} | {category} | {status} | {share:.0} % | {priority} | {evidence} |");
        }
        self.gap(true);
        let all = self.report.capabilities.iter();
        let not: Vec<String> =
            all.filter(|c| c.status == Status::NotApplicable).map(|c| words(&c.title)).collect();
        if !not.is_empty() {
            say!(self, "Not applicable here: {}.\n", not.join(", "));
        }
    }

    fn inventory(&mut self) {
        say!(self, "## Inventory\n");
        let report = self.report;
        say!(self, "### Routes\n");
        if report.routes.is_empty() {
            say!(self, "None found.\n");
        } else {
            say!(
                self,
                "| Method | Path | Handler | Authentication | Rate limit | Validation | Kind |\n| :--- | :--- | :--- | :--- | :--- | :--- | :--- |"
            );
            for route in &report.routes {
                let (method, path) = (words(&route.method), cell_code(&route.path));
                let place = self.link(&route.place.path, route.place.range.start.line);
                let handler = format!("{} ({place})", cell_code(&route.handler));
                let auth = yes_or_no(route.authentication);
                let limit = yes_or_no(route.rate_limit);
                let checked = match &route.validated_by[..] {
                    [] => yes_or_no(route.validation).to_owned(),
                    by => by.iter().map(|name| cell_code(name)).collect::<Vec<_>>().join(", "),
                };
                let kind = route.operation.map_or("", |operation| operation.id());
                say!(self, "| {method} | {path} | {handler} | {auth} | {limit} | {checked} | {kind} |");
            }
            self.gap(true);
        }
        say!(self, "### Tables\n");
        if report.tables.is_empty() {
            say!(self, "None found.\n");
        }
        for table in &report.tables {
            let place = table.place.as_ref().map_or(String::new(), |place| {
                format!(" ({})", self.link(&place.path, place.range.start.line))
            });
            say!(self, "**{}**{place}\n", words(&table.name));
            for filtered in &table.filtered {
                let columns = code(&filtered.columns.join(", "));
                let served = match &filtered.served_by {
                    Some(index) => format!("served by {}", code(index)),
                    None => "**served by no index**".to_owned(),
                };
                say!(self, "- filtered by {columns} ({}): {served}", self.links(&filtered.queries));
            }
            for index in &table.indexes {
                let unique = if index.unique { "unique " } else { "" };
                say!(self, "- {unique}index {} on {}", code(&index.name), code(&index.columns.join(", ")));
            }
            self.gap(true);
        }
        self.dependencies();
        if !report.tests.is_empty() {
            say!(self, "### Tests\n");
            for kind in &report.tests {
                let cases = counted(u64::from(kind.cases), "test");
                say!(self, "- {}: {cases} in {}", words(&kind.kind), counted(u64::from(kind.files), "file"));
            }
            self.gap(true);
        }
        if !report.documents.is_empty() {
            say!(self, "### Documents\n");
            for document in &report.documents {
                say!(self, "- [{}]({})", words(&document.title), encoded(&document.path));
            }
            self.gap(true);
        }
    }

    fn dependencies(&mut self) {
        let report = self.report;
        say!(self, "### Dependencies\n");
        if report.dependencies.is_empty() {
            say!(self, "None found.\n");
        } else {
            say!(
                self,
                "| Dependency | Version | For | Used | Declared in |\n| :--- | :--- | :--- | :--- | :--- |"
            );
            for own in &report.dependencies {
                let (name, version) = (cell_code(&own.name), cell_code(&own.requirement));
                let purpose = if own.development { "development" } else { "production" };
                let place = self.link(&own.place.path, own.place.range.start.line);
                say!(self, "| {name} | {version} | {purpose} | {} | {place} |", yes_or_no(own.used));
            }
            self.gap(true);
        }
        if !report.declared_services.is_empty() {
            say!(self, "### Declared services\n");
            say!(self, "| Service | Runs | Used | Declared in |\n| :--- | :--- | :--- | :--- |");
            for own in &report.declared_services {
                let place = self.link(&own.place.path, own.place.range.start.line);
                let (name, image) = (words(&own.name), cell_code(&own.image));
                say!(self, "| {name} | {image} | {} | {place} |", yes_or_no(own.used));
            }
            self.gap(true);
        }
    }

    fn plan(&mut self) {
        say!(self, "## Plan\n");
        let report = self.report;
        if report.plan.is_empty() {
            say!(self, "Nothing is left to do.\n");
        }
        for (number, phase) in report.plan.iter().enumerate() {
            say!(self, "### Phase {}: {}\n", number + 1, phase.title);
            if !phase.findings.is_empty() {
                say!(self, "Findings: {}\n", ranges(&phase.findings));
            }
            if !phase.capabilities.is_empty() {
                let titles = report.capabilities.iter().filter(|c| phase.capabilities.contains(&c.id));
                let titles: Vec<String> = titles.map(|c| words(&c.title)).collect();
                say!(self, "Capabilities: {}\n", titles.join(", "));
            }
            for file in &phase.files {
                let path = format!("[{}]({})", words(&file.path), encoded(&file.path));
                say!(self, "- {path}: {}", counted(file.findings, "finding"));
            }
            self.gap(!phase.files.is_empty());
            if let Some(score) = phase.score {
                let letter = phase.letter.as_deref().unwrap_or("no letter");
                say!(self, "Then: {letter} ({score:.1}).\n");
            }
        }
    }

    fn checklist(&mut self) {
        say!(self, "## Checklist before production\n");
        let report = self.report;
        if report.checklist.is_empty() {
            say!(self, "Nothing here can be told from the code.\n");
        }
        for category in &report.categories {
            let own = || report.checklist.iter().filter(|check| check.category == category.id);
            if own().next().is_none() {
                continue;
            }
            say!(self, "**{}**\n", category.title);
            for check in own() {
                let mark = if check.done { 'x' } else { ' ' };
                say!(self, "- [{mark}] {} ({})", prose(&check.what), prose(&check.evidence));
            }
            self.gap(true);
        }
    }

    fn trend(&mut self) {
        if self.report.trend.is_empty() {
            return;
        }
        say!(self, "## Trend\n");
        say!(self, "| Date | Commit | Grade | Score | Findings |\n| :--- | :--- | :--- | ---: | ---: |");
        for past in &self.report.trend {
            let date = words(past.date.as_deref().unwrap_or(""));
            let commit = past.commit.as_deref().map_or(String::new(), cell_code);
            let letter = past.letter.as_deref().unwrap_or("");
            let score = past.score.map_or(String::new(), |score| format!("{score:.1}"));
            say!(self, "| {date} | {commit} | {letter} | {score} | {} |", past.findings.len());
        }
        self.gap(true);
        let (came, went) = self.report.came_and_went();
        say!(self, "Since the last one {came} came and {went} went.\n");
    }

    fn link(&self, path: &str, line: u32) -> String {
        format!("[{}:{line}]({}#L{line})", words(path), encoded(path))
    }

    /// A few places as links.
    fn links(&self, evidence: &[Evidence]) -> String {
        let shown = evidence.iter().take(SHOWN).map(|e| self.link(&e.path, e.range.start.line));
        let mut links: Vec<String> = shown.collect();
        if evidence.len() > SHOWN {
            links.push(format!("{} more", evidence.len() - SHOWN));
        }
        links.join(", ")
    }

    fn fence(&mut self, language: &str, lines: &[String]) {
        let text = lines.join("\n");
        let longest = longest_run(&text).max(2);
        let fence = "`".repeat(longest + 1);
        say!(self, "{fence}{language}\n{text}\n{fence}\n");
    }

    fn gap(&mut self, wanted: bool) {
        if wanted {
            self.out.push('\n');
        }
    }
}

/// `BLOCK-01` to `BLOCK-05`, as it is said of many.
fn ranges(ids: &[String]) -> String {
    match ids {
        [first, .., last] if ids.len() > 12 => format!("{first} to {last} ({})", ids.len()),
        _ => ids.join(", "),
    }
}

pub(crate) fn stars(score: f64) -> String {
    let full = (score / 20.0).round().clamp(0.0, 5.0) as usize;
    format!("{}{}", "★".repeat(full), "☆".repeat(5 - full))
}

pub(crate) const fn title(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocking => "Blocking",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

/// What a capability's weight says of when it is needed.
pub(crate) const fn priority(weight: u32) -> &'static str {
    match weight {
        0 | 1 => "nice to have",
        2 => "expected",
        _ => "blocks production",
    }
}

pub(crate) const fn yes_or_no(is: Option<bool>) -> &'static str {
    match is {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

/// A message: its code as code, its words as words.
fn prose(message: &str) -> String {
    let pieces = pieces(message).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Words(text) => words_with_edges(text),
            Piece::Code(text) => code(text),
        })
        .collect()
}

/// Words that mean nothing else, spaces at their edges kept.
fn words_with_edges(text: &str) -> String {
    let edge = |is: bool| if is { " " } else { "" };
    let (before, after) =
        (edge(text.starts_with(char::is_whitespace)), edge(text.ends_with(char::is_whitespace)));
    if text.trim().is_empty() { " ".to_owned() } else { format!("{before}{}{after}", words(text)) }
}

/// Words that mean nothing else.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

/// A code span, whatever stands in it.
fn code(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span in a table, where `|` ends a cell even in code.
fn cell_code(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_stays_text() {
        assert_eq!(words("<b>*x* [a](b) _c_"), "\\<b\\>\\*x\\* \\[a\\](b) \\_c\\_");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(prose("`a|b` is <wrong>"), "`a|b` is \\<wrong\\>");
        assert_eq!(cell_code("a|b"), "`a\\|b`");
    }

    #[test]
    fn many_ids_are_a_range() {
        let ids: Vec<String> = (1..=20).map(|n| format!("LOW-{n:02}")).collect();
        assert_eq!(ranges(&ids), "LOW-01 to LOW-20 (20)");
        assert_eq!(ranges(&ids[..2]), "LOW-01, LOW-02");
    }
}
