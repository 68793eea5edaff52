/**
 * Loads the program's modules with a counter in every branch and an observer at every comparison (trace.ts).
 *
 * A load hook splices text into the TypeScript source at places its syntax tree names; Node strips the types afterwards as it
 * always does, and no line moves, so stacks stay right. Must be imported before the modules it is to instrument.
 */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { HOOK, nextEdge } from './trace.ts';

const OURS = /\/src\/(?:core|io|agent|cli)\/.*\.ts$/;

/** Instruments every module of `src` and those whose URL `also` matches, from now on; undo with `deregister`. */
export function instrumentModules(also = /$^/): { deregister: () => void } {
  const root = new URL('..', import.meta.url).href;
  return registerHooks({
    load(url, context, next) {
      if (!url.startsWith(root) || !(OURS.test(url) || also.test(url))) return next(url, context);
      const source = instrumented(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}

/** `text` replaces what stands from `start` to `end`. At one place what ends comes first, inner before outer. */
type Edit = { readonly start: number; readonly end: number; readonly text: string; readonly order: number };

/** The source with counters and observers in it. Lines keep their numbers. */
export function instrumented(source: string): string {
  const file = ts.createSourceFile('module.ts', source, ts.ScriptTarget.Latest, true);
  const edits: Edit[] = [];
  visit(file, file, 1, edits);
  edits.sort((a, b) => a.start - b.start || a.order - b.order);
  let text = `const __c=globalThis.${HOOK}.counters,__q=globalThis.${HOOK}.isEqual;`;
  let at = 0;
  for (const edit of edits) {
    text += source.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + source.slice(at);
}

function visit(node: ts.Node, file: ts.SourceFile, depth: number, edits: Edit[]): void {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
  const insert = (at: number, text: string, order: number): unknown => edits.push({ start: at, end: at, text, order });
  const wrap = (inner: ts.Node, before: string, after: string): void => {
    insert(inner.getStart(file), before, depth);
    insert(inner.end, after, -depth);
  };
  const count = (): string => `__c[${nextEdge()}]++`;
  const expression = (inner: ts.Node): void => wrap(inner, `(${count()},`, ')');
  const statement = (inner: ts.Node): void => {
    if (ts.isBlock(inner)) insert(inner.getStart(file) + 1, `${count()};`, depth);
    else wrap(inner, `{${count()};`, '}');
  };
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) expression(node.body);
  else if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) statement(node.body);
  else if (ts.isIfStatement(node)) {
    statement(node.thenStatement);
    if (node.elseStatement !== undefined) statement(node.elseStatement);
  } else if (ts.isIterationStatement(node, false)) statement(node.statement);
  else if (ts.isCaseOrDefaultClause(node)) insert(node.statements.pos, `${count()};`, depth);
  else if (ts.isCatchClause(node)) statement(node.block);
  else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(expression);
  else if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (BRANCHES.has(operator)) expression(node.right);
    else if (COMPARES.has(operator) && isWorthKnowing(node.left) && isWorthKnowing(node.right)) {
      const negation = operator === ts.SyntaxKind.ExclamationEqualsEqualsToken ? '!' : '';
      insert(node.getStart(file), `${negation}__q(`, depth);
      const token = node.operatorToken;
      edits.push({ start: token.getStart(file), end: token.end, text: ',', order: depth });
      insert(node.end, ')', -depth);
    }
  }
  ts.forEachChild(node, (child) => visit(child, file, depth + 1, edits));
}

const BRANCHES = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

const COMPARES = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

/** A comparison with these teaches nothing about an input. `typeof` compares type names. */
const isWorthKnowing = (node: ts.Expression): boolean =>
  !(ts.isIdentifier(node) && node.text === 'undefined') &&
  node.kind !== ts.SyntaxKind.NullKeyword &&
  node.kind !== ts.SyntaxKind.TrueKeyword &&
  node.kind !== ts.SyntaxKind.FalseKeyword &&
  !ts.isTypeOfExpression(node);
