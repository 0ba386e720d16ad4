// The rules' pages as documents, so that this editor can preview them wherever the server runs.
import * as vscode from 'vscode';

const SCHEME = 'shipworthy-rule';

/** Serves the pages; `text` asks the server for one. */
export function servePages(text: (rule: string) => Promise<string>): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ path }) => text(path.replace(/^\/|\.md$/g, '')),
  });
}

/** Shows a rule's page. */
export async function showPage(rule: string): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` }));
}
