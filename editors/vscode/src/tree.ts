// The tree of findings: groups with their number, and in each the findings.
import * as vscode from 'vscode';
import { place } from './audit';
import { type Finding, headline } from './finding';
import { SEVERITIES, type Severity } from './severity';
import type { Findings } from './findings';
import { groupBy } from './group';

export type Grouping = 'severity' | 'category' | 'file';
const GROUPINGS: readonly Grouping[] = ['severity', 'category', 'file'];

interface Group {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly uri: vscode.Uri | undefined;
}
type Item = Group | Finding;

const ICONS: Record<Severity, vscode.ThemeIcon> = {
  blocking: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  high: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  medium: new vscode.ThemeIcon('info', new vscode.ThemeColor('editorInfo.foreground')),
  low: new vscode.ThemeIcon('lightbulb'),
};

export class FindingsTree implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly view: vscode.TreeView<Item>;
  private readonly subscriptions: vscode.Disposable[];
  private pending: NodeJS.Timeout | undefined;

  constructor(
    private readonly findings: Findings,
    private readonly memory: vscode.Memento,
  ) {
    this.view = vscode.window.createTreeView('shipworthy.findings', { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [this.view, this.changes, findings.onChange(() => this.refreshSoon())];
    this.refresh();
  }

  dispose(): void {
    clearTimeout(this.pending);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  get grouping(): Grouping {
    return this.memory.get<Grouping>('grouping', 'severity');
  }

  /** Asks how to group, and does so. */
  async pickGrouping(): Promise<void> {
    const items = GROUPINGS.map((grouping) => ({ label: `By ${grouping}`, grouping, picked: grouping === this.grouping }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Group findings' });
    if (!picked) return;
    await this.memory.update('grouping', picked.grouping);
    this.refresh();
  }

  getChildren(item?: Item): Item[] {
    if (item) return 'findings' in item ? [...item.findings] : [];
    const { grouping } = this;
    const all = this.findings.all();
    const key = (finding: Finding) => (grouping === 'file' ? finding.uri.toString() : finding[grouping]);
    const groups = [...groupBy(all, key)].map(([name, findings]) => ({ name, findings, uri: grouping === 'file' ? findings[0]?.uri : undefined }));
    const rank = (name: string) => SEVERITIES.findIndex((severity) => severity === name);
    return groups.sort((a, b) => (grouping === 'severity' ? rank(a.name) - rank(b.name) : a.name < b.name ? -1 : 1));
  }

  getTreeItem(item: Item): vscode.TreeItem {
    return 'findings' in item ? this.groupItem(item) : this.findingItem(item);
  }

  private groupItem({ name, findings, uri }: Group): vscode.TreeItem {
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
    item.id = `${this.grouping}/${name}`;
    item.description = String(findings.length);
    if (uri) {
      item.label = vscode.workspace.asRelativePath(uri);
      item.resourceUri = uri;
      item.iconPath = vscode.ThemeIcon.File;
    } else if (this.grouping === 'severity') {
      item.iconPath = ICONS[name as Severity];
    }
    item.accessibilityInformation = { label: `${String(item.label)}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}` };
    return item;
  }

  private findingItem(finding: Finding): vscode.TreeItem {
    const item = new vscode.TreeItem(headline(finding));
    item.description = this.grouping === 'file' ? `${finding.rule} · line ${finding.range.start.line + 1}` : place(finding);
    item.tooltip = new vscode.MarkdownString().appendText(finding.message).appendMarkdown('\n\n---\n\n').appendText(`${finding.rule} · ${finding.category} · ${finding.severity}`);
    item.iconPath = ICONS[finding.severity];
    item.contextValue = 'finding';
    item.accessibilityInformation = { label: `${finding.severity}: ${headline(finding)}, ${place(finding)}` };
    const show: vscode.TextDocumentShowOptions = { selection: finding.range, preview: true };
    item.command = { command: 'vscode.open', title: 'Go to the finding', arguments: [finding.uri, show] };
    return item;
  }

  private refreshSoon(): void {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.refresh(), 100);
  }

  private refresh(): void {
    const count = this.findings.all().length;
    this.view.badge = count > 0 ? { value: count, tooltip: `${count} ${count === 1 ? 'finding' : 'findings'}` } : undefined;
    this.changes.fire();
  }
}
