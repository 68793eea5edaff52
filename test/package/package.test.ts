/**
 * The Debian package as an operator meets it: built, installed, and walked through with nothing else on the search path, from
 * `doctor` to a lost receiver and back, while state, reason, alert, metric, log and page must agree.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, close as closeBrowser, noChromium, open } from '../dashboard/browser.ts';
import { buildAndInstall, missingTool, type Installed } from './package-fixture.ts';
import { Events, facesOf } from './walk.ts';

const missing = missingTool();
const skip = missing === undefined ? false : `needs ${missing}, which is not installed here`;
let installed: Installed;

before(() => {
  if (missing === undefined) installed = buildAndInstall();
});
after(async () => {
  await closeBrowser();
  if (missing === undefined) installed.remove();
});

const inRoot = (path: string): string => join(installed.root, path);
const said = ({ code, stdout, stderr }: ReturnType<Installed['run']>): string => `${code}: ${stdout}${stderr}`;

test('it installs the service and what belongs to it, makes the user, and starts nothing', { skip }, (t) => {
  t.diagnostic(`built and installed in ${installed.buildSeconds.toFixed(1)} s`);
  for (const path of [
    'usr/bin/momentd',
    'usr/lib/systemd/system/momentd.service',
    'usr/lib/sysusers.d/momentd.conf',
    'usr/lib/tmpfiles.d/momentd.conf',
    'usr/lib/udev/rules.d/60-momentd.rules',
    'usr/share/man/man1/momentd.1.gz',
    'usr/share/bash-completion/completions/momentd',
    'usr/share/zsh/vendor-completions/_momentd',
    'usr/share/fish/vendor_completions.d/momentd.fish',
    'usr/share/doc/momentd/copyright',
    'usr/share/doc/momentd/operating.md',
    'etc/default/momentd',
  ])
    assert.ok(existsSync(inRoot(path)), path);
  assert.match(readFileSync(inRoot('etc/passwd'), 'utf8'), /^momentd:x:/m);
  assert.equal(statSync(inRoot('var/lib/momentd')).mode & 0o777, 0o700);
  assert.equal(statSync(inRoot('etc/momentd')).mode & 0o777, 0o750);
  assert.equal(existsSync(inRoot('etc/systemd/system/multi-user.target.wants/momentd.service')), false, 'not enabled');
  const conffiles = spawnSync('dpkg-query', [`--root=${installed.root}`, '-W', '-f=${Conffiles}', 'momentd'], {
    encoding: 'utf8',
  });
  assert.match(conffiles.stdout, /\/etc\/default\/momentd [0-9a-f]{32}/);
  for (const foreign of ['typescript', 'eslint', 'node-gyp', 'playwright-core', 'prettier'])
    assert.equal(existsSync(inRoot(`usr/lib/momentd/node_modules/${foreign}`)), false, `${foreign} is for development`);
});

test('systemd finds no mistake in the unit as it is installed', { skip }, () => {
  const unit = inRoot('usr/lib/systemd/system/momentd.service');
  const { status, stderr } = spawnSync(
    'systemd-analyze',
    ['verify', `--root=${installed.root}`, '--man=no', '--recursive-errors=no', unit],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
});

test('removing and purging it leaves key, guard and lane where they are', { skip }, () => {
  // On paper only: the scripts as they stand, with a scratch root of their own.
  const scratch = join(installed.directory, 'scripts');
  spawnSync('dpkg-deb', ['-e', installed.package, scratch]);
  const host = join(installed.directory, 'purged');
  spawnSync('mkdir', ['-p', join(host, 'var/lib/momentd')]);
  for (const [script, argument] of [
    ['prerm', 'remove'],
    ['postrm', 'remove'],
    ['postrm', 'purge'],
  ] as const) {
    const { status, stderr } = spawnSync(join(scratch, script), [argument], {
      encoding: 'utf8',
      env: { ...process.env, DPKG_ROOT: host },
    });
    assert.equal(status, 0, stderr);
  }
  assert.ok(existsSync(join(host, 'var/lib/momentd')));
});

test('an operator walks from doctor to a lost receiver and back', { skip }, async (t) => {
  assert.match(installed.run('--version').stdout, /^\d+\.\d+\.\d+\n$/);
  const home = join(installed.directory, 'agent');
  const made = installed.run('init', '--dir', home, '--simulated', '--port', '0', '--network', 'walk', '--json');
  assert.equal(made.code, 0, said(made));
  const config = join(home, 'momentd.toml');
  const faults = join(home, 'faults');
  const text = readFileSync(config, 'utf8')
    .replace('limit = "10us"', 'lock_after = "1s"\nrelock_after = "1s"\nlimit = "1us"')
    .replace('kind = "sim"', 'kind = "sim"\nfaults_file = "faults"');
  // A limit that is near and an alert that looks far ahead and is soon over: the walk need not last an hour.
  writeFileSync(config, `${text}\n[alerts]\nlimit_soon = "24h"\nkeep = "10s"\n`);

  const doctor = installed.run('doctor', '--config', config, '--json');
  assert.ok(doctor.code === 0 || doctor.code === 1, said(doctor));
  const { findings } = JSON.parse(doctor.stdout) as {
    findings: { subject: string; severity: string; detail: string }[];
  };
  const own = findings.filter(
    ({ detail, subject }) => detail.includes(home) || /config|key|genesis|guard/.test(subject),
  );
  assert.ok(own.length > 0);
  assert.deepEqual(
    own.filter(({ severity }) => severity === 'fail'),
    [],
    'what init made is well',
  );

  const agent = installed.start('run', '--config', config);
  t.after(() => agent.child.kill('SIGKILL'));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await agent.line(/^local API: /))![0];
  const events = new Events(url);
  t.after(() => events.close());
  await events.first('clock-changed', ({ to }) => to === 'locked');
  await events.first('statement-committed', () => true);
  const well = await facesOf(url);
  assert.deepEqual([well.state, well.metricState, well.signing, well.attestingMetric], ['locked', 'locked', true, '1']);
  assert.ok(!well.firing.includes('alert-limit-soon'));

  const page = noChromium === undefined ? (await open(t, await browser(), url, { scheme: 'dark' })).page : undefined;
  if (page === undefined) t.diagnostic(`without the page: ${noChromium}`);
  await page?.waitForSelector('#now[data-state=locked]');

  // The receiver is unplugged.
  const before = { events: events.count, lines: agent.lines.length };
  writeFileSync(faults, 'receiver-silent\n');
  const lost = await events.first('clock-changed', ({ to }) => to === 'holdover', before.events);
  await events.first(
    'alert-changed',
    ({ code, raised }) => code === 'alert-limit-soon' && raised === true,
    before.events,
  );
  const troubled = await facesOf(url);
  assert.equal(troubled.state, 'holdover');
  assert.equal(troubled.reason, lost['code'], 'the status gives the reason of the event');
  assert.deepEqual([troubled.metricState, troubled.metricReason], ['holdover', troubled.reason]);
  assert.ok(troubled.firing.includes('alert-limit-soon'), troubled.firing.join());
  assert.equal(troubled.signing, true, 'holdover still signs, with a bound that grows');
  const logged = JSON.parse(await agent.line(/"clock state changed".*|"to":"holdover"/, before.lines)) as Record<
    string,
    unknown
  >;
  assert.deepEqual([logged['to'], logged['code']], ['holdover', troubled.reason]);
  await page?.waitForSelector('#now[data-state=holdover]');
  const status = installed.run('status', '--api', url);
  assert.match(status.stdout, new RegExp(`^state +holdover: .*\\(${troubled.reason}\\)$`, 'm'));

  // And plugged in again.
  const again = { events: events.count, lines: agent.lines.length };
  writeFileSync(faults, '');
  await events.first('clock-changed', ({ to }) => to === 'locked', again.events);
  await events.first(
    'alert-changed',
    ({ code, raised }) => code === 'alert-limit-soon' && raised === false,
    again.events,
  );
  const healed = await facesOf(url);
  assert.deepEqual([healed.state, healed.metricState, healed.signing], ['locked', 'locked', true]);
  assert.ok(!healed.firing.includes('alert-limit-soon'));
  await agent.line(/"to":"locked"/, again.lines);
  await page?.waitForSelector('#now[data-state=locked]');
  await page?.close();
  events.close();
  assert.equal(await agent.stop(), 0);

  // What is left is for the auditor: a lane that is whole, and a report that is signed and says what happened.
  const genesis = join(home, 'genesis.cbor');
  const verified = installed.run('verify', join(home, 'state/lane'), '--genesis', genesis);
  assert.equal(verified.code, 0, said(verified));
  const [json, html] = [join(home, 'report.json'), join(home, 'report.html')];
  const reported = installed.run('report', '--config', config, '--json', json, '--html', html);
  assert.equal(reported.code, 0, said(reported));
  type Reported = {
    verdict: string;
    evidence: { recomputed: number; wrong: unknown[]; states_ns: Record<string, string> };
  };
  const report = JSON.parse(readFileSync(json, 'utf8')) as Reported;
  assert.equal(report.verdict, 'met');
  assert.deepEqual(report.evidence.wrong, []);
  assert.ok(report.evidence.recomputed > 10);
  assert.ok(BigInt(report.evidence.states_ns['holdover']!) > 0n && BigInt(report.evidence.states_ns['locked']!) > 0n);
  const checked = installed.run('verify', json, html, '--genesis', genesis);
  assert.equal(checked.code, 0, said(checked));
  const twice = installed.run('report', '--config', config, '--json', '--unsigned');
  assert.equal(twice.stdout, readFileSync(json, 'utf8'), 'the same question gives the same bytes');
  writeFileSync(html, readFileSync(html, 'utf8').replace('not attested', 'attested'));
  const forged = installed.run('verify', html, '--genesis', genesis);
  assert.equal(forged.code, 1);
  assert.match(forged.stdout, /report-digest/);
});
