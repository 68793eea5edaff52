/**
 * A TOML file as flat tables of keys with the line each stands on, so that whatever is wrong is refused by line.
 *
 * toml-eslint-parser does the grammar; this file only flattens its tree: `[validator]` is one table, each `[[source]]` is
 * one more, dotted keys and inline tables become dotted names. What the values mean is the schema's business.
 */

import { getStaticTOMLValue, parseTOML, ParseError, type AST } from 'toml-eslint-parser';

export type TomlEntry = { readonly key: string; readonly value: unknown; readonly line: number };

/** `index` counts the tables of an array (`[[source]]`); undefined for a plain table. `name` is '' for the root. */
export type TomlTable = {
  readonly name: string;
  readonly index: number | undefined;
  readonly line: number;
  readonly entries: readonly TomlEntry[];
};

export type ConfigProblem = { readonly line: number; readonly key: string; readonly problem: string };

/** The tables of `text` in the order they stand, or where the grammar is broken. */
export function parseDocument(text: string): readonly TomlTable[] | ConfigProblem {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: '1.0' });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { line: error.lineNumber, key: '', problem: `not TOML: ${error.message.toLowerCase()}` };
  }
  const top = program.body[0];
  const tables: TomlTable[] = [];
  const rootEntries: TomlEntry[] = [];
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') rootEntries.push(entryOf(node));
    else tables.push(tableOf(node));
  }
  return rootEntries.length === 0 ? tables : [{ name: '', index: undefined, line: 1, entries: rootEntries }, ...tables];
}

function tableOf(node: AST.TOMLTable): TomlTable {
  const index = node.resolvedKey.find((part) => typeof part === 'number');
  const name = node.resolvedKey.filter((part) => typeof part === 'string').join('.');
  return { name, index, line: node.loc.start.line, entries: node.body.map(entryOf) };
}

function entryOf(node: AST.TOMLKeyValue): TomlEntry {
  const key = node.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value)).join('.');
  return { key, value: getStaticTOMLValue(node.value), line: node.loc.start.line };
}
