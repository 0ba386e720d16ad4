// Drives VS Code through everything that a user does. Ends with 0 when all of it went well.
import fs from 'node:fs';
import path from 'node:path';
import { Session } from './session.mjs';
import { scenarios } from './scenarios.mjs';

const need = (name) => process.env[name] ?? (() => { throw new Error(`${name} is not set`); })();
const [tools, folder, out, program] = ['TOOLS', 'SCRATCH', 'OUT', 'PROGRAM'].map(need);
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });

const settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.menuBarVisibility': 'compact',
  'security.workspace.trust.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'files.autoSave': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'editor.minimap.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.hover.delay': 100,
};

const session = new Session({ tools, folder, out, program });
let failed = false;
try {
  await session.start(need('EXTENSIONS').split(path.delimiter), settings);
  const workspaces = need('WORKSPACES');
  const places = Object.fromEntries(['workspace', 'lenient', 'elsewhere'].map((name) => [name, path.join(workspaces, name)]));
  // For work on one of them: `SCENARIOS=audit,pictures`.
  const only = process.env.SCENARIOS?.split(',');
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (only && name !== 'open' && !only.includes(name)) continue;
    session.say(`-- ${name}`);
    await scenario(session, { workspaces, ...places });
  }
  session.say('all went well');
} catch (problem) {
  failed = true;
  console.log(problem);
  await session.picture('failed').catch(() => {});
} finally {
  await session.end();
}
process.exit(failed ? 1 : 0);
