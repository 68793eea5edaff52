/**
 * A real Chromium, headless, that speaks to nothing but this machine, and pages in it that remember what went wrong on them.
 */

import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Why the tests that need it are skipped; undefined: they run. */
export const noChromium = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM}: install the Debian package chromium`;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

type Browser = { readonly context: BrowserContext; readonly close: () => Promise<void> };

async function launch(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'momentd-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    viewport: { width: 1_440, height: 1_000 },
    timeout: 60_000,
  });
  context.setDefaultTimeout(15_000);
  return {
    context,
    close: async () => {
      await context.close();
      // Its helpers may still be writing their last.
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Where the tests leave what they saw. */
export const pictures = mkdtempSync(join(tmpdir(), 'momentd-dashboard-'));

let launched: Promise<Browser> | undefined;

/** One for all tests of a file, from the first that asks; its profile is thrown away with it. */
export function browser(): Promise<Browser> {
  if (launched === undefined) console.log(`screenshots: ${pictures}`);
  return (launched ??= launch());
}

export async function close(): Promise<void> {
  await (await launched)?.close();
}

export type Look = { readonly scheme: 'dark' | 'light'; readonly width?: number };

/** A page on `url` and everything it complained of: errors, refused loads, violations of its policy. */
export async function open(
  t: TestContext,
  { context }: Browser,
  url: string,
  { scheme, width = 1_440 }: Look,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await context.newPage();
  t.after(() => page.close());
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(`asked for ${request.url()}`);
  });
  await page.setViewportSize({ width, height: 1_000 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.goto(url);
  return { page, complaints };
}

type Violation = {
  readonly id: string;
  readonly nodes: readonly { readonly target: unknown; readonly html: string }[];
};

/** What axe finds against WCAG 2.2 A and AA and its best practices. The page's own policy stays in force but for this script. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found: Violation[] = await page.evaluate(`axe.run(document).then(({ violations }) => violations)`);
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${String(target)} ${html}`));
}

/** Every panel has had its first answer. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.panel:not([data-answer])').first().waitFor({ state: 'detached' });
}

export const textOf = async (page: Page, selector: string): Promise<string> =>
  ((await page.textContent(selector)) ?? '').trim();
