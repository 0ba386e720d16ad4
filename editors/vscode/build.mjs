// Bundles the extension and the report's own script. `--watch` keeps doing so.
import { copyFile } from 'node:fs/promises';
import { build, context } from 'esbuild';

const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning' };
const parts = [
  // VS Code 1.91 runs Node 20.
  { ...shared, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'] },
  { ...shared, entryPoints: ['src/report/page.ts'], outfile: 'dist/report.js', platform: 'browser', format: 'iife', target: 'es2022' },
];

if (process.argv.includes('--watch')) {
  for (const part of parts) await (await context(part)).watch();
} else {
  await Promise.all(parts.map((part) => build(part)));
}
await copyFile('src/report/page.css', 'dist/report.css');
