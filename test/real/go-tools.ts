/**
 * Verifiers that others wrote, built from Go modules at pinned versions under `.real/`: Tessera's fsck, and
 * (through test/real/tlog) sumdb's note and tlog packages and the omniwitness library.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';

const REAL = resolve(import.meta.dirname, '../../.real');
const SOURCE = resolve(import.meta.dirname, 'tlog');
const FSCK = 'github.com/transparency-dev/tessera/cmd/fsck@v1.0.4';
const MERKLE = 'github.com/transparency-dev/merkle@v0.0.2';

/** What the witness library calls only to sign subtrees, which it is not asked to. */
const NO_SUBTREES = `package proof

import (
	"errors"

	"github.com/transparency-dev/merkle"
)

func VerifySubtreeConsistency(_ merkle.LogHasher, _, _, _ uint64, _ [][]byte, _, _ []byte) error {
	return errors.New("subtrees are not signed here")
}
`;

export interface GoTools {
  readonly fsck: string;
  /** test/real/tlog/main.go. */
  readonly tlog: string;
}

/** Throws when Go is missing or a module cannot be had. */
export function goTools(): GoTools {
  const home = join(REAL, 'tlog');
  const bin = join(home, 'bin');
  const tools = { fsck: join(bin, 'fsck'), tlog: join(bin, 'tlog') };
  mkdirSync(bin, { recursive: true });
  const go = (args: readonly string[], cwd = home): string =>
    execFileSync('go', args, {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, GOBIN: bin, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  if (!existsSync(tools.fsck)) go(['install', FSCK]);
  const module = join(home, 'module');
  rmSync(module, { recursive: true, force: true });
  cpSync(SOURCE, module, { recursive: true });
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(go(['mod', 'download', '-json', MERKLE])));
  cpSync(Dir, join(module, 'merkle'), { recursive: true });
  writeFileSync(join(module, 'merkle/proof/subtree.go'), NO_SUBTREES);
  go(['mod', 'tidy'], module);
  go(['build', '-o', tools.tlog, '.'], module);
  return tools;
}

const programs = join(REAL, 'go-programs');
const goEnvironment = { ...process.env, GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local' };

/** A program of a Go module at a version (`path@version`), built on first use. Throws when Go or the module cannot be had. */
export function goProgram(named: string): string {
  const [path = '', version = ''] = named.split('@');
  const bin = join(programs, version);
  const program = join(bin, path.slice(path.lastIndexOf('/') + 1));
  if (existsSync(program)) return program;
  mkdirSync(bin, { recursive: true });
  execFileSync('go', ['install', named], { env: { ...goEnvironment, GOBIN: bin }, stdio: 'inherit' });
  return program;
}

/**
 * As `goProgram`, built in a copy of the module's own files: the go command installs no module from elsewhere whose go.mod replaces or
 * excludes others. `path` is the module's and `/cmd/` and the program.
 */
export function goBuilt(named: string): string {
  const [path = '', version = ''] = named.split('@');
  const [module = '', name = ''] = path.split('/cmd/');
  const program = join(programs, version, name);
  if (existsSync(program)) return program;
  const source = mkdtempSync(join(tmpdir(), 'chancery-go-'));
  try {
    cpSync(goModule(`${module}@${version}`), source, { recursive: true });
    chmodSync(source, 0o755);
    mkdirSync(join(programs, version), { recursive: true });
    execFileSync('go', ['build', '-o', program, `./cmd/${name}`], {
      cwd: source,
      env: { ...goEnvironment, GOWORK: 'off' },
      stdio: 'inherit',
    });
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
  return program;
}

/** The files of a Go module, of which nothing is built. */
export function goModule(named: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', named], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: goEnvironment,
  });
  return z.object({ Dir: z.string() }).parse(JSON.parse(answer)).Dir;
}

/** A Go program whose source and go.sum are in this project, built anew each time: seconds once its modules are there. */
export function goOwn(source: string): string {
  const program = join(programs, 'own', source.slice(source.lastIndexOf('/') + 1));
  mkdirSync(join(programs, 'own'), { recursive: true });
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: source,
    env: { ...goEnvironment, GOWORK: 'off' },
    stdio: 'inherit',
  });
  return program;
}
