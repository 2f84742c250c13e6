// Completion, hover texts and links to included prompts, for every editor of the page.
import { jinjaFilters, jinjaFunctions, jinjaStatements, jinjaTests, loopMembers, scribanFunctions, scribanStatements } from './vocabulary.js';

let users = 0;
let registered = [];

// The code that the cursor stands in: from its opening mark to the cursor; null in plain text, in a comment and in raw text.
export const codeBefore = (text, format) => {
  const marks = format === 'scriban' ? /\{\{|\}\}/g : /\{[{%#]|[}%#]\}/g;
  let start = -1;
  let open = '';
  for (const mark of text.matchAll(marks)) {
    const [sign] = mark;
    if (start < 0 && sign[0] === '{') {
      start = mark.index + 2;
      open = sign;
    } else if (start >= 0 && sign[1] === '}' && sign[0] === { '{{': '}', '{%': '%', '{#': '#' }[open]) start = -1;
  }
  if (start < 0 || open === '{#') return null;
  const code = text.slice(start).replace(/^[-+~]/, '');
  const raw = format === 'scriban' ? -1 : Math.max(-1, ...[...text.matchAll(/\{%[-+]?\s*raw\s*[-+]?%\}/g)].map(match => match.index));
  if (raw >= 0 && !/\{%[-+]?\s*endraw\s*[-+]?%\}/.test(text.slice(raw))) return null;
  return { code, isStatement: open === '{%', isFirst: /^\s*[A-Za-z_]*$/.test(code) };
};

// Names that the template sets itself, and what a loop's name stands for.
const locals = (before, format) => {
  const found = new Map();
  const loop = format === 'scriban' ? /\bfor\s+(\w+)\s+in\s+([\w.]+)/g : /\{%[-+]?\s*for\s+(\w+)(?:\s*,\s*(\w+))?\s+in\s+([\w.]+)/g;
  for (const match of before.matchAll(loop)) {
    const [path, second] = format === 'scriban' ? [match[2]] : [match[3], match[2]];
    found.set(match[1], second ? null : path);
    if (second) found.set(second, null);
  }
  const set = format === 'scriban' ? /\{\{[-~]?\s*(\w+)\s*=(?!=)/g : /\{%[-+]?\s*set\s+(\w+)/g;
  for (const match of before.matchAll(set)) found.set(match[1], null);
  return found;
};

// What a path leads to in the values that the preview uses.
const valueOf = (path, values, names, depth = 0) => {
  const [first, ...rest] = path.split('.');
  let value = names.get(first) && depth < 8 ? items(valueOf(names.get(first), values, names, depth + 1)) : values?.[first];
  for (const name of rest) value = value?.[name];
  return value;
};

const items = value => Array.isArray(value) ? value.find(item => item !== null) : undefined;

const kindOf = value => value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

const described = variable => [variable.type, variable.required ? variable.words.required : variable.words.optional].filter(Boolean).join(', ');

const variablesOf = context => context.variables.map(variable => ({ ...variable, words: context.words }));

const suggestions = async (monaco, model, position, state) => {
  const format = model.getLanguageId();
  const before = model.getValueInRange({ startLineNumber: 1, startColumn: 1, endLineNumber: position.lineNumber, endColumn: position.column });
  const here = codeBefore(before, format);
  if (!here) return [];
  const { context } = state;
  const { CompletionItemKind: Kind, CompletionItemInsertTextRule: Rule } = monaco.languages;
  const word = model.getWordUntilPosition(position);
  const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn };
  const item = (label, kind, detail, documentation, more) => ({ label, kind, detail, documentation, insertText: label, range, ...more });
  const { code } = here;

  const quote = code.match(/\b(?:include|import|extends|from)\s*\(?\s*["']([^"']*)$/);
  if (quote) {
    const names = await state.page.invokeMethodAsync('PromptNamesAsync', quote[1]);
    const whole = { ...range, startColumn: position.column - quote[1].length };
    return names.map(name => item(name, Kind.File, context.words.prompt, undefined, { range: whole }));
  }
  if (/["'][^"']*$/.test(code.replace(/(["'])(?:\\.|(?!\1).)*\1/g, ''))) return [];

  const names = locals(before, format);
  const path = code.match(/([A-Za-z_][\w.]*)\.\w*$/)?.[1];
  if (path) {
    if (path === (format === 'scriban' ? 'for' : 'loop')) return Object.entries(loopMembers[format]).map(([name, text]) => item(name, Kind.Property, undefined, text));
    if (format === 'scriban' && scribanFunctions[path]) return Object.entries(scribanFunctions[path]).map(([name, text]) => item(name, Kind.Function, undefined, text));
    const value = valueOf(path, context.values, names);
    return value && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).map(name => item(name, Kind.Field, kindOf(value[name]))) : [];
  }
  if (format === 'jinja2' && /\|\s*\w*$/.test(code)) return Object.entries(jinjaFilters).map(([name, [written, text]]) => item(name, Kind.Function, written, text));
  if (format === 'jinja2' && /\bis\s+(?:not\s+)?\w*$/.test(code)) return Object.entries(jinjaTests).map(([name, text]) => item(name, Kind.Function, undefined, text));

  const found = variablesOf(context).map(variable => item(variable.name, Kind.Variable, described(variable), variable.description, { sortText: `0${variable.name}` }));
  for (const [name, of] of names) found.push(item(name, Kind.Variable, of ? `${context.words.itemOf} ${of}` : context.words.ofTemplate, undefined, { sortText: `1${name}` }));
  const inLoop = format === 'scriban' ? /\bfor\b/.test(before) : /\{%[-+]?\s*for\b/.test(before);
  if (inLoop && format === 'jinja2') found.push(item('loop', Kind.Variable, undefined, context.words.loop, { sortText: '1loop' }));
  const statements = format === 'scriban' ? scribanStatements : jinjaStatements;
  if (here.isFirst && (here.isStatement || format === 'scriban')) {
    for (const [name, [snippet, text]] of Object.entries(statements)) {
      found.push(item(name, Kind.Keyword, undefined, text, { insertText: snippet, insertTextRules: Rule.InsertAsSnippet, sortText: `${here.isStatement ? '0' : '2'}${name}` }));
    }
    if (here.isStatement) {
      for (const name of Object.keys(jinjaStatements).filter(one => ['for', 'if', 'macro', 'block', 'filter', 'with', 'raw', 'set'].includes(one))) found.push(item(`end${name}`, Kind.Keyword));
      return found.filter(one => one.kind === Kind.Keyword);
    }
  }
  if (format === 'jinja2') for (const [name, [written, text]] of Object.entries(jinjaFunctions)) found.push(item(name, Kind.Function, written, text, { sortText: `3${name}` }));
  else for (const name of Object.keys(scribanFunctions)) found.push(item(name, Kind.Module, undefined, undefined, { sortText: `3${name}` }));
  return found;
};

const hover = (model, position, { context }) => {
  const word = model.getWordAtPosition(position);
  const format = model.getLanguageId();
  const before = word && codeBefore(model.getValueInRange({ startLineNumber: 1, startColumn: 1, endLineNumber: position.lineNumber, endColumn: word.endColumn }), format);
  if (!before) return null;
  const name = word.word;
  const say = (written, text) => ({
    range: { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: word.startColumn, endColumn: word.endColumn },
    contents: [{ value: `\`${written}\`` }, ...(text ? [{ value: text }] : [])],
  });
  const { code } = before;
  const owner = code.match(/([A-Za-z_]\w*)\.\w+$/)?.[1];
  if (owner === (format === 'scriban' ? 'for' : 'loop') && loopMembers[format][name]) return say(`${owner}.${name}`, loopMembers[format][name]);
  if (format === 'scriban' && scribanFunctions[owner]?.[name]) return say(`${owner}.${name}`, scribanFunctions[owner][name]);
  if (owner) return null;
  if (format === 'jinja2' && /\|\s*\w+$/.test(code) && jinjaFilters[name]) return say(...jinjaFilters[name]);
  if (format === 'jinja2' && /\bis\s+(?:not\s+)?\w+$/.test(code) && jinjaTests[name]) return say(`is ${name}`, jinjaTests[name]);
  const variable = variablesOf(context).find(one => one.name === name);
  if (variable) return say(`${name}: ${described(variable)}`, variable.description);
  if (format === 'jinja2' && jinjaFunctions[name]) return say(...jinjaFunctions[name]);
  return null;
};

const links = model => {
  const found = [];
  for (const match of model.getValue().matchAll(/\b(?:include|import|extends|from)\s*\(?\s*(["'])([^"'\n]+)\1/g)) {
    if (!codeBefore(model.getValue().slice(0, match.index + 1), model.getLanguageId())) continue;
    const end = match.index + match[0].length - 1;
    const from = model.getPositionAt(end - match[2].length);
    const to = model.getPositionAt(end);
    found.push({ range: { startLineNumber: from.lineNumber, startColumn: from.column, endLineNumber: to.lineNumber, endColumn: to.column }, url: `studio-prompt:${encodeURIComponent(match[2])}` });
  }
  return found;
};

const register = (monaco, open) => {
  const state = model => open.get(model.uri.toString());
  const opener = monaco.editor.registerLinkOpener({
    open: resource => {
      if (resource.scheme !== 'studio-prompt') return false;
      const [one] = open.values();
      one?.page.invokeMethodAsync('OpenPromptAsync', decodeURIComponent(resource.path));
      return true;
    },
  });
  return [opener, ...['jinja2', 'scriban'].flatMap(language => [
    monaco.languages.registerCompletionItemProvider(language, {
      triggerCharacters: ['{', '.', '|', '"', '\'', ' '],
      provideCompletionItems: async (model, position) => ({ suggestions: state(model) ? await suggestions(monaco, model, position, state(model)) : [] }),
    }),
    monaco.languages.registerHoverProvider(language, { provideHover: (model, position) => state(model) ? hover(model, position, state(model)) : null }),
    monaco.languages.registerLinkProvider(language, { provideLinks: model => ({ links: state(model) ? links(model) : [] }) }),
  ])];
};

// Registered while an editor is there; the answer ends it.
export const assist = (monaco, open) => {
  if (users++ === 0) registered = register(monaco, open);
  return () => {
    if (--users > 0) return;
    for (const one of registered.splice(0)) one.dispose();
  };
};
