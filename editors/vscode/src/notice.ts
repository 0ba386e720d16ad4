// At most one message at a time, and none twice until things were well again in between.
import * as vscode from 'vscode';

export class Notice {
  private open = false;
  private last = '';

  /** Shows a problem with buttons: each a title and what it does. */
  async problem(message: string, buttons: Readonly<Record<string, () => unknown>>): Promise<void> {
    if (this.open || this.last === message) return;
    this.open = true;
    this.last = message;
    const picked = await vscode.window.showErrorMessage(message, ...Object.keys(buttons));
    this.open = false;
    if (picked !== undefined) await buttons[picked]?.();
  }

  /** Things are well: what happens next is news. */
  clear(): void {
    this.last = '';
  }
}
