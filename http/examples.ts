/** Requests as somebody would send them, for the OpenAPI document: `METHOD path` → body. A test sends each to a running system. */
import type { JsonObject } from '../src/json.ts';

const aim = {
  actor: { name: 'Jake Smith' },
  input: { sources: [{ type: 'ledger', description: 'the last day of the ledger' }] },
  mission: {
    objective: 'Report what was decided during the last day',
    success_criteria: ['a report is written'],
  },
};
const governed = { workflow_name: 'compliance-report', drag_mode: 'grunt', aim, parameters: {} };
const subject = { type: 'user', id: 'ada' };
const resource = { type: 'workflow', id: 'compliance-report' };
const action = { name: 'grunt' };

const EXAMPLES: Readonly<Record<string, JsonObject>> = {
  'post /workflows/governed/execute': governed,
  'post /governance/validate': governed,
  'post /decisions': governed,
  'post /access/v1/evaluation': { subject, action, resource },
  'post /access/v1/evaluations': { subject, action, evaluations: [{ resource }] },
  'post /access/v1/search/subject': { subject: { type: 'user' }, action, resource },
  'post /access/v1/search/resource': { subject, action, resource: { type: 'workflow' } },
  'post /access/v1/search/action': { subject, resource },
  'post /missions': { aim, tools: ['github.create_issue'], duration: '1h', max_calls: 3 },
  'post /violations': {
    violation_type: 'data_extraction',
    node_or_service: 'node-7',
    description: 'it copied the customer table to a place of its own',
    evidence: [],
  },
  'post /whistleblower/reports': { description: 'Records of last week were put out of the way.' },
  'post /deployments': {
    environment: 'staging',
    version: '1.4.2',
    commit: '3f2a9c1',
    result: 'success',
    lead_time_seconds: 5400,
  },
  'post /ledger/holds': { subject: 'bob', reason: 'a case before a court' },
};

export const exampleFor = (route: string): JsonObject | undefined => EXAMPLES[route];
