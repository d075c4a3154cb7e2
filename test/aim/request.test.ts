import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoverned } from '../../src/aim/request.ts';
import type { Json } from '../../src/json.ts';
import { FAILURE_REASONS } from '../../src/terms.ts';
import { BODY, withAt } from './sample.ts';

const codes = (body: Json) => {
  const parsed = parseGoverned(body);
  return parsed.ok ? [] : parsed.reasons.map(({ code }) => code);
};

describe('a request of the right shape', () => {
  it('comes through as it was', () => {
    expect(parseGoverned(structuredClone(BODY) as unknown as Json)).toEqual({ ok: true, request: BODY });
  });

  it('gets its defaults', () => {
    const { workflow_name, drag_mode, aim } = BODY;
    const lean = {
      workflow_name,
      drag_mode,
      aim: {
        actor: { name: aim.actor.name },
        input: { sources: [{ type: 'api', description: 'notes' }] },
        mission: { objective: aim.mission.objective, success_criteria: ['done'] },
      },
    };
    expect(parseGoverned(lean)).toMatchObject({
      ok: true,
      request: {
        parameters: {},
        data_classes: [],
        options: { mode: 'enforce', explain: 'summary' },
        aim: { input: { constraints: [] }, mission: { checks: [] } },
      },
    });
  });

  it('may carry members that Chancery does not know', () => {
    expect(parseGoverned(withAt('/trace_id', 'abc'))).toEqual({ ok: true, request: BODY });
  });
});

describe('the reason for each wrong shape', () => {
  it.each<[string, unknown, string, string[]]>([
    ['/workflow_name', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', 7, 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', '', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', '../../etc/passwd', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', 'a b', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', 'deploy\n', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', 'deplоy', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/workflow_name', 'x'.repeat(65), 'GOVERNANCE_VALIDATION_FAILED', ['invalid_workflow_name']],
    ['/drag_mode', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['missing_mode']],
    ['/drag_mode', null, 'GOVERNANCE_VALIDATION_FAILED', ['missing_mode']],
    ['/drag_mode', 'destroy', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_mode']],
    ['/drag_mode', 'EXECUTE', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_mode']],
    ['/drag_mode', '', 'GOVERNANCE_VALIDATION_FAILED', ['invalid_mode']],
    ['/drag_mode', ['execute'], 'GOVERNANCE_VALIDATION_FAILED', ['invalid_mode']],
    [
      '/aim',
      undefined,
      'GOVERNANCE_VALIDATION_FAILED',
      ['missing_actor', 'missing_input', 'missing_mission'],
    ],
    ['/aim', 'AIM', 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor', 'missing_input', 'missing_mission']],
    ['/aim', [], 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor', 'missing_input', 'missing_mission']],
    ['/aim/actor', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor']],
    ['/aim/actor', null, 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor']],
    ['/aim/actor', 'Jake Smith', 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor']],
    ['/aim/actor/name', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor']],
    ['/aim/actor/name', 42, 'GOVERNANCE_VALIDATION_FAILED', ['missing_actor']],
    ['/aim/actor/email', 42, 'GOVERNANCE_VALIDATION_FAILED', ['invalid_actor_email']],
    ['/aim/actor/role', 42, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/aim/input', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['missing_input']],
    ['/aim/input', [], 'GOVERNANCE_VALIDATION_FAILED', ['missing_input']],
    ['/aim/input/sources', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['no_input_sources']],
    ['/aim/input/sources', 'api', 'GOVERNANCE_VALIDATION_FAILED', ['no_input_sources']],
    ['/aim/input/sources', [{}], 'GOVERNANCE_VALIDATION_FAILED', ['no_input_sources']],
    ['/aim/input/sources/0/type', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['no_input_sources']],
    ['/aim/input/sources/0/description', 5, 'GOVERNANCE_VALIDATION_FAILED', ['no_input_sources']],
    ['/aim/input/constraints', 'none', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/aim/mission', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['missing_mission']],
    ['/aim/mission', 3, 'GOVERNANCE_VALIDATION_FAILED', ['missing_mission']],
    ['/aim/mission/objective', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['objective_too_short']],
    ['/aim/mission/objective', {}, 'GOVERNANCE_VALIDATION_FAILED', ['objective_too_short']],
    ['/aim/mission/success_criteria', undefined, 'GOVERNANCE_VALIDATION_FAILED', ['no_success_criteria']],
    ['/aim/mission/success_criteria', 'all good', 'GOVERNANCE_VALIDATION_FAILED', ['no_success_criteria']],
    ['/aim/mission/success_criteria', [1], 'GOVERNANCE_VALIDATION_FAILED', ['no_success_criteria']],
    ['/aim/mission/checks/0/op', 'like', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/aim/mission/checks/0/criterion', 1, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/aim/mission/checks/0/criterion', 0.5, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/aim/mission/checks/0/path', 'health', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/parameters', [], 'GOVERNANCE_ERROR', ['schema_error']],
    ['/parameters', null, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/data_classes', 'internal', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/data_classes', [''], 'GOVERNANCE_ERROR', ['schema_error']],
    ['/risk_level', 0, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/risk_level', 6, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/risk_level', 2.5, 'GOVERNANCE_ERROR', ['schema_error']],
    ['/risk_level', '2', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/output_text', ['x'], 'GOVERNANCE_ERROR', ['schema_error']],
    ['/options', 'fast', 'GOVERNANCE_ERROR', ['schema_error']],
    ['/options/mode', 'force', 'GOVERNANCE_ERROR', ['schema_error']],
  ])('%s = %j: %s %j', (path, value, code, expected) => {
    const body = withAt(path, value);
    expect(parseGoverned(body)).toMatchObject({ ok: false, code });
    expect(codes(body)).toEqual(expected);
    const parsed = parseGoverned(body);
    if (!parsed.ok && path !== '/aim') expect(parsed.reasons[0]?.path?.startsWith(path)).toBe(true);
  });

  it.each([null, 'text', 7, true, []])('%j is no request at all', (body) => {
    expect(parseGoverned(body)).toMatchObject({
      code: 'GOVERNANCE_ERROR',
      reasons: [{ code: 'schema_error', path: '' }],
    });
  });

  it('all of them at once come in the order of the rules', () => {
    expect(codes({})).toEqual([
      'invalid_workflow_name',
      'missing_actor',
      'missing_input',
      'missing_mission',
      'missing_mode',
    ]);
  });

  it('whatever the JSON, there is a request or at least one known reason, in order', () => {
    const order: readonly string[] = FAILURE_REASONS;
    const shaped = fc.record(
      {
        workflow_name: fc.jsonValue(),
        drag_mode: fc.oneof(fc.constantFrom('draft', 'execute'), fc.jsonValue()),
        aim: fc.oneof(
          fc.jsonValue(),
          fc.record(
            { actor: fc.jsonValue(), input: fc.jsonValue(), mission: fc.jsonValue() },
            { requiredKeys: [] },
          ),
        ),
        parameters: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (body) => {
        const parsed = parseGoverned(body as Json);
        if (parsed.ok) return;
        const places = parsed.reasons.map(({ code }) => order.indexOf(code));
        expect(places.length).toBeGreaterThan(0);
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places[0]).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
