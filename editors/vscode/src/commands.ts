// What the command palette offers.
import * as vscode from 'vscode';
import { type Audit, findingsOf, place, type RawAudit } from './audit';
import { headline, ruleOf } from './finding';
import { changedFiles } from './git';
import { explained } from './score';
import type { Shipworthy } from './shipworthy';

const CODE = /\.(py|pyi|go|rs)$/;
const CONFIGURATION = `# What Shipworthy checks in this project, in every editor and on the command line.
# \`shipworthy config --explain KEY\` says what a setting means.

# Files that are not audited.
exclude = []

[rules]
# missing-timeout = "off"
`;

export function register(shipworthy: Shipworthy): vscode.Disposable {
  const commands: Record<string, (argument?: unknown) => unknown> = {
    auditWorkspace: () => auditWorkspace(shipworthy),
    auditChangedFiles: () => auditChangedFiles(shipworthy),
    showReport: () => showReport(shipworthy),
    exportReport: () => exportReport(shipworthy),
    fixAll: (uri) => fixAll(shipworthy, uri),
    showRule: (rule) => showRule(shipworthy, rule),
    explainScore: () => explainScore(shipworthy),
    createBaseline: () => createBaseline(shipworthy),
    showSuppressions: () => showSuppressions(shipworthy),
    createConfiguration: () => createConfiguration(),
    restartServer: () => shipworthy.restart(),
    showLogs: () => shipworthy.log.show(),
    copyDebugInformation: () => copyDebugInformation(shipworthy),
    groupFindings: () => shipworthy.tree.pickGrouping(),
    openWalkthrough: () => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${shipworthy.context.extension.id}#start`),
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`shipworthy.${name}`, async (argument?: unknown) => {
      try {
        return await run(argument);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        shipworthy.log.error(`${name}: ${message}`);
        if ((await vscode.window.showErrorMessage(message, 'Show Logs')) !== undefined) shipworthy.log.show();
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

async function auditWorkspace(shipworthy: Shipworthy): Promise<void> {
  if (!vscode.workspace.workspaceFolders?.length) {
    await vscode.window.showInformationMessage('Open a folder to audit it.');
    return;
  }
  const audit = await shipworthy.audit();
  if (audit) await show(shipworthy, audit);
}

/** The report as a page; as text where the server gives no more. */
async function show(shipworthy: Shipworthy, audit: Audit): Promise<void> {
  if (audit.roots.length > 0) return shipworthy.report.show(audit);
  return shipworthy.pages.showText('Report', `\`\`\`text\n${audit.text}\n\`\`\`\n`);
}

async function showReport(shipworthy: Shipworthy): Promise<void> {
  const { audit } = shipworthy.findings;
  await (audit ? show(shipworthy, audit) : auditWorkspace(shipworthy));
}

async function auditChangedFiles(shipworthy: Shipworthy): Promise<void> {
  const changed = await changedFiles();
  if (!changed) {
    await vscode.window.showInformationMessage('Shipworthy asks the editor’s Git which files changed, and there is no Git repository open.');
    return;
  }
  const files = changed.filter(({ path }) => CODE.test(path));
  const options = { location: vscode.ProgressLocation.Notification, title: `Shipworthy: auditing ${files.length} changed files`, cancellable: true };
  const roots = await vscode.window.withProgress(options, async (_, cancel) => {
    const audits = (vscode.workspace.workspaceFolders ?? []).map(async ({ uri }) => {
      const own = files.filter((file) => vscode.workspace.getWorkspaceFolder(file)?.uri.toString() === uri.toString());
      if (own.length === 0) return undefined;
      const paths = own.map(({ fsPath }) => vscode.workspace.asRelativePath(fsPath, false));
      const raw = JSON.parse(await shipworthy.run(['audit', '--output-format', 'json', '--quiet', '--', ...paths], uri, cancel)) as RawAudit;
      return { uri, raw };
    });
    return (await Promise.all(audits)).filter((root) => root !== undefined);
  });
  const findings = (await Promise.all(roots.map(({ uri, raw }) => findingsOf(uri, raw)))).flat();
  const audit: Audit = { at: new Date(), roots, findings, grade: undefined, text: '', whole: false };
  shipworthy.findings.audits(audit);
  if (roots.length > 0) return shipworthy.report.show(audit);
  await vscode.window.showInformationMessage('No Python, Go or Rust file differs from what is committed.');
}

async function exportReport(shipworthy: Shipworthy): Promise<void> {
  const audit = shipworthy.findings.audit ?? (await shipworthy.audit());
  if (!audit) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: 'Export Report',
    filters: { JSON: ['json'], Text: ['txt'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, 'shipworthy-report.json') } : {}),
  });
  if (!target) return;
  const raw = audit.roots.map((root) => root.raw);
  const content = target.path.endsWith('.json') ? `${JSON.stringify(raw.length === 1 ? raw[0] : raw, undefined, 2)}\n` : audit.text;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(content));
  await vscode.window.showTextDocument(target);
}

async function fixAll(shipworthy: Shipworthy, uri: unknown): Promise<void> {
  const document = typeof uri === 'string' ? uri : vscode.window.activeTextEditor?.document.uri.toString();
  if (document === undefined) {
    await vscode.window.showInformationMessage('Open a file to fix what can be fixed in it.');
    return;
  }
  const answer = (await shipworthy.execute('shipworthy.fixAll', [document])) as { fixes?: number } | null;
  if (answer?.fixes === 0) vscode.window.setStatusBarMessage('Shipworthy: there is nothing to fix safely in this file.', 5000);
}

async function showRule(shipworthy: Shipworthy, rule: unknown): Promise<void> {
  const picked = typeof rule === 'string' ? rule : await pickRule(shipworthy);
  if (picked !== undefined) await shipworthy.pages.showRule(picked);
}

/** The rule of the finding under the cursor, else one that the user picks of those with findings. */
async function pickRule(shipworthy: Shipworthy): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const here = editor ? vscode.languages.getDiagnostics(editor.document.uri).filter(({ range }) => range.intersection(editor.selection)) : [];
  const rules = here.map(ruleOf).filter((rule) => rule !== undefined);
  if (rules[0] !== undefined && new Set(rules).size === 1) return rules[0];
  const all = rules.length > 0 ? rules : shipworthy.findings.all().map(({ rule }) => rule);
  const title = 'Explain which rule?';
  if (all.length === 0) return vscode.window.showInputBox({ title, prompt: 'The rule’s name, for instance missing-timeout' });
  return vscode.window.showQuickPick([...new Set(all)].sort(), { title });
}

async function explainScore(shipworthy: Shipworthy): Promise<void> {
  const command = 'shipworthy.explainScore';
  const grade = (shipworthy.findings.audit ?? (await shipworthy.audit()))?.grade;
  const byServer = !grade?.holding || (await shipworthy.offers(command));
  const answer = byServer ? await shipworthy.execute(command, []) : explained(grade);
  const text = typeof answer === 'string' ? answer : ((answer as { text?: string; report?: string } | null)?.text ?? JSON.stringify(answer, undefined, 2));
  await shipworthy.pages.showText('Score', text);
}

async function createBaseline(shipworthy: Shipworthy): Promise<void> {
  const sure = 'Create Baseline';
  const detail = 'Shipworthy then shows only what is new. The baseline is a file in the project, to be committed.';
  if ((await vscode.window.showInformationMessage('Accept all findings of today?', { modal: true, detail }, sure)) !== sure) return;
  await shipworthy.execute('shipworthy.createBaseline', []);
  await vscode.window.showInformationMessage('The findings of today are accepted.');
}

async function showSuppressions(shipworthy: Shipworthy): Promise<void> {
  const audit = shipworthy.findings.audit ?? (await shipworthy.audit());
  if (!audit) return;
  const accepted = audit.findings.filter((finding) => finding.accepted !== undefined);
  if (accepted.length === 0) {
    await vscode.window.showInformationMessage('No finding is accepted in this workspace.');
    return;
  }
  const items = accepted.map((finding) => ({ label: finding.accepted || 'no reason', description: place(finding), detail: `${finding.rule}: ${headline(finding)}`, finding }));
  const picked = await vscode.window.showQuickPick(items, { title: 'Accepted findings', matchOnDescription: true, matchOnDetail: true });
  if (picked) await vscode.window.showTextDocument(picked.finding.uri, { selection: picked.finding.range });
}

async function createConfiguration(): Promise<void> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (!folder) return;
  const file = vscode.Uri.joinPath(folder.uri, 'shipworthy.toml');
  const exists = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!exists) await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(CONFIGURATION));
  await vscode.window.showTextDocument(file);
}

async function copyDebugInformation(shipworthy: Shipworthy): Promise<void> {
  await vscode.env.clipboard.writeText(shipworthy.debugInformation());
  vscode.window.setStatusBarMessage('Shipworthy: the debug information is in the clipboard.', 5000);
}
