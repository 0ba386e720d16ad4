// What the user set for this editor. What is checked, and how strictly, is in `shipworthy.toml`.
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

export const SECTION = 'shipworthy';

export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

export interface Settings {
  readonly enable: boolean;
  readonly path: string;
  readonly importStrategy: 'fromEnvironment' | 'useBundled';
  readonly configuration: string;
  readonly run: 'onType' | 'onSave';
  readonly scope: 'openFiles' | 'workspace';
  readonly codeLens: boolean;
  readonly suppress: boolean;
  readonly logLevel: LogLevel;
}

export function settings(): Settings {
  const all = vscode.workspace.getConfiguration(SECTION);
  return {
    enable: all.get('enable', true),
    path: resolve(all.get('path', '')),
    importStrategy: all.get('importStrategy', 'fromEnvironment'),
    configuration: resolve(all.get('configuration', '')),
    run: all.get('run', 'onType'),
    scope: all.get('diagnostics.scope', 'openFiles'),
    codeLens: all.get('codeLens.enable', true),
    suppress: all.get('codeActions.suppress.enable', true),
    logLevel: all.get('logLevel', 'info'),
  };
}

/** What the server wants to know of them. */
export function serverOptions(): Record<string, unknown> {
  const { codeLens, suppress, configuration } = settings();
  return { codeLens, suppress, configuration: configuration || null };
}

/** Whether a change concerns how the server is started. */
export function startsAnother(change: vscode.ConfigurationChangeEvent): boolean {
  return ['enable', 'path', 'importStrategy'].some((key) => change.affectsConfiguration(`${SECTION}.${key}`));
}

/** A path with `~` and `${workspaceFolder}` filled in; a relative one is below the first folder. */
function resolve(value: string): string {
  if (value === '') return '';
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const filled = value.replace(/^~(?=$|[\\/])/, os.homedir()).replaceAll('${workspaceFolder}', root);
  // A bare name is looked up on the PATH.
  return /[\\/]/.test(filled) && root !== '' ? path.resolve(root, filled) : filled;
}
