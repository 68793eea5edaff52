/**
 * The house rules that a machine can hold, as functions of a path and a text, so that the tidy test can show each of them
 * failing on a made-up file as well as passing on the tree. style.md's numbers are in brackets.
 */

import ts from 'typescript';

export type Finding = string;

/** What each room may import. `main` is the composition root: src/main.ts and the folder beside it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  ports: ['ports', 'core'],
  agent: ['agent', 'ports', 'core'],
  io: ['io', 'ports', 'core'],
  sim: ['sim', 'ports', 'core'],
  dashboard: ['dashboard'],
  cli: ['cli', 'io', 'sim', 'ports', 'core'],
  main: ['main', 'cli', 'agent', 'io', 'sim', 'ports', 'core'],
};

/** The one Node module core may name, and where: a pure function of its argument. */
const CORE_NODE_IMPORT = { path: 'src/core/codec/sha256.ts', module: 'node:crypto', names: ['hash', 'createHash'] };

const AMBIENT_NAMES = new Set([
  'Date',
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'require',
]);

/** [26] Imports point one way: main -> io | sim | agent -> ports -> core; io folders never import each other. */
export function checkImports(path: string, source: string): Finding[] {
  const room = roomOf(path);
  const allowed = MAY_IMPORT[room] ?? [];
  const findings: Finding[] = [];
  for (const { fileName: specifier } of ts.preProcessFile(source, true, true).importedFiles) {
    if (!specifier.startsWith('.')) continue;
    const target = resolve(path, specifier);
    if (!target.startsWith('src/')) {
      // The addon's type surface is the one file outside src that src names.
      if (!(target.startsWith('native/') && room === 'io')) findings.push(`${path} imports ${target}, outside src`);
      continue;
    }
    if (!allowed.includes(roomOf(target))) findings.push(`${path} (${room}) imports ${target}`);
    const [mine, theirs] = [ioFolderOf(path), ioFolderOf(target)];
    if (mine !== undefined && theirs !== undefined && mine !== theirs)
      findings.push(`${path} imports another adapter, ${target}`);
  }
  return findings;
}

/** [25] Core names no clock, chance, I/O, timer or environment. */
export function checkAmbient(path: string, source: string): Finding[] {
  if (!path.startsWith('src/core/')) return [];
  const findings: Finding[] = [];
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) checkCoreImport(path, node, findings);
    if (ts.isIdentifier(node) && AMBIENT_NAMES.has(node.text) && isReference(node))
      findings.push(`${path}:${lineOf(file, node)} names ${node.text}`);
    if (ts.isPropertyAccessExpression(node) && node.getText(file) === 'Math.random')
      findings.push(`${path}:${lineOf(file, node)} names Math.random`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

/** [41] No bare TODO; [3] no barrel under src; [33] no file over 400 lines. */
export function checkShape(path: string, source: string): Finding[] {
  const findings: Finding[] = [];
  if (/\b(?:TODO|FIXME|XXX)\b/.test(source)) findings.push(`${path} has a bare TODO`);
  if (path.startsWith('src/') && /(?:^|\/)index\.ts$/.test(path)) findings.push(`${path} is a barrel`);
  if (path.startsWith('src/') && /\/utils?(?:\/|\.ts$)/.test(path)) findings.push(`${path} is named for nobody's idea`);
  const lines = source.split('\n').length - 1;
  if (path.startsWith('src/') && lines > 400) findings.push(`${path} has ${lines} lines (400 at most)`);
  return findings;
}

/** Names in the first column of a Markdown table, as `code`. */
export function tableNames(markdown: string): string[] {
  return [...markdown.matchAll(/^\|\s*`([^`]+)`\s*\|/gm)].map((match) => match[1]!);
}

function checkCoreImport(path: string, node: ts.ImportDeclaration, findings: Finding[]): void {
  const module = (node.moduleSpecifier as ts.StringLiteral).text;
  if (module.startsWith('.') || module.startsWith('@noble/')) return;
  if (path === CORE_NODE_IMPORT.path && module === CORE_NODE_IMPORT.module) {
    const bindings = node.importClause?.namedBindings;
    const names =
      bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map((e) => e.name.text) : ['*'];
    for (const name of names)
      if (!CORE_NODE_IMPORT.names.includes(name)) findings.push(`${path} imports ${name} of ${module}`);
    return;
  }
  findings.push(`${path} imports ${module}`);
}

/** An identifier that refers to a value, not a property name, a type or a declared key of our own. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isPropertyDeclaration(parent)) return false;
  return !ts.isMethodDeclaration(parent);
}

const lineOf = (file: ts.SourceFile, node: ts.Node): number =>
  file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;

function roomOf(path: string): string {
  return path === 'src/main.ts' ? 'main' : (path.split('/')[1] ?? '');
}

function ioFolderOf(path: string): string | undefined {
  return path.startsWith('src/io/') ? path.split('/')[2] : undefined;
}

function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
