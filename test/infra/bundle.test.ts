import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHARTER_AHEAD, readCharter, readWorkflows } from '../../adapters/bundled-files.ts';
import { otlpBytes } from '../../adapters/traces/otlp-bytes.ts';
import { ALL_FUNCTIONS } from '../../lib/functions.ts';
import { type Bundle, bundle } from '../../scripts/bundle.ts';
import { confusables } from '../../src/basics/confusables.ts';
import type { SpanLine } from '../../src/basics/trace.ts';

describe('a bundled function', () => {
  const output = mkdtempSync(join(tmpdir(), 'chancery-bundle-'));
  let gate: Bundle;
  beforeAll(async () => {
    const [spec] = ALL_FUNCTIONS.filter(({ name }) => name === 'gate');
    if (spec === undefined) throw new Error('there is no gate');
    gate = await bundle(spec, output, '0.0.0-test');
  });
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  it('carries the charter and the workflows that the repository has, as JSON', () => {
    expect(readFileSync(join(gate.folder, 'charter/roles.yaml'), 'utf8')).toMatch(/^\{"/);
    expect(readCharter(join(gate.folder, 'charter')).digest).toBe(readCharter('charter').digest);
    expect(readWorkflows(join(gate.folder, 'workflows')).all).toEqual(readWorkflows('workflows').all);
  });

  it('carries the charter as it was read, which holds for these very files', () => {
    const folder = join(gate.folder, 'charter');
    const read = readCharter(folder);
    const anew = readCharter(folder, join(folder, 'none'));
    const { engine: _, ...charter } = read;
    const { engine: __, ...same } = anew;
    expect(charter).toEqual(same);
    const other = mkdtempSync(join(output, 'charter-'));
    cpSync(folder, other, { recursive: true });
    // What was read does not count for another policy: it is asked of Cedar, which refuses it.
    writeFileSync(join(other, 'policies/more.cedar'), '@id("x") permit (principal, action);');
    expect(readFileSync(join(other, CHARTER_AHEAD)).length).toBeGreaterThan(0);
    expect(() => readCharter(other)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  });

  it('loads Cedar when it is first asked, and no WebSocket', () => {
    const code = readFileSync(join(gate.folder, 'index.mjs'), 'utf8');
    expect(code).toContain('./cedar_wasm.cjs');
    expect(code).not.toContain('__wbindgen');
    // An import of all that node:http exports would load what is behind its getters.
    expect(code).not.toMatch(/from\s*"node:http"/);
  });

  it('carries no machine code: its signatures are those of node:crypto', () => {
    const inputs = Object.keys(gate.metafile.inputs);
    expect(inputs.filter((input) => /sodium|\.node$|require-addon/.test(input))).toEqual([]);
    expect(readFileSync(join(gate.folder, 'index.mjs'), 'utf8')).not.toContain('sodium');
    expect(
      readdirSync(gate.folder, { recursive: true }).filter((file) => /\.node$/.test(String(file))),
    ).toEqual([]);
  });

  it('has the parser of YAML beside it, for charters that were activated', () => {
    const inputs = Object.keys(gate.metafile.inputs);
    expect(inputs.filter((input) => input.includes('node_modules/yaml/'))).toEqual([]);
    const parser: unknown = createRequire(import.meta.url)(join(gate.folder, 'yaml.cjs'));
    expect(parser).toMatchObject({
      parseDocument: expect.any(Function),
      isMap: expect.any(Function),
      LineCounter: expect.any(Function),
      stringify: expect.any(Function),
    });
  });

  it('has the table of look-alikes beside it, for the first comparison of names', () => {
    const code = readFileSync(join(gate.folder, 'index.mjs'), 'utf8');
    expect(code).toContain('./confusables.cjs');
    expect(code).not.toContain(confusables().slice(0, 100));
    const beside = createRequire(import.meta.url)(join(gate.folder, 'confusables.cjs'));
    expect(beside.confusables()).toBe(confusables());
  });

  it('has OpenTelemetry’s format beside it, for the first span that is kept', () => {
    const code = readFileSync(join(gate.folder, 'index.mjs'), 'utf8');
    expect(code).toContain('./otlp-bytes.cjs');
    const beside = createRequire(import.meta.url)(join(gate.folder, 'otlp-bytes.cjs'));
    const span: SpanLine = {
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: '00f067aa0ba902b7',
      name: 'weigh',
      start: '2026-07-01T00:00:00.000Z',
      duration_us: 3,
      status: 'ok',
      attributes: { outcome: 'allow' },
    };
    const resource = { 'service.name': 'chancery' };
    expect(Buffer.from(beside.otlpBytes(span, resource))).toEqual(Buffer.from(otlpBytes(span, resource)));
  });

  it('keeps the classes of those errors of AWS that an adapter tells from others', () => {
    const code = readFileSync(join(gate.folder, 'index.mjs'), 'utf8');
    for (const name of ['ConditionalCheckFailedException', 'NoSuchKey', 'ExecutionAlreadyExists'])
      expect(code).toContain(`#${name}"`);
    expect(code).not.toContain('#CloudHsmClusterInUseException"');
  });
});
