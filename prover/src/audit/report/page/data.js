
'use strict';

// Data of the page, elements, and how numbers are written.

const block = name => JSON.parse(document.getElementById('data-' + name).textContent);
const run = block('run');
const batches = block('batches');
const markets = Object.values(block('markets'));
const accounts = block('accounts');
const liquidations = block('liquidations');
const events = block('events');
let law = null;

/// The law's checks, read when they are first asked for.
function checks(row) {
  law ??= block('law');
  return law.lines[row].map(([at, left, right, holds]) => {
    const [id, what, relation, unit] = law.asks[at];
    return { id, what, relation, unit, left, right, holds };
  });
}

/// An element. Texts become text nodes, never HTML.
function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/// An element of a drawing.
function s(tag, attributes, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined).map(child => child instanceof Node ? child : String(child)));
  return element;
}

/// Adds to a section of the page.
const add = (name, ...children) => filled(document.getElementById(name), null, children);
const rows = count => Uint32Array.from({ length: count }, (_, at) => at);

/// A decimal number, or its text, with commas between thousands.
function exact(value) {
  if (value === null || value === undefined) return '';
  const [whole, fraction] = String(value).split('.');
  const grouped = whole.replace(/^(-?)(\d+)/, (_, sign, digits) => sign + digits.replace(/\B(?=(\d{3})+$)/g, ','));
  return fraction === undefined ? grouped : grouped + '.' + fraction;
}

const rounded = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 9 });
const brief = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 5 });
const number = value => Number.isFinite(value) ? rounded.format(value) : '';

const date = seconds => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
const nameOf = id => accounts.names[id] ?? null;
const market = id => markets.find(market => market.id === id);
const marketName = id => id === null ? '' : market(id)?.name ?? `market ${id}`;
const shortHex = text => text.slice(0, 10) + '…' + text.slice(-8);

/// A long hexadecimal number that opens.
function hex(text) {
  return h('details', null, h('summary', { class: 'mono hex' }, shortHex(text)), h('code', null, text));
}

/// What special accounts are for.
function role(id) {
  if (id === 1) return 'fees';
  const pool = market(id - 1);
  return pool ? `pool of ${pool.name}` : null;
}

/// A whole number that may break after its commas.
const digits = value => exact(value).split(/(?<=,)/).flatMap(part => [h('wbr'), part]);

/// A link to an account; empty without one.
function accountLink(id) {
  if (id === null || id === undefined) return '';
  const name = nameOf(id) ?? role(id);
  return h('a', { href: `#account-${id}` }, name ? `${id} (${name})` : id);
}

const HEALTH = {
  'healthy': 'good', 'reduce only': 'warn', 'liquidatable': 'bad', 'close-out': 'bad', 'bankrupt': 'bad',
};
const badge = health => h('span', { class: `badge ${HEALTH[health]}` }, health);
const leftOut = (count, what) => count ? h('p', { class: 'note' }, `${exact(count)} more ${what} are not on this page.`) : null;
