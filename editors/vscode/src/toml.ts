// Completion and hover in `shipworthy.toml`, from the schema that the program prints. Mistakes are marked by the server.
import * as vscode from 'vscode';

/** The part of JSON Schema that the program uses. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

const SETTINGS: vscode.DocumentSelector = { scheme: 'file', pattern: '**/shipworthy.toml' };
const TABLE = /^\s*\[([^[\]]*)\]/;
const KEY = /^\s*([\w."-]+)\s*=/;

/** Helps in settings files; `schema` asks the program. */
export function helpWithSettings(schema: () => Promise<Schema | undefined>): vscode.Disposable {
  const completion: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position) {
      const root = await schema();
      const before = document.lineAt(position).text.slice(0, position.character);
      if (!root || before.includes('#')) return [];
      const table = /^\s*\[([\w.-]*)$/.exec(before)?.[1];
      if (table !== undefined) {
        const typed = new vscode.Range(position.translate(0, -table.length), position);
        return tables(root).map(([name, described]) => item(name, vscode.CompletionItemKind.Module, described, name, typed));
      }
      const above = tableAt(document, position.line);
      const key = KEY.exec(before)?.[1];
      if (key !== undefined) return values(at(root, [...above, ...parts(key)]), before);
      return Object.entries(at(root, above)?.properties ?? {}).map(([name, described]) =>
        item(name, vscode.CompletionItemKind.Property, described, new vscode.SnippetString(`${name} = \${1:${JSON.stringify(first(described)).replace(/[$}\\]/g, '\\$&')}}`)),
      );
    },
  };
  const hover: vscode.HoverProvider = {
    async provideHover(document, position) {
      const root = await schema();
      const { text } = document.lineAt(position);
      const table = TABLE.exec(text)?.[1];
      const key = KEY.exec(text)?.[1];
      const path = table !== undefined ? parts(table) : key !== undefined && position.character <= text.indexOf('=') ? [...tableAt(document, position.line), ...parts(key)] : undefined;
      const described = root && path && at(root, path);
      return described ? new vscode.Hover(documentation(described)) : undefined;
    },
  };
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(SETTINGS, completion, '[', '=', '"', '.'),
    vscode.languages.registerHoverProvider(SETTINGS, hover),
  );
}

function parts(key: string): string[] {
  return key.split('.').map((part) => part.trim().replace(/^"|"$/g, ''));
}

/** The table that a line is in. */
function tableAt(document: vscode.TextDocument, line: number): string[] {
  for (let above = line - 1; above >= 0; above--) {
    const table = TABLE.exec(document.lineAt(above).text)?.[1];
    if (table !== undefined) return parts(table);
  }
  return [];
}

/** What the schema says of a key; of one that is a value or a table, both. */
function at(schema: Schema, path: readonly string[]): Schema | undefined {
  let found: Schema | undefined = schema;
  for (const part of path) {
    const table: Schema | undefined = found?.properties ? found : found?.anyOf?.find(({ properties }) => properties);
    found = table?.properties?.[part];
  }
  if (!found?.anyOf) return found;
  const table = found.anyOf.find(({ properties }) => properties);
  return { ...table, ...found };
}

/** All tables there can be. */
function tables(schema: Schema, above = ''): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]): [string, Schema][] => {
    const table = inner.properties ? inner : inner.anyOf?.find(({ properties }) => properties);
    const path = above + name;
    return table ? [[path, inner], ...tables(table, `${path}.`)] : [];
  });
}

function choices(schema: Schema | undefined): readonly unknown[] {
  return schema?.enum ?? schema?.anyOf?.flatMap((one) => one.enum ?? []) ?? (schema?.type === 'boolean' ? [true, false] : []);
}

function values(schema: Schema | undefined, before: string): vscode.CompletionItem[] {
  const quoted = /"[^"]*$/.test(before);
  return choices(schema).map((value) => {
    const text = JSON.stringify(value);
    return item(String(value), vscode.CompletionItemKind.Value, schema, quoted ? String(value) : /=$/.test(before) ? ` ${text}` : text);
  });
}

/** What to write first for a key. */
function first(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  const inner = schema.anyOf?.find((one) => one.default !== undefined)?.default;
  if (inner !== undefined) return inner;
  return choices(schema)[0] ?? (schema.type === 'array' ? [] : schema.type === 'integer' || schema.type === 'number' ? 0 : '');
}

function documentation(schema: Schema): vscode.MarkdownString {
  const text = new vscode.MarkdownString().appendMarkdown(schema.description ?? '');
  const default_ = schema.default ?? schema.anyOf?.find((one) => one.default !== undefined)?.default;
  const allowed = choices(schema);
  if (allowed.length > 0) text.appendMarkdown(`\n\nOne of ${allowed.map((value) => `\`${JSON.stringify(value)}\``).join(', ')}.`);
  if (default_ !== undefined) text.appendMarkdown(`\n\nDefault: \`${JSON.stringify(default_)}\``);
  return text;
}

function item(label: string, kind: vscode.CompletionItemKind, schema: Schema | undefined, insert: string | vscode.SnippetString, range?: vscode.Range): vscode.CompletionItem {
  const made = new vscode.CompletionItem(label, kind);
  if (schema) made.documentation = documentation(schema);
  made.insertText = insert;
  if (range) made.range = range;
  return made;
}
