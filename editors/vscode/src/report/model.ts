// What the report's page is told. It is shared by the extension and the page.
import type { Severity } from '../severity';

export interface ReportFinding {
  /** Tells it from all others, also in the next report. */
  readonly key: string;
  readonly rule: string;
  readonly category: string;
  readonly severity: Severity;
  readonly headline: string;
  readonly details: readonly string[];
  readonly uri: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Report {
  readonly at: string;
  readonly name: string;
  readonly files: number;
  readonly lines: number;
  readonly grade: { readonly letter: string; readonly score: number; readonly verdict: string; readonly holding: readonly string[] } | null;
  readonly categories: readonly { readonly id: string; readonly title: string; readonly score: number | null; readonly findings: number }[];
  readonly findings: readonly ReportFinding[];
  readonly accepted: number;
}

/** What the page asks for. */
export type Request =
  | { readonly type: 'ready' }
  | { readonly type: 'open'; readonly uri: string; readonly line: number; readonly column: number }
  | { readonly type: 'rule'; readonly rule: string }
  | { readonly type: 'audit' }
  | { readonly type: 'export' };
