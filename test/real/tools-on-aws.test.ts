/** Agents at the deployed MCP door, on a deployment of their own: by hand, `npm run test:real -- tools-on-aws`. */
import { afterAll, beforeAll } from 'vitest';
import { tools } from './deploy/tools.cases.ts';
import { Deployment } from './deployment.ts';

let chancery: Deployment;
beforeAll(async () => {
  chancery = await Deployment.start(() => {});
  await chancery.deploy('Deploy from nothing');
}, 300_000);
afterAll(() => chancery?.stop());

tools(() => chancery);
