// The language client, with what this extension does differently from the library. It is a bundle of its own, loaded once the editor
// has started: the library is large.
import * as vscode from 'vscode';
import {
  CancellationToken,
  CloseAction,
  type CloseHandlerResult,
  type DynamicFeature,
  ErrorAction,
  ExecuteCommandRequest,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  LogMessageNotification,
  MessageType,
  type StaticFeature,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import type { Server } from './server';
import { ruleOf } from './finding';
import { ruleUri } from './pages';
import { SELECTOR } from './selector';
import { SECTION, serverOptions, settings } from './settings';

/** So many ends within so many milliseconds are a loop. */
const MAX_CRASHES = 4;
const CRASH_WINDOW = 3 * 60_000;

export interface Listener {
  /** The server says what is wrong in a document; gives what is shown of it. */
  diagnostics(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], show: (shown: vscode.Diagnostic[]) => void): void;
  /** It ends again and again, and is left alone. */
  gaveUp(): void;
}

/** Who waits for long work. */
export interface Watch {
  progress(message: string | undefined, percentage: number | undefined): void;
  readonly cancel: vscode.CancellationToken;
}

export class Client extends LanguageClient {
  private readonly crashes: number[] = [];
  private tokens = 0;

  constructor(server: Server, log: vscode.LogOutputChannel, trace: vscode.OutputChannel, listener: Listener) {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      initializationOptions: serverOptions(),
      synchronize: { configurationSection: SECTION },
      outputChannel: log,
      traceOutputChannel: trace,
      diagnosticCollectionName: 'shipworthy',
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.ended(log, listener),
      },
      middleware: {
        handleDiagnostics: (uri, diagnostics, next) => {
          listener.diagnostics(uri, diagnostics.map(linked), (shown) => next(uri, shown));
        },
        // The server asks for its settings, which have other names there.
        workspace: { configuration: ({ items }) => items.map(() => serverOptions()) },
      },
    };
    super(SECTION, 'Shipworthy', { command: server.command, args: ['server'] }, options);
  }

  // The commands of the server are in the palette before there is a server, so they are registered elsewhere.
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if ('registrationType' in feature && feature.registrationType.method === 'workspace/executeCommand') return;
    super.registerFeature(feature);
  }

  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    // Rules' pages are shown as pages, not as files of the server.
    delete params.capabilities.window?.showDocument;
  }

  // The library's own pop-ups say less than this extension's one message; they are in the log.
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }
  override info(message: string): void {
    super.info(message, undefined, false);
  }

  override async start(): Promise<void> {
    await super.start();
    const log = this.outputChannel as vscode.LogOutputChannel;
    this.onNotification(LogMessageNotification.type, ({ type, message }) => {
      const { logLevel } = settings();
      const most = { error: MessageType.Error, warning: MessageType.Warning, info: MessageType.Info, debug: MessageType.Debug }[logLevel];
      if (type > most) return;
      if (type === MessageType.Error) log.error(message);
      else if (type === MessageType.Warning) log.warn(message);
      else if (type === MessageType.Info) log.info(message);
      else log.debug(message);
    });
  }

  /** Runs one of the server's commands, with progress and a way to stop where somebody wants them. */
  async execute(command: string, args: unknown[], watch?: Watch): Promise<unknown> {
    const token = watch && `shipworthy/${(this.tokens += 1)}`;
    const listening = token === undefined ? undefined : this.onProgress(WorkDoneProgress.type, token, (step) => watch?.progress('message' in step ? step.message : undefined, 'percentage' in step ? step.percentage : undefined));
    try {
      const params = { command, arguments: args, ...(token === undefined ? {} : { workDoneToken: token }) };
      return await this.sendRequest(ExecuteCommandRequest.type, params, watch?.cancel ?? CancellationToken.None);
    } finally {
      listening?.dispose();
    }
  }

  /** Whether this server has a command. */
  offers(command: string): boolean {
    return this.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  private ended(log: vscode.LogOutputChannel, listener: Listener): CloseHandlerResult {
    const now = Date.now();
    this.crashes.push(now);
    const recent = this.crashes.filter((at) => now - at < CRASH_WINDOW).length;
    if (recent < MAX_CRASHES) {
      log.warn('The server ended unexpectedly and is started again.');
      return { action: CloseAction.Restart, handled: true };
    }
    log.error(`The server ended ${recent} times within three minutes and is not started again.`);
    listener.gaveUp();
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}

/** The same, with a link to the rule's page that this editor can show. */
function linked(diagnostic: vscode.Diagnostic): vscode.Diagnostic {
  const rule = ruleOf(diagnostic);
  if (rule !== undefined && typeof diagnostic.code === 'object') diagnostic.code = { value: rule, target: ruleUri(rule) };
  return diagnostic;
}
