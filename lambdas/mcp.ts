/** How agents reach their tools: the MCP server, missions, reviews. It calls out, and starts no workflow. */
import { join } from 'node:path';
import { defaultProvider } from '../adapters/aws/environment-credentials.ts';
import { need } from '../adapters/aws/settings.ts';
import { signer } from '../adapters/aws/sigv4.ts';
import { toolSecrets } from '../adapters/aws/tool-secrets.ts';
import { readWorkflows } from '../adapters/bundled-files.ts';
import { openServers } from '../adapters/mcp/servers.ts';
import { MCP } from '../http/mcp/families.ts';
import { ChanceryError } from '../src/errors.ts';
import { openGate } from '../src/office/gate.ts';
import { openTools } from '../src/office/tools.ts';
import type { Engine } from '../src/ports.ts';
import { blobsOf } from './shared/blobs.ts';
import { openAwsFront } from './shared/front.ts';
import { serve } from './shared/http.ts';
import { pseudonymKeyOf } from './shared/keys.ts';

/** This function has no right to start a workflow, and is asked for none. */
const noEngine: Engine = {
  run: () => Promise.reject(new ChanceryError('INTERNAL_ERROR', 'This function starts no workflow.')),
};

export const handler = await serve(
  async (world) => {
    const { settings } = world;
    const [front, pseudonymKey] = await Promise.all([openAwsFront(world), pseudonymKeyOf(world)]);
    const gate = openGate(
      front,
      {
        documents: blobsOf(world, 'DOCUMENTS_BUCKET'),
        workflows: readWorkflows(join(settings.LAMBDA_TASK_ROOT, 'workflows')),
      },
      () => noEngine,
    );
    const servers = openServers({
      charter: front.loaded,
      onCharter: front.onCharter,
      programs: {},
      version: settings.CODE_VERSION,
      fetch,
      clock: world.clock,
      secret: toolSecrets(need(settings, 'TOOL_SECRETS'), {
        region: settings.AWS_REGION,
        ...(settings.AWS_ENDPOINT_URL ? { endpoint: settings.AWS_ENDPOINT_URL } : {}),
        sign: signer('secretsmanager', settings.AWS_REGION, defaultProvider()),
        fetch,
        clock: world.clock,
      }),
    });
    return { ...front, tools: openTools(gate, { pseudonymKey, wait: world.wait }, servers) };
  },
  (kit) => MCP.map((family) => family({ ...kit, tools: kit.office.tools })),
);
