'use strict';
(() => {
  const root = document.documentElement;
  const show = (element) => { element.hidden = false; };

  // The theme: what the system asks for, until it is chosen here.
  const button = document.getElementById('theme');
  const asked = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme || (asked.matches ? 'dark' : 'light')) === 'dark';
  const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  const store = (change) => {
    // A browser may keep nothing for files.
    try { return change(localStorage); } catch (e) { return null; }
  };
  const kept = store((storage) => storage.getItem('kmemu-theme'));
  if (kept === 'dark' || kept === 'light') { root.dataset.theme = kept; }
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    store((storage) => storage.setItem('kmemu-theme', root.dataset.theme));
    label();
  });
  asked.addEventListener('change', label);
  label();
  show(button);

  // Copying.
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  for (const copy of document.querySelectorAll('[data-copies]')) {
    const source = document.getElementById(copy.dataset.copies);
    const told = (word) => {
      copy.textContent = word;
      setTimeout(() => { copy.textContent = 'Copy'; }, 1500);
    };
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
        told('Copied');
      } catch (e) {
        select(source);
        told(document.execCommand('copy') ? 'Copied' : 'Selected');
      }
    });
    show(copy);
  }

  // The pictures of KVA: wider is nearer.
  const MOST = 400;
  const LABEL = 128;
  const zoomable = (figure) => {
    const view = figure.querySelector('.view');
    const picture = view.querySelector('svg');
    const ticks = [...picture.querySelectorAll('.tick')];
    let zoom = 1;
    const drawTicks = () => {
      const width = picture.clientWidth;
      let free = 0;
      for (const tick of ticks) {
        const at = parseFloat(tick.getAttribute('x')) / 100 * width;
        const fits = at >= free && at + LABEL <= width;
        tick.style.display = fits ? 'block' : 'none';
        free = fits ? at + LABEL : free;
      }
    };
    // The point x of the view stays where it is.
    const zoomTo = (wanted, x) => {
      const part = (view.scrollLeft + x) / picture.clientWidth;
      zoom = Math.min(MOST, Math.max(1, wanted));
      picture.style.width = `calc(max(100%, 720px) * ${zoom})`;
      view.scrollLeft = part * picture.clientWidth - x;
      drawTicks();
    };
    const middle = () => view.clientWidth / 2;
    const steps = {
      in: () => zoomTo(zoom * 1.6, middle()),
      out: () => zoomTo(zoom / 1.6, middle()),
      all: () => zoomTo(1, 0),
    };
    const tools = figure.querySelector('.tools');
    for (const tool of tools.querySelectorAll('[data-zoom]')) {
      tool.addEventListener('click', steps[tool.dataset.zoom]);
    }
    show(tools);
    view.addEventListener('keydown', (event) => {
      const step = { '+': steps.in, '=': steps.in, '-': steps.out, '0': steps.all }[event.key];
      if (step && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        step();
      }
    });
    view.addEventListener('wheel', (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoomTo(zoom * Math.exp(-event.deltaY / 300), event.clientX - view.getBoundingClientRect().left);
      }
    }, { passive: false });
    addEventListener('resize', drawTicks);
    drawTicks();
  };
  document.querySelectorAll('figure.kva').forEach(zoomable);
})();
