/**
 * Nothing public that is not there: whatever the catalogue, the list of event types, the charter's documents and the
 * settings name, something in the running code moves, writes or reads.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRIC_NAMES } from '../../src/catalogue/catalogue.ts';
import { DOCUMENTS } from '../../src/charter/documents.ts';
import { EVENT_TYPES } from '../../src/ledger/record.ts';
import { DRAG_MODES, POLICY_MODES, SEVERITIES } from '../../src/terms.ts';
import { PROJECT } from '../runtime/support.ts';

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
const sources = (pattern: string | string[], without: (file: string) => boolean = () => false) =>
  globSync(pattern, { cwd: PROJECT })
    .filter((file) => !without(file))
    .map((file) => ({ file, text: read(file) }));

const RUNNING = ['src/**/*.ts', 'http/**/*.ts', 'adapters/**/*.ts', 'lambdas/**/*.ts', 'local/**/*.ts'];

describe('a name of the catalogue', () => {
  /** What only reads figures: alert rules, objectives, what is published of them, how they are shown. */
  const emitters = sources(RUNNING, (file) =>
    /^src\/(catalogue|watch\/(slo|alerts\/rules)\/|watch\/metrics\/(cloudwatch|page)\.ts)/.test(file),
  );

  it.each(METRIC_NAMES)('%s has an emitter', (name) => {
    expect(emitters.some(({ text }) => text.includes(`'${name}'`))).toBe(true);
  });
});

describe('an event type', () => {
  /** What only reads records: the fold, the export, alert rules; and the list itself. */
  const writers = sources(RUNNING, (file) =>
    /^src\/(ledger\/record\.ts|watch\/(metrics|siem|slo|alerts\/rules)\/)/.test(file),
  );
  /** What `POST /events` takes from governed applications. */
  const families = [
    ...read('src/charter/applications.ts').matchAll(/APPLICATION_FAMILIES.* = \[([^\]]+)\]/g),
  ].flatMap(([, list = '']) => [...list.matchAll(/'([a-z]+)'/g)].map(([, family]) => family));

  it.each(EVENT_TYPES)('%s has a writer', (type) => {
    const [family = '', verb = ''] = type.split('.');
    const written = writers.some(
      ({ text }) =>
        text.includes(`'${type}'`) || (text.includes(`\`${family}.\${`) && text.includes(`'${verb}'`)),
    );
    expect(written || families.includes(family)).toBe(true);
  });
});

describe('a key of the charter', () => {
  /** What only holds documents to one another does nothing with what they say. */
  const readers = sources(RUNNING, (file) => /^src\/charter\/(documents|checks)/.test(file))
    .map(({ text }) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');

  /** Every key that a document may have. Keys of records are names of the charter's own, not ours. */
  function keysOf(schema: unknown): string[] {
    // One value and no other: the bundle that says anything else is refused, which is all that can be done with it.
    if (schema instanceof z.ZodObject)
      return Object.entries(schema.shape).flatMap(([key, inner]) =>
        inner instanceof z.ZodLiteral ? [] : [key, ...keysOf(inner)],
      );
    if (schema instanceof z.ZodArray) return keysOf(schema.element);
    if (schema instanceof z.ZodRecord) return keysOf(schema.valueType);
    if (schema instanceof z.ZodUnion) return schema.options.flatMap(keysOf);
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysOf(schema.unwrap());
    return [];
  }

  /** Keys that a list of ours or an entry elsewhere names, as a metric names its level of access, are read by way of that name. */
  function namedBy(schema: unknown): string[] {
    if (schema instanceof z.ZodEnum) return schema.options.map(String);
    if (schema instanceof z.ZodObject) return Object.values(schema.shape).flatMap(namedBy);
    if (schema instanceof z.ZodArray) return namedBy(schema.element);
    return [];
  }
  const named = new Set([
    ...namedBy(DOCUMENTS['metrics.yaml'].shape.allowed),
    ...DRAG_MODES,
    ...POLICY_MODES,
    ...SEVERITIES,
  ]);

  const keys = Object.entries(DOCUMENTS).flatMap(([file, schema]) =>
    [...new Set(keysOf(schema))].map((key) => [file, key] as const),
  );

  /** As a member, or taken out of an object; a word in a text is none. */
  const hasReader = (key: string): boolean =>
    new RegExp(`\\.${key}\\b|[{,]\\s*${key}\\s*(?:[,:}=]|$)`, 'm').test(readers);

  it.each(keys.filter(([, key]) => !DESCRIBES.has(key) && !named.has(key) && !HELD.has(key)))(
    '%s: %s has a reader',
    (file, key) => {
      expect(hasReader(key), `${file} ${key}`).toBe(true);
    },
  );
});

/** For people: what an entry is for. */
const DESCRIBES = new Set(['description', 'principles', 'reason']);

/** What a check holds the rest of the bundle to, which is all that it is for. */
const HELD = new Set([
  // A role that says so and has a scope that writes is refused.
  'read_only',
]);

describe('a setting', () => {
  it.each([...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name))(
    '%s of .env.example is one that the local runtime takes',
    (name) => {
      expect(read('local/settings.ts')).toMatch(new RegExp(`\\b${name}\\b`));
    },
  );

  const settingsFields = [
    ...(/export interface Settings \{([\s\S]*?)\n\}/.exec(read('local/settings.ts'))?.[1] ?? '').matchAll(
      /readonly (\w+)\??:/g,
    ),
  ].map(([, field = '']) => field);
  const users = sources(['local/**/*.ts', 'cli/**/*.ts'], (file) => file === 'local/settings.ts');

  it.each(settingsFields)('%s of the local runtime is used', (field) => {
    expect(
      users.some(({ text }) => new RegExp(`settings\\.${field}\\b|\\b${field}\\b.*= settings`).test(text)),
    ).toBe(true);
  });

  const aws = read('adapters/aws/settings.ts');
  const told = [
    ...(/const schema = z\.object\(\{([\s\S]*?)\n\}\)/.exec(aws)?.[1] ?? '').matchAll(/^ {2}([A-Z_]+):/gm),
  ].map(([, name = '']) => name);
  const functions = sources(
    ['lambdas/**/*.ts', 'adapters/**/*.ts'],
    (file) => file === 'adapters/aws/settings.ts',
  );

  it.each(told)('%s of the functions is used', (name) => {
    expect(functions.some(({ text }) => text.includes(name)) || aws.split(name).length > 2).toBe(true);
  });
});
