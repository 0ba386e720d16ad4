// All findings that are known: of open documents what the server says now, of other files what the last audit said.
import * as vscode from 'vscode';
import type { Audit } from './audit';
import { groupBy } from './group';
import { type Finding, fromDiagnostic, toDiagnostic } from './finding';
import { SELECTOR } from './selector';
import { settings } from './settings';

export class Findings implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  private readonly live = new Map<string, Finding[]>();
  private readonly audited = new Map<string, Finding[]>();
  /** What the server said of documents that are not saved yet, to be shown once they are. */
  private readonly held = new Map<string, () => void>();
  /** Findings in files that the server does not have open. */
  private readonly closed = vscode.languages.createDiagnosticCollection('shipworthy audit');
  private readonly subscriptions: vscode.Disposable[];
  audit: Audit | undefined;

  constructor() {
    this.subscriptions = [
      vscode.workspace.onDidOpenTextDocument((document) => this.opened(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.left(document)),
      vscode.workspace.onDidSaveTextDocument(({ uri }) => this.release(uri.toString())),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions, this.closed, this.changes).dispose();
  }

  /** The server said what is wrong in a document. */
  said(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], show: (shown: vscode.Diagnostic[]) => void): void {
    const key = uri.toString();
    const take = () => {
      this.held.delete(key);
      show(diagnostics);
      const findings = diagnostics.map((diagnostic) => fromDiagnostic(uri, diagnostic)).filter((finding) => finding !== undefined);
      // A document that is closed has nothing said of it any more: what the last audit found in the file counts.
      const open = vscode.workspace.textDocuments.some((document) => document.uri.toString() === key);
      if (open || findings.length > 0) this.live.set(key, findings);
      else this.live.delete(key);
      this.changes.fire();
    };
    const dirty = vscode.workspace.textDocuments.some((document) => document.isDirty && !document.isUntitled && document.uri.toString() === key);
    if (dirty && settings().run === 'onSave') this.held.set(key, take);
    else take();
  }

  /** An audit ended. One of some files replaces what was known of those only. */
  audits(audit: Audit): void {
    if (audit.whole) {
      this.audited.clear();
      this.audit = audit;
    }
    const byFile = groupBy(audit.findings, ({ uri }) => uri.toString());
    for (const [key, findings] of byFile) this.audited.set(key, findings);
    this.showClosed();
    this.changes.fire();
  }

  /** There is no server any more: what it said is no longer known. */
  forget(): void {
    this.live.clear();
    this.held.clear();
    this.changes.fire();
  }

  /** All that are not accepted, sorted by file and place. */
  all(): Finding[] {
    const open = new Set(vscode.workspace.textDocuments.filter(isServed).map(({ uri }) => uri.toString()));
    const elsewhere = [...this.audited].filter(([key]) => !open.has(key) && !this.live.has(key)).flatMap(([, findings]) => findings);
    const all = [...[...this.live.values()].flat(), ...elsewhere].filter(({ accepted }) => accepted === undefined);
    return all.sort((a, b) => compare(a.uri.toString(), b.uri.toString()) || a.range.start.compareTo(b.range.start) || compare(a.rule, b.rule));
  }

  /** Shows the audit's findings of closed files among the problems, or does so no longer. */
  showClosed(): void {
    this.closed.clear();
    if (settings().scope !== 'workspace') return;
    const open = new Set(vscode.workspace.textDocuments.filter(isServed).map(({ uri }) => uri.toString()));
    for (const [key, findings] of this.audited) {
      const shown = findings.filter(({ accepted }) => accepted === undefined).map(toDiagnostic);
      if (!open.has(key) && !this.live.has(key)) this.closed.set(vscode.Uri.parse(key), shown);
    }
  }

  private opened(document: vscode.TextDocument): void {
    if (!isServed(document)) return;
    this.closed.delete(document.uri);
    this.changes.fire();
  }

  /** A document that is closed has, on disk, what it had when it was saved last. */
  private left(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const live = this.live.get(key);
    this.live.delete(key);
    this.held.delete(key);
    if (live && this.audit && !document.isDirty && document.uri.scheme === 'file') {
      const accepted = this.audited.get(key)?.filter((finding) => finding.accepted !== undefined) ?? [];
      this.audited.set(key, [...live, ...accepted]);
    }
    this.showClosed();
    this.changes.fire();
  }

  private release(key: string): void {
    this.held.get(key)?.();
  }
}

function isServed(document: vscode.TextDocument): boolean {
  return !document.isClosed && vscode.languages.match(SELECTOR, document) > 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
