// Which documents the server serves.

/** Code that is audited, wherever it is: in files, untitled buffers and notebooks. */
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell'];
const LANGUAGES = ['python', 'go', 'rust'];

/** Settings, and files around the code; of those, what the server does not know it leaves alone. */
const PATTERNS = [
  '**/{shipworthy,pyproject,Cargo}.toml',
  '**/{go.mod,Pipfile,setup.cfg}',
  '**/*{requirements,constraints,requires,reqs}*.{txt,in}',
  '**/{requirements,reqs}/*.{txt,in}',
  '**/*{Dockerfile,dockerfile,Containerfile,containerfile}*',
  '**/*.{yml,yaml,sql,env}',
  '**/.env*',
  '**/{dotenv,env.example,env.sample,env.template}',
];

export const SELECTOR = [
  ...SCHEMES.flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  ...PATTERNS.map((pattern) => ({ scheme: 'file', pattern })),
];
