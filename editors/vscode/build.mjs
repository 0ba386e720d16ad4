// Bundles the extension and the report's own script. `--watch` keeps doing so.
import { copyFile } from 'node:fs/promises';
import { build, context } from 'esbuild';

const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning' };
const parts = [
  // Two, so that the editor does not wait for the library while it starts. VS Code 1.91 runs Node 20.
  { ...shared, entryPoints: ['src/extension.ts', 'src/client.ts'], outdir: 'dist', platform: 'node', format: 'cjs', target: 'node20', external: ['vscode', './client.js'] },
  { ...shared, entryPoints: ['src/report/page.ts'], outfile: 'dist/report.js', platform: 'browser', format: 'iife', target: 'es2022' },
];

if (process.argv.includes('--watch')) {
  for (const part of parts) await (await context(part)).watch();
} else {
  await Promise.all(parts.map((part) => build(part)));
}
await copyFile('src/report/page.css', 'dist/report.css');
