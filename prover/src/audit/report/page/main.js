
// Puts the page together.

const THEMES = ['system', 'light', 'dark'];

function theme() {
  const button = document.getElementById('theme');
  let at = 0;
  button.addEventListener('click', () => {
    at = (at + 1) % THEMES.length;
    if (at === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = THEMES[at];
    button.textContent = `Theme: ${THEMES[at]}`;
  });
}

/// Shows what the address names.
function follow() {
  const [, what, text] = /^#(account|liquidation)-(\d+)$/.exec(location.hash) ?? [];
  if (what === undefined) return;
  (what === 'account' ? showAccount : showLiquidation)(Number(text));
  const shown = document.getElementById(location.hash.slice(1));
  shown?.scrollIntoView();
  shown?.focus({ preventScroll: true });
}

document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  document.getElementById('query').focus();
});

document.title = `Audit report: batches ${exact(batches.number[0])} to ${exact(run.verdict.last)}`;
theme();
verdictSection();
marketsSection();
marginSection();
liquidationsSection();
accountsSection();
eventsSection();
batchesSection();
addEventListener('hashchange', follow);
follow();
requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = Math.round(performance.now()); }));
