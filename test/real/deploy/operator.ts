/**
 * An operator at the shell who does what docs/operations.md says, a section at a time. The programs are the real
 * ones; what the page leaves to an operator's own account (issuer, endpoint) is filled in by this one's.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { blocksOf } from '../../docs/page.ts';
import { ACCOUNT, REGION } from '../ministack.ts';
import { pythonTools } from '../python.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = 'docs/operations.md';
export const AWSCLI = ['awscli==1.46.3'];

export interface OperatorOptions {
  /** Of the stand-in, for every AWS client. */
  readonly environment: Readonly<Record<string, string>>;
  /** Further `-c name=value` of every cdk command that builds the stacks. */
  readonly context: Readonly<Record<string, string>>;
  /** Written in the page → ours. */
  readonly filledIn: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
}

export class Operator {
  readonly #options: OperatorOptions;
  readonly #bin = mkdtempSync(join(tmpdir(), 'chancery-operator-'));
  /** Sections that were followed: a test holds them against the page. */
  readonly followed = new Set<string>();

  constructor(options: OperatorOptions) {
    this.#options = options;
    const modules = join(ROOT, 'node_modules/.bin');
    const context = Object.entries(options.context).map(([name, value]) => `-c '${name}=${value}'`);
    const out = join(this.#bin, 'cdk.out');
    const looked = join(this.#bin, 'looked-at');
    const stacks = `--no-notices --output '${out}' ${context.join(' ')} \${CHANCERY_VERSION:+-c version=$CHANCERY_VERSION}`;
    // Destroying needs the stacks as they were last built, not built again; so does deploying what was just looked at.
    this.#program(
      'npx',
      `case "$1 $2" in
  "cdk bootstrap") shift; exec '${modules}/cdk' "$@" aws://${ACCOUNT}/${REGION} --app '' --no-notices ;;
  "cdk deploy") shift; if [ -e '${looked}' ]; then rm '${looked}'; exec '${modules}/cdk' "$@" --require-approval never --no-notices --app '${out}'; fi
    exec '${modules}/cdk' "$@" --require-approval never ${stacks} ;;
  "cdk destroy") shift; exec '${modules}/cdk' "$@" --force --no-notices --app '${out}' ;;
  "cdk diff") shift; '${modules}/cdk' "$@" ${stacks} && touch '${looked}' ;;
  chancery*) shift; exec '${modules}/node' '${ROOT}/bin/chancery.ts' "$@" ;;
  *) echo "passed over: npx $*" ;;
esac`,
    );
    for (const name of ['npm', 'git']) this.#program(name, `echo "passed over: ${name} $*"`);
  }

  /** The sections of the page that have commands, in its order. */
  static sections(): readonly string[] {
    return [...new Set(commands().map(({ section }) => section))];
  }

  /** Runs a section's commands; gives what they printed. Throws with it when one fails. `version` is deployed. */
  async follow(section: string, version?: string): Promise<string> {
    const scripts = commands().filter((block) => block.section === section);
    if (scripts.length === 0) throw new Error(`${PAGE} has no commands under "${section}"`);
    this.followed.add(section);
    let printed = '';
    for (const { text } of scripts) {
      const { code, out } = await this.shell(text, version);
      printed += out;
      if (code !== 0) throw new Error(`"${section}" ended with ${code}:\n${text}\n${printed.slice(-6_000)}`);
    }
    return printed;
  }

  /** Another environment in the same account and region, as far as it decides, runs and records. */
  async deployBeside(environment: string, issuer: string): Promise<void> {
    const context = { ...this.#options.context, env: environment, issuer, audience: 'chancery' };
    const given = Object.entries(context).map(([name, value]) => `-c '${name}=${value}'`);
    const { code, out } = await this.shell(
      `'${join(ROOT, 'node_modules/.bin/cdk')}' deploy chancery-${environment}-ledger chancery-${environment}-gate \\
        --require-approval never --no-notices --output '${join(this.#bin, environment)}' ${given.join(' ')}`,
    );
    if (code !== 0) throw new Error(`${environment} was not deployed:\n${out.slice(-6_000)}`);
  }

  /** `bash -ec`, as the page's reader has it. */
  shell(script: string, version?: string): Promise<Ended> {
    const filled = Object.entries(this.#options.filledIn).reduce(
      (text, [written, ours]) => text.replaceAll(written, ours),
      script,
    );
    return new Promise((done, failed) => {
      const child = spawn('bash', ['-ec', filled], {
        cwd: ROOT,
        env: {
          ...process.env,
          ...this.#options.environment,
          ...(version === undefined ? {} : { CHANCERY_VERSION: version }),
          PATH: [this.#bin, pythonTools('awscli', AWSCLI), process.env.PATH].join(delimiter),
          CI: 'true',
          NO_COLOR: '1',
          AWS_PAGER: '',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
          CDK_DEFAULT_ACCOUNT: ACCOUNT,
          CDK_DEFAULT_REGION: REGION,
        },
      });
      let out = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          out += chunk.toString();
        });
      child.once('error', failed);
      child.once('exit', (code) => done({ code: code ?? -1, out }));
    });
  }

  #program(name: string, body: string): void {
    writeFileSync(join(this.#bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(this.#bin, name), 0o755);
  }
}

const commands = () => blocksOf(PAGE).filter(({ language }) => language === 'sh');
