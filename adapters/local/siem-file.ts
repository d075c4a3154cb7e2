/** OCSF lines in a file that a collector follows. Synced before the watermark moves. */
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Sink } from '../../src/watch/siem/export.ts';
import { ocsfLine } from '../../src/watch/siem/ocsf.ts';

export function siemFile(path: string): Sink {
  mkdirSync(dirname(path), { recursive: true });
  return {
    name: 'file',
    async take(records) {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(records.map(ocsfLine).join(''));
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
