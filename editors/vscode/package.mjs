// Makes a `.vsix`: `node package.mjs [--target TARGET --binary FILE] [--out FILE]`.
// With a target it carries the program for that platform; without one it finds the user's own.
// `node package.mjs --all FOLDER` makes one for each platform that FOLDER holds a program for, as FOLDER/TARGET/shipworthy[.exe],
// and the one without.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

const TARGETS = ['linux-x64', 'linux-arm64', 'alpine-x64', 'alpine-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
const here = import.meta.dirname;
const { version } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
const vsce = createRequire(import.meta.url).resolve('@vscode/vsce/vsce');
const program = (target) => (target.startsWith('win32') ? 'shipworthy.exe' : 'shipworthy');
const run = (script, ...args) => execFileSync(process.execPath, [script, ...args], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });

function pack(target, binary, out) {
  const bin = path.join(here, 'bin');
  fs.rmSync(bin, { recursive: true, force: true });
  if (target) {
    fs.mkdirSync(bin);
    fs.copyFileSync(binary, path.join(bin, program(target)));
    fs.chmodSync(path.join(bin, program(target)), 0o755);
  }
  const options = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository', '--skip-license', '--out', out];
  run(vsce, 'package', ...options, ...(target ? ['--target', target] : []));
  fs.rmSync(bin, { recursive: true, force: true });
  console.log(out);
}

const { values } = parseArgs({ options: { target: { type: 'string' }, binary: { type: 'string' }, out: { type: 'string' }, all: { type: 'string' } } });
run('build.mjs');
const name = (target) => `shipworthy-${version}${target ? `-${target}` : ''}.vsix`;
if (values.all !== undefined) {
  const folder = path.resolve(values.all);
  for (const target of TARGETS) {
    const binary = path.join(folder, target, program(target));
    if (fs.existsSync(binary)) pack(target, binary, path.join(folder, name(target)));
    else console.warn(`no ${binary}`);
  }
  pack(undefined, undefined, path.join(folder, name()));
} else {
  if (Boolean(values.target) !== Boolean(values.binary)) throw new Error('a target needs its program, and a program its target');
  if (values.target && !TARGETS.includes(values.target)) throw new Error(`the targets are ${TARGETS.join(', ')}`);
  pack(values.target, values.binary && path.resolve(values.binary), path.resolve(values.out ?? name(values.target)));
}
