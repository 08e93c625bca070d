
// The sections of the page.

function verdictSection() {
  const { verdict, sections, rests_on_no_word: sure } = run;
  const [summary, ...parts] = sections;
  const range = `Batches ${exact(batches.number[0])} to ${exact(verdict.last)} · ${date(batches.time[0])} to ${date(batches.time.at(-1))} UTC · shape ${verdict.shape}`;
  add('verdict',
    h('div', { class: `card lead ${sure ? 'sure' : ''}` },
      h('strong', null, summary.title),
      h('p', null, sure ? 'It rests on nobody\'s word beyond the operator\'s prices.' : 'Part of it rests on the directory\'s own word, as named below.'),
      summary.lines.map(line => h('p', { class: 'note' }, line)),
      h('p', { class: 'note' }, range)),
    h('div', { class: 'thirds' }, parts.map(part => h('div', { class: 'card' },
      h('h3', null, part.title[0].toUpperCase() + part.title.slice(1)),
      h('ul', null, part.lines.map(line => h('li', null, line)))))),
    tiles());
}

function tiles() {
  const { events: counts, verdict } = { events: run.verdict.events, verdict: run.verdict };
  const gas = batches.gas.reduce((sum, gas) => sum + gas, 0);
  const shown = [
    ['Batches', exact(verdict.applied)], ['Accounts', exact(verdict.accounts)], ['Resting orders', exact(verdict.orders)],
    ['Deposits', exact(counts.deposits)], ['Withdrawals', exact(counts.withdrawals)], ['Transfers', exact(counts.transfers)],
    ['Ticks', exact(counts.ticks)], ['Liquidations', exact(counts.liquidations)],
    ['Published bytes', exact(verdict.bytes)], ['Gas of lists as calldata', exact(gas)],
  ];
  return h('dl', { class: 'tiles' }, shown.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

const MARKETS_AT_ONCE = 6;

function marketsSection() {
  const place = h('div');
  const few = markets.length <= MARKETS_AT_ONCE;
  const select = h('select', { id: 'market', onchange: () => draw() },
    few ? h('option', { value: '' }, 'all markets') : null,
    markets.map(market => h('option', { value: market.id }, market.name)));
  function draw() {
    const chosen = markets.filter(market => select.value === '' || String(market.id) === select.value);
    place.replaceChildren(...chosen.map(marketCharts));
  }
  add('markets',
    h('p', { class: 'note' }, 'Each line holds its value until the next change. Open interest counts long and short positions together, as the law does. ',
      'The insurance pool of a market is worth its collateral plus its position at the oracle price.'),
    h('div', { class: 'tools' }, h('label', { for: 'market' }, 'Market'), select), place,
    h('h3', null, 'All insurance pools'), h('div', { class: 'grid' }, totalInsurance()));
  draw();
}

function marketCharts(market) {
  const { name, at, price, funding, open_interest, pool_at, pool, asked_at, asked } = market;
  return h('div', { class: 'market' }, h('h3', null, name),
    asked.length ? h('ul', { class: 'legend' }, h('li', null, h('i', { class: 'mark' }), `price that a tick asked for and did not get (${exact(asked.length)})`)) : null,
    h('div', { class: 'grid' },
      chart({ title: `Price of ${name}`, unit: 'quote tokens per unit', at, values: price, marks: { at: asked_at, values: asked } }),
      chart({ title: `Funding index of ${name}`, unit: 'quote tokens that one unit long has paid', at, values: funding, zero: true }),
      chart({ title: `Open interest in ${name}`, unit: 'units, long and short', at, values: open_interest, zero: true }),
      chart({ title: `Insurance pool of ${name}`, unit: 'quote tokens', at: pool_at, values: pool, zero: true })));
}

/// The sum of all pools, a point where one of them changes.
function totalInsurance() {
  const changes = markets.flatMap(market => market.pool_at.map((row, index) => [row, market.id, market.pool[index]])).sort((a, b) => a[0] - b[0]);
  const now = new Map();
  const [at, values] = [[], []];
  for (const [row, id, value] of changes) {
    now.set(id, value);
    if (at.at(-1) !== row) { at.push(row); values.push(0); }
    values[values.length - 1] = [...now.values()].reduce((sum, pool) => sum + pool, 0);
  }
  return chart({ title: 'All insurance pools', unit: 'quote tokens', at, values, zero: true });
}

const CLASSES = [
  ['bankrupt', 'bad', 'bankrupt: worth less than nothing'],
  ['close_out', 'bad', 'close-out: below half of the maintenance requirement'],
  ['liquidatable', 'bad', 'liquidatable: below the maintenance requirement'],
  ['below_initial', 'warn', 'below the initial requirement'],
  ['healthy', 'good', 'at or above the initial requirement'],
];

function marginSection() {
  const { bounds, ...counts } = accounts.margins;
  const names = marginNames(bounds);
  const totals = names.map((_, at) => CLASSES.reduce((sum, [key]) => sum + counts[key][at], 0));
  const all = totals.reduce((sum, count) => sum + count, 0);
  const columns = [
    { head: 'M·TV / MMR', cell: row => names[row] },
    ...CLASSES.map(([key, , text]) => ({ head: text.split(':')[0], number: true, cell: row => exact(counts[key][row]) })),
  ];
  const numbers = h('details', null, h('summary', null, 'Numbers of this chart'), table({ label: 'Margin health', columns, rows: rows(names.length) }).element);
  add('margin',
    h('p', { class: 'note' }, `${exact(all)} accounts hold positions. The ratio is the account's value over its maintenance requirement at the last oracle prices: below 1 it may be liquidated. `,
      'Colours say how the value stands to both requirements.'),
    h('figure', { class: 'card' },
      h('ul', { class: 'legend' }, CLASSES.map(([key, tone, text]) =>
        h('li', null, h('i', { class: tone }), `${text} (${exact(counts[key].reduce((sum, count) => sum + count, 0))})`))),
      marginPlot(names, counts, totals), numbers));
}

function marginNames(bounds) {
  const text = bound => String(bound / 1000);
  return ['below 0', ...bounds.map((bound, at) => at + 1 < bounds.length ? `${text(bound)} to ${text(bounds[at + 1])}` : `${text(bound)} and more`)];
}

function marginPlot(names, counts, totals) {
  const [width, height, bottom, top] = [960, 230, 190, 20];
  const step = width / names.length;
  const most = Math.max(1, ...totals);
  const bar = (_, at) => {
    let base = bottom;
    const parts = CLASSES.filter(([key]) => counts[key][at] > 0).map(([key, tone]) => {
      const size = Math.max(1.5, counts[key][at] / most * (bottom - top));
      base -= size;
      return s('rect', { class: tone, x: at * step + step * 0.14, width: step * 0.72, y: base, height: size - 0.5 });
    });
    return [parts,
      s('text', { x: (at + 0.5) * step, y: base - 5, 'text-anchor': 'middle' }, totals[at] ? exact(totals[at]) : ''),
      s('text', { x: (at + 0.5) * step, y: bottom + 18, 'text-anchor': 'middle' }, names[at])];
  };
  const label = `Accounts by margin ratio: ${names.map((name, at) => `${name}: ${totals[at]}`).join(', ')}`;
  return s('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    s('line', { class: 'axis', x1: 0, x2: width, y1: bottom, y2: bottom }), names.map(bar),
    s('text', { x: width / 2, y: height - 4, 'text-anchor': 'middle' }, 'M·TV / MMR'));
}

function batchesSection() {
  const column = (head, name) => ({ head, number: true, cell: row => exact(batches[name][row]), sort: row => batches[name][row] });
  const columns = [
    column('Batch', 'number'),
    { head: 'Time', cell: row => date(batches.time[row]) },
    { head: 'State root after it', kind: 'long', cell: row => hex(batches.root[row]) },
    column('Elements', 'elements'), column('Bytes', 'bytes'), column('Gas of lists', 'gas'), column('Deposits', 'deposits'), column('Ticks', 'ticks'),
    column('Transfers', 'transfers'), column('Withdrawals', 'withdrawals'), column('Liquidations', 'liquidations'), column('Accounts', 'accounts'), column('Orders', 'orders'),
  ];
  if (batches.judged.includes(false)) columns.push({ head: 'Judged', cell: row => batches.judged[row] ? 'yes' : 'no' });
  const at = rows(batches.number.length);
  add('batches',
    h('p', { class: 'note' }, 'Gas is the published lists of a batch as calldata by EIP-2028: 4 for each zero byte, 16 for each other one. ',
      'It leaves out the transaction\'s base cost, the proof and other arguments, what the contract executes, and the floor of EIP-7623.'),
    h('div', { class: 'grid' },
      chart({ title: 'Gas of the lists as calldata', unit: 'gas per batch', at: Array.from(at), values: batches.gas, bars: true }),
      chart({ title: 'Accounts and orders published', unit: 'entries per batch', at: Array.from(at), values: batches.accounts.map((count, row) => count + batches.orders[row]), bars: true })),
    h('h3', null, 'All batches'), table({ label: 'Batches', columns, rows: at }).element);
}
