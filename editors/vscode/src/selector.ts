// Which documents the server serves.

/** Code that is audited, wherever it is: in files, untitled buffers and notebooks. */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];
const LANGUAGES = ['python', 'go', 'rust'];
export const SELECTOR = [
  ...SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  { scheme: 'file', pattern: '**/{shipworthy,pyproject}.toml' },
];
