// What an audit gives: the program's JSON (`docs` calls it version 1), read with care, since fields are added over time.
import * as path from 'node:path';
import * as vscode from 'vscode';
import { type Finding, isSeverity } from './finding';
import { SEVERITIES, type Severity } from './severity';

interface Place {
  readonly line: number;
  readonly column: number;
}
interface Span {
  readonly start: Place;
  readonly end: Place;
}
interface RawFinding {
  readonly rule: string;
  readonly category: string;
  readonly severity: string;
  readonly path: string;
  readonly range: Span;
  readonly message: string;
  readonly why?: string;
  readonly help?: string;
  readonly fingerprint?: string;
  readonly related?: readonly { readonly path?: string; readonly range?: Span; readonly message: string }[];
  readonly suppressed?: { readonly reason?: string } | null;
}
export interface Grade {
  readonly letter: string;
  readonly score: number;
  readonly verdict?: string;
  /** Why the verdict is what it is. */
  readonly reasons?: readonly string[];
  /** What keeps the score down, the most first, with the score that there would be without it. */
  readonly holding?: readonly { readonly what: string; readonly rules?: readonly string[]; readonly score?: number | null }[];
}
export interface RawAudit {
  readonly workspace?: { readonly root?: string; readonly files?: number; readonly lines?: number };
  readonly grade?: Grade;
  readonly categories?: readonly { readonly id: string; readonly title?: string; readonly score?: number | null; readonly findings?: number }[];
  readonly findings?: readonly RawFinding[];
}

/** The audit of everything, once. */
export interface Audit {
  readonly at: Date;
  /** Each root with what the program said of it. */
  readonly roots: readonly { readonly uri: vscode.Uri; readonly raw: RawAudit }[];
  readonly findings: readonly Finding[];
  readonly grade: Grade | undefined;
  /** The report as text, where there is one. */
  readonly text: string;
  /** Whether all files were audited, or only those that changed. */
  readonly whole: boolean;
}

/** Findings by severity; accepted ones do not count. */
export function counts(findings: Iterable<Finding>): Record<Severity, number> {
  const counts = { blocking: 0, high: 0, medium: 0, low: 0 };
  for (const { severity, accepted } of findings) if (accepted === undefined) counts[severity] += 1;
  return counts;
}

/** `2 blocking, 1 low`, or nothing. */
export function inWords(counts: Record<Severity, number>): string {
  return SEVERITIES.filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`)
    .join(', ');
}

/** The findings of an audit in a root. Files are read, since an audit counts characters and this editor counts UTF-16. */
export async function findingsOf(root: vscode.Uri, raw: RawAudit): Promise<Finding[]> {
  const texts = new Map<string, Promise<readonly string[]>>();
  const lines = (file: string) => {
    const known = texts.get(file) ?? readLines(vscode.Uri.joinPath(root, file));
    texts.set(file, known);
    return known;
  };
  const range = async (file: string, span: Span) => {
    const text = await lines(file);
    const position = ({ line, column }: Place) => new vscode.Position(line - 1, utf16(text[line - 1] ?? '', column - 1));
    return new vscode.Range(position(span.start), position(span.end));
  };
  const convert = async (finding: RawFinding): Promise<Finding | undefined> => {
    if (!isSeverity(finding.severity)) return undefined;
    const related = (finding.related ?? []).map(async ({ path, range: span, message }) => {
      if (path === undefined || span === undefined) return undefined;
      return { message, location: new vscode.Location(vscode.Uri.joinPath(root, path), await range(path, span)) };
    });
    return {
      uri: vscode.Uri.joinPath(root, finding.path),
      range: await range(finding.path, finding.range),
      rule: finding.rule,
      category: finding.category,
      severity: finding.severity,
      message: [finding.message, finding.why, finding.help].filter(Boolean).join('\n'),
      fingerprint: finding.fingerprint ?? '',
      related: (await Promise.all(related)).filter((place) => place !== undefined),
      ...(finding.suppressed ? { accepted: finding.suppressed.reason ?? '' } : {}),
    };
  };
  const all = await Promise.all((raw.findings ?? []).map(convert));
  return all.filter((finding) => finding !== undefined);
}

/** The column in UTF-16 of a column in characters. */
function utf16(line: string, characters: number): number {
  let units = 0;
  for (const character of line) {
    if (characters-- <= 0) break;
    units += character.length;
  }
  return units;
}

async function readLines(uri: vscode.Uri): Promise<readonly string[]> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).split(/\r\n|\r|\n/);
  } catch {
    return [];
  }
}

/** A file as people name it. */
export function place({ uri, range }: Finding): string {
  return `${path.posix.normalize(vscode.workspace.asRelativePath(uri))}:${range.start.line + 1}`;
}
