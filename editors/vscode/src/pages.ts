// Pages as documents that are in no file, so that this editor can preview them wherever the server runs: of rules, and of what was asked for.
// `package.json` says that they are opened as previews: a link in a hover can lead to a document, not to a command.
import * as vscode from 'vscode';

const SCHEME = 'shipworthy';
const RULES = '/rules/';

export class Pages implements vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly provider: vscode.Disposable;

  /** `rule` asks the server for a rule's page. */
  constructor(rule: (name: string) => Promise<string>) {
    this.provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changes.event,
      provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? (path.startsWith(RULES) ? rule(path.slice(RULES.length).replace(/\.md$/, '')) : ''),
    });
  }

  dispose(): void {
    vscode.Disposable.from(this.provider, this.changes).dispose();
  }

  /** Shows a rule's page. */
  showRule(rule: string): Promise<void> {
    return this.preview(ruleUri(rule));
  }

  /** Shows a text in Markdown under a name. */
  showText(name: string, text: string): Promise<void> {
    const path = `/${name}.md`;
    this.texts.set(path, text);
    this.changes.fire(uri(path));
    return this.preview(uri(path));
  }

  private async preview(page: vscode.Uri): Promise<void> {
    await vscode.commands.executeCommand('markdown.showPreview', page);
  }
}

function uri(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path });
}

/** The page of a rule. */
export function ruleUri(rule: string): vscode.Uri {
  return uri(`${RULES}${rule}.md`);
}
