// Opens a report in headless Chromium: node check.mjs REPORT.html [FOLDER OF SCREENSHOTS]
//
// CHROMIUM names a browser; without it the one of the npm package runs. Exit code 1 and a line for each fault.

import { existsSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [file, folder = mkdtempSync(join(tmpdir(), 'zkmargin-report-'))] = process.argv.slice(2);
if (!file || !existsSync(file)) {
  console.error('usage: node check.mjs REPORT.html [FOLDER]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const address = pathToFileURL(resolve(file)).href;
const faults = [];
const check = (holds, what) => { if (!holds) faults.push(what); };

async function launch() {
  if (process.env.CHROMIUM) return chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  const { default: packed } = await import('@sparticuz/chromium');
  return chromium.launch({ executablePath: await packed.executablePath(), args: packed.args });
}

/// A page that was opened, and how long it took until it was drawn, in milliseconds.
async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`); });
  page.on('pageerror', error => faults.push(`script: ${error.message}`));
  page.on('dialog', dialog => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', request => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('data:')) faults.push(`request: ${request.url()}`);
  });
  const begun = Date.now();
  await page.goto(address);
  await page.waitForSelector('html[data-ready]', { state: 'attached', timeout: 60_000 });
  return { page, took: Date.now() - begun };
}

const shot = (page, name, more = {}) => page.screenshot({ path: join(folder, `${name}.png`), ...more });

async function charts(page) {
  const figures = await page.locator('figure.chart').count();
  check(figures >= 5, `charts: at least 5, found ${figures}`);
  const empty = await page.locator('figure.chart svg path').evaluateAll(paths => paths.filter(path => /NaN|undefined/.test(path.getAttribute('d'))).length);
  check(empty === 0, `charts: ${empty} paths with no numbers`);
  const unnamed = await page.locator('svg[role=img]').evaluateAll(all => all.filter(svg => !svg.getAttribute('aria-label')).length);
  check(unnamed === 0, `charts: ${unnamed} without a text`);
  const button = page.locator('figure.chart figcaption button').first();
  await button.click();
  check(await page.locator('figure.chart table tbody tr').count() > 0, 'charts: no numbers on demand');
  await button.click();
  const svg = page.locator('figure.chart svg').first();
  await svg.focus();
  await page.keyboard.press('Home');
  const first = await page.locator('figure.chart output').first().textContent();
  check(/at batch \d+/.test(first), `charts: arrow keys say ${first}`);
}

async function search(page) {
  const id = await page.evaluate(() => JSON.parse(document.getElementById('data-accounts').textContent).id.at(-1));
  await page.locator('body').press('/');
  check(await page.evaluate(() => document.activeElement.id) === 'query', 'search: / does not focus it');
  await page.keyboard.type(String(id));
  await page.keyboard.press('Enter');
  await page.waitForSelector(`#account-${id}`);
  check(await page.locator(`#account-${id} h3`).first().textContent().then(text => text.includes(`Account ${id}`)), 'search: another account');
  await shot(page, 'account');
  await page.locator('#query').fill('no such account');
  await page.keyboard.press('Enter');
  check(await page.locator('#found [role=alert]').count() === 1, 'search: nothing says that there is no such account');
}

async function keyboard(page) {
  const region = page.locator('#events .scroll').first();
  await region.focus();
  const rows = () => region.locator('tbody').textContent();
  const paged = await page.locator('#events .pager button').first().isVisible();
  const before = await rows();
  await page.keyboard.press('ArrowRight');
  check(!paged || before !== await rows(), 'tables: the right arrow turns no page');
  await page.keyboard.press('Home');
  check(before === await rows(), 'tables: Home does not go back');
  await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  const order = [];
  for (let at = 0; at < 5; at += 1) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate(() => document.activeElement.tagName + '.' + getComputedStyle(document.activeElement).outlineStyle));
  }
  check(order.every(step => step.endsWith('solid') || step.endsWith('auto')), `keyboard: no visible focus in ${order.join(' ')}`);
}

async function liquidation(page) {
  if (await page.locator('#liquidations a[href^="#liquidation-"]').count() === 0) return;
  await page.locator('#liquidations a[href^="#liquidation-"]').first().click();
  const text = await page.locator('#liquidations .detail').textContent();
  check(['LIQ-5', 'LIQ-9', 'LIQ-11', 'LIQ-12'].every(id => text.includes(id)), 'liquidation: checks are missing');
  await page.locator('#liquidations').screenshot({ path: join(folder, 'liquidation.png') });
}

async function looks(browser) {
  const { page } = await open(browser, { colorScheme: 'dark' });
  const shade = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await shade();
  await shot(page, 'dark', { fullPage: true });
  await page.locator('#theme').click();
  check(dark !== await shade(), 'looks: the button does not change the theme');
  await page.emulateMedia({ media: 'print' });
  check(await shade() === 'rgb(255, 255, 255)', 'looks: print is not on white');
  check(!await page.locator('nav').isVisible(), 'looks: print shows the navigation');
  await page.pdf({ path: join(folder, 'print.pdf'), format: 'A4' });
  await shot(page, 'print', { fullPage: true });
  const { page: narrow } = await open(browser, { viewport: { width: 390, height: 800 } });
  const wide = await narrow.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 390, `looks: ${wide} pixels wide on a telephone`);
  await shot(narrow, 'narrow', { fullPage: true });
}

const browser = await launch();
try {
  const { page, took } = await open(browser);
  const events = await page.evaluate(() => JSON.parse(document.getElementById('data-events').textContent).at.length);
  console.log(`${file}: ${statSync(file).size} bytes, ${events} events, drawn after ${took} ms`);
  await shot(page, 'light', { fullPage: true });
  await charts(page);
  await search(page);
  await liquidation(page);
  await keyboard(page);
  await looks(browser);
} finally {
  await browser.close();
}
faults.forEach(fault => console.log(`FAULT ${fault}`));
console.log(`screenshots in ${folder}: ${faults.length} faults`);
process.exitCode = faults.length ? 1 : 0;
