
// Accounts: the table, the search, and one account with its positions and events.

const positionsOf = new Map();
accounts.positions.of.forEach((row, at) => {
  if (!positionsOf.has(row)) positionsOf.set(row, []);
  positionsOf.get(row).push(at);
});
let accountPlace = null;

const accountColumns = [
  { head: 'Account', kind: 'name', cell: row => accountLink(accounts.id[row]), sort: row => accounts.id[row] },
  { head: 'Mode', kind: 'name', cell: row => mode(accounts.mode[row]) },
  { head: 'Health', cell: row => badge(accounts.health[row]), sort: row => accounts.health[row] },
  { head: 'M·TV / MMR', number: true, cell: row => number(accounts.ratio[row]), sort: row => accounts.ratio[row] },
  ...['value', 'initial', 'maintenance', 'withdrawable'].map(name =>
    ({ head: name[0].toUpperCase() + name.slice(1), number: true, cell: row => exact(accounts[name][row]), sort: row => Number(accounts[name][row]) })),
  { head: 'Positions', number: true, cell: row => positionsOf.get(row)?.length ?? 0, sort: row => positionsOf.get(row)?.length ?? 0 },
];

const mode = market => market === 0 ? 'cross' : `isolated in ${marketName(market)}`;

function accountsSection() {
  accountPlace = h('div', { id: 'found', 'aria-live': 'polite' });
  add('accounts',
    h('p', { class: 'note' }, 'Find an account by its number, a name, or the start of its owner\'s key; or take one from the table. Money is in quote tokens at the last oracle prices.'),
    accountPlace, h('h3', null, 'All accounts'),
    table({ label: 'Accounts', columns: accountColumns, rows: rows(accounts.id.length), size: 10 }).element, leftOut(accounts.left_out, 'accounts'));
  document.getElementById('search').addEventListener('submit', event => {
    event.preventDefault();
    search(document.getElementById('query').value.trim());
  });
}

/// Rows of the accounts that a number, a name or the start of a key means.
function find(query) {
  const all = Array.from(accounts.id.keys());
  if (/^\d+$/.test(query)) return all.filter(row => accounts.id[row] === Number(query));
  const text = query.toLowerCase();
  const key = text.replace(/^0x/, '');
  const owned = /^[0-9a-f]{6,64}$/.test(key)
    ? new Set(accounts.owners.flatMap((owner, at) => owner.some(part => part.slice(2).startsWith(key)) ? [at] : []))
    : new Set();
  return all.filter(row => owned.has(accounts.owner[row]) || [nameOf(accounts.id[row]), role(accounts.id[row])].some(name => name?.toLowerCase().includes(text)));
}

function search(query) {
  if (query === '') return;
  const found = find(query);
  if (found.length === 1) {
    const hash = `#account-${accounts.id[found[0]]}`;
    if (location.hash === hash) follow(); else location.hash = hash;
    return;
  }
  accountPlace.replaceChildren(found.length === 0
    ? h('p', { class: 'card', role: 'alert' }, `No account on this page for “${query}”.${accounts.left_out ? ' Some are not on this page: ask `zkmargin audit --account`.' : ''}`)
    : table({ label: 'Accounts found', columns: accountColumns, rows: found, size: 10 }).element);
  document.getElementById('accounts').scrollIntoView();
}

function showAccount(id) {
  const row = accounts.id.indexOf(id);
  if (row < 0) return search(String(id));
  const of = name => exact(accounts[name][row]);
  const [x, y] = accounts.owners[accounts.owner[row]];
  const facts = [
    ['Mode', mode(accounts.mode[row])], ['M·TV / MMR', number(accounts.ratio[row]) || 'no requirement'], ['Value (TV)', of('value')],
    ['Cash without unrealised profit', of('cash')], ['Collateral', of('collateral')], ['Initial requirement', of('initial')],
    ['Maintenance requirement', of('maintenance')], ['May be withdrawn', of('withdrawable')],
  ];
  const { positions } = accounts;
  const column = (head, name) => ({ head, number: true, cell: at => exact(positions[name][at]) });
  const columns = [{ head: 'Market', cell: at => positions.market[at] }, column('Size', 'size'), column('Entry price', 'entry_price'),
    column('Oracle price', 'price'), column('Unrealised profit', 'unrealised'), column('Liquidation price, if no other moves', 'liquidation_price')];
  const own = rows(events.at.length).filter(at => events.account[at] === id || events.other[at] === id);
  const name = nameOf(id) ?? role(id);
  accountPlace.replaceChildren(h('div', { class: 'card detail', id: `account-${id}`, tabindex: '-1' },
    h('h3', null, `Account ${id}${name ? ` (${name})` : ''} `, badge(accounts.health[row])),
    h('dl', { class: 'facts' }, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
    [x, y].every(part => /^0x0+$/.test(part))
      ? h('p', { class: 'note' }, 'Nobody signs for it: only the law moves it, and who pays in.')
      : h('p', { class: 'note' }, 'Owner ', h('code', null, x), ', ', h('code', null, y)),
    h('h3', null, 'Positions'), table({ label: `Positions of account ${id}`, columns, rows: positionsOf.get(row) ?? [] }).element,
    h('h3', null, 'Events'), table({ label: `Events of account ${id}`, columns: eventColumns, rows: own, size: 10 }).element,
    h('p', { class: 'note' }, 'Withdrawals name their recipient, not their account, so none is listed here. Trades are not published.')));
}
