
// Charts over time, drawn as SVG. A pixel column shows the lowest, highest and last of its points.

const HEIGHT = 170;
const MARGIN = { left: 66, right: 14, top: 8, bottom: 24 };

/// A chart of values that hold until they change (`bars`: of values per batch).
///
/// `at` are rows of the table of batches, `values` one number each; `marks` is a second list of the same form, drawn as
/// dots.
function chart({ title, unit, at, values, marks = null, zero = false, bars = false }) {
  const points = { at, values, zero, bars, marks: marks ?? { at: [], values: [] } };
  const frame = h('div');
  const readout = h('output', { class: 'readout', 'aria-live': 'polite' });
  const toggle = h('button', { type: 'button', 'aria-expanded': 'false', onclick: () => numbers() }, 'Numbers');
  const figure = h('figure', { class: 'card chart' },
    h('figcaption', null, h('span', { class: 'name' }, title), h('span', { class: 'unit' }, unit), toggle), readout, frame);
  const state = { width: 0, cursor: at.length - 1, plot: null, table: null };

  function redraw(width) {
    if (width < 50 || Math.abs(width - state.width) < 2) return;
    state.width = width;
    state.plot = plot(points, width, label());
    state.plot.svg.addEventListener('pointermove', event => point(state.plot.rowAt(event), true));
    state.plot.svg.addEventListener('pointerleave', () => point(at.length - 1, false));
    state.plot.svg.addEventListener('keydown', key);
    state.plot.svg.addEventListener('blur', () => point(at.length - 1, false));
    frame.replaceChildren(state.plot.svg);
  }

  function label() {
    const [low, high] = extent(values);
    return `${title}, ${unit}: ${exact(at.length)} points from ${number(low)} to ${number(high)}. Arrow keys walk the points.`;
  }

  function point(row, visible) {
    state.cursor = row;
    state.plot?.cursor(visible ? row : null);
    readout.textContent = row < 0 ? 'no values' : `${visible ? '' : bars ? 'last: ' : 'last change: '}${number(values[row])} at batch ${batches.number[at[row]]}, ${date(batches.time[at[row]])}`;
  }

  function key(event) {
    const last = at.length - 1;
    const to = { ArrowLeft: state.cursor - 1, ArrowRight: state.cursor + 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    point(Math.min(Math.max(to, 0), last), true);
  }

  function numbers() {
    const open = state.table === null || state.table.hidden;
    if (state.table === null) {
      state.table = chartTable(title, unit, points);
      figure.append(state.table);
    }
    state.table.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
  }

  point(at.length - 1, false);
  new ResizeObserver(entries => redraw(Math.round(entries[0].contentRect.width))).observe(frame);
  return figure;
}

/// The numbers of a chart as a table.
function chartTable(title, unit, { at, values, marks }) {
  const asked = new Map(marks.at.map((row, index) => [row, marks.values[index]]));
  const columns = [
    { head: 'Batch', number: true, cell: row => batches.number[at[row]] },
    { head: 'Time', cell: row => date(batches.time[at[row]]) },
    { head: unit, number: true, cell: row => number(values[row]), sort: row => values[row] },
  ];
  if (asked.size) columns.push({ head: 'Asked price', number: true, cell: row => number(asked.get(at[row])) });
  return table({ label: `Numbers of ${title}`, columns, rows: rows(at.length), size: 10 }).element;
}

/// The drawing of a chart in a width.
function plot({ at, values, zero, bars, marks }, width, label) {
  const [left, right, bottom] = [MARGIN.left, width - MARGIN.right, HEIGHT - MARGIN.bottom];
  const times = [batches.time[0], batches.time.at(-1)];
  if (times[0] === times[1]) times[1] += 1;
  const span = extent(values, extent(marks.values, zero || bars ? [0, 0] : undefined));
  const ticks = niceTicks(span[0], span[1], 4);
  const [low, high] = [Math.min(ticks[0], span[0]), Math.max(ticks.at(-1), span[1])];
  const x = row => left + (batches.time[row] - times[0]) / (times[1] - times[0]) * (right - left);
  const y = value => bottom - (value - low) / (high - low) * (bottom - MARGIN.top);
  const cursor = s('g', { visibility: 'hidden' }, s('line', { class: 'cursor', y1: MARGIN.top, y2: bottom }), s('circle', { class: 'cursor-dot', r: 4.5 }));
  const svg = s('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, role: 'img', tabindex: '0', 'aria-label': label },
    ticks.map(tick => [
      s('line', { class: 'gridline', x1: left, x2: right, y1: y(tick), y2: y(tick) }),
      s('text', { x: left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, brief.format(tick)),
    ]),
    timeTicks(times, left, right).map(([position, text]) => s('text', { x: position, y: HEIGHT - 6, 'text-anchor': 'middle' }, text)),
    s('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
    bars ? needles(at, values, x, y) : s('path', { class: 'line', d: steps(at, values, x, y, right) }),
    dots(marks, x, y), cursor);
  return { svg, cursor: show, rowAt };

  function show(row) {
    cursor.setAttribute('visibility', row === null ? 'hidden' : 'visible');
    if (row === null || row < 0) return;
    const [line, dot] = cursor.children;
    line.setAttribute('x1', x(at[row]));
    line.setAttribute('x2', x(at[row]));
    dot.setAttribute('cx', x(at[row]));
    dot.setAttribute('cy', y(values[row]));
  }

  /// The last point at or before the pointer.
  function rowAt(event) {
    const box = svg.getBoundingClientRect();
    const wanted = (event.clientX - box.left) * width / box.width;
    let [low, high] = [0, at.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x(at[middle]) <= wanted) low = middle; else high = middle;
    }
    return at.length ? low : -1;
  }
}

function extent(values, start = [Infinity, -Infinity]) {
  let [low, high] = start;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/// A path of steps: to each pixel column, through its lowest and highest value, and on from its last.
function steps(at, values, x, y, right) {
  let path = '';
  for (const column of columnsOf(at, values, x)) {
    const [first, low, high, last] = [column.first, column.low, column.high, column.last].map(value => y(value).toFixed(1));
    path += path === '' ? `M${column.x} ${first}` : `H${column.x}`;
    path += low === high ? `V${last}` : `V${low}V${high}V${last}`;
  }
  return path === '' ? '' : path + `H${right}`;
}

/// A line from 0 to each value; where they are many, from the lowest to the highest of each pixel column.
function needles(at, values, x, y) {
  const room = at.length > 1 ? (x(at.at(-1)) - x(at[0])) / (at.length - 1) : 8;
  let path = '';
  for (const column of columnsOf(at, values, x)) {
    const from = room < 2 ? y(column.low) + 0.7 : y(0);
    path += `M${column.x} ${from.toFixed(1)}V${(y(column.high) - 0.7).toFixed(1)}`;
  }
  return s('path', { class: 'bars', 'stroke-width': Math.min(8, Math.max(1, room * 0.6)).toFixed(1), d: path });
}

function columnsOf(at, values, x) {
  const columns = [];
  for (let row = 0; row < at.length; row += 1) {
    const [position, value] = [Math.round(x(at[row])), values[row]];
    const last = columns.at(-1);
    if (last?.x === position) {
      last.low = Math.min(last.low, value);
      last.high = Math.max(last.high, value);
      last.last = value;
    } else {
      columns.push({ x: position, first: value, low: value, high: value, last: value });
    }
  }
  return columns;
}

function dots(marks, x, y) {
  const places = new Map();
  marks.at.forEach((row, index) => {
    const [cx, cy] = [Math.round(x(row)), Math.round(y(marks.values[index]))];
    places.set(`${cx >> 1} ${cy >> 1}`, [cx, cy]);
  });
  return [...places.values()].map(([cx, cy]) => s('circle', { class: 'dot', cx, cy, r: 2.5 }));
}

/// Round numbers between two bounds, at least two.
function niceTicks(low, high, wanted) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 100, high + Math.abs(high) / 100];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough);
  const [from, to] = [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: to - from + 1 }, (_, at) => (from + at) * step);
}

/// Places and texts of dates and times.
function timeTicks([from, to], left, right) {
  const STEPS = [1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400, 14 * 86400, 30 * 86400, 91 * 86400, 365 * 86400];
  const step = STEPS.find(step => (to - from) / step <= (right - left) / 95) ?? 10 * 365 * 86400;
  const places = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const text = date(time);
    const short = step >= 86400 ? text.slice(0, 10) : to - from > 86400 ? text.slice(5, 16) : step < 60 ? text.slice(11) : text.slice(11, 16);
    places.push([left + (time - from) / (to - from) * (right - left), short]);
  }
  return places;
}
