// The extension as one thing: its server, what it knows, and what it shows.
import * as vscode from 'vscode';
import { type Audit, findingsOf, type RawAudit } from './audit';
import type { Client, Watch } from './client';
import { Findings } from './findings';
import { Notice } from './notice';
import { Pages } from './pages';
import { ReportPanel } from './report/panel';
import { find, NoServer, output, type Server } from './server';
import { settings, startsAnother } from './settings';
import { Status } from './status';
import { helpWithSettings, type Schema } from './toml';
import { FindingsTree } from './tree';

/** What the server gives for an audit; fields are added over time. */
interface AuditAnswer {
  readonly audits?: readonly RawAudit[];
  readonly grade?: RawAudit['grade'] | string;
  readonly score?: number;
  readonly report?: string;
}

export class Shipworthy implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel('Shipworthy', { log: true });
  readonly findings = new Findings();
  readonly report: ReportPanel;
  readonly pages = new Pages(async (rule) => String(await this.execute('shipworthy.showRule', [rule])));
  readonly tree: FindingsTree;
  private readonly trace = vscode.window.createOutputChannel('Shipworthy Trace');
  private readonly status = new Status(this.findings);
  private readonly notice = new Notice();
  private readonly subscriptions: vscode.Disposable[];
  private client: Client | undefined;
  server: Server | undefined;
  private schema: Promise<Schema | undefined> | undefined;
  /** Starts and stops, one after the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(readonly context: vscode.ExtensionContext) {
    this.report = new ReportPanel(context.extensionUri);
    this.tree = new FindingsTree(this.findings, context.workspaceState);
    this.subscriptions = [
      this.log,
      this.trace,
      this.findings,
      this.report,
      this.tree,
      this.status,
      this.pages,
      helpWithSettings(() => (this.schema ??= this.readSchema())),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (startsAnother(change)) void this.restart();
        if (change.affectsConfiguration('shipworthy.diagnostics.scope')) this.findings.showClosed();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Starts the server, again if it runs. */
  restart(): Promise<void> {
    const next = async () => {
      await this.end();
      await this.begin();
    };
    this.turn = this.turn.then(next, next);
    return this.turn;
  }

  stop(): Promise<void> {
    this.turn = this.turn.then(() => this.end());
    return this.turn;
  }

  /** The server, once it runs. */
  private async running(): Promise<Client> {
    await this.turn;
    if (this.client?.isRunning()) return this.client;
    throw new Error(settings().enable ? 'Shipworthy is not running.' : 'Shipworthy is switched off by the setting shipworthy.enable.');
  }

  /** Runs a command of the server; none where this server does not have it. */
  async execute(command: string, args: unknown[], watch?: Watch): Promise<unknown> {
    const client = await this.running();
    if (!client.offers(command)) throw new Error(`Shipworthy ${this.server?.version ?? ''} cannot do this yet. A newer version may.`);
    return client.execute(command, args, watch);
  }

  /** Whether the server has a command. */
  async offers(command: string): Promise<boolean> {
    return (await this.running()).offers(command);
  }

  /** Runs the program itself. */
  async run(args: readonly string[], cwd: vscode.Uri, cancel: vscode.CancellationToken): Promise<string> {
    await this.running();
    if (!this.server) throw new Error('Shipworthy is not running.');
    const abort = new AbortController();
    const cancelled = cancel.onCancellationRequested(() => abort.abort());
    try {
      return await output(this.server, args, cwd.fsPath, abort.signal);
    } finally {
      cancelled.dispose();
    }
  }

  /** Audits the workspace, with progress and a way to stop. None where it was stopped. */
  async audit(location = vscode.ProgressLocation.Notification): Promise<Audit | undefined> {
    const options = { location, title: 'Shipworthy', cancellable: true };
    return vscode.window.withProgress(options, async (shown, cancel) => {
      let before = 0;
      const progress = (message: string | undefined, percentage = before) => {
        shown.report({ increment: percentage - before, message: message ?? `auditing, ${percentage} %` });
        before = percentage;
      };
      try {
        const answer = (await this.execute('shipworthy.auditWorkspace', [{ json: true }], { progress, cancel })) as AuditAnswer;
        return await this.audited(answer);
      } catch (error) {
        if (cancel.isCancellationRequested) return undefined;
        throw error;
      }
    });
  }

  private async audited(answer: AuditAnswer): Promise<Audit> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const roots = (answer.audits ?? []).flatMap((raw, index) => {
      const folder = folders.find(({ uri }) => uri.fsPath === raw.workspace?.root) ?? folders[index];
      return folder ? [{ uri: folder.uri, raw }] : [];
    });
    // One root's own grade says more than that of the answer.
    const own = roots.length === 1 ? roots[0]?.raw.grade : undefined;
    const grade = own ?? (typeof answer.grade === 'string' ? { letter: answer.grade, score: answer.score ?? 0 } : answer.grade);
    const findings = (await Promise.all(roots.map(({ uri, raw }) => findingsOf(uri, raw)))).flat();
    const audit: Audit = { at: new Date(), roots, findings, grade, text: answer.report ?? '', whole: true };
    this.findings.audits(audit);
    this.report.update(audit);
    return audit;
  }

  /** What a bug report needs, without any code. */
  debugInformation(): string {
    const own = this.context.extension.packageJSON as { version: string };
    const lines = [
      `Extension: ${own.version}`,
      `Server: ${this.server ? `${this.server.version}, from ${this.server.origin} (${this.server.command})` : 'none'}`,
      `Running: ${this.client?.isRunning() ?? false}`,
      `Editor: ${vscode.env.appName} ${vscode.version}, ${vscode.env.remoteName ? `remote (${vscode.env.remoteName})` : 'local'}`,
      `System: ${process.platform} ${process.arch}, Node ${process.versions.node}`,
      `Trusted: ${vscode.workspace.isTrusted}`,
      `Folders: ${vscode.workspace.workspaceFolders?.length ?? 0}`,
      `Settings: ${JSON.stringify(settings())}`,
    ];
    return lines.join('\n');
  }

  private async begin(): Promise<void> {
    if (!settings().enable) return this.status.set('off');
    this.status.set('starting');
    try {
      this.server = await find(settings(), this.context.extensionUri);
      this.log.info(`Starting Shipworthy ${this.server.version} from ${this.server.origin}: ${this.server.command}`);
      const { Client } = await import('./client.js');
      this.client = new Client(this.server, this.log, this.trace, {
        diagnostics: (uri, diagnostics, show) => this.findings.said(uri, diagnostics, show),
        gaveUp: () => this.gaveUp(),
      });
      await this.client.start();
      this.notice.clear();
      this.status.set('running');
    } catch (error) {
      this.failed(error);
      return;
    }
    if (settings().scope === 'workspace') {
      this.audit(vscode.ProgressLocation.Window).catch((error: unknown) => this.log.warn(String(error)));
    }
  }

  private async end(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.server = undefined;
    this.schema = undefined;
    this.findings.forget();
    // One that never started or crashed has nothing to stop.
    await client?.dispose().catch(() => undefined);
  }

  private failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.log.error(message);
    this.status.set('failed');
    if (!(error instanceof NoServer)) return this.gaveUp();
    const all = { 'Choose Program…': () => chooseProgram(), 'Show Logs': () => this.log.show(), 'How to Install': () => vscode.commands.executeCommand('shipworthy.openWalkthrough') };
    void this.notice.problem(message, all);
  }

  private gaveUp(): void {
    this.status.set('failed');
    const message = 'Shipworthy’s server ends again and again, and is not started any more. Its log says why.';
    void this.notice.problem(message, {
      'Show Logs': () => this.log.show(),
      'Restart Server': () => {
        this.notice.clear();
        return this.restart();
      },
      'Copy Debug Information': () => vscode.commands.executeCommand('shipworthy.copyDebugInformation'),
    });
  }

  private async readSchema(): Promise<Schema | undefined> {
    try {
      await this.turn;
      return this.server && (JSON.parse(await output(this.server, ['config', '--schema'])) as Schema);
    } catch (error) {
      this.log.warn(`No help in settings files: ${String(error)}`);
      return undefined;
    }
  }
}

/** Lets the user say where the program is, for this machine. */
async function chooseProgram(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({ title: 'Where is shipworthy?', openLabel: 'Use It' });
  if (picked?.[0]) await vscode.workspace.getConfiguration('shipworthy').update('path', picked[0].fsPath, vscode.ConfigurationTarget.Global);
}
