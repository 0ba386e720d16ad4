// What a user does, in order, in one window after the other.
import fs from 'node:fs';
import path from 'node:path';
import { until } from './session.mjs';

const RULE = 'timing-unsafe-comparison';

/** Each language: a file with one finding, what is underlined, and what the fix writes. */
const CASES = [
  { file: 'app.py', underlined: 'token == expected_token', fixed: 'hmac.compare_digest(', broken: 'total = (1,', above: 2 },
  { file: 'main.go', underlined: 'token == expectedToken', fixed: 'subtle.ConstantTimeCompare(', broken: 'func broken( {', above: 4 },
  { file: 'src/lib.rs', underlined: 'token == expected_token', fixed: '.ct_eq(', broken: 'fn broken( {', above: 4 },
];

async function open(t, workspaces) {
  await t.open(path.join(workspaces, 'workspace'));
}
open.optional = false;

async function findingIsFixedAndComesBack(t, workspaces) {
  for (const { file, underlined, fixed } of CASES) {
    const at = await t.edit(path.join(workspaces, 'workspace', file));
    const before = await t.text(at);
    const [finding] = await t.wait(`${file}: the finding comes`, async () => {
      const found = await t.findings(at, RULE);
      return found.length === 1 && found;
    });
    t.check(finding.underlined === underlined, `${file}: it underlines ${finding.underlined}`);
    t.check(finding.severity === 0, `${file}: a blocking finding is an error`);
    await t.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await t.select(at, finding.line, finding.column, finding.column);
    await quickFix(t, /compare|constant time|constant-time/i);
    await t.wait(`${file}: the quick fix changes the code`, async () => (await t.text(at)).includes(fixed));
    await t.wait(`${file}: the finding goes`, async () => (await t.findings(at, RULE)).length === 0);
    await t.page.keyboard.press('Control+z');
    await t.wait(`${file}: one undo brings the code back`, async () => (await t.text(at)) === before);
    await t.wait(`${file}: and the finding`, async () => (await t.findings(at, RULE)).length === 1);
  }
}

/** Opens the menu of fixes and picks one by keyboard, as the menu may close itself in an editor that has just started. */
async function quickFix(t, title) {
  const { page } = t;
  await page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
  const menu = page.locator('.action-widget');
  const wanted = menu.locator('.monaco-list-row.focused', { hasText: title });
  await until(`the menu offers ${title}`, async () => {
    if (!(await menu.isVisible())) await page.keyboard.press('Control+.');
    if (!(await menu.locator('.monaco-list-row', { hasText: title }).first().waitFor({ timeout: 2000 }).then(() => true, () => false))) return false;
    for (let row = 0; row < 12; row++) {
      if ((await wanted.count()) > 0) return true;
      await page.keyboard.press('ArrowDown');
    }
    return false;
  });
  await page.keyboard.press('Enter');
}

export const scenarios = { open, findingIsFixedAndComesBack };
