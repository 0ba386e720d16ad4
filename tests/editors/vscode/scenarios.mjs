// What a user does, in order, in one window after the other.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { until } from './session.mjs';

const RULE = 'timing-unsafe-comparison';

/** Each language: a file with one finding, what is underlined, what the fix writes, and a broken line to type below another. */
const CASES = [
  { file: 'app.py', underlined: 'token == expected_token', fixed: 'hmac.compare_digest(', broken: 'total = (1,', below: 1 },
  { file: 'main.go', underlined: 'token == expectedToken', fixed: 'subtle.ConstantTimeCompare(', broken: 'func broken( {', below: 3 },
  { file: 'src/lib.rs', underlined: 'token == expected_token', fixed: '.ct_eq(', broken: 'fn broken( {', below: 3 },
];

/** Opens the menu of fixes and picks one by keyboard, as the menu may close itself in an editor that has just started. */
async function quickFix(t, title, seen = async () => {}) {
  const { page } = t;
  await page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
  const menu = page.locator('.action-widget').first();
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
  await seen();
  await page.keyboard.press('Enter');
}

/** Opens a file, waits for its finding and puts the caret on it. */
async function toFinding(t, file, rule = RULE) {
  await t.edit(file);
  const [finding] = await until(`${path.basename(file)}: the finding comes`, async () => {
    const found = await t.findings(file, rule);
    return found.length > 0 && found;
  });
  await t.select(file, finding.line, finding.column + 1);
  return finding;
}

/** Runs a command that asks, and picks an answer; again where the question goes because something else takes the focus. */
async function pick(t, command, answer) {
  await until(`${command} offers ${answer}`, async () => {
    await t.command(command);
    const row = t.page.locator('.quick-input-widget .monaco-list-row', { hasText: answer }).first();
    return row.click({ timeout: 3000 }).then(() => true, () => false);
  });
}

/** The page of a web view. */
function webview(t, text) {
  return t.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame').locator('body', { hasText: text });
}

/** What a user finds in the clipboard after asking for the debug information; nothing where the browser gives it to nobody now. */
async function debugInformation(t) {
  // A browser gives the clipboard to the page that has the focus only, and a web view that was closed may have had it.
  await t.page.bringToFront();
  await t.page.locator('.part.titlebar').click({ position: { x: 150, y: 10 } });
  return t.inside(async () => {
    await vscode.commands.executeCommand('shipworthy.copyDebugInformation');
    const late = new Promise((resolve) => setTimeout(resolve, 3000, ''));
    return Promise.race([vscode.env.clipboard.readText(), late]);
  });
}

/** The item in the status bar. */
function statusItem(t) {
  return t.page.locator('[id$="shipworthy.status"]').first();
}

/** Waits until the status item's tooltip says something. */
async function statusSays(t, what, expected) {
  const hover = t.page.locator('.monaco-hover:visible, .workbench-hover:visible', { hasText: 'Shipworthy' });
  await t.wait(what, async () => {
    await t.page.mouse.move(600, 300);
    await statusItem(t).hover();
    return hover.first().waitFor({ timeout: 3000 }).then(async () => expected.test((await hover.allInnerTexts()).join('\n')), () => false);
  });
  await t.page.mouse.move(600, 300);
}

/** The servers that run for this window. */
function servers(t) {
  return fs.readdirSync('/proc').filter((id) => /^\d+$/.test(id)).filter((id) => {
    try {
      const command = fs.readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
      return command[0]?.startsWith(t.folder) && command[0].endsWith('/shipworthy') && command[1] === 'server';
    } catch {
      return false;
    }
  }).map(Number);
}

/** The server of this window, where there is one only, and another than one before. */
function onlyServer(t, before) {
  const [server, ...others] = servers(t);
  return others.length === 0 && server !== before ? server : undefined;
}

const close = (t) => t.inside(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
const revert = (t) => t.inside(() => vscode.commands.executeCommand('workbench.action.files.revert'));

async function open(t, { workspace }) {
  await t.open(workspace);
}

async function findingIsFixedAndComesBack(t, { workspace }) {
  for (const { file, underlined, fixed } of CASES) {
    const at = path.join(workspace, file);
    const finding = await toFinding(t, at);
    const before = await t.text(at);
    t.check(finding.underlined === underlined, `${file}: it underlines ${finding.underlined}`);
    t.check(finding.severity === 0, `${file}: a blocking finding is an error`);
    await t.page.locator('.squiggly-error').first().waitFor({ state: 'attached' });
    await quickFix(t, /compare|constant.time/i);
    await t.wait(`${file}: the quick fix changes the code`, async () => (await t.text(at)).includes(fixed));
    await t.wait(`${file}: the finding goes`, async () => (await t.findings(at, RULE)).length === 0);
    await t.page.keyboard.press('Control+z');
    await t.wait(`${file}: one undo brings the code back`, async () => (await t.text(at)) === before);
    await t.wait(`${file}: and the finding`, async () => (await t.findings(at, RULE)).length === 1);
  }
}

async function brokenCodeMovesFindings(t, { workspace }) {
  for (const { file, underlined, broken, below } of CASES) {
    const at = path.join(workspace, file);
    const before = await toFinding(t, at);
    await t.inside(
      (file, rule) => {
        const ours = () => vscode.languages.getDiagnostics(vscode.Uri.file(file)).some(({ code }) => (code?.value ?? code) === rule);
        globalThis.lost = 0;
        globalThis.watch = vscode.languages.onDidChangeDiagnostics(() => void (globalThis.lost += ours() ? 0 : 1));
      },
      at,
      RULE,
    );
    await t.select(at, below - 1, 1000);
    await t.page.keyboard.press('Enter');
    await t.page.keyboard.type(broken, { delay: 15 });
    await t.wait(`${file}: the finding moves with its code`, async () => {
      const [found] = await t.findings(at, RULE);
      return found?.line === before.line + 1 && found.underlined === underlined;
    });
    const lost = await t.inside(() => {
      globalThis.watch.dispose();
      return globalThis.lost;
    });
    t.check(lost === 0, `${file}: it never went away`);
    await revert(t);
  }
}

async function hoverShowsThePage(t, { workspace }) {
  const file = path.join(workspace, 'app.py');
  await toFinding(t, file);
  const hover = t.page.locator('.monaco-hover:visible', { hasText: RULE });
  const show = async () => {
    await t.command('editor.action.showHover', { focus: 'noAutoFocus' });
    return hover.first().waitFor({ timeout: 3000 }).then(() => true, () => false);
  };
  // The editor draws a finding a moment after it knows of it.
  await t.wait('the hover shows what the rule is about, and what to do', async () => {
    await t.page.keyboard.press('Escape');
    return (await show()) && (await hover.allInnerTexts()).join().includes('Use a constant-time compare');
  });
  const link = hover.locator('a', { hasText: RULE }).first();
  await until('the link to the page can be followed', async () => {
    await show();
    return link.click({ timeout: 3000 }).then(() => true, () => false);
  });
  await webview(t, RULE).first().waitFor();
  t.say('ok: its link leads to the page');
  await close(t);
  await toFinding(t, file);
  await t.palette('Shipworthy: Explain Rule…');
  await webview(t, RULE).first().waitFor();
  t.say('ok: so does the command, with the caret on a finding');
  await close(t);
}

async function lensCountsFindings(t, { workspace }) {
  const file = path.join(workspace, 'payments.py');
  await t.edit(file);
  const titles = () => t.inside(async (file) => {
    const lenses = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', vscode.Uri.file(file), 9);
    return lenses.map(({ command }) => command?.title ?? '').join(', ');
  }, file);
  await t.wait('a lens counts the findings of a file', async () => /\d high.*Apply \d safe fixes/.test(await titles()));
  await t.setting('shipworthy.codeLens.enable', false);
  await t.wait('a setting takes it away', async () => (await titles()) === '');
  await t.setting('shipworthy.codeLens.enable', undefined);
}

async function chainCanBeFollowed(t, { workspace }) {
  const file = path.join(workspace, 'payments.py');
  await t.edit(file);
  const chain = await t.wait('a finding comes with its chain', async () => (await t.findings(file, 'blocking-call-in-async')).find(({ related }) => related > 0));
  t.check(chain.underlined === 'wait_for_settlement()', 'it is where the coroutine calls');
}

async function callIsFollowedIntoAnotherFile(t, { workspace }) {
  const [helper, caller] = ['ledger.py', 'orders.py'].map((name) => path.join(workspace, name));
  await t.edit(caller);
  await t.edit(helper);
  await t.replace(helper, '    return', '    time.sleep(1)\n    return');
  const [finding] = await t.wait('a blocking call in a helper shows in the other open file', async () => {
    const found = await t.findings(caller, 'blocking-call-in-async');
    return found.length === 1 && found;
  });
  t.check(finding.underlined === 'ledger.record(order)' && finding.related > 0, 'where the coroutine calls, with its chain');
  const step = await t.inside((file) => {
    const [{ relatedInformation }] = vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter(({ relatedInformation }) => relatedInformation);
    return relatedInformation.at(-1).location.uri.path.split('/').pop();
  }, caller);
  t.check(step === 'ledger.py', 'which leads into the helper');
  await revert(t);
  await t.wait('it goes with the call', async () => (await t.findings(caller, 'blocking-call-in-async')).length === 0);
}

async function wholeWorkspaceIsInView(t, { workspace }) {
  const [manifest, code] = ['Cargo.toml', 'src/lib.rs'].map((name) => path.join(workspace, name));
  await t.edit(manifest);
  const [finding] = await t.wait('what no file uses is marked in the manifest', async () => {
    const found = await t.findings(manifest, 'unused-dependency');
    return found.length === 1 && found;
  });
  t.check(finding.underlined.startsWith('subtle'), `where it stands: ${finding.underlined}`);
  await t.edit(code);
  await t.replace(code, 'use std', 'use subtle::ConstantTimeEq;\nuse std');
  await t.wait('it goes as soon as one does, before that is saved', async () => (await t.findings(manifest, 'unused-dependency')).length === 0);
  await revert(t);
  await t.wait('and comes back', async () => (await t.findings(manifest, 'unused-dependency')).length === 1);
}

async function ignoreWithAReason(t, { workspace }) {
  const file = path.join(workspace, 'app.py');
  await toFinding(t, file);
  await quickFix(t, /Ignore .* here/);
  await t.wait('ignoring writes a comment', async () => (await t.text(file)).includes(`shipworthy: ignore[${RULE}]`));
  await t.wait('and the finding goes', async () => (await t.findings(file, RULE)).length === 0);
  await t.setting('shipworthy.codeActions.suppress.enable', false);
  await revert(t);
  await toFinding(t, file);
  await t.wait('a setting takes the offer away', () =>
    t.inside(async (file) => {
      const uri = vscode.Uri.file(file);
      const { selection } = vscode.window.activeTextEditor;
      const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, selection);
      return actions.length > 0 && !actions.some(({ title }) => title.startsWith('Ignore'));
    }, file),
  );
  await t.setting('shipworthy.codeActions.suppress.enable', undefined);
}

async function fixAll(t, { workspace }) {
  const file = path.join(workspace, 'payments.py');
  await t.edit(file);
  await t.wait('there is something to fix', async () => (await t.findings(file, 'missing-timeout')).length === 2);
  await t.palette('Shipworthy: Fix All in This File');
  await t.wait('Fix All changes all of it', async () => (await t.text(file)).split('timeout=').length === 3);
  await t.wait('and the findings go', async () => (await t.findings(file, 'missing-timeout')).length === 0);
  await revert(t);
}

async function onlyWhenSaved(t, { workspace }) {
  const file = path.join(workspace, 'payments.py');
  await t.setting('shipworthy.run', 'onSave');
  await t.edit(file);
  await t.wait('the findings are there', async () => (await t.findings(file, 'missing-timeout')).length === 2);
  await t.replace(file, '/{account}")', '/{account}", timeout=10)');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  t.check((await t.findings(file, 'missing-timeout')).length === 2, 'what is typed changes nothing');
  await t.inside(() => vscode.workspace.saveAll());
  await t.wait('what is saved does', async () => (await t.findings(file, 'missing-timeout')).length === 1);
  await t.setting('shipworthy.run', undefined);
  await t.replace(file, '/{account}", timeout=10)', '/{account}")');
  await t.inside(() => vscode.workspace.saveAll());
  await t.wait('without the setting all is as it was', async () => (await t.findings(file, 'missing-timeout')).length === 2);
}

async function settingsFile(t, { workspace, lenient: other }) {
  const lenient = path.join(other, 'shipworthy.toml');
  const [code, file] = ['app.py', 'shipworthy.toml'].map((name) => path.join(workspace, name));
  await toFinding(t, code);
  await t.edit(file);
  await t.inside(async () => {
    const { document } = vscode.window.activeTextEditor;
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.positionAt(document.getText().length), '[rules]\n');
    await vscode.workspace.applyEdit(edit);
  });
  const offers = (line, column) =>
    t.inside(
      async (file, line, column) => {
        const list = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', vscode.Uri.file(file), new vscode.Position(line, column));
        return list.items.map(({ label }) => label.label ?? label);
      },
      file,
      line,
      column,
    );
  await t.wait('the editor completes rules', async () => (await offers(2, 0)).includes(RULE));
  await t.select(file, 2, 0);
  await t.page.keyboard.type(`${RULE} = `);
  await t.wait('and their levels', async () => (await offers(2, RULE.length + 3)).includes('off'));
  await t.page.keyboard.press('Escape');
  await t.page.keyboard.type('"off"');
  await t.page.keyboard.press('Escape');
  await until('the setting is written', async () => (await t.text(file)).includes('"off"'));
  await t.wait('a setting takes effect while it is typed', async () => (await t.findings(code, RULE)).length === 0);
  const hovers = await t.inside(async (file) => (await vscode.commands.executeCommand('vscode.executeHoverProvider', vscode.Uri.file(file), new vscode.Position(2, 3))).length, file);
  t.check(hovers > 0, 'the hover says what it means');
  await t.replace(file, RULE, 'timing-unsafe-comparisson');
  await t.wait('a mistake is marked where it is', async () => (await t.findings(file)).some(({ line }) => line === 2));
  await t.wait('and does nothing', async () => (await t.findings(code, RULE)).length === 1);
  await t.picture('settings');
  await t.select(file, 2, 3);
  await quickFix(t, new RegExp(`Write .${RULE}`));
  await t.wait('it is put right by a fix', async () => (await t.text(file)).includes(`${RULE} = "off"`));
  await revert(t);
  await t.setting('shipworthy.configuration', lenient);
  await t.wait('one file can be in force for everything', async () => (await t.findings(code, RULE)).length === 0);
  await t.setting('shipworthy.configuration', undefined);
  await t.wait('all is as it was', async () => (await t.findings(code, RULE)).length === 1);
}

async function audit(t) {
  await close(t);
  await t.palette('Shipworthy: Audit Workspace');
  const report = webview(t, 'Audit again');
  await report.waitFor();
  const findings = report.locator('button.finding');
  const told = (await findings.allInnerTexts()).join();
  t.check(CASES.every(({ file }) => told.includes(file)), 'the report has the findings of closed files');
  const all = await findings.count();
  await t.wait('the progress goes when the audit ends', async () => (await t.notifications()).length === 0);

  const go = findings.filter({ hasText: 'main.go:8' }).first();
  await go.click();
  const place = () => t.inside(() => {
    const editor = vscode.window.activeTextEditor;
    return editor && `${editor.document.uri.path.split('/').pop()}:${editor.selection.start.line}`;
  });
  await t.wait('a click leads to the line', async () => (await place()) === 'main.go:7');
  // By keyboard: down to the next finding, enter.
  await go.focus();
  await t.page.keyboard.press('ArrowDown');
  const next = await report.locator('button.finding:focus .place').innerText();
  await t.page.keyboard.press('Enter');
  await t.wait(`so do the keys: ${next}`, async () => {
    const [file, line] = next.split('/').at(-1).split(':');
    return (await place()) === `${file}:${Number(line) - 1}`;
  });

  await report.getByRole('searchbox').fill('payments');
  await t.wait('text filters', async () => (await findings.count()) < all && (await findings.allInnerTexts()).every((text) => text.includes('payments.py')));
  const some = await findings.count();
  await report.getByRole('button', { name: /high/ }).first().click();
  await t.wait('severities filter', async () => (await findings.count()) < some);
  await report.getByRole('button', { name: /high/ }).first().click();
  const time = await report.locator('header p').last().innerText();
  await t.page.waitForTimeout(1000);
  await report.getByRole('button', { name: 'Audit again' }).click();
  await t.wait('it can be refreshed', async () => (await report.locator('header p').last().innerText()) !== time);
  t.check((await findings.count()) === some && (await report.getByRole('searchbox').inputValue()) === 'payments', 'and keeps what was chosen');
  await report.getByRole('searchbox').fill('');
  t.check((await report.getByRole('status').count()) === 1, 'a screen reader is told how many there are');

  await t.command('shipworthy.findings.focus');
  const tree = t.page.locator('.pane-body .monaco-list-row');
  await t.wait('the tree has them too', async () => (await tree.allInnerTexts()).some((text) => text.includes('lib.rs')));
  await t.wait('the status has the grade', async () => /^[A-F][+-]? \d+$/.test((await statusItem(t).innerText()).trim()));
  await statusSays(t, 'and what holds it down most', /What holds it down most:[\s\S]*without[\s\S]*without[\s\S]*without/);
}

/** Pictures for people, light and dark: those of the documentation, and of the extension's own pages. */
async function pictures(t, { workspace }) {
  const file = path.join(workspace, 'payments.py');
  const themes = Object.entries({ light: 'Default Light Modern', dark: 'Default Dark Modern' });
  await close(t);
  await t.command('shipworthy.showReport');
  await webview(t, 'Audit again').waitFor();
  for (const [name, theme] of themes) {
    await t.setting('workbench.colorTheme', theme);
    await t.page.waitForTimeout(500);
    await t.picture(`report-${name}`, { x: 0, y: 35, width: 1200, height: 580 });
  }
  await close(t);
  for (const [name, theme] of themes) {
    await t.setting('workbench.colorTheme', theme);
    await toFinding(t, file, 'missing-timeout');
    const hover = t.page.locator('.monaco-hover:visible', { hasText: 'missing-timeout' });
    await until('the hover comes', async () => {
      await t.command('editor.action.showHover', { focus: 'noAutoFocus' });
      return hover.first().waitFor({ timeout: 3000 }).then(() => true, () => false);
    });
    await t.picture(`finding-${name}`, { x: 0, y: 35, width: 1200, height: 460 });
    await t.page.keyboard.press('Escape');
    await t.select(file, 11, 20);
    await quickFix(t, /Limit it/, () => t.picture(`fix-${name}`, { x: 352, y: 240, width: 700, height: 240 }));
    await until('it is fixed', async () => (await t.text(file)).includes('timeout='));
    await revert(t);
  }
}

async function cancelledAudit(t, { workspace }) {
  const many = path.join(workspace, 'many');
  fs.mkdirSync(many);
  const body = fs.readFileSync(path.join(workspace, 'payments.py'), 'utf8').repeat(20);
  for (let file = 0; file < 400; file++) fs.writeFileSync(path.join(many, `part${file}.py`), body);
  const before = await t.inside(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length);
  await t.command('shipworthy.auditWorkspace');
  const toast = t.page.locator('.notifications-toasts .notification-list-item', { hasText: /\d/ });
  await toast.waitFor();
  t.say('ok: an audit shows how far it is');
  await toast.getByRole('button', { name: 'Cancel' }).click();
  await t.wait('it stops when it is cancelled', async () => (await t.page.locator('.notifications-toasts .notification-list-item').count()) === 0);
  t.check((await t.inside(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length)) === before, 'and opens no report');
  fs.rmSync(many, { recursive: true });
}

async function treeIsGrouped(t) {
  await t.command('shipworthy.findings.focus');
  const rows = t.page.locator('.pane-body .monaco-list-row');
  for (const [choice, expected] of [['By category', 'security'], ['By file', 'payments.py'], ['By severity', 'blocking']]) {
    await pick(t, 'shipworthy.groupFindings', choice);
    await t.wait(`the tree is grouped ${choice.toLowerCase()}, with counts`, async () => (await rows.allInnerTexts()).some((text) => text.startsWith(expected) && /\d/.test(text)));
  }
}

async function reportIsExported(t, { workspace }) {
  const file = path.join(workspace, 'shipworthy-report.json');
  await until('the export asks where to', async () => {
    await t.command('shipworthy.exportReport');
    const question = t.page.locator('.quick-input-widget', { hasText: 'Export Report' });
    if (!(await question.waitFor({ timeout: 3000 }).then(() => true, () => false))) return false;
    await t.page.keyboard.press('Enter');
    return question.waitFor({ state: 'hidden', timeout: 3000 }).then(() => fs.existsSync(file), () => false);
  });
  const report = await t.wait('the report is exported', () => fs.existsSync(file) && fs.readFileSync(file, 'utf8').trim().endsWith('}') && JSON.parse(fs.readFileSync(file, 'utf8')));
  t.check(report.version === 1 && report.findings.length >= 7, 'as the command line writes it');
  await close(t);
  fs.rmSync(file);
}

async function suppressionsAreListed(t, { workspace }) {
  const file = path.join(workspace, 'main.go');
  const before = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, before.replace('token == expectedToken', `token == expectedToken // shipworthy: ignore[${RULE}] only the gateway calls it`));
  await t.command('shipworthy.auditWorkspace');
  await t.wait('the audit counts what is accepted', async () => (await webview(t, 'Audit again').innerText()).includes('1 accepted'));
  await pick(t, 'shipworthy.showSuppressions', 'only the gateway calls it');
  await t.wait('an accepted finding is listed with its reason, and leads to its line', () => t.inside(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('main.go') && vscode.window.activeTextEditor.selection.start.line === 7));
  await close(t);
  fs.writeFileSync(file, before);
}

async function baselineIsCreated(t, { workspace }) {
  const file = path.join(workspace, 'shipworthy-baseline.json');
  await t.command('shipworthy.createBaseline');
  await t.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Create Baseline' }).click();
  const baseline = await t.wait('a baseline is written, once the user says so', () => fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')));
  t.check(JSON.stringify(baseline).includes(RULE), 'with the findings of today');
  await t.wait('and it is said', async () => (await t.notifications()).some((text) => text.includes('are accepted')));
  await t.dismissNotifications();
  fs.rmSync(file);
}

/** How much is logged is the user's choice, of what the server says and of the messages. */
async function logIsAsLongAsWanted(t, { workspace }) {
  const logs = path.join(t.folder, 'user/logs');
  const text = (name) =>
    fs.readdirSync(logs, { recursive: true }).filter((file) => path.basename(file).endsWith(name)).map((file) => fs.readFileSync(path.join(logs, file), 'utf8')).join('');
  const messages = () => text('Shipworthy Trace.log').includes("'textDocument/");
  const indexed = () => text('Shipworthy.log').split('are indexed').length;
  t.check(!messages(), 'messages are not logged');
  await t.setting('shipworthy.trace.server', 'verbose');
  await close(t);
  await toFinding(t, path.join(workspace, 'app.py'));
  await t.wait('but where a setting says so', messages);
  await t.setting('shipworthy.trace.server', undefined);
  const before = indexed();
  await t.setting('shipworthy.logLevel', 'error');
  const server = onlyServer(t);
  await t.command('shipworthy.restartServer');
  await until('there is another server', () => onlyServer(t, server));
  await toFinding(t, path.join(workspace, 'app.py'));
  await t.setting('shipworthy.logLevel', undefined);
  await t.command('shipworthy.restartServer');
  await t.wait('what the server says is in the log, but where a setting says otherwise', () => indexed() === before + 1);
}

async function configurationIsCreated(t, { workspace }) {
  const file = path.join(workspace, 'shipworthy.toml');
  const before = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  await t.command('shipworthy.createConfiguration');
  await t.wait('a settings file is written and opened', () => t.inside(() => vscode.window.activeTextEditor?.document.uri.path.endsWith('shipworthy.toml')));
  await t.page.waitForTimeout(500);
  t.check((await t.findings(file)).length === 0, 'without a mistake');
  await close(t);
  fs.writeFileSync(file, before);
}

/** The extension's own program, one on the PATH, one of a virtual environment. */
async function programIsFound(t, { workspace }) {
  const origin = async () => {
    await t.inside(() => vscode.commands.executeCommand('shipworthy.restartServer'));
    return /^Server: .*, from (.*) \(/m.exec(await debugInformation(t))?.[1];
  };
  await t.wait('where there is no other, the extension’s own program runs', async () => (await origin()) === 'this extension');
  const searched = await t.inside((folder) => {
    const before = process.env.PATH;
    process.env.PATH = `${folder}:${before}`;
    return before;
  }, path.dirname(t.program));
  await t.wait('one on the PATH comes before it', async () => (await origin()) === 'the PATH');
  const bin = path.join(workspace, '.venv/bin');
  fs.mkdirSync(bin, { recursive: true });
  fs.symlinkSync(t.program, path.join(bin, 'shipworthy'));
  await t.wait('and one of the project’s virtual environment before both', async () => (await origin()) === 'the virtual environment');
  await t.setting('shipworthy.importStrategy', 'useBundled');
  await t.wait('unless a setting says otherwise', async () => (await origin()) === 'this extension');
  await t.setting('shipworthy.importStrategy', undefined);
  fs.rmSync(path.join(workspace, '.venv'), { recursive: true });
  await t.inside((before) => void (process.env.PATH = before), searched);
  await t.command('shipworthy.restartServer');
}

/** Nothing is in the package that a user does not need. */
async function packageIsSmall(t) {
  const folder = fs.readdirSync(path.join(t.folder, 'extensions')).find((name) => name.startsWith('shipworthy.shipworthy-'));
  const root = path.join(t.folder, 'extensions', folder);
  const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => path.relative(root, path.join(parentPath, name)).toLowerCase());
  const needed = /^(package\.json|readme\.md|license-(mit|apache)|bin\/shipworthy|dist\/(extension|client|report)\.js|dist\/report\.css|images\/[\w-]+\.(png|svg)|walkthrough\/\w+\.md|\.vsixmanifest)$/;
  t.check(names.every((name) => needed.test(name)), `the package holds what a user needs, and nothing else: ${names.filter((name) => !needed.test(name)).join(' ')}`);
}

async function changedFiles(t, { workspace }) {
  const git = (...args) => execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], { cwd: workspace });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'All');
  fs.appendFileSync(path.join(workspace, 'main.go'), '\n// Changed.\n');
  await close(t);
  await until('the editor sees the repository', () => t.inside(async () => (await vscode.extensions.getExtension('vscode.git').activate()).getAPI(1).repositories.length > 0 || (await vscode.commands.executeCommand('git.openRepository', vscode.workspace.workspaceFolders[0].uri.fsPath), false)));
  await t.command('shipworthy.auditChangedFiles');
  const report = webview(t, 'Audit again');
  await report.waitFor();
  await t.wait('the audit of changed files has those only', async () => {
    const rows = await report.locator('button.finding').allInnerTexts();
    return rows.length > 0 && rows.every((text) => text.includes('main.go'));
  });
  git('checkout', '--quiet', '.');
  fs.rmSync(path.join(workspace, '.git'), { recursive: true });
}

async function otherCommands(t, { workspace }) {
  await close(t);
  const information = await t.wait('the debug information is in the clipboard', async () => {
    const text = await debugInformation(t);
    return text.startsWith('Extension:') && text;
  });
  await t.dismissNotifications();
  t.check(/from this extension/.test(information), 'the program is the one that the extension carries');
  await t.command('shipworthy.explainScore');
  await t.wait('the score is explained', async () => {
    const pages = await t.inside(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ label }) => label));
    return pages.some((label) => label.includes('Score'));
  });
  await close(t);
  await t.command('shipworthy.showLogs');
  await t.page.locator('.output-view .view-line, .monaco-editor .view-line', { hasText: 'Starting Shipworthy' }).first().waitFor();
  t.say('ok: the log says what was started');
  await t.command('workbench.action.closePanel');
  await t.command('shipworthy.openWalkthrough');
  await t.page.locator('.gettingStartedContainer', { hasText: 'Read a finding' }).waitFor();
  await t.page.waitForTimeout(500);
  await t.picture('walkthrough');
  await close(t);
}

async function serverRestarts(t, { workspace }) {
  const file = path.join(workspace, 'app.py');
  await toFinding(t, file);
  const first = await until('one server runs', () => onlyServer(t));
  await t.palette('Shipworthy: Restart Server');
  const second = await t.wait('another server starts', () => onlyServer(t, first));
  await t.wait('and says the same', async () => (await t.findings(file, RULE)).length === 1);
  process.kill(second, 'SIGKILL');
  await t.wait('a server that is killed comes back', () => onlyServer(t, second));
  await t.replace(file, 'import os', 'import os\nimport requests\nrequests.get("https://example.org")');
  await t.wait('and works', async () => (await t.findings(file, 'missing-timeout')).length === 1);
  t.check((await t.notifications()).length === 0, 'without a word');
  await revert(t);

  // Again and again.
  for (let death = 0; death < 3; death++) {
    const id = await until('it runs', () => onlyServer(t));
    process.kill(id, 'SIGKILL');
    await until('it is gone', () => !servers(t).includes(id));
  }
  await t.wait('one that ends again and again is left alone, with one message', async () => {
    const said = await t.notifications();
    return said.length === 1 && said[0].includes('again and again');
  });
  await t.page.locator('.notifications-toasts').getByRole('button', { name: 'Restart Server' }).click();
  await t.wait('a button starts it again', async () => onlyServer(t) !== undefined && (await t.findings(file, RULE)).length === 1);
}

async function serverIsMissing(t, { workspace }) {
  const script = (name, lines) => {
    const file = path.join(path.dirname(workspace), name);
    fs.writeFileSync(file, ['#!/bin/sh', ...lines].join('\n'), { mode: 0o755 });
    return file;
  };
  const cases = [
    ['a program that is not there', path.join(workspace, 'nowhere'), 'There is no program at'],
    ['one that is too old', script('old', ['echo shipworthy 0.0.1']), 'too old'],
    ['one that is something else', script('other', ['echo Hello']), 'does not run as Shipworthy'],
    ['one that ends at once', script('dying', ['[ "$1" = --version ] && echo shipworthy 0.1.0 && exit', 'exit 1']), 'again and again'],
  ];
  for (const [what, program, expected] of cases) {
    await t.setting('shipworthy.path', program);
    await t.wait(`${what}: one message says what to do`, async () => {
      const said = await t.notifications();
      if (said.length > 1) throw new Error(`failed: there are ${said.length} messages: ${said.join('; ')}`);
      return said.length === 1 && said[0].includes(expected);
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    t.check((await t.notifications()).length === 1, `${what}: and one only`);
    t.check((await t.page.locator('.notifications-toasts .monaco-button').count()) >= 2, `${what}: it has buttons`);
    await t.dismissNotifications();
  }
  await t.setting('shipworthy.path', t.program);
  await t.wait('a right path brings it back', async () => (await t.findings(path.join(workspace, 'app.py'), RULE)).length === 1);
  await t.setting('shipworthy.path', undefined);
  await t.setting('shipworthy.enable', false);
  await t.wait('it can be switched off', async () => (await t.findings(path.join(workspace, 'app.py'))).length === 0);
  await t.setting('shipworthy.enable', undefined);
  await t.wait('and on', async () => (await t.findings(path.join(workspace, 'app.py'), RULE)).length === 1);
}

async function otherDocuments(t, { elsewhere }) {
  const outside = path.join(elsewhere, 'outside.py');
  await toFinding(t, outside);
  t.say('ok: a file outside the workspace has its finding');
  const untitled = await t.inside(async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: 'import requests\n\nrequests.get("https://example.org")\n' });
    await vscode.window.showTextDocument(document);
    return document.uri.toString();
  });
  await t.wait('so has an untitled buffer', async () => (await t.findings(untitled, 'missing-timeout')).length === 1);
  await t.command('workbench.action.revertAndCloseActiveEditor');
  const cell = await t.inside(async (file) => {
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
    await vscode.window.showNotebookDocument(notebook);
    return notebook.cellAt(0).document.uri.toString();
  }, path.join(elsewhere, 'analysis.ipynb'));
  await t.wait('so has a notebook', async () => (await t.findings(cell, 'missing-timeout')).length === 1);
  await t.command('workbench.action.revertAndCloseActiveEditor');
}

async function twoRoots(t, { workspaces, workspace, lenient }) {
  await t.open(path.join(workspaces, 'both.code-workspace'));
  await toFinding(t, path.join(workspace, 'app.py'));
  const file = path.join(lenient, 'app.py');
  await t.edit(file);
  await t.replace(file, 'import os', 'import os\nimport requests\nrequests.get("https://example.org")');
  await t.wait('each root has its own settings', async () => (await t.findings(file, 'missing-timeout')).length === 1);
  t.check((await t.findings(file, RULE)).length === 0, 'what is off in one is off there only');
  await revert(t);
  await t.setting('shipworthy.diagnostics.scope', 'workspace');
  await t.command('shipworthy.auditWorkspace');
  await t.wait('an audit is about both, and its findings are among the problems', async () => (await t.findings(path.join(workspace, 'main.go'), RULE)).length === 1);
  await t.setting('shipworthy.diagnostics.scope', undefined);
  await t.wait('unless a setting says otherwise', async () => (await t.findings(path.join(workspace, 'main.go'), RULE)).length === 0);
}

async function untrusted(t, { workspaces, elsewhere }) {
  const [bin, mark] = [path.join(elsewhere, '.venv/bin'), path.join(workspaces, 'ran')];
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(path.join(bin, 'shipworthy'), `#!/bin/sh\ntouch ${mark}\nexec ${t.program} "$@"\n`, { mode: 0o755 });
  const user = path.join(t.folder, 'user/User/settings.json');
  const settings = JSON.parse(fs.readFileSync(user, 'utf8'));
  fs.writeFileSync(user, JSON.stringify({ ...settings, 'security.workspace.trust.enabled': true }));
  await t.open(elsewhere);
  await toFinding(t, path.join(elsewhere, 'outside.py'));
  t.check(!(await t.inside(() => vscode.workspace.isTrusted)), 'the folder is not trusted');
  t.check(!fs.existsSync(mark), 'nothing of an untrusted folder runs, and findings come all the same');
  await statusSays(t, 'and it is said', /This folder is not trusted/);
}

/** How long the extension held up this window, in milliseconds, as the editor itself measures it. */
async function activation(t) {
  await t.command('workbench.action.showRuntimeExtensions');
  // The list shows what fits, the slowest first.
  const list = t.page.locator('.runtime-extensions-editor');
  const row = list.locator('.monaco-list-row', { has: t.page.getByText('Shipworthy', { exact: true }) });
  await list.locator('.monaco-list-row').first().hover();
  await until('the extension is in the list', async () => {
    if ((await row.count()) > 0) return true;
    await t.page.mouse.wheel(0, 200);
    return false;
  });
  const time = Number(/Activation: (\d+)ms/.exec(await row.first().innerText())?.[1]);
  t.say(`it activates in ${time} ms`);
  await close(t);
  return time;
}

/** On a machine that is busy one window may be held up by something else, so there are several to choose from. */
async function activatesFast(t, { workspace, lenient, elsewhere }) {
  let best = Infinity;
  for (const folder of [elsewhere, lenient, workspace]) {
    if (folder !== elsewhere) {
      await t.open(folder);
      await t.edit(path.join(folder, 'app.py'));
      await until('it is active', () => t.inside(() => vscode.extensions.getExtension('shipworthy.shipworthy').isActive));
    }
    best = Math.min(best, await activation(t));
    if (best < 100) break;
  }
  t.check(best < 100, `it activates in ${best} ms`);
}

async function nothingFromElsewhere(t) {
  t.check(t.elsewhere.size === 0, `nothing was asked of another machine: ${[...t.elsewhere].join(' ')}`);
}

export const scenarios = {
  open,
  findingIsFixedAndComesBack,
  brokenCodeMovesFindings,
  hoverShowsThePage,
  lensCountsFindings,
  chainCanBeFollowed,
  callIsFollowedIntoAnotherFile,
  wholeWorkspaceIsInView,
  ignoreWithAReason,
  fixAll,
  onlyWhenSaved,
  settingsFile,
  audit,
  pictures,
  treeIsGrouped,
  reportIsExported,
  suppressionsAreListed,
  baselineIsCreated,
  configurationIsCreated,
  logIsAsLongAsWanted,
  cancelledAudit,
  changedFiles,
  otherCommands,
  serverRestarts,
  serverIsMissing,
  programIsFound,
  packageIsSmall,
  otherDocuments,
  twoRoots,
  untrusted,
  activatesFast,
  nothingFromElsewhere,
};
