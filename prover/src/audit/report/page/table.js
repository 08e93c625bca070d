
// Tables that show one page of their rows.

const PAGE = 20;

/// A table. `columns` have `head`, `cell(row)`, and may have `sort(row)`, `number`, `kind` (a class of the cell).
function table({ label, columns, rows, size = PAGE, chosen = () => false }) {
  const state = { rows, page: 0, sorted: null, down: false };
  const body = h('tbody');
  const heads = columns.map(column => head(column, () => sortBy(column)));
  const region = h('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `${label}, arrow keys turn pages`, onkeydown: key },
    h('table', null, h('thead', null, h('tr', null, heads)), body));
  const status = h('span', { role: 'status' });
  const turn = (text, label, page) => h('button', { type: 'button', 'aria-label': label, onclick: () => go(page()) }, text);
  const buttons = [
    turn('«', 'First page', () => 0),
    turn('‹', 'Previous page', () => state.page - 1),
    turn('›', 'Next page', () => state.page + 1),
    turn('»', 'Last page', () => pages() - 1),
  ];
  const pager = h('div', { class: 'pager' }, buttons, status);
  const element = h('div', null, region, pager);
  const pages = () => Math.max(1, Math.ceil(state.rows.length / size));

  function go(page) {
    state.page = Math.min(Math.max(page, 0), pages() - 1);
    draw();
  }

  function key(event) {
    if (event.target !== region || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const to = { ArrowLeft: state.page - 1, ArrowRight: state.page + 1, Home: 0, End: pages() - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  }

  function sortBy(column) {
    state.down = state.sorted === column ? !state.down : false;
    state.sorted = column;
    state.rows = sorted(state.rows, column.sort, state.down);
    columns.forEach((other, at) => {
      if (other === column) heads[at].setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else heads[at].removeAttribute('aria-sort');
      heads[at].querySelector('.arrow')?.replaceChildren(other === column ? (state.down ? ' ↓' : ' ↑') : '');
    });
    go(0);
  }

  function draw() {
    const from = state.page * size;
    const visible = Array.from(state.rows.slice(from, from + size));
    body.replaceChildren(...visible.map(row => h('tr', chosen(row) ? { class: 'chosen' } : null, columns.map(column =>
      h('td', { class: [column.number ? 'number' : '', column.kind ?? ''].join(' ').trim() || null }, column.cell(row))))));
    if (visible.length === 0) body.append(h('tr', null, h('td', { colspan: columns.length, class: 'muted' }, 'none')));
    const count = state.rows.length;
    status.textContent = count > size
      ? `Rows ${exact(from + 1)} to ${exact(from + visible.length)} of ${exact(count)}`
      : `${exact(count)} ${count === 1 ? 'row' : 'rows'}`;
    const ends = [state.page === 0, state.page === pages() - 1];
    buttons.forEach((button, at) => { button.disabled = ends[at < 2 ? 0 : 1]; button.hidden = count <= size; });
  }

  function setRows(rows) {
    state.rows = state.sorted ? sorted(rows, state.sorted.sort, state.down) : rows;
    go(0);
  }

  /// Turns to the page of a row.
  function show(row) {
    const at = state.rows.indexOf(row);
    go(at < 0 ? state.page : Math.floor(at / size));
  }

  draw();
  return { element, setRows, show, draw };
}

function head(column, sort) {
  const text = column.sort
    ? h('button', { type: 'button', onclick: sort }, column.head, h('span', { class: 'arrow', 'aria-hidden': 'true' }))
    : column.head;
  return h('th', { scope: 'col', class: column.number ? 'number' : null }, text);
}

/// Rows by a key, rows without one last.
function sorted(rows, key, down) {
  const sign = down ? -1 : 1;
  return Array.from(rows).map(row => [row, key(row)]).sort(([rowA, a], [rowB, b]) => {
    const [noA, noB] = [a === null || a === undefined, b === null || b === undefined];
    if (noA || noB) return noA - noB || rowA - rowB;
    return (a < b ? -sign : a > b ? sign : 0) || rowA - rowB;
  }).map(([row]) => row);
}
