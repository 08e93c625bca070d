// Repeats the events and liquidations of a report until it has so many events: node inflate.mjs REPORT.html EVENTS OUT.html
//
// For the load time of large reports; the numbers of such a page mean nothing.

import { readFileSync, writeFileSync } from 'node:fs';

const [file, wanted, out] = process.argv.slice(2);
let page = readFileSync(file, 'utf8');
const pattern = name => new RegExp(`(<script type="application/json" id="data-${name}">)(.*?)(</script>)`, 's');
const read = name => JSON.parse(pattern(name).exec(page)[2]);
const write = (name, data) => {
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  page = page.replace(pattern(name), (_, before, __, after) => before + text + after);
};
const factor = Math.ceil(Number(wanted) / read('events').at.length);
const repeat = list => Array.from({ length: factor }, () => list).flat();
const columns = data => Object.fromEntries(Object.entries(data).map(([name, column]) => [name, Array.isArray(column) ? repeat(column) : column]));
write('events', columns(read('events')));
write('liquidations', columns(read('liquidations')));
const law = read('law');
write('law', { ...law, lines: repeat(law.lines) });
writeFileSync(out, page);
