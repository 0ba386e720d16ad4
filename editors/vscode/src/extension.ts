import type * as vscode from 'vscode';
import { register } from './commands';
import { Shipworthy } from './shipworthy';

let shipworthy: Shipworthy | undefined;

/** Returns at once: the server starts meanwhile. */
export function activate(context: vscode.ExtensionContext): void {
  shipworthy = new Shipworthy(context);
  context.subscriptions.push(shipworthy, register(shipworthy));
  void shipworthy.restart();
}

export async function deactivate(): Promise<void> {
  await shipworthy?.stop();
}
