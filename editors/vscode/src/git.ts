// What the editor's own Git extension knows; the part of its interface that is used here.
import * as vscode from 'vscode';

interface Change {
  readonly uri: vscode.Uri;
}
interface State {
  readonly workingTreeChanges: readonly Change[];
  readonly indexChanges: readonly Change[];
  readonly mergeChanges: readonly Change[];
  readonly untrackedChanges?: readonly Change[];
}
interface Git {
  getAPI(version: 1): { readonly repositories: readonly { readonly state: State; status(): Promise<void> }[] };
}

/** The files that differ from what is committed; none where Git is not at work here. */
export async function changedFiles(): Promise<vscode.Uri[] | undefined> {
  const git = vscode.extensions.getExtension<Git>('vscode.git');
  if (!git) return undefined;
  try {
    const { repositories } = (await git.activate()).getAPI(1);
    if (repositories.length === 0) return undefined;
    await Promise.all(repositories.map((repository) => repository.status()));
    const changes = repositories.flatMap(({ state }) => [...state.workingTreeChanges, ...state.indexChanges, ...state.mergeChanges, ...(state.untrackedChanges ?? [])]);
    return [...new Map(changes.map(({ uri }) => [uri.toString(), uri])).values()];
  } catch {
    // It is switched off.
    return undefined;
  }
}
