// The score in words.
import type { Grade } from './audit';

type Holding = NonNullable<Grade['holding']>[number];

/** What keeps a score down, and the score that there would be without it. */
export function withoutIt({ what, score }: Holding): string {
  return typeof score === 'number' ? `${what} (without: ${Math.round(score)})` : what;
}

/** A page on a grade. */
export function explained({ letter, score, verdict, reasons = [], holding = [] }: Grade): string {
  const list = (items: readonly string[]) => items.map((item) => `- ${item}\n`).join('');
  return [
    `# ${letter} ${Math.round(score)}${verdict ? `: ${verdict}` : ''}\n`,
    ...(reasons.length > 0 ? ['## Why\n', list(reasons)] : []),
    ...(holding.length > 0 ? ['## What holds it down\n', list(holding.map(withoutIt))] : []),
  ].join('\n');
}
