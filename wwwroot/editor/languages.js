// Tokenizers of both template languages. What stands outside of the template's own marks is read as Markdown: prompts are written so.
const markdown = [
  [/^#{1,6}\s.*?(?=\{[{%#]|$)/, 'heading'],
  [/^\s*(?:[-*+]|\d+[.)])(?=\s)/, 'list'],
  [/\*\*[^*{}]+\*\*/, 'strong'],
  [/`[^`{}]+`/, 'code'],
];

const escapes = [/\\./, 'string'];

const quoted = state => [
  [/"/, 'string', `@double_${state}`],
  [/'/, 'string', `@single_${state}`],
];

const strings = state => ({
  [`double_${state}`]: [[/[^"\\]+/, 'string'], escapes, [/"/, 'string', '@pop']],
  [`single_${state}`]: [[/[^'\\]+/, 'string'], escapes, [/'/, 'string', '@pop']],
});

export const jinja = {
  defaultToken: '',
  tokenPostfix: '',
  keywords: [
    'for', 'endfor', 'if', 'elif', 'else', 'endif', 'set', 'endset', 'block', 'endblock', 'extends', 'include', 'import', 'from', 'as', 'macro', 'endmacro', 'call', 'endcall',
    'filter', 'endfilter', 'with', 'endwith', 'without', 'context', 'ignore', 'missing', 'in', 'is', 'not', 'and', 'or', 'recursive', 'scoped', 'required', 'do', 'break', 'continue', 'autoescape', 'endautoescape',
  ],
  constants: ['true', 'false', 'none', 'True', 'False', 'None'],
  tokenizer: {
    root: [
      [/(\{%[-+]?)(\s*)(raw)(\s*)([-+]?%\})/, ['delimiter.template', '', 'keyword', '', { token: 'delimiter.template', next: '@raw' }]],
      [/\{#[-+]?/, 'comment', '@comment'],
      [/\{\{[-+]?/, 'delimiter.template', '@output'],
      [/\{%[-+]?/, 'delimiter.template', '@statement'],
      ...markdown,
      [/[^{#*`\-+\d\s]+/, ''],
      [/./, ''],
    ],
    raw: [
      [/(\{%[-+]?)(\s*)(endraw)(\s*)([-+]?%\})/, ['delimiter.template', '', 'keyword', '', { token: 'delimiter.template', next: '@pop' }]],
      [/[^{]+/, ''],
      [/./, ''],
    ],
    comment: [[/[-+]?#\}/, 'comment', '@pop'], [/[^#\-+]+/, 'comment'], [/./, 'comment']],
    output: [[/[-+]?\}\}/, 'delimiter.template', '@pop'], { include: '@expression' }],
    statement: [[/[-+]?%\}/, 'delimiter.template', '@pop'], { include: '@expression' }],
    // A dictionary inside of an output ends with a brace of its own.
    braces: [[/\}/, 'operator', '@pop'], { include: '@expression' }],
    expression: [
      [/\{/, 'operator', '@braces'],
      [/(\|)(\s*)([A-Za-z_]\w*)/, ['operator', '', 'function']],
      [/\b(is)(\s+)((?:not\s+)?)([A-Za-z_]\w*)/, ['keyword', '', 'keyword', 'function']],
      [/[A-Za-z_]\w*(?=\s*\()/, { cases: { '@keywords': 'keyword', '@default': 'function' } }],
      [/(\.)([A-Za-z_]\w*)/, ['operator', 'variable']],
      [/[A-Za-z_]\w*/, { cases: { '@keywords': 'keyword', '@constants': 'number', '@default': 'variable' } }],
      [/\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?/, 'number'],
      ...quoted('e'),
      [/[-+*\/%<>=!~|,.:()[\]]/, 'operator'],
      [/\s+/, ''],
    ],
    ...strings('e'),
  },
};

export const scriban = {
  defaultToken: '',
  tokenPostfix: '',
  keywords: [
    'if', 'else', 'end', 'for', 'in', 'while', 'break', 'continue', 'func', 'ret', 'capture', 'readonly', 'import', 'include', 'with', 'wrap', 'case', 'when', 'do', 'tablerow', 'this',
    'and', 'or', 'not',
  ],
  constants: ['true', 'false', 'null', 'empty'],
  tokenizer: {
    root: [
      // An escaped block, {%{ … }%}, is text; with more signs its end has as many.
      [/\{(%+)\{/, { token: 'delimiter.template', next: '@raw.$1' }],
      [/\{\{[-~]?/, 'delimiter.template', '@code'],
      ...markdown,
      [/[^{#*`\-+\d\s]+/, ''],
      [/./, ''],
    ],
    raw: [
      [/\}(%+)\}/, { cases: { '$1==$S2': { token: 'delimiter.template', next: '@pop' }, '@default': '' } }],
      [/[^}]+/, ''],
      [/./, ''],
    ],
    code: [[/[-~]?\}\}/, 'delimiter.template', '@pop'], { include: '@expression' }],
    braces: [[/\}/, 'operator', '@pop'], { include: '@expression' }],
    block: [[/##(?=\s|$|[^#])/, 'comment', '@pop'], [/[^#]+/, 'comment'], [/./, 'comment']],
    expression: [
      [/##/, 'comment', '@block'],
      [/#(?:(?![-~]?\}\}).)*/, 'comment'],
      [/\{/, 'operator', '@braces'],
      [/(\|>?)(\s*)([A-Za-z_]\w*)(\.)([A-Za-z_]\w*)/, ['operator', '', 'function', 'operator', 'function']],
      [/(\|>?)(\s*)([A-Za-z_]\w*)/, ['operator', '', 'function']],
      [/(?:string|array|math|date|object|regex|html)(?=\.)/, 'function'],
      [/(\.)([A-Za-z_]\w*)/, ['operator', 'variable']],
      [/[A-Za-z_$]\w*/, { cases: { '@keywords': 'keyword', '@constants': 'number', '@default': 'variable' } }],
      [/\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?[fFdDmM]?/, 'number'],
      [/\$"/, 'string', '@double_e'],
      [/`/, 'string', '@verbatim'],
      ...quoted('e'),
      [/[-+*\/%<>=!?&^@|,.:;()[\]]/, 'operator'],
      [/\s+/, ''],
    ],
    verbatim: [[/[^`]+/, 'string'], [/``/, 'string'], [/`/, 'string', '@pop']],
    ...strings('e'),
  },
};

const pairs = (...kinds) => kinds.map(([open, close]) => ({ open, close }));

export const registerLanguages = monaco => {
  for (const [id, tokenizer, comment] of [['jinja2', jinja, ['{#', '#}']], ['scriban', scriban, ['{{##', '##}}']]]) {
    monaco.languages.register({ id });
    monaco.languages.setMonarchTokensProvider(id, tokenizer);
    monaco.languages.setLanguageConfiguration(id, {
      comments: { blockComment: comment },
      brackets: [['{{', '}}'], ['{%', '%}'], ['{', '}'], ['[', ']'], ['(', ')']],
      autoClosingPairs: pairs(['{', '}'], ['[', ']'], ['(', ')'], ['"', '"'], ['\'', '\'']),
      surroundingPairs: pairs(['{', '}'], ['[', ']'], ['(', ')'], ['"', '"'], ['\'', '\''], ['`', '`'], ['*', '*']),
      wordPattern: /[A-Za-z_]\w*/,
    });
  }
  // Side texts, such as contracts and differences of settings.
  monaco.languages.register({ id: 'plain' });
};
