/**
 * `npm run baseline`: writes the ledger stacks' templates as they are now to test/infra/baseline/, after a
 * deployment. The test then fails for any later change that would replace or remove what they hold.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ENVIRONMENT_NAMES } from '../lib/environments.ts';
import { synthesise } from '../test/infra/synth.ts';

const folder = resolve(import.meta.dirname, '../test/infra/baseline');
mkdirSync(folder, { recursive: true });
for (const name of ENVIRONMENT_NAMES) {
  const template = `${JSON.stringify(synthesise(name).ledger.toJSON(), null, 2)}\n`;
  writeFileSync(join(folder, `${name}-ledger.json`), template);
}
