import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tailOf } from '../../cli/line-tail.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chancery-tail-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('gives the lines that come, each once and whole, over rotations', () => {
  const path = join(folder, 'log.jsonl');
  writeFileSync(path, 'before\n');
  const come = tailOf(path);
  expect(come()).toEqual([]);
  appendFileSync(path, 'one\ntw');
  expect(come()).toEqual(['one']);
  appendFileSync(path, Buffer.from('o é').subarray(0, -1));
  expect(come()).toEqual([]);
  appendFileSync(path, Buffer.concat([Buffer.from('é').subarray(-1), Buffer.from('\nlast of the old\n')]));
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'first of the new\n');
  expect(come()).toEqual(['two é', 'last of the old', 'first of the new']);
  appendFileSync(path, 'end\n');
  expect(come()).toEqual(['end']);
});

it('waits for a file that is not there yet', () => {
  const path = join(folder, 'log.jsonl');
  const come = tailOf(path);
  expect(come()).toEqual([]);
  writeFileSync(path, 'one\n');
  expect(come()).toEqual(['one']);
});
