// The item in the status bar: the grade, or how many findings there are.
import * as vscode from 'vscode';
import { counts, inWords } from './audit';
import type { Findings } from './findings';
import { groupBy } from './group';
import { withoutIt } from './score';
import { SEVERITIES } from './severity';

export type State = 'off' | 'starting' | 'running' | 'failed';

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('shipworthy.status', vscode.StatusBarAlignment.Left, 0);
  private readonly subscription: vscode.Disposable;
  private pending: NodeJS.Timeout | undefined;
  private state: State = 'off';

  constructor(private readonly findings: Findings) {
    this.item.name = 'Shipworthy';
    this.subscription = findings.onChange(() => {
      clearTimeout(this.pending);
      this.pending = setTimeout(() => this.render(), 100);
    });
  }

  dispose(): void {
    clearTimeout(this.pending);
    vscode.Disposable.from(this.item, this.subscription).dispose();
  }

  set(state: State): void {
    this.state = state;
    this.render();
  }

  private render(): void {
    const { item } = this;
    if (this.state === 'off') return item.hide();
    item.backgroundColor = this.state === 'failed' ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    if (this.state !== 'running') {
      const failed = this.state === 'failed';
      item.text = failed ? '$(error) Shipworthy' : '$(sync~spin) Shipworthy';
      item.tooltip = failed ? 'Shipworthy is not running. Select to see why.' : 'Shipworthy is starting.';
      item.command = failed ? 'shipworthy.showLogs' : undefined;
      return item.show();
    }
    const all = this.findings.all();
    const grade = this.findings.audit?.grade;
    const score = grade && `${grade.letter} ${Math.round(grade.score)}`;
    item.text = `$(shield) ${score ?? all.length}`;
    item.tooltip = this.tooltip(score);
    item.accessibilityInformation = { label: `Shipworthy: ${score ? `grade ${score}, ` : ''}${all.length} findings` };
    item.command = this.findings.audit ? 'shipworthy.showReport' : 'shipworthy.findings.focus';
    item.show();
  }

  private tooltip(score: string | undefined): vscode.MarkdownString {
    const all = this.findings.all();
    const text = new vscode.MarkdownString(undefined, true);
    text.isTrusted = { enabledCommands: ['shipworthy.auditWorkspace', 'shipworthy.showReport', 'shipworthy.showRule', 'shipworthy.explainScore'] };
    text.appendMarkdown(score ? `**Shipworthy: ${score}**\n\n` : '**Shipworthy**\n\n');
    text.appendText(all.length === 0 ? 'No findings.' : `${inWords(counts(all))}.`);
    const worst = [...groupBy(all, ({ rule }) => rule)].map(([rule, found]) => ({ rule, found, weight: found.reduce((sum, { severity }) => sum + WEIGHTS[severity], 0) }));
    worst.sort((a, b) => b.weight - a.weight);
    const holding = this.findings.audit?.grade?.holding ?? [];
    if (worst.length > 0 || holding.length > 0) text.appendMarkdown('\n\nWhat holds it down most:\n');
    for (const held of holding.slice(0, 3)) text.appendMarkdown(`\n* ${withoutIt(held)}`);
    for (const { rule, found } of holding.length > 0 ? [] : worst.slice(0, 3)) {
      const link = `command:shipworthy.showRule?${encodeURIComponent(JSON.stringify([rule]))}`;
      text.appendMarkdown(`\n* [${rule}](${link}): ${found.length}`);
    }
    if (!vscode.workspace.isTrusted) text.appendMarkdown('\n\n$(shield) This folder is not trusted: no program and no path that it names is used.');
    const audit = '[Audit the workspace](command:shipworthy.auditWorkspace)';
    text.appendMarkdown(`\n\n${this.findings.audit ? `[Show the report](command:shipworthy.showReport) · ${audit}` : audit}`);
    return text;
  }
}

/** How much a finding weighs beside others. */
const WEIGHTS = Object.fromEntries(SEVERITIES.map((severity, index) => [severity, 10 ** (SEVERITIES.length - index)])) as Record<(typeof SEVERITIES)[number], number>;
