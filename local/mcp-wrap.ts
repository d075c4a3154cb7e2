/**
 * One local MCP server under governance: an agent starts this instead of the server, and every call is decided, recorded and provable in
 * the embedded store. Standard input and output are the protocol's; people are spoken to on standard error.
 */
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type StdioServerHandle, serveStdio } from '@modelcontextprotocol/server/stdio';
import { isSeq, parseDocument } from 'yaml';
import { type Program, programServer } from '../adapters/mcp/client.ts';
import { approvalPage, openFace } from '../http/mcp/face.ts';
import type { Caller } from '../src/decision/question.ts';
import { DEV_ISSUER } from '../src/identity/development.ts';
import { idOf } from '../src/ledger/people/pseudonym.ts';
import type { Principal } from '../src/terms.ts';
import { declaredHarm, readDefinition, type ToolDefinition, toolId } from '../src/tools/definition.ts';
import { listOf } from '../src/tools/shelf.ts';
import { AGENT, personHere } from './mcp-agent.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import type { LocalSettings } from './settings.ts';
import { versionOf } from './version.ts';

export interface WrapOptions {
  readonly program: Program;
  /** What the server is called in charter and records. */
  readonly name: string;
  /** Whose agent it is; by default who is signed in on this machine. */
  readonly person?: string;
  readonly roles: readonly string[];
  readonly say: (line: string) => void;
}

export interface Wrapped {
  readonly runtime: Runtime;
  /** Resolves when the agent is gone and everything is recorded. */
  close(): Promise<void>;
}

/** Throws a readable error when another process writes to the data folder, or the server cannot be started. */
export async function wrap(settings: LocalSettings, options: WrapOptions): Promise<Wrapped> {
  const { program, name, say } = options;
  const release = claimFolder(settings.dataFolder);
  try {
    const version = versionOf(settings.projectFolder);
    const offered = await ask(program, version);
    const charterFolder = join(settings.dataFolder, 'mcp', name, 'charter');
    const isFirst = !existsSync(charterFolder);
    if (isFirst) writeCharter(settings.charterFolder, charterFolder, name, offered);
    const runtime = await startRuntime({
      ...settings,
      charterFolder,
      programs: { ...settings.programs, [name]: program },
    });
    if (isFirst) await takeAsTheyAre(runtime, options, offered);
    say(`chancery: ${name} is governed; records in ${settings.dataFolder}, API at ${runtime.url}`);
    say(`chancery: its charter is ${charterFolder}; see what happens with: chancery ledger tail --follow`);
    const handle = serve(runtime, options, version);
    return {
      runtime,
      async close() {
        await handle.close();
        await runtime.stop();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** Serves an agent on this process's standard streams. */
function serve(runtime: Runtime, options: WrapOptions, version: string): StdioServerHandle {
  const { office, tools } = runtime;
  return serveStdio(
    () =>
      openFace(
        { office: tools, version, approvalUrl: (id) => approvalPage(runtime.url, id) },
        {
          server: options.name,
          // Asked for each call, so that its roles are worth what the charter in force says.
          caller: () => callerOf(options, office.scopesOfRoles, office.ids('req')),
        },
      ),
    {
      onerror: (error) =>
        office.log.write('warn', 'mcp', 'the agent or its transport erred', { error: error.message }),
    },
  );
}

/** The person at this machine, through the agent that they started. */
function callerOf(
  { person = personHere(), roles }: WrapOptions,
  scopesOfRoles: (roles: readonly string[]) => readonly string[],
  request_id: string,
): Caller {
  const principal: Principal = {
    issuer: DEV_ISSUER.issuer,
    sub: person,
    name: person,
    kind: 'agent',
    actor_type: 'ai_agent',
    roles,
    scopes: [...new Set(scopesOfRoles(roles))],
    act: [AGENT],
    person: true,
    fresh_mfa: false,
    session: `mcp-${process.pid}`,
    expires_at: Number.MAX_SAFE_INTEGER,
  };
  return { principal, trace: traceOf(request_id), request_id, seen: {} };
}

/** 32 hex of an identifier that was made for this request. */
const traceOf = (id: string): string => Buffer.from(id.slice(-16), 'ascii').toString('hex').slice(0, 32);

async function ask(program: Program, version: string): Promise<readonly ToolDefinition[]> {
  const server = programServer(program, { version, seconds: 60, bytes: 1_048_576 });
  try {
    const answer = await server.request('tools/list', {});
    return listOf(answer, 'tools')
      .map(readDefinition)
      .flatMap((read) => (read.ok ? [read.definition] : []));
  } finally {
    await server.close();
  }
}

/**
 * The shipped charter, with the server and its tools listed: a file that the person can change. A tool is taken for medium until somebody
 * says otherwise there; what its annotations say may raise that.
 */
function writeCharter(
  shipped: string,
  folder: string,
  name: string,
  offered: readonly ToolDefinition[],
): void {
  mkdirSync(folder, { recursive: true });
  cpSync(shipped, folder, { recursive: true });
  const path = join(folder, 'gateway.yaml');
  const document = parseDocument(readFileSync(path, 'utf8'));
  const [servers, tools] = [document.get('servers'), document.get('tools')];
  if (!isSeq(servers) || !isSeq(tools)) throw new Error(`${path} has no list of servers and tools`);
  servers.add(document.createNode({ id: name, sensitivity: 'low', environment: 'local' }));
  for (const definition of offered) {
    tools.add(
      document.createNode({
        id: toolId(name, definition.name),
        server: name,
        category: 'wrapped',
        sensitivity: declaredHarm(definition).sensitivity ?? 'medium',
        writes: true,
      }),
    );
  }
  writeFileSync(path, document.toString());
}

/** Whoever wraps a server for the first time takes it as it is; what changes later waits for `chancery tools review`. */
async function takeAsTheyAre(
  { tools, office }: Runtime,
  options: WrapOptions,
  offered: readonly ToolDefinition[],
): Promise<void> {
  const { principal, trace } = callerOf(options, office.scopesOfRoles, office.ids('req'));
  for (const definition of offered) {
    await tools.reviews.pin(toolId(options.name, definition.name), definition, {
      who: idOf(principal),
      trace,
      how: 'first_use',
    });
  }
}

/** Two processes that write to one folder would take each other's calls for stale. */
function claimFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'mcp-wrap.pid');
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const other = Number(readFileSync(path, 'utf8'));
    if (isAlive(other))
      throw new Error(
        `Process ${other} wraps a server in ${folder} already: give this one a CHANCERY_DATA of its own.`,
      );
    rmSync(path, { force: true });
    return claimFolder(folder);
  }
  return () => rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: it is gone, and left its mark.
    return false;
  }
}
