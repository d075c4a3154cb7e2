/**
 * One of many writers that start at once, in a process of its own: says that it is ready, waits for the word, opens a
 * lane and appends a record, and tells its number, how often it asked the lane authority, how many
 * operations of the store that were, and how long it took.
 *
 *     storm-writer.ts sqlite PATH        storm-writer.ts dynamodb URL TABLE
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDynamoTable } from '../../adapters/aws/dynamodb-table.ts';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { openLane } from '../../src/ledger/lane/lane.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import { authoritySigner, note, ORIGIN } from '../ledger/support.ts';
import { countingTable } from '../support/counting-table.ts';
import { clientAt } from '../support/dynamo.ts';
import { issuers, pseudonym } from '../support/person.ts';

const [kind = '', where = '', name = ''] = process.argv.slice(2);
const table = countingTable(
  kind === 'sqlite' ? openSqliteTable(where) : openDynamoTable(clientAt(where), name),
);
const authority = authoritySigner();
const random = (length: number) => new Uint8Array(randomBytes(length));
let signed = 0;

process.stdout.write('ready\n');
await new Promise((go) => process.stdin.once('data', go));
const began = performance.now();
const lane = await openLane({
  table,
  subjects: new SubjectKeys({ table: openSqliteTable(':memory:'), clock: Date.now, random }),
  authority: {
    publicKey: authority.publicKey,
    sign(message) {
      signed += 1;
      return authority.sign(message);
    },
  },
  clock: Date.now,
  random,
  ids: (prefix) => `${prefix}_${Buffer.from(random(16)).toString('hex')}`,
  origin: ORIGIN,
  code: 'storm',
  region: 'local',
  max_merge_delay_seconds: 2,
  pseudonym,
  issuerName: issuers.nameOf,
  wait: (ms) => (ms === 0 ? new Promise((next) => setImmediate(next)) : sleep(ms)),
});
const { id } = await lane.append(note('one'));
const took_ms = Math.round(performance.now() - began);
const operations = table.total();
await lane.close();
process.stdout.write(`${JSON.stringify({ id, signed, took_ms, operations })}\n`);
process.exit(0);
