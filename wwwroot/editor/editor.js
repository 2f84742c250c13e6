// The text's editor. Everything that happens on a keystroke happens here; the studio hears of it when its person pauses.
import { monacoReady, shared } from './monaco.js';
import { assist } from './assist.js';

const pause = 180;
const draftPause = 400;

const open = new Map();

const severity = (monaco, kind) => kind === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning;

// A finding without an end covers the word, or the mark, at its place.
const place = (model, finding) => {
  const line = Math.min(Math.max(finding.line ?? 1, 1), model.getLineCount());
  const column = Math.min(Math.max(finding.column ?? 1, 1), model.getLineMaxColumn(line));
  const rest = model.getLineContent(line).slice(column - 1);
  const length = rest.match(/^(?:\{[{%#][-+~]?|[A-Za-z_]\w*|\S+)/)?.[0].length ?? 0;
  const start = length ? column : Math.max(1, column - 1);
  return { startLineNumber: line, startColumn: start, endLineNumber: line, endColumn: Math.max(start + 1, column + length) };
};

const readDraft = key => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
};

const forget = key => {
  try {
    localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
};

export const create = async (host, page, options) => {
  const monaco = await monacoReady();
  if (!host.isConnected) return null;
  const model = monaco.editor.createModel(options.text, options.format);
  model.setEOL(monaco.editor.EndOfLineSequence.LF);
  const editor = monaco.editor.create(host, {
    ...shared,
    model,
    readOnly: options.readOnly,
    ariaLabel: options.label,
    domReadOnly: options.readOnly,
    placeholder: options.placeholder,
  });
  let base = options.text;
  let extras = options.extras;
  let sequence = 0;
  let typing;
  let drafting;
  const state = { context: options.context, page };
  open.set(model.uri.toString(), state);
  const helpers = assist(monaco, open);
  const workspace = host.closest('[data-workspace]') ?? document;
  const say = (name, text) => {
    for (const element of workspace.querySelectorAll(`[data-status="${name}"]`)) element.textContent = text;
  };
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const status = () => {
    const { lineNumber, column } = editor.getPosition() ?? { lineNumber: 1, column: 1 };
    say('position', options.words.position.replace('{0}', format.format(lineNumber)).replace('{1}', format.format(column)));
    say('length', options.words.length.replace('{0}', format.format(model.getValueLength())));
  };
  const changed = () => model.getValue() !== base || extras !== options.extras;
  const sayState = () => say('saved', changed() ? options.words.unsaved : options.words.saved);
  const keepDraft = () => {
    clearTimeout(drafting);
    drafting = undefined;
    if (!options.draftKey) return;
    if (!changed()) {
      forget(options.draftKey);
      return;
    }
    try {
      localStorage.setItem(options.draftKey, JSON.stringify({ text: model.getValue(), extras, revision: options.revision, at: new Date().toISOString() }));
    } catch {
      // Full, or not allowed: the text is still in the page.
    }
  };
  const draftSoon = () => {
    clearTimeout(drafting);
    drafting = setTimeout(keepDraft, draftPause);
  };
  const tell = async () => {
    clearTimeout(typing);
    typing = undefined;
    const mine = ++sequence;
    try {
      await page.invokeMethodAsync('TypedAsync', mine, model.getValue());
    } catch {
      // The connection is away; the next pause tells it, and the draft is kept here.
    }
  };
  model.onDidChangeContent(() => {
    status();
    sayState();
    draftSoon();
    clearTimeout(typing);
    typing = setTimeout(tell, pause);
  });
  editor.onDidChangeCursorPosition(status);
  status();
  sayState();

  const save = () => {
    keepDraft();
    clearTimeout(typing);
    return page.invokeMethodAsync('SaveTextAsync', ++sequence, model.getValue());
  };
  const keys = event => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 's') {
      event.preventDefault();
      event.stopPropagation();
      save();
    } else if (command && event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      tell();
    } else if (!command && !event.altKey && (event.key === 'j' || event.key === 'k') && !event.target.closest('input, textarea, select, [contenteditable], .monaco-editor, dialog')) {
      document.querySelector(event.key === 'j' ? '[data-next-version]' : '[data-previous-version]')?.click();
    }
  };
  // Before Monaco, which has other uses for some of them.
  document.addEventListener('keydown', keys, true);
  addEventListener('pagehide', keepDraft);

  return {
    text: () => model.getValue(),
    focus: () => editor.focus(),
    reveal: (line, column) => {
      editor.setPosition({ lineNumber: line, column: column ?? 1 });
      editor.revealLineInCenter(line);
      editor.focus();
    },
    // Keeps the person's undo history.
    replace: text => editor.executeEdits('studio', [{ range: model.getFullModelRange(), text }]),
    markers: (mine, findings) => {
      if (mine !== 0 && mine !== sequence) return;
      monaco.editor.setModelMarkers(model, 'studio', findings.map(finding => ({ ...place(model, finding), message: finding.message, severity: severity(monaco, finding.kind) })));
    },
    context: context => { state.context = context; },
    extras: value => {
      extras = value;
      sayState();
      draftSoon();
    },
    language: id => monaco.editor.setModelLanguage(model, id),
    // What is stored now is what the next change is measured against.
    saved: (text, value, revision) => {
      base = text;
      options.extras = extras = value;
      options.revision = revision;
      sayState();
      keepDraft();
    },
    draft: () => {
      const draft = options.draftKey ? readDraft(options.draftKey) : null;
      return draft && typeof draft.text === 'string' && (draft.text !== base || draft.extras !== options.extras) ? draft : null;
    },
    forgetDraft: () => forget(options.draftKey),
    dispose: () => {
      if (drafting) keepDraft();
      clearTimeout(typing);
      document.removeEventListener('keydown', keys, true);
      removeEventListener('pagehide', keepDraft);
      open.delete(model.uri.toString());
      helpers();
      editor.dispose();
      model.dispose();
    },
  };
};

// Two texts beside or below each other.
export const compare = async (host, options) => {
  const monaco = await monacoReady();
  if (!host.isConnected) return null;
  const differ = monaco.editor.createDiffEditor(host, {
    ...shared,
    readOnly: true,
    domReadOnly: true,
    originalEditable: false,
    renderSideBySide: options.sideBySide,
    useInlineViewWhenSpaceIsLimited: true,
    renderSideBySideInlineBreakpoint: 560,
    hideUnchangedRegions: { enabled: true, contextLineCount: 3, minimumLineCount: 6 },
    renderOverviewRuler: false,
    renderMarginRevertIcon: false,
    diffWordWrap: 'on',
    ignoreTrimWhitespace: false,
    maxComputationTime: 2000,
  });
  // Monaco forgets the labels whenever it changes between beside and below.
  const name = (editor, ariaLabel) => {
    const tell = () => {
      if (editor.getRawOptions().ariaLabel !== ariaLabel) editor.updateOptions({ ariaLabel });
    };
    tell();
    editor.onDidChangeConfiguration(tell);
  };
  name(differ.getOriginalEditor(), options.beforeLabel);
  name(differ.getModifiedEditor(), options.afterLabel);
  const models = [];
  const show = (before, after, language) => {
    const next = { original: monaco.editor.createModel(before, language), modified: monaco.editor.createModel(after, language) };
    differ.setModel(next);
    for (const old of models.splice(0)) old.dispose();
    models.push(next.original, next.modified);
  };
  show(options.before, options.after, options.language);
  return {
    show,
    sideBySide: value => differ.updateOptions({ renderSideBySide: value }),
    dispose: () => {
      differ.dispose();
      for (const model of models) model.dispose();
    },
  };
};

// Panes that can be resized with the pointer or the arrow keys, and remember it.
export const panes = workspace => {
  if (!workspace?.isConnected) return { dispose: () => {} };
  const limits = { timeline: [200, 420], side: [300, 900] };
  const set = (name, width) => {
    const [least, most] = limits[name];
    const bounded = Math.round(Math.min(Math.max(width, least), Math.min(most, workspace.clientWidth * 0.6)));
    workspace.style.setProperty(`--pane-${name}`, `${bounded}px`);
    workspace.querySelector(`[data-resize="${name}"]`).setAttribute('aria-valuenow', String(bounded));
    return bounded;
  };
  const keep = (name, width) => {
    try {
      localStorage.setItem(`studio-pane-${name}`, String(width));
    } catch {
      // Then it is as wide as ever next time.
    }
  };
  const stop = new AbortController();
  for (const handle of workspace.querySelectorAll('[data-resize]')) {
    const name = handle.dataset.resize;
    const sign = name === 'side' ? -1 : 1;
    const pane = workspace.querySelector(`[data-pane="${name}"]`);
    let stored = null;
    try {
      stored = localStorage.getItem(`studio-pane-${name}`);
    } catch {
      // Nothing is remembered.
    }
    if (stored) set(name, Number(stored));
    handle.addEventListener('pointerdown', event => {
      event.preventDefault();
      const from = event.clientX;
      const width = pane.getBoundingClientRect().width;
      handle.setPointerCapture(event.pointerId);
      const move = moved => keep(name, set(name, width + sign * (moved.clientX - from)));
      handle.addEventListener('pointermove', move);
      handle.addEventListener('pointerup', () => handle.removeEventListener('pointermove', move), { once: true });
    }, { signal: stop.signal });
    handle.addEventListener('keydown', event => {
      const step = event.key === 'ArrowLeft' ? -16 : event.key === 'ArrowRight' ? 16 : 0;
      if (!step) return;
      event.preventDefault();
      keep(name, set(name, pane.getBoundingClientRect().width + sign * step));
    }, { signal: stop.signal });
  }
  return { dispose: () => stop.abort() };
};
