/** A network on the page, in a real Chromium: peers, lanes and order as the API tells them, and what is concurrent shown as such. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { networkRoutes } from '../../src/io/api/network-routes.ts';
import { browser, close, noChromium, open, pictures, settled, textOf, violations } from './browser.ts';
import { madeUpNetwork, ORDER_SIZE, PEERS } from './made-up-network.ts';
import { serve } from './served.ts';

const skip = noChromium ?? false;
after(close);

type Order = {
  readonly entries: readonly {
    readonly subject: string;
    readonly seen: { readonly earliest_ns: string; readonly latest_ns: string };
  }[];
};

test('peers, lanes and order are those of the API, concurrent subjects in one group', { skip }, async (t) => {
  const served = await serve(t, { groups: (world) => [networkRoutes(madeUpNetwork(world.truthNow()))] });
  await served.world.run(40);
  const { page, complaints } = await open(t, await browser(), served.url, { scheme: 'dark' });
  await settled(page);

  await page.locator('#network-words', { hasText: 'Health' }).waitFor();
  assert.match(await textOf(page, '#network-words'), /^Health 65 of 100 .* 3 of 4 validators heard .* cedar\.$/);
  assert.equal(await page.locator('#peer-rows tr').count(), PEERS.length);
  for (const { name, time } of PEERS) {
    const row = page.locator(`#peer-rows [data-key="${name}"]`);
    const agrees = time === undefined ? 'unknown' : time.isConsistent ? 'yes' : 'no common instant';
    assert.equal(await row.locator('.mark-word').textContent(), agrees);
    const offset = await row.locator('data').first().getAttribute('value');
    assert.equal(offset, time === undefined ? null : String(time.offset.least));
  }
  await page.locator('#lane-list', { hasText: '(ours)' }).waitFor();
  const lanes = await textOf(page, '#lane-list');
  assert.match(lanes, /amber \(ours\)followed4,210 entries, checkpoint at 4,200, cosigned by 1 of 3/);
  assert.match(lanes, /cedarcontradicted itself/);
  assert.match(lanes, /dunecatching up4,189 entries, no checkpoint seen/);

  // The newest 32 of 57, as the order has them; neighbours whose intervals meet stand in one group.
  const { entries } = (await served.get(`/v1/order?from=${ORDER_SIZE - 32}&limit=32`)) as Order;
  await page.locator(`#order-groups code[title="${entries.at(-1)!.subject}"]`).waitFor();
  const shown = await page.evaluate(`[...document.querySelectorAll('#order-groups > li')]
    .map((group) => [...group.querySelectorAll('code')].map((code) => code.title)).reverse()`);
  const expected: string[][] = [];
  let end = 0n;
  for (const { subject, seen } of entries) {
    if (BigInt(seen.earliest_ns) <= end) expected.at(-1)!.push(subject);
    else expected.push([subject]);
    end = BigInt(seen.latest_ns) > end ? BigInt(seen.latest_ns) : end;
  }
  assert.deepEqual(shown, expected);
  assert.ok(expected.some((group) => group.length > 1) && expected.some((group) => group.length === 1));
  assert.match(await textOf(page, '#order-status'), /^57 final, 2 waiting\. Waiting for the lanes of validators 3\.$/);

  await page.screenshot({ path: join(pictures, 'network-dark.png'), fullPage: true });
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
});
