
// Events and liquidations.

const KINDS = ['deposit', 'tick', 'transfer', 'withdrawal', 'liquidation', 'mode', 'key'];

const eventColumns = [
  { head: 'Batch', number: true, cell: row => exact(batches.number[events.at[row]]), sort: row => row },
  { head: 'Event', number: true, cell: row => events.event[row] },
  { head: 'Time', cell: row => date(batches.time[events.at[row]]) },
  { head: 'Kind', cell: row => KINDS[events.kind[row]] },
  { head: 'Account', kind: 'name', cell: row => accountLink(events.account[row]), sort: row => events.account[row] },
  { head: 'Other account', kind: 'name', cell: row => accountLink(events.other[row]), sort: row => events.other[row] },
  { head: 'Market', kind: 'name', cell: row => marketName(events.market[row]) },
  { head: 'Amount', number: true, cell: row => exact(events.amount[row]), sort: row => events.amount[row] === null ? null : Number(events.amount[row]) },
  { head: 'Details', kind: 'wrap', cell: eventDetail },
];

function eventDetail(row) {
  const detail = events.detail[row];
  switch (KINDS[events.kind[row]]) {
    case 'deposit': return detail === 0 ? 'to a cross account' : `to an account isolated in ${marketName(detail)}`;
    case 'tick': return `price ${number(detail[0])}${detail[0] === detail[1] ? '' : `, asked ${number(detail[1])}`}, funding rate ${number(detail[2])} per hour`;
    case 'transfer': return detail ? 'created the account' : '';
    case 'withdrawal': return h('span', null, 'to ', h('code', null, detail));
    case 'mode': return `from the next batch on: ${mode(detail)}`;
    case 'key': return h('span', null, 'from the next batch on: ', h('code', null, detail[0]), ', ', h('code', null, detail[1]));
    default: return detail < liquidations.at.length ? h('a', { href: `#liquidation-${detail}` }, 'why it was allowed') : '';
  }
}

function eventsSection() {
  const all = rows(events.at.length);
  const view = table({ label: 'Events', columns: eventColumns, rows: all });
  const kind = h('select', { id: 'kind', onchange: () => choose() },
    h('option', { value: '' }, 'all kinds'), KINDS.map((name, at) => h('option', { value: at }, `${name}s`)));
  const choose = () => view.setRows(kind.value === '' ? all : all.filter(row => events.kind[row] === Number(kind.value)));
  add('events',
    h('p', { class: 'note' }, 'Events are numbered in their batch as ', h('code', null, 'zkmargin explain'), ' counts them. Amounts are quote tokens; of a liquidation, its quote.'),
    h('div', { class: 'tools' }, h('label', { for: 'kind' }, 'Kind'), kind), view.element, leftOut(events.left_out, 'events'));
}

const side = row => liquidations.short[row] ? 'short' : 'long';
let liquidationsView = null;
const liquidationShown = { row: null, place: null };

const liquidationColumns = [
  { head: 'Batch', number: true, cell: row => exact(batches.number[liquidations.at[row]]), sort: row => row },
  { head: 'Time', cell: row => date(batches.time[liquidations.at[row]]) },
  { head: 'Account', kind: 'name', cell: row => accountLink(liquidations.account[row]), sort: row => liquidations.account[row] },
  { head: 'Market', kind: 'name', cell: row => marketName(liquidations.market[row]), sort: row => liquidations.market[row] },
  { head: 'Closed', number: true, cell: row => `${exact(liquidations.size[row])} of ${exact(liquidations.held[row])} ${side(row)}` },
  { head: 'Price', number: true, cell: row => exact(liquidations.price[row]) },
  { head: 'Oracle price', number: true, cell: row => exact(liquidations.oracle[row]) },
  { head: 'Fee', number: true, cell: row => exact(liquidations.fee[row]), sort: row => Number(liquidations.fee[row]) },
  { head: 'M·TV / MMR', number: true, cell: row => number(liquidations.ratio[row]), sort: row => liquidations.ratio[row] },
  { head: 'Taker', kind: 'name', cell: row => accountLink(liquidations.taker[row]) },
  { head: 'Law', cell: row => h('a', { href: `#liquidation-${row}`, 'aria-label': `Why liquidation ${row + 1} was allowed` }, 'why') },
];

function liquidationsSection() {
  const { at } = liquidations;
  liquidationsView = table({ label: 'Liquidations', columns: liquidationColumns, rows: rows(at.length), size: 10, chosen: row => row === liquidationShown.row });
  liquidationShown.place = h('div', { 'aria-live': 'polite' });
  add('liquidations',
    h('p', { class: 'note' }, 'Value and requirements are the account\'s right before. Follow “why” for each check of the law with both sides of its numbers.'),
    liquidationsView.element, leftOut(liquidations.left_out, 'liquidations'), liquidationShown.place);
  if (at.length) showLiquidation(0);
}

function showLiquidation(row) {
  if (!(row < liquidations.at.length)) return;
  liquidationShown.row = row;
  liquidationsView.show(row);
  const of = name => exact(liquidations[name][row]);
  const facts = [
    ['Value of the account (TV)', of('value')], ['Initial requirement', of('initial')], ['Maintenance requirement', of('maintenance')],
    ['M·TV / MMR', number(liquidations.ratio[row])], ['Position', `${side(row)} ${of('held')} ${marketName(liquidations.market[row])}`],
    ['Closed', of('size')], ['Quote', of('quote')], ['Price', of('price')], ['Oracle price', of('oracle')], ['Fee to the pool', of('fee')],
    ['Taker', accountLink(liquidations.taker[row])], ['Order of the taker', liquidations.order[row] ?? 'none: the pool takes'],
    ['Place in the bytes', `element ${liquidations.element[row]} of batch ${exact(batches.number[liquidations.at[row]])}`],
  ];
  const columns = [
    { head: 'Check', cell: line => line.id }, { head: 'Asks', kind: 'wrap', cell: line => line.what },
    { head: 'Left side', number: true, kind: 'digits', cell: line => digits(line.left) }, { head: '', cell: line => line.relation },
    { head: 'Right side', number: true, kind: 'digits', cell: line => digits(line.right) }, { head: 'Counted in', cell: line => line.unit },
    { head: 'Holds', cell: line => h('span', { class: `badge ${line.holds ? 'good' : 'bad'}` }, line.holds ? 'yes' : 'NO') },
  ];
  const judged = batches.judged[liquidations.at[row]] ? '' : ' This batch was applied but not judged.';
  liquidationShown.place.replaceChildren(h('div', { class: 'card detail', id: `liquidation-${row}`, tabindex: '-1' },
    h('h3', null, `Why account ${liquidations.account[row]} was liquidated in batch ${exact(batches.number[liquidations.at[row]])}`),
    h('p', null, `It was worth ${of('value')}, less than its maintenance requirement of ${of('maintenance')} quote tokens.${judged}`),
    h('dl', { class: 'facts' }, facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
    table({ label: 'Checks of the law', columns, rows: checks(row) }).element,
    h('p', { class: 'note' }, 'By the proof alone: that value and requirements are the account\'s at that moment, that an order\'s owner signed it and its limit holds, and that the taker may take.')));
}
