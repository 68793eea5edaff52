/**
 * Builds the Debian package: the compiled program, its packages and the Node it runs on, the service and what goes with it.
 *
 *     npm run package:deb [-- --out DIRECTORY --compression zstd|xz|gzip]
 *
 * Nothing is fetched: everything is in the tree after `npm ci`. The list of our own files is npm's, so that both packages
 * carry the same program.
 */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { runtimePackages } from './closure.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const { values } = parseArgs({
  options: { out: { type: 'string', default: '.cache/debian' }, compression: { type: 'string', default: 'zstd' } },
});
const out = resolve(root, values.out);
const stage = join(out, 'root');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch];
if (architecture === undefined) throw new Error(`no package for ${process.arch}`);

const run = (tool, ...args) => execFileSync(tool, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
// The date of what is packed, so that the same commit gives the same package.
process.env.SOURCE_DATE_EPOCH ??= run('git', 'log', '-1', '--format=%ct').trim();

run('npm', 'run', 'prepack');
rmSync(stage, { recursive: true, force: true });

const at = (path) => {
  const target = join(stage, path);
  mkdirSync(dirname(target), { recursive: true });
  return target;
};
const put = (path, content, mode = 0o644) => {
  writeFileSync(at(path), content);
  chmodSync(at(path), mode);
};
const copy = (from, to, filter = () => true) =>
  cpSync(join(root, from), at(to), { recursive: true, dereference: true, filter });

// ---- the program, its packages, its runtime

const LIB = 'usr/lib/momentd';
const [packed] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts'));
for (const { path } of packed.files)
  if (/^(?:bin|dist|prebuilds|systemd|deploy|package\.json)/.test(path)) copy(path, `${LIB}/${path}`);
const platform = `linux-${process.arch}`;
const NOT_RUN = /\.(?:map|d\.[mc]?ts|ts|cc|cpp|h|gyp|gypi)$/;
const isForeign = (path) => basename(dirname(path)) === 'prebuilds' && basename(path) !== platform;
for (const path of runtimePackages(root))
  copy(path, `${LIB}/${path}`, (file) => {
    // Packages below this one are in the list themselves where they are needed.
    const nested = file.slice(join(root, path).length).includes('/node_modules');
    return !nested && !isForeign(file) && !NOT_RUN.test(file);
  });
copy(`node_modules/node-${platform}/bin/node`, `${LIB}/runtime/node`);
put(`${LIB}/bin/momentd`, readFileSync(join(here, 'momentd.sh')), 0o755);
mkdirSync(join(stage, 'usr/bin'), { recursive: true });
symlinkSync('../lib/momentd/bin/momentd', join(stage, 'usr/bin/momentd'));

// ---- the service

for (const [from, to] of [
  ['momentd.service', 'systemd/system/momentd.service'],
  ['momentd.sysusers', 'sysusers.d/momentd.conf'],
  ['momentd.tmpfiles', 'tmpfiles.d/momentd.conf'],
  ['60-momentd.rules', 'udev/rules.d/60-momentd.rules'],
])
  copy(`systemd/${from}`, `usr/lib/${to}`);
put('etc/default/momentd', readFileSync(join(here, 'momentd.default')));

// ---- what people read

copy('share', 'usr/share');
const page = join(stage, 'usr/share/man/man1/momentd.1');
put('usr/share/man/man1/momentd.1.gz', gzipSync(readFileSync(page), { level: 9 }));
rmSync(page);
copy('docs', 'usr/share/doc/momentd');
put('usr/share/doc/momentd/changelog.gz', gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }));
put('usr/share/doc/momentd/copyright', copyright());

// ---- the package's own files

const control = (name, content, mode) => put(`DEBIAN/${name}`, content, mode);
for (const name of ['postinst', 'prerm', 'postrm']) control(name, readFileSync(join(here, 'scripts', name)), 0o755);
control('conffiles', '/etc/default/momentd\n');
const sizeKib = Number(run('du', '-sk', stage).split('\t')[0]);
control(
  'control',
  `Package: momentd
Version: ${manifest.version}
Architecture: ${architecture}
Maintainer: momentd maintainers <momentd@localhost>
Installed-Size: ${sizeKib}
Depends: ${libraries().join(', ')}, systemd | systemd-sysusers, systemd | systemd-tmpfiles
Recommends: udev
Section: net
Priority: optional
Description: time-attestation validator agent
 Signs nanosecond intervals that are guaranteed to contain true time, with the
 evidence from which anyone recomputes them, and keeps them in a tamper-evident
 log. Reads PTP hardware clocks, PPS, GNSS receivers and OCP Time Cards.
 .
 Brings the Node runtime it needs. The service is neither enabled nor started
 by the installation.
`,
);

for (const entry of readdirSync(stage, { withFileTypes: true, recursive: true }))
  if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
const file = join(out, `momentd_${manifest.version}_${architecture}.deb`);
run(
  'dpkg-deb',
  '--root-owner-group',
  `-Z${values.compression}`,
  ...(values.compression === 'zstd' ? ['-z3'] : []),
  '--build',
  stage,
  file,
);
rmSync(stage, { recursive: true });
process.stdout.write(`${file}\n`);

/** The C libraries that our binaries were linked against, with the versions they ask for. */
function libraries() {
  const binaries = [join(stage, LIB, 'runtime/node')];
  for (const entry of readdirSync(join(stage, LIB), { withFileTypes: true, recursive: true }))
    if (entry.isFile() && entry.name.endsWith('.node') && !entry.name.includes('musl'))
      binaries.push(join(entry.parentPath, entry.name));
  const symbols = binaries.map((binary) => run('objdump', '-T', binary)).join('\n');
  const newest = (prefix) =>
    [
      ...new Set(
        [...symbols.matchAll(new RegExp(`\\b${prefix}_(\\d+(?:\\.\\d+)*)`, 'g'))].map(([, version]) => version),
      ),
    ]
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1);
  // Which GCC brought which version of libstdc++: the table of GCC's manual, "ABI Policy and Guidelines".
  const GCC_OF = { 28: '9.3', 29: '11', 30: '12', 31: '13.1', 32: '13.2', 33: '14', 34: '15' };
  const cxx = Number(newest('GLIBCXX')?.split('.')[2] ?? 0);
  const gcc = GCC_OF[cxx] ?? (cxx < 28 ? '9' : undefined);
  if (gcc === undefined) throw new Error(`which libstdc++ has GLIBCXX_3.4.${cxx}? add it to the table`);
  return [`libc6 (>= ${newest('GLIBC')})`, `libstdc++6 (>= ${gcc})`, 'libgcc-s1'];
}

/** Licences of everything that is packed, with their texts where the packages have them. */
function copyright() {
  const licence = (path) =>
    ['LICENSE', 'LICENSE.md', 'LICENCE', 'LICENSE-APACHE', 'LICENSE-MIT', 'license', 'COPYING']
      .map((name) => join(root, path, name))
      .filter((candidate) => existsSync(candidate))
      .map((candidate) => readFileSync(candidate, 'utf8').trim())
      .join('\n\n');
  const parts = [...runtimePackages(root), `node_modules/node-${platform}`].map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return `---- ${name} ${version}: ${typeof license === 'string' ? license : 'see its text'}\n\n${licence(path)}\n`;
  });
  return `momentd is licensed under the Apache License 2.0; on Debian its text is in /usr/share/common-licenses/Apache-2.0.\n\nIt is packed with these works, each under its own licence:\n\n${parts.join('\n')}`;
}
