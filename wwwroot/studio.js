// What the pages do without a connection: theme, navigation, copying, and the dialog about the connection itself.
(() => {
  'use strict';
  // Only what went wrong belongs on the console.
  Blazor.start({ circuit: { configureSignalR: connection => connection.configureLogging('warning') } });

  const root = document.documentElement;
  const remember = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
  };

  // Times are written in the zone that the browser says; the server knows it from the second page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split('; ').includes(`studio-zone=${zone}`)) remember('studio-zone', zone);

  const words = document.getElementById('studio-words')?.dataset ?? {};

  document.addEventListener('change', event => {
    if (event.target.name === 'studio-language') {
      remember('studio-language', event.target.value);
      location.reload();
    }
    if (event.target.name !== 'studio-theme') return;
    root.dataset.theme = event.target.value;
    remember('studio-theme', event.target.value);
  });

  const openNavigation = open => {
    if (open === ('navigationOpen' in root.dataset)) return;
    if (open) root.dataset.navigationOpen = '';
    else delete root.dataset.navigationOpen;
    const button = document.querySelector('[data-open-navigation]');
    button?.setAttribute('aria-expanded', String(open));
    if (open) document.querySelector('#navigation a')?.focus();
    else button?.focus();
  };

  const copy = async button => {
    const source = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = words.copied;
    } catch {
      // Without https there is no clipboard: select the text, so that the keyboard can copy it.
      getSelection().selectAllChildren(source);
      button.textContent = words.pressCopy;
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  };

  document.addEventListener('click', event => {
    const target = event.target.closest('[data-copy], [data-toggle-navigation], [data-open-navigation], [data-close-navigation], [data-reconnect], [data-reload], #navigation a');
    if (!target) return;
    if (target.dataset.copy) copy(target);
    else if ('toggleNavigation' in target.dataset) {
      root.dataset.navigation = root.dataset.navigation === 'narrow' ? 'wide' : 'narrow';
      remember('studio-navigation', root.dataset.navigation);
    } else if ('reload' in target.dataset) location.reload();
    else if ('reconnect' in target.dataset) reconnect();
    else openNavigation('openNavigation' in target.dataset);
  });

  // The command palette: the circuit finds, the browser moves through what is found.
  const openPalette = () => {
    const palette = document.querySelector('[data-palette]');
    if (!palette || palette.open || document.querySelector('dialog[open]')) return;
    palette.showModal();
    palette.querySelector('input').select();
  };
  const moveInPalette = (palette, step) => {
    const options = [...palette.querySelectorAll('[role=option]')];
    if (!options.length) return;
    const at = options.findIndex(option => option.getAttribute('aria-selected') === 'true');
    const next = options[(at + step + options.length) % options.length];
    for (const option of options) option.setAttribute('aria-selected', String(option === next));
    palette.querySelector('input').setAttribute('aria-activedescendant', next.id);
    next.scrollIntoView({ block: 'nearest' });
  };
  document.addEventListener('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      event.stopPropagation();
      openPalette();
      return;
    }
    const palette = event.target.closest?.('[data-palette]');
    if (!palette) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      moveInPalette(palette, event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      palette.querySelector('[role=option][aria-selected=true]')?.click();
    }
  }, true);
  document.addEventListener('click', event => {
    if (event.target.closest('[data-open-palette]')) openPalette();
    const palette = event.target.closest('[data-palette]');
    if (palette && (event.target === palette || event.target.closest('[role=option]'))) palette.close();
  });

  // The dialogs of live pages.
  window.studioShowModal = dialog => {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector('[data-focus]')?.focus();
  };

  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') openNavigation(false);
  });

  // Passkeys: the form asks the studio what to sign, the device signs it, and the form carries the answer.
  const passkey = async form => {
    const create = form.dataset.passkey === 'create';
    const error = form.querySelector('[data-passkey-error]');
    const say = text => {
      error.textContent = text;
      error.hidden = !text;
    };
    say('');
    const token = form.querySelector('[name=__RequestVerificationToken]').value;
    const answer = await fetch(form.dataset.options, { method: 'POST', headers: { 'X-CSRF-TOKEN': token } });
    if (!answer.ok) return say(words.pageIsOld);
    const options = await answer.json();
    try {
      const credential = create
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.querySelector('[name$=Credential]').value = JSON.stringify(credential);
      form.dataset.signed = '';
      form.requestSubmit();
    } catch (failure) {
      say(failure.name === 'InvalidStateError' ? words.passkeyExists
        : create ? words.passkeyNotMade : words.passkeyNotUsed);
    }
  };

  document.addEventListener('submit', event => {
    const form = event.target.closest('[data-passkey]');
    if (!form || 'signed' in form.dataset) return;
    event.preventDefault();
    passkey(form);
  });

  // Browsers have passkeys only on https and localhost.
  const showPasskeys = () => {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
    for (const form of document.querySelectorAll('form[data-passkey][hidden]')) form.hidden = false;
  };
  showPasskeys();
  Blazor.addEventListener('enhancedload', showPasskeys);

  const dialog = document.getElementById('components-reconnect-modal');
  const show = state => {
    dialog.dataset.state = state;
    if (!dialog.open) dialog.showModal();
  };
  const reconnect = async () => {
    show('show');
    try {
      // False: the studio answers, but has forgotten this page.
      if (!await Blazor.reconnect()) location.reload();
    } catch {
      show('failed');
    }
  };
  dialog?.addEventListener('components-reconnect-state-changed', event => {
    if (event.detail.state === 'hide') dialog.close();
    else show(event.detail.state);
  });
  dialog?.addEventListener('cancel', event => event.preventDefault());
})();
