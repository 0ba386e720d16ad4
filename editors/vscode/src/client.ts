// The language client, with what this extension does differently from the library.
import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  type DynamicFeature,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  LogMessageNotification,
  MessageType,
  type StaticFeature,
} from 'vscode-languageclient/node';
import type { Server } from './server';
import { pageLink, ruleOf } from './finding';
import { SECTION, serverOptions, settings } from './settings';

/** Code that is audited, wherever it is: in files, untitled buffers and notebooks. */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];
const LANGUAGES = ['python', 'go', 'rust'];
export const SELECTOR = [
  ...SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  { scheme: 'file', pattern: '**/{shipworthy,pyproject}.toml' },
];

/** So many ends within so many milliseconds are a loop. */
const MAX_CRASHES = 4;
const CRASH_WINDOW = 3 * 60_000;

export interface Listener {
  /** The server says what is wrong in a document; gives what is shown of it. */
  diagnostics(uri: vscode.Uri, diagnostics: vscode.Diagnostic[], show: (shown: vscode.Diagnostic[]) => void): void;
  /** It ends again and again, and is left alone. */
  gaveUp(): void;
}

export class Client extends LanguageClient {
  private readonly crashes: number[] = [];

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

  /** Runs one of the server's commands; none where this server does not have it. */
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
  if (rule !== undefined && typeof diagnostic.code === 'object') diagnostic.code = { value: rule, target: pageLink(rule) };
  return diagnostic;
}
