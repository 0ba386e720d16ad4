// The report's page. It holds what the user chose (filters, grouping, place) and draws what the extension says.
import { SEVERITIES, type Severity } from '../severity';
import { groupBy } from '../group';
import type { Report, ReportFinding, Request } from './model';

interface Choice {
  severities: Severity[];
  category: string;
  text: string;
  group: 'severity' | 'category' | 'file' | 'rule';
  scroll: number;
}
declare function acquireVsCodeApi(): { postMessage(request: Request): void; getState(): Choice | undefined; setState(choice: Choice): void };

/** So many findings are drawn at first; the others when asked for. */
const PAGE = 500;

const code = acquireVsCodeApi();
const choice: Choice = { severities: [...SEVERITIES], category: '', text: '', group: 'severity', scroll: 0, ...code.getState() };
const main = document.getElementById('report') as HTMLElement;
const said = document.getElementById('said') as HTMLElement;
let report: Report | null | undefined;
let drawn = PAGE;

type Child = Node | string | false | null | undefined;
function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

function button(label: string, press: () => void, attributes: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', press);
  return made;
}

function choose(change: Partial<Choice>): void {
  Object.assign(choice, change);
  code.setState(choice);
}

function matches(finding: ReportFinding): boolean {
  const text = choice.text.toLowerCase();
  return (
    choice.severities.includes(finding.severity) &&
    (choice.category === '' || finding.category === choice.category) &&
    (text === '' || [finding.headline, finding.rule, finding.file].some((field) => field.toLowerCase().includes(text)))
  );
}

/** Draws everything, and puts the focus and the place back to where they were. */
function draw(): void {
  const focused = document.activeElement?.getAttribute('data-key');
  const selection = document.activeElement instanceof HTMLInputElement ? document.activeElement.selectionStart : null;
  const scroll = choice.scroll;
  if (report) main.replaceChildren(header(report), holding(report), categories(report), filters(report), findings(report));
  else main.replaceChildren(element('h1', {}, 'No audit yet'), button('Audit the workspace', () => code.postMessage({ type: 'audit' }), { 'data-key': 'audit', class: 'primary' }));
  const again = focused ? main.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`) : null;
  again?.focus({ preventScroll: true });
  if (again instanceof HTMLInputElement) again.setSelectionRange(selection, selection);
  window.scrollTo(0, scroll);
}

function drawFindings(): void {
  if (!report) return;
  drawn = PAGE;
  main.querySelector('#findings')?.replaceWith(findings(report));
}

function header({ name, grade, at, files, lines, findings, accepted }: Report): HTMLElement {
  const size = `${files.toLocaleString()} files, ${lines.toLocaleString()} lines`;
  const more = accepted > 0 ? `, ${accepted} accepted` : '';
  return element(
    'header',
    {},
    grade && element('p', { class: 'grade', 'aria-label': `Grade ${grade.letter}, ${Math.round(grade.score)} of 100` }, element('b', {}, grade.letter), ` ${Math.round(grade.score)}`),
    element(
      'div',
      { class: 'about' },
      element('h1', {}, name),
      element('p', {}, grade?.verdict ? `${grade.verdict}. ` : '', `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}${more} in ${size}, at ${at}.`),
    ),
    element(
      'div',
      { class: 'do' },
      button('Audit again', () => code.postMessage({ type: 'audit' }), { 'data-key': 'audit', class: 'primary' }),
      button('Export', () => code.postMessage({ type: 'export' }), { 'data-key': 'export' }),
    ),
  );
}

function holding({ grade }: Report): HTMLElement | string {
  if (!grade || grade.holding.length === 0) return '';
  const items = grade.holding.slice(0, 3).map((what) => element('li', {}, ...marked(what)));
  return element('section', { 'aria-labelledby': 'holding' }, element('h2', { id: 'holding' }, 'What holds it down'), element('ol', {}, ...items));
}

function categories({ categories }: Report): HTMLElement {
  const scored = categories.some(({ score }) => score !== null);
  const pick = (id: string) => {
    choose({ category: choice.category === id ? '' : id });
    draw();
  };
  const told = scored ? categories : categories.filter(({ findings }) => findings > 0);
  if (told.length === 0) return element('section', {});
  const rows = told.map(({ id, title, score, findings }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, button(title, () => pick(id), { 'data-key': `category ${id}`, class: 'link', 'aria-pressed': String(choice.category === id), title: 'Show only these findings' })),
      scored && element('td', {}, score === null ? '–' : String(Math.round(score))),
      scored && element('td', {}, score !== null && element('meter', { min: '0', max: '100', low: '60', high: '80', optimum: '100', value: String(score), 'aria-label': `${title}: ${Math.round(score)} of 100` })),
      element('td', {}, String(findings)),
    ),
  );
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Category'), scored && element('th', { scope: 'col' }, 'Score'), scored && element('td', {}), element('th', { scope: 'col' }, 'Findings'));
  return element('section', { 'aria-label': 'Categories' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)));
}

function filters({ findings, categories }: Report): HTMLElement {
  const severities = SEVERITIES.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const on = choice.severities.includes(severity);
    const flip = () => {
      choose({ severities: SEVERITIES.filter((other) => choice.severities.includes(other) !== (other === severity)) });
      draw();
    };
    return button(`${count} ${severity}`, flip, { 'data-key': `severity ${severity}`, class: `severity ${severity}`, 'aria-pressed': String(on) });
  });
  const search = element('input', { type: 'search', 'data-key': 'search', placeholder: 'Filter by text, rule or file', 'aria-label': 'Filter by text, rule or file', value: choice.text });
  search.addEventListener('input', () => {
    choose({ text: search.value });
    drawFindings();
  });
  return element(
    'section',
    { 'aria-label': 'Filters', class: 'filters' },
    element('div', { role: 'group', 'aria-label': 'Severities' }, ...severities),
    search,
    select('category', 'Category', [['', 'All categories'], ...categories.map(({ id, title }): [string, string] => [id, title])], choice.category, (category) => choose({ category })),
    select('group', 'Group by', [['severity', 'By severity'], ['category', 'By category'], ['file', 'By file'], ['rule', 'By rule']], choice.group, (group) => choose({ group: group as Choice['group'] })),
  );
}

function select(key: string, label: string, options: readonly [string, string][], value: string, pick: (value: string) => void): HTMLElement {
  const made = element('select', { 'data-key': key, 'aria-label': label }, ...options.map(([id, name]) => element('option', { value: id, ...(id === value ? { selected: '' } : {}) }, name)));
  made.addEventListener('change', () => {
    pick(made.value);
    draw();
  });
  return made;
}

function findings({ findings }: Report): HTMLElement {
  const shown = findings.filter(matches);
  said.textContent = `${shown.length} of ${findings.length} findings`;
  const rank = (name: string) => (choice.group === 'severity' ? SEVERITIES.indexOf(name as Severity) : 0);
  const groups = [...groupBy(shown, (finding) => finding[choice.group])].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  let left = drawn;
  const sections = groups.map(([name, all]) => {
    const some = all.slice(0, left);
    left -= some.length;
    return some.length > 0 && element('section', { 'aria-label': name }, element('h2', {}, name, ' ', element('small', {}, String(all.length))), element('ul', {}, ...some.map(finding)));
  });
  const more = () => {
    drawn += PAGE;
    draw();
  };
  return element(
    'div',
    { id: 'findings' },
    shown.length === 0 && element('p', {}, findings.length === 0 ? 'Nothing found.' : 'No finding fits the filters.'),
    ...sections,
    shown.length > drawn && button(`Show more (${shown.length - drawn} left)`, more, { 'data-key': 'more' }),
  );
}

function finding({ key, severity, headline, details, file, line, column, rule, uri }: ReportFinding): HTMLElement {
  const open = button('', () => code.postMessage({ type: 'open', uri, line, column }), { 'data-key': key, class: 'finding', 'aria-label': `${severity}: ${headline.replaceAll('`', '')}, ${file}, line ${line + 1}` });
  open.append(element('span', { class: `mark ${severity}`, 'aria-hidden': 'true' }), element('span', { class: 'headline' }, ...marked(headline)), element('span', { class: 'place' }, `${file}:${line + 1}`));
  const name = button(rule, () => code.postMessage({ type: 'rule', rule }), { 'data-key': `${key} rule`, class: 'link', title: 'Show what the rule is about' });
  const text = element('p', { class: 'details' }, ...details.flatMap((part) => [...marked(part), ' ']), name);
  return element('li', {}, open, text);
}

/** Text whose code is between backticks. */
function marked(text: string): Child[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}

// Up and down go from finding to finding; tab goes through everything.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const all = [...main.querySelectorAll<HTMLElement>('button.finding')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  all[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
});
window.addEventListener('scroll', () => choose({ scroll: window.scrollY }), { passive: true });
window.addEventListener('message', ({ data }: MessageEvent<Report | null>) => {
  report = data;
  draw();
});
code.postMessage({ type: 'ready' });
