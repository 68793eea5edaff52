/** Log messages are constant: what varies is in the fields, so that a message can be searched, counted and alerted on. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

type Call = { readonly where: string; readonly message: ts.Expression; readonly fields: ts.Expression | undefined };

/** Calls of `Log.write`: a method `write` of something called log, with a level, a message and perhaps fields. */
function logCalls(path: string, text: string): readonly Call[] {
  if (!text.includes('.write(')) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name, expression } = node.expression;
      const [, message, fields] = node.arguments;
      if (name.text === 'write' && /log$/i.test(expression.getText(file)) && message !== undefined) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
        calls.push({ where: `${path}:${line + 1}`, message, fields });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return calls;
}

/** What is wrong with a call, or undefined. */
function faultOf({ message }: Call): string | undefined {
  if (!ts.isStringLiteral(message)) return `is not constant: ${message.getText()}`;
  if (!/^(?:[a-z]|SIG|API)/.test(message.text)) return `begins with a capital: ${message.text}`;
  return /[.!]$/.test(message.text) ? `ends like a sentence: ${message.text}` : undefined;
}

const calls = readdirSync(SOURCES, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .flatMap((path) => logCalls(path.slice(SOURCES.length + 1), readFileSync(path, 'utf8')));

test('every log message is constant, in lower case, without a full stop', () => {
  assert.ok(calls.length >= 25, `${calls.length} calls found`);
  const faults = calls.flatMap((call) => faultOf(call)?.replace(/^/, `${call.where} `) ?? []);
  assert.deepEqual(faults, []);
});

test('no field is named like a secret', () => {
  const named = calls.flatMap(({ where, fields }) =>
    fields !== undefined && ts.isObjectLiteralExpression(fields)
      ? fields.properties.map((property) => `${where} ${property.name?.getText() ?? ''}`)
      : [],
  );
  assert.ok(named.length > 25);
  assert.deepEqual(
    named.filter((text) => / (?:.*secret.*|passphrase|token|seed|privateKey|key)$/i.test(text)),
    [],
  );
});

test('a message that varies, a capital and a full stop would be found', () => {
  const wrong = [
    'log.write("info", `${n} peers`)',
    'log.write("warn", "Peers gone")',
    'needs.log.write("warn", "gone.")',
  ];
  for (const source of wrong) assert.ok(faultOf(logCalls('x.ts', source)[0]!) !== undefined, source);
  assert.equal(faultOf(logCalls('x.ts', 'this.#log.write("info", "all is well", { peers: 3 })')[0]!), undefined);
  assert.deepEqual(logCalls('x.ts', 'stream.write("a", "b")'), []);
});
