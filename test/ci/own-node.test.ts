import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/prefer-own-node.mjs', import.meta.url));

/** Which Node the commands use after an installation by this version of it. */
function usedAfter(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-own-node-'));
  const programs = join(folder, 'node_modules', '.bin');
  mkdirSync(programs, { recursive: true });
  symlinkSync('../brought-along', join(programs, 'node'));
  const own = join(folder, 'own-node');
  writeFileSync(own, `#!/bin/sh\necho ${version}\n`);
  chmodSync(own, 0o755);
  execFileSync(process.execPath, [SCRIPT, folder], { env: { ...process.env, npm_node_execpath: own } });
  return readlinkSync(join(programs, 'node')) === own ? 'its own' : 'the one brought along';
}

describe('the Node that the commands use', () => {
  it.each(['v24.0.0', 'v25.2.1', 'v100.0.0'])("is the machine's when that is %s", (version) => {
    expect(usedAfter(version)).toBe('its own');
  });

  it.each(['v20.20.2', 'v22.12.0', 'v9.0.0', 'nonsense'])(
    'is the one brought along when the machine has %s',
    (version) => {
      expect(usedAfter(version)).toBe('the one brought along');
    },
  );
});
