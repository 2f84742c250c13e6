// Loads Monaco once, from the studio itself, with the studio's colours and languages.
import { registerLanguages } from './languages.js';

const root = '/monaco/vs';
let loading;

const script = source => new Promise((resolve, reject) => {
  const element = document.createElement('script');
  element.src = source;
  element.onload = resolve;
  element.onerror = () => reject(new Error(`${source} did not load`));
  document.head.append(element);
});

const load = async () => {
  self.MonacoEnvironment = { getWorker: () => new Worker(`${root}/base/worker/workerMain.js`) };
  await script(`${root}/loader.js`);
  const { require: amd } = window;
  const language = document.documentElement.lang;
  amd.config({ paths: { vs: root }, 'vs/nls': language === 'en' ? {} : { availableLanguages: { '*': language } } });
  await new Promise((resolve, reject) => amd(['vs/editor/editor.main'], resolve, reject));
  // Other scripts must not take Monaco's module loader for theirs.
  window.define.amd = undefined;
  const monaco = window.monaco;
  themes(monaco);
  registerLanguages(monaco);
  return monaco;
};

export const monacoReady = () => loading ??= load();

const dark = () => {
  const { theme } = document.documentElement.dataset;
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
};

// The palette of studio.css; Monaco takes no variables.
const themes = monaco => {
  const rules = colours => [
    { token: 'delimiter.template', foreground: colours.accent },
    { token: 'keyword', foreground: colours.keyword, fontStyle: 'bold' },
    { token: 'variable', foreground: colours.variable },
    { token: 'function', foreground: colours.function },
    { token: 'operator', foreground: colours.muted },
    { token: 'string', foreground: colours.string },
    { token: 'number', foreground: colours.number },
    { token: 'comment', foreground: colours.muted, fontStyle: 'italic' },
    { token: 'heading', foreground: colours.text, fontStyle: 'bold' },
    { token: 'strong', fontStyle: 'bold' },
    { token: 'emphasis', fontStyle: 'italic' },
    { token: 'code', foreground: colours.string },
    { token: 'list', foreground: colours.muted },
  ];
  monaco.editor.defineTheme('studio-light', {
    base: 'vs', inherit: true,
    rules: rules({ accent: '4f46e5', keyword: '4338ca', variable: '1d5fbf', function: '7a3e9d', muted: '565f6d', string: '17683a', number: '8a5300', text: '1a1d24' }),
    colors: {
      'editor.background': '#ffffff', 'editor.foreground': '#1a1d24', 'editorLineNumber.foreground': '#6b7380', 'editorLineNumber.activeForeground': '#1a1d24',
      'editor.lineHighlightBackground': '#f7f8fa', 'editor.lineHighlightBorder': '#00000000', 'editor.selectionBackground': '#d9dcfb', 'editorCursor.foreground': '#4f46e5',
      'editorWidget.background': '#ffffff', 'editorWidget.border': '#cbd1da', 'editorSuggestWidget.selectedBackground': '#eeeefd', 'editorSuggestWidget.selectedForeground': '#1a1d24', 'editorSuggestWidget.highlightForeground': '#4f46e5', 'editorSuggestWidget.focusHighlightForeground': '#4f46e5',
      'editorHoverWidget.background': '#ffffff', 'editorHoverWidget.border': '#cbd1da', 'focusBorder': '#4f46e5', 'editorError.foreground': '#b42318', 'editorWarning.foreground': '#b47100',
      'diffEditor.insertedTextBackground': '#17683a33', 'diffEditor.removedTextBackground': '#b4231833', 'diffEditor.insertedLineBackground': '#e5f4ea', 'diffEditor.removedLineBackground': '#fdecea',
      'editorGutter.background': '#ffffff', 'scrollbarSlider.background': '#8a93a340',
    },
  });
  monaco.editor.defineTheme('studio-dark', {
    base: 'vs-dark', inherit: true,
    rules: rules({ accent: 'a5aeff', keyword: 'b9b0ff', variable: '8ab4f8', function: 'd7a8f0', muted: 'a3abb9', string: '6fd195', number: 'f0b860', text: 'e8eaee' }),
    colors: {
      'editor.background': '#161920', 'editor.foreground': '#e8eaee', 'editorLineNumber.foreground': '#7d8695', 'editorLineNumber.activeForeground': '#e8eaee',
      'editor.lineHighlightBackground': '#1b1f27', 'editor.lineHighlightBorder': '#00000000', 'editor.selectionBackground': '#343a6b', 'editorCursor.foreground': '#a5aeff',
      'editorWidget.background': '#161920', 'editorWidget.border': '#3b4250', 'editorSuggestWidget.selectedBackground': '#1f2340', 'editorSuggestWidget.selectedForeground': '#e8eaee', 'editorSuggestWidget.highlightForeground': '#a5aeff', 'editorSuggestWidget.focusHighlightForeground': '#a5aeff',
      'editorHoverWidget.background': '#161920', 'editorHoverWidget.border': '#3b4250', 'focusBorder': '#a5aeff', 'editorError.foreground': '#ff938a', 'editorWarning.foreground': '#f0b860',
      'diffEditor.insertedTextBackground': '#6fd19533', 'diffEditor.removedTextBackground': '#ff938a33', 'diffEditor.insertedLineBackground': '#14301f', 'diffEditor.removedLineBackground': '#3a1a18',
      'editorGutter.background': '#161920', 'scrollbarSlider.background': '#6b738060',
    },
  });
  const choose = () => monaco.editor.setTheme(dark() ? 'studio-dark' : 'studio-light');
  choose();
  new MutationObserver(choose).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', choose);
};

export const shared = {
  fontFamily: "'JetBrains Mono Variable', 'JetBrains Mono', monospace",
  fontSize: 13,
  lineHeight: 20,
  fontLigatures: false,
  minimap: { enabled: false },
  automaticLayout: true,
  scrollBeyondLastLine: false,
  wordWrap: 'on',
  wrappingIndent: 'same',
  renderWhitespace: 'selection',
  smoothScrolling: false,
  cursorBlinking: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'solid' : 'blink',
  occurrencesHighlight: 'off',
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: true },
  bracketPairColorization: { enabled: false },
  padding: { top: 12, bottom: 12 },
  lineNumbersMinChars: 3,
  glyphMargin: false,
  folding: true,
  fixedOverflowWidgets: true,
  quickSuggestions: { other: true, strings: true, comments: false },
  wordBasedSuggestions: 'off',
  tabSize: 2,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  overviewRulerBorder: false,
  stickyScroll: { enabled: false },
};
