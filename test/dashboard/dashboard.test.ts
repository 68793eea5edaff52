/**
 * The dashboard in a real Chromium, over real agents on simulated cards: what it shows is what the API says, in four states, to
 * those who see it and to those who do not; and it says so when it does not know.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { micros } from '../../src/core/time/nanos.ts';
import { browser, close, noChromium, open, pictures, settled, textOf, violations, type Look } from './browser.ts';
import { serve, type Served } from './served.ts';

const skip = noChromium ?? false;
after(close);

type Scene = {
  readonly name: string;
  readonly look: Look;
  readonly begin: Parameters<typeof serve>[1];
  readonly play: (served: Served) => Promise<void>;
  readonly state: string;
  readonly word: string;
};

const SCENES: readonly Scene[] = [
  {
    name: 'acquiring',
    look: { scheme: 'light' },
    begin: {},
    play: ({ world }) => world.run(4),
    state: 'acquiring',
    word: 'Acquiring',
  },
  {
    name: 'locked',
    look: { scheme: 'dark' },
    begin: {},
    play: ({ world }) => world.run(180),
    state: 'locked',
    word: 'Locked',
  },
  {
    name: 'holdover',
    look: { scheme: 'dark' },
    begin: {},
    play: async ({ world }) => {
      await world.run(100);
      world.card.setFault('antenna-cut', true);
      await world.run(80);
    },
    state: 'holdover',
    word: 'Holdover',
  },
  {
    name: 'falseticker',
    look: { scheme: 'light' },
    begin: { apart: [micros(0), micros(9)] },
    play: ({ world }) => world.run(90),
    state: 'locked',
    word: 'Locked',
  },
];

type Alerts = {
  readonly active: readonly { readonly code: string; readonly sentence: string; readonly state: string }[];
};

type Status = {
  readonly time: Readonly<Record<string, string | null>> & { readonly reason: { sentence: string; remedy: string } };
  readonly seconds_until_limit: number | null;
  readonly attesting: { readonly signing: boolean };
  readonly budget: readonly { readonly term: string; readonly ns: string }[];
  readonly sources: readonly { readonly name: string; readonly verdict: string }[];
};

for (const scene of SCENES) {
  test(`${scene.name}: state, reason and figures are the API’s`, { skip }, async (t) => {
    const served = await serve(t, scene.begin);
    await scene.play(served);
    const { page, complaints } = await open(t, await browser(), served.url, scene.look);
    await page.waitForSelector(`#now[data-state=${scene.state}]`);
    await settled(page);

    const status = (await served.get('/v1/status')) as Status;
    assert.equal(await textOf(page, '#state-word'), scene.word);
    assert.equal(await textOf(page, '#reason'), status.time.reason.sentence);
    assert.equal(await textOf(page, '#remedy'), status.time.reason.remedy);
    for (const [id, value] of [
      ['guarantee', status.time['guarantee_ns']],
      ['earliest', status.time['earliest_ns']],
      ['latest', status.time['latest_ns']],
      ['utc', status.time['nano_moment']],
      ['until-limit', status.seconds_until_limit],
      ['signing', status.attesting.signing],
    ] as const)
      assert.equal(await valueOf(page, `#${id}`), value === null || value === undefined ? null : String(value), id);
    for (const { term, ns } of status.budget)
      if (ns !== '0') assert.equal(await valueOf(page, `#budget-rows [data-key="${term}"] data`), ns, term);
    assert.equal(await page.locator('#source-rows tr').count(), status.sources.length);
    for (const { name, verdict } of status.sources) {
      const mark = page.locator(`#source-rows [data-key="${name}"] .mark-word`);
      assert.equal(await mark.getAttribute('data-verdict'), verdict);
      assert.match(((await mark.textContent()) ?? '').toLowerCase(), new RegExp(`^${verdict.slice(0, 6)}`));
    }

    const { active } = (await served.get('/v1/alerts')) as Alerts;
    const shown = await page.evaluate(`[...document.querySelectorAll('#alert-list li')].map((li) => li.dataset.code)`);
    assert.deepEqual(
      shown,
      active.toSorted((a, b) => Number(a.state === 'pending') - Number(b.state === 'pending')).map(({ code }) => code),
    );

    await page.screenshot({ path: join(pictures, `${scene.name}-${scene.look.scheme}.png`), fullPage: true });
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(complaints, []);
  });
}

test(
  'a change of the agent reaches a page that is open, and is said to those who do not see it',
  { skip },
  async (t) => {
    const served = await serve(t);
    await served.world.run(60);
    const { page, complaints } = await open(t, await browser(), served.url, { scheme: 'dark' });
    await page.waitForSelector('#now[data-state=locked]');
    await settled(page);
    assert.equal(await textOf(page, '#said'), '', 'the state that was found is read from the page itself');

    served.world.card.setFault('unplugged', true);
    await served.world.run(30);
    await page.waitForSelector('#now:not([data-state=locked])');
    const status = (await served.get('/v1/status')) as Status;
    assert.equal(await textOf(page, '#reason'), status.time.reason.sentence);
    assert.equal(await valueOf(page, '#guarantee'), status.time['guarantee_ns'] ?? null);
    await page.locator('#said', { hasText: status.time.reason.sentence }).waitFor({ state: 'attached' });
    assert.match(await textOf(page, '#said'), /Not signing/);
    const first = page.locator('#event-list li').first();
    await first.waitFor();
    assert.match((await page.locator('#event-list').textContent()) ?? '', /Clock locked → /);
    assert.deepEqual(complaints, []);
  },
);

test('an agent that no longer answers leaves a page that says so and looks it', { skip }, async (t) => {
  const served = await serve(t);
  await served.world.run(60);
  const { page } = await open(t, await browser(), served.url, { scheme: 'light' });
  await page.waitForSelector('#now[data-state=locked]');
  await settled(page);
  assert.equal(await page.locator('#lost').isVisible(), false);

  await served.close();
  await page.locator('#lost').waitFor({ state: 'visible' });
  assert.match(await textOf(page, '#lost'), /The agent does not answer .* old and may be wrong now/);
  assert.equal(await page.getAttribute('html', 'data-link'), 'lost');
  const look = await page.evaluate(`getComputedStyle(document.getElementById('main')).filter`);
  assert.equal(look, 'grayscale(1)');
  await page.screenshot({ path: join(pictures, 'lost-light.png') });
});

test('everything can be reached and read by keyboard alone, and nothing traps it', { skip }, async (t) => {
  const served = await serve(t);
  await served.world.run(120);
  const { page, complaints } = await open(t, await browser(), served.url, { scheme: 'dark' });
  await settled(page);

  await page.keyboard.press('Tab');
  assert.equal(await focusedOn(page), 'Skip to the state of the clock');
  await page.keyboard.press('Enter');
  await page.locator('main:focus').waitFor();

  const seen = new Set<string>();
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const name = await focusedOn(page);
    if (name === '' || seen.has(name)) break;
    seen.add(name);
    const ring = await page.evaluate(`(() => {
      const at = document.activeElement;
      const shown = at.matches('.choice input') ? at.nextElementSibling : at;
      return getComputedStyle(shown).outlineStyle;
    })()`);
    assert.equal(ring, 'solid', `${name} shows where the focus is`);
  }
  for (const name of ['10 min', 'Guarantee over time', 'Table of sources', 'Phase of the clock', 'API description'])
    assert.ok(
      [...seen].some((each) => each.startsWith(name)),
      `${name} is reached: ${[...seen].join(', ')}`,
    );

  const chart = page.locator('#phase-chart [role=slider]');
  await chart.focus();
  await page.keyboard.press('Home');
  const oldest = await chart.getAttribute('aria-valuetext');
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await chart.getAttribute('aria-valuetext'), oldest);
  assert.equal(await chart.getAttribute('aria-valuenow'), '1');
  await page.keyboard.press('End');
  assert.equal(await chart.getAttribute('aria-valuenow'), await chart.getAttribute('aria-valuemax'));

  await page.locator('#theme').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'light');
  assert.deepEqual(complaints, []);
});

test('a narrow window shows the same without a sideways scroll', { skip }, async (t) => {
  const served = await serve(t, { apart: [micros(0), micros(9)] });
  await served.world.run(60);
  const { page, complaints } = await open(t, await browser(), served.url, { scheme: 'dark', width: 390 });
  await page.waitForSelector('#now[data-state=locked]');
  await settled(page);
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
  await page.screenshot({ path: join(pictures, 'narrow-dark.png') });
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
});

test('the policy holds: what a page may not do is refused in this page', { skip }, async (t) => {
  const served = await serve(t);
  const { page, complaints } = await open(t, await browser(), served.url, { scheme: 'dark' });
  await settled(page);
  await page.evaluate(`(() => {
    const script = document.createElement('script');
    try { script.textContent = 'window.ran = true'; document.head.append(script); } catch {}
    document.body.insertAdjacentElement('beforeend', Object.assign(document.createElement('p'), { id: 'styled' }));
    document.getElementById('styled').setAttribute('style', 'color: red');
  })()`);
  assert.equal(await page.evaluate('window.ran === true'), false);
  const refused = await page.evaluate(`fetch('http://127.0.0.1:9/').then(() => false, () => true)`);
  assert.equal(refused, true);
  for (const directive of ['style-src', 'connect-src'])
    assert.ok(
      complaints.some((complaint) => complaint.includes(directive)),
      `${directive}: ${complaints.join('\n')}`,
    );
});

/** What has the focus, by its name to a screen reader; empty on the page itself. */
const focusedOn = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const at = document.activeElement;
    if (at === null || at === document.body || at === document.documentElement) return '';
    const labelled = document.getElementById(at.getAttribute('aria-labelledby') ?? '');
    const own = at.getAttribute('aria-label') ?? labelled?.textContent ?? at.closest('label')?.textContent ?? at.textContent;
    return own.trim();
  })()`);

const valueOf = (page: Page, selector: string): Promise<string | null> => page.getAttribute(selector, 'value');
