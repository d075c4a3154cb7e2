/**
 * Which texts among a tool's parameters are SQL, and whether all of them only read. What a parameter is called decides
 * nothing by itself: to a database tool every text is a statement, a part of one, or a plain value; a list is also
 * read as one text, since a tool may join it.
 */
import type { Json, JsonObject } from '../../json.ts';
import { provesExpression, provesRead } from './reads.ts';
import { BEGINNINGS } from './words.ts';

/** @param functions that statements may call, in lower case */
export function onlyReads(
  parameters: JsonObject,
  database: boolean,
  functions: ReadonlySet<string>,
): boolean {
  const harmless = (text: string, named: boolean): boolean => {
    if (text.trim() === '') return true;
    if (named) return provesRead(text, functions);
    if (!database && !looksLikeSql(text)) return true;
    if (database && isPlainValue(text)) return true;
    return provesRead(text, functions) || (database && provesExpression(text, functions));
  };

  const walk = (value: Json | undefined, named: boolean): boolean => {
    if (typeof value === 'string') return harmless(value, named);
    if (typeof value === 'number' || typeof value === 'boolean')
      return !named || harmless(String(value), named);
    if (typeof value !== 'object' || value === null) return true;
    if (Array.isArray(value)) {
      const parts = textsOf(value);
      return (
        value.every((element) => walk(element, named)) &&
        (parts.length < 2 ||
          parts.every((part) => isStatement(part)) ||
          ['', ' '].every((between) => isHarmlessJoined(parts.join(between), named)))
      );
    }
    return Object.entries(value).every(
      ([name, inner]) =>
        (!database || isPlainValue(name) || harmless(name, false)) &&
        walk(inner, isCalledSql(name, database)),
    );
  };

  /** Whole statements, one behind the other, do what each of them does. */
  const isStatement = (text: string): boolean =>
    /^\s*(?:select|with|values|show|explain)\s/i.test(text) && provesRead(text, functions);

  /** Plain values in a row are seldom one plain value: only what begins like a statement matters then. */
  const isHarmlessJoined = (text: string, named: boolean): boolean =>
    (!beginsLikeSql(text) && !text.includes(';')) || harmless(text, named);

  return walk(parameters, false);
}

/** The texts that stand directly in a list. Those of lists in it are joined there. */
function textsOf(list: readonly Json[]): string[] {
  return list.filter((element) => typeof element === 'string');
}

/** `sql`, `rawSql`, `statement`, and for a database tool `query`: what stands there is nothing but SQL. */
function isCalledSql(name: string, database: boolean): boolean {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return plain.endsWith('sql') || /^statements?$/.test(plain) || (database && /quer(?:y|ies)$/.test(plain));
}

/** Names, numbers, times, lists of them: nothing that ends a literal, begins a comment, or was encoded. */
const PLAIN = /^[\p{L}\p{N}_.,:@/+* -]*$/u;

function isPlainValue(text: string): boolean {
  return text.length <= 4096 && PLAIN.test(text) && !/--|\/\*|\/\//.test(text) && !beginsLikeSql(text);
}

/** The first word as a database might read it: in compatibility forms, too. SQL Server calls procedures by name. */
function beginsLikeSql(text: string): boolean {
  const first = firstWords(text, 1)[0];
  return first !== undefined && (BEGINNINGS.has(first) || /^[sx]p_/.test(first));
}

/** Does a text for a tool that is no database look like a statement rather than like a sentence? */
function looksLikeSql(text: string): boolean {
  const [first = '', second = ''] = firstWords(text, 2);
  if (SECOND[first]?.has(second)) return true;
  if (first === 'select' || first === 'with') return /[;(=*'"]/.test(text);
  return first === 'update' && /\bset\s+[^\s=]+\s*=/i.test(text.slice(0, HEAD));
}

const OBJECTS = new Set(
  'table view index database schema user role function procedure trigger sequence type extension or temp temporary materialized unique'.split(
    ' ',
  ),
);
/** What follows the first word of a statement, and seldom that of a sentence. */
const SECOND: Readonly<Record<string, ReadonlySet<string>>> = {
  create: OBJECTS,
  drop: OBJECTS,
  alter: OBJECTS,
  truncate: new Set(['table']),
  insert: new Set(['into', 'overwrite', 'or', 'ignore']),
  replace: new Set(['into']),
  merge: new Set(['into']),
  delete: new Set(['from']),
  load: new Set(['data', 'xml']),
  execute: new Set(['immediate']),
  attach: new Set(['database']),
  pragma: new Set(['writable_schema', 'journal_mode']),
};

const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;
/** Far enough for any comment or bracket that people put before a statement. */
const HEAD = 2000;

function firstWords(text: string, count: number): string[] {
  const words: string[] = [];
  const head = text.slice(0, HEAD).replace(/\/\*[^*]*\*\/|--[^\n]*/g, ' ');
  for (const [word] of head.matchAll(WORD)) {
    words.push(word.slice(0, 64).normalize('NFKC').toLowerCase());
    if (words.length === count) break;
  }
  return words;
}
