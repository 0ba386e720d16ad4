// The report beside the code: a page without any script but its own, which is told what to show.
import * as vscode from 'vscode';
import type { Audit, Grade } from '../audit';
import { groupBy } from '../group';
import { withoutIt } from '../score';
import type { Report, Request } from './model';

export const VIEW = 'shipworthy.report';

export class ReportPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private audit: Audit | undefined;
  private readonly restored: vscode.Disposable;

  constructor(private readonly extension: vscode.Uri) {
    this.restored = vscode.window.registerWebviewPanelSerializer(VIEW, {
      deserializeWebviewPanel: async (panel) => this.adopt(panel),
    });
  }

  dispose(): void {
    this.restored.dispose();
    this.panel?.dispose();
  }

  /** Shows an audit; in a panel that is there already, everything stays where it is. */
  show(audit: Audit): void {
    this.audit = audit;
    if (this.panel) {
      this.panel.reveal(undefined, true);
      this.send();
    } else {
      const options = { enableFindWidget: true, retainContextWhenHidden: true };
      this.adopt(vscode.window.createWebviewPanel(VIEW, 'Shipworthy Report', { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false }, options));
    }
  }

  /** A newer audit, for a report that is open. */
  update(audit: Audit): void {
    this.audit = audit;
    this.send();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.extension, 'dist')] };
    panel.webview.onDidReceiveMessage((request: Request) => this.answer(request));
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    panel.webview.html = this.html(panel.webview);
  }

  private send(): void {
    if (this.panel) void this.panel.webview.postMessage(this.audit ? report(this.audit) : null);
  }

  private async answer(request: Request): Promise<void> {
    switch (request.type) {
      case 'ready':
        return this.send();
      case 'open': {
        const at = new vscode.Position(request.line, request.column);
        // Beside the report, where the code is.
        const editor = vscode.window.visibleTextEditors.find(({ viewColumn }) => viewColumn !== undefined && viewColumn !== this.panel?.viewColumn);
        const viewColumn = editor?.viewColumn ?? (this.panel?.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One);
        await vscode.window.showTextDocument(vscode.Uri.parse(request.uri), { selection: new vscode.Range(at, at), viewColumn });
        return;
      }
      case 'rule':
        return vscode.commands.executeCommand('shipworthy.showRule', request.rule);
      case 'audit':
        return vscode.commands.executeCommand('shipworthy.auditWorkspace');
      case 'export':
        return vscode.commands.executeCommand('shipworthy.exportReport');
    }
  }

  private html(webview: vscode.Webview): string {
    const resource = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(this.extension, 'dist', name)).toString();
    const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src ${webview.cspSource};`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shipworthy Report</title>
<link rel="stylesheet" href="${resource('report.css')}">
</head>
<body>
<main id="report"></main>
<p id="said" role="status" class="unseen"></p>
<script src="${resource('report.js')}"></script>
</body>
</html>`;
  }
}

/** What the page shows of an audit. */
function report(audit: Audit): Report {
  const open = audit.findings.filter(({ accepted }) => accepted === undefined);
  const total = (what: 'files' | 'lines') => audit.roots.reduce((sum, { raw }) => sum + (raw.workspace?.[what] ?? 0), 0);
  const scores = new Map(audit.roots.length === 1 ? audit.roots[0]?.raw.categories?.map(({ id, score }) => [id, score]) : []);
  const titles = new Map(audit.roots.flatMap(({ raw }) => raw.categories ?? []).map(({ id, title }) => [id, title ?? id]));
  const found = groupBy(open, ({ category }) => category);
  const names = new Set([...audit.roots.flatMap(({ raw }) => raw.categories?.map(({ id }) => id) ?? []), ...found.keys()]);
  const seen = new Map<string, number>();
  const key = (fingerprint: string) => {
    const count = (seen.get(fingerprint) ?? 0) + 1;
    seen.set(fingerprint, count);
    return count === 1 ? fingerprint : `${fingerprint}/${count}`;
  };
  return {
    at: audit.at.toLocaleTimeString(),
    name: audit.roots.map(({ uri }) => uri.path.split('/').at(-1)).join(', '),
    files: total('files'),
    lines: total('lines'),
    grade: audit.grade ? grade(audit.grade) : null,
    categories: [...names].map((id) => ({ id, title: titles.get(id) ?? id, score: scores.get(id) ?? null, findings: found.get(id)?.length ?? 0 })),
    findings: open.map((finding) => ({
      key: key(`${finding.uri.toString()} ${finding.fingerprint || `${finding.rule} ${finding.range.start.line}`}`),
      rule: finding.rule,
      category: finding.category,
      severity: finding.severity,
      headline: finding.message.split('\n', 1)[0] ?? '',
      details: finding.message.split('\n').slice(1),
      uri: finding.uri.toString(),
      file: vscode.workspace.asRelativePath(finding.uri),
      line: finding.range.start.line,
      column: finding.range.start.character,
    })),
    accepted: audit.findings.length - open.length,
  };
}

function grade({ letter, score, verdict = '', reasons = [], holding = [] }: Grade): Report['grade'] {
  const because = reasons.length > 0 ? `: ${reasons.join(', ')}` : '';
  const said = verdict && verdict[0]?.toUpperCase() + verdict.slice(1) + because;
  return { letter, score, verdict: said, holding: holding.map(withoutIt) };
}
