// A finding as this extension shows it, from a diagnostic of the server or from an audit.
import * as vscode from 'vscode';
import { ruleUri } from './pages';
import { SEVERITIES, type Severity } from './severity';


export interface Finding {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly rule: string;
  readonly category: string;
  readonly severity: Severity;
  /** What is wrong, why it matters and what to do, a line each. */
  readonly message: string;
  readonly fingerprint: string;
  readonly related: readonly { readonly location: vscode.Location; readonly message: string }[];
  /** Why it is accepted, if it is. */
  readonly accepted?: string;
}

const LEVELS: Record<Severity, vscode.DiagnosticSeverity> = {
  blocking: vscode.DiagnosticSeverity.Error,
  high: vscode.DiagnosticSeverity.Warning,
  medium: vscode.DiagnosticSeverity.Information,
  low: vscode.DiagnosticSeverity.Hint,
};

export function isSeverity(value: unknown): value is Severity {
  return SEVERITIES.some((severity) => severity === value);
}

/** The first line, what is wrong here, for places without Markdown. */
export function headline(finding: Finding): string {
  return (finding.message.split('\n', 1)[0] ?? '').replaceAll('`', '');
}

/** The rule that a diagnostic names. */
export function ruleOf({ source, code }: vscode.Diagnostic): string | undefined {
  if (source !== 'shipworthy') return undefined;
  const value = typeof code === 'object' ? code.value : code;
  return value === undefined ? undefined : String(value);
}

/** The finding that a diagnostic of the server shows; mistakes in settings files are none. */
export function fromDiagnostic(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Finding | undefined {
  const rule = ruleOf(diagnostic);
  if (rule === undefined || rule === 'invalid-setting') return undefined;
  // The client keeps what the server attached.
  const data = (diagnostic as { data?: { fingerprint?: unknown; category?: unknown } }).data ?? {};
  return {
    uri,
    range: diagnostic.range,
    rule,
    category: typeof data.category === 'string' ? data.category : 'other',
    severity: SEVERITIES.find((severity) => LEVELS[severity] === diagnostic.severity) ?? 'low',
    message: diagnostic.message,
    fingerprint: typeof data.fingerprint === 'string' ? data.fingerprint : '',
    related: diagnostic.relatedInformation ?? [],
  };
}

/** The diagnostic that shows a finding of a file that the server does not have open. */
export function toDiagnostic(finding: Finding): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(finding.range, finding.message, LEVELS[finding.severity]);
  diagnostic.source = 'shipworthy';
  diagnostic.code = { value: finding.rule, target: ruleUri(finding.rule) };
  diagnostic.relatedInformation = [...finding.related];
  return diagnostic;
}
