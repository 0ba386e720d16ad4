// Which program is the server: found, never downloaded.
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { Settings } from './settings';

/** The oldest version whose server this extension understands. */
const OLDEST = '0.1.0';
const NAME = process.platform === 'win32' ? 'shipworthy.exe' : 'shipworthy';

export interface Server {
  readonly command: string;
  readonly version: string;
  /** Where it was found, for people. */
  readonly origin: string;
}

/** There is no server to start; the message says why and what to do. */
export class NoServer extends Error {
  constructor(
    readonly reason: 'missing' | 'broken' | 'old',
    message: string,
  ) {
    super(message);
  }
}

/** The program to start, after asking it for its version. */
export async function find(settings: Settings, extension: vscode.Uri): Promise<Server> {
  const [candidate] = candidates(settings, extension.fsPath).filter(({ command }) => isProgram(command));
  if (!candidate) {
    throw settings.path === ''
      ? new NoServer('missing', 'Shipworthy is not installed: no `shipworthy` is on the PATH or in the project’s virtual environment.')
      : new NoServer('missing', `There is no program at \`${settings.path}\`, where the setting shipworthy.path says Shipworthy is.`);
  }
  const { command, origin } = candidate;
  const version = await versionOf(command);
  if (isOlder(version, OLDEST)) {
    throw new NoServer('old', `Shipworthy ${version} (${command}) is too old for this extension, which needs ${OLDEST} or later.`);
  }
  return { command, version, origin };
}

function candidates(settings: Settings, extension: string): { command: string; origin: string }[] {
  if (settings.path !== '') return onPath(settings.path).map((command) => ({ command, origin: 'shipworthy.path' }));
  const bundled = { command: path.join(extension, 'bin', NAME), origin: 'this extension' };
  const environment = [
    // What a folder brings along runs in trusted folders only.
    ...(vscode.workspace.isTrusted ? virtualEnvironments() : []).map((command) => ({ command, origin: 'the virtual environment' })),
    ...onPath(NAME).map((command) => ({ command, origin: 'the PATH' })),
  ];
  return settings.importStrategy === 'useBundled' ? [bundled, ...environment] : [...environment, bundled];
}

function virtualEnvironments(): string[] {
  const bin = process.platform === 'win32' ? 'Scripts' : 'bin';
  const folders = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => ['.venv', 'venv'].map((name) => path.join(uri.fsPath, name)));
  const active = process.env['VIRTUAL_ENV'];
  return [...(active ? [active] : []), ...folders].map((folder) => path.join(folder, bin, NAME));
}

/** The places of a program: itself where it is a path. */
function onPath(program: string): string[] {
  if (path.isAbsolute(program)) return [program];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, program));
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

async function versionOf(command: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: 20_000 });
    const version = /^shipworthy (\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
    if (version) return version;
    throw new Error(`it says “${stdout.trim().slice(0, 80)}”`);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new NoServer('broken', `\`${command}\` does not run as Shipworthy: ${problem}`);
  }
}

function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split(/[.+-]/).slice(0, 3).map(Number);
  const [ours, theirs] = [numbers(version), numbers(than)];
  for (let i = 0; i < 3; i++) {
    const difference = (ours[i] ?? 0) - (theirs[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** What a one-off run of the program writes to standard output, whatever its exit code says. */
export function output(server: Server, args: readonly string[], cwd?: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 256 << 20, ...(cwd ? { cwd } : {}), ...(signal ? { signal } : {}) };
    execFile(server.command, [...args], options, (error, stdout, stderr) => {
      // 1 is an audit that found something, 3 one with nothing to audit.
      const fine = !error || error.code === 1 || error.code === 3;
      if (fine) resolve(stdout);
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
