import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readAwsSettings } from '../../adapters/aws/settings.ts';
import { GATEWAY_RESPONSES } from '../../lib/constructs/edge-api.ts';
import { ENVIRONMENT_NAMES, ENVIRONMENTS, environmentOf } from '../../lib/environments.ts';
import { ALL_FUNCTIONS } from '../../lib/functions.ts';
import { ERRORS } from '../../src/errors.ts';
import { addEnvironment, resourcesOf, routes, synthesise, workflows } from './synth.ts';

/** The root of an API is no resource of the template, and no `Ref`. */
const refSchema = z.object({ Ref: z.string().optional() });

describe.each(ENVIRONMENT_NAMES)('the gate stack of %s', (name) => {
  const { gate } = synthesise(name);
  const environment = ENVIRONMENTS[name];
  const functions = resourcesOf(gate, 'AWS::Lambda::Function');
  const parts = new Map(resourcesOf(gate, 'AWS::ApiGateway::Resource'));
  /** `/executions/{id}`, by the reference to a resource of the API; '' for its root. */
  function pathOf(reference: unknown): string {
    const { Ref } = refSchema.parse(reference);
    const part = Ref === undefined ? undefined : parts.get(Ref)?.Properties;
    return part === undefined ? '' : `${pathOf(part.ParentId)}/${String(part.PathPart)}`;
  }

  it('runs every function on Node 24 for arm64, traced, with its own log group', () => {
    expect(functions.map(([, each]) => each.Properties.FunctionName)).toEqual(
      expect.arrayContaining(ALL_FUNCTIONS.map((each) => `chancery-${name}-${each.name}`)),
    );
    for (const [id, { Properties }] of functions) {
      expect(Properties, id).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: expect.anything() },
      });
    }
  });

  it('measures memory and CPU of every function by the layer of Lambda Insights, where an environment has it', () => {
    for (const [id, { Properties }] of functions) {
      expect(Properties.Layers, id).toEqual(
        environment.insights && [
          expect.stringMatching(
            /^arn:aws:lambda:eu-central-1:\d{12}:layer:LambdaInsightsExtension-Arm64:\d+$/,
          ),
        ],
      );
    }
  });

  it('tells each function what its own settings reader accepts', () => {
    for (const [id, { Properties }] of functions) {
      const told = JSON.stringify(Properties.Environment);
      const { Variables }: { Variables: Record<string, unknown> } = JSON.parse(told);
      const variables = Object.fromEntries(
        Object.entries(Variables).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : 'a-reference',
        ]),
      );
      const settings = readAwsSettings({ AWS_REGION: 'eu-central-1', ...variables });
      expect(settings.CHANCERY_ENVIRONMENT, id).toBe(name);
      expect(settings.ISSUERS).toHaveLength(1);
      const unread = Object.keys(variables).filter((key) => !(key in settings));
      expect(unread, id).toEqual([]);
    }
  });

  it('keeps logs for the days of the environment, and no log for ever', () => {
    const groups = resourcesOf(gate, 'AWS::Logs::LogGroup');
    expect(groups.length).toBeGreaterThan(ALL_FUNCTIONS.length);
    for (const [id, { Properties }] of groups)
      expect([id, Properties.RetentionInDays]).toEqual([id, environment.logDays]);
  });

  it('sets nothing aside of the ten executions that a new account has, and asks for no more', () => {
    for (const [id, { Properties }] of resourcesOf(gate, 'AWS::Lambda::Function'))
      expect([id, Properties.ReservedConcurrentExecutions]).toEqual([id, undefined]);
  });

  it('throttles, traces and logs the stage without bodies', () => {
    gate.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'v1',
      TracingEnabled: true,
      MethodSettings: [
        {
          HttpMethod: '*',
          ResourcePath: '/*',
          DataTraceEnabled: false,
          MetricsEnabled: true,
          ThrottlingRateLimit: environment.throttle.rate,
          ThrottlingBurstLimit: environment.throttle.burst,
        },
      ],
    });
  });

  it('hears of each call by every way of naming a table, in a pattern that EventBridge takes', () => {
    const [rule] = resourcesOf(gate, 'AWS::Events::Rule').filter(([id]) => id.startsWith('groundchanged'));
    // A key's id has 36 characters.
    const pattern = JSON.stringify(rule?.[1].Properties.EventPattern).replaceAll(
      /\{"Fn::ImportValue":"[^"]*"\}/g,
      JSON.stringify('x'.repeat(36)),
    );
    expect(pattern).not.toContain('Fn::');
    for (const way of ['tableName', 'sourceTableName', 'resourceArn'])
      expect(pattern).toContain(`{"requestParameters":{"${way}":[`);
    expect(pattern).toContain(`{"suffix":"chancery-${name}-ledger"}`);
    // Quota "Event pattern size" of EventBridge.
    expect(pattern.length).toBeLessThanOrEqual(2_048);
  });

  it('samples traces at the edge: the share of the environment, and none of what is polled', () => {
    const rules = resourcesOf(gate, 'AWS::XRay::SamplingRule')
      .map(([, { Properties }]) => Properties.SamplingRule as Record<string, unknown>)
      .sort((a, b) => Number(a.Priority) - Number(b.Priority));
    expect(rules.map(({ URLPath, FixedRate }) => [URLPath, FixedRate])).toEqual([
      ['/*/health*', 0],
      ['/*/metrics', 0],
      ['/*/whistleblower*', 0],
      ['*', environment.tracing],
    ]);
    for (const rule of rules) expect(rule.ServiceName).toBe(`chancery-${name}-api/v1`);
  });

  it('writes access logs that hold no identity', () => {
    const [stage] = resourcesOf(gate, 'AWS::ApiGateway::Stage');
    const format = JSON.stringify(stage?.[1].Properties.AccessLogSetting);
    expect(format).toContain('$context.resourcePath');
    expect(format).not.toMatch(
      /identity|sourceIp|userAgent|principalId|\$context\.path\b|authorizer\.(?!status)/i,
    );
  });

  it('asks the authorizer on every route but the public ones, and keeps its answer for 60 s', () => {
    gate.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: 'method.request.header.Authorization',
    });
    const methods = new Map(
      resourcesOf(gate, 'AWS::ApiGateway::Method').map(([, { Properties }]) => [
        `${Properties.HttpMethod} ${pathOf(Properties.ResourceId) || '/'}`,
        Properties.AuthorizationType,
      ]),
    );
    for (const { method, path, open } of routes) {
      const type = methods.get(`${method} ${path}`) ?? methods.get(`ANY ${path}`);
      expect([method, path, type]).toEqual([method, path, open ? 'NONE' : 'CUSTOM']);
    }
    // What no route takes is refused by the application, with the methods that it takes.
    for (const { path } of routes) expect(methods.has(`ANY ${path}`), path).toBe(true);
  });

  it('lets browsers ask before they call, without a token and of a function that can run nothing', () => {
    const asked = Template.fromStack(synthesise(name).stacks.gate.edge.preflights);
    const methods = resourcesOf(asked, 'AWS::ApiGateway::Method').map(([, { Properties }]) => Properties);
    const open = new Set(routes.filter((route) => route.open).map(({ path }) => path));
    const guarded = new Set(routes.map(({ path }) => path).filter((path) => !open.has(path)));
    expect(methods.length).toBeGreaterThanOrEqual(guarded.size);
    for (const method of methods) {
      expect(method).toMatchObject({ HttpMethod: 'OPTIONS', AuthorizationType: 'NONE' });
      expect(JSON.stringify(method.Integration)).toContain('observeLive');
    }
    // CloudFormation takes 200 parameters of a stack: one is a resource of the API.
    expect(Object.keys(asked.toJSON().Parameters).length).toBeLessThan(200);
  });

  it('leads the path of a tile to the function whole, whatever slashes it holds', () => {
    gate.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: '{name+}' });
  });

  it('answers at the edge with our own problem documents', () => {
    const responses = resourcesOf(gate, 'AWS::ApiGateway::GatewayResponse').map(
      ([, each]) => each.Properties,
    );
    expect(responses).toHaveLength(GATEWAY_RESPONSES.length);
    expect(responses.map((each) => each.ResponseType)).toEqual(
      expect.arrayContaining(['UNAUTHORIZED', 'ACCESS_DENIED', 'THROTTLED', 'DEFAULT_4XX', 'DEFAULT_5XX']),
    );
    for (const { ResponseTemplates, ResponseParameters } of responses) {
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      });
      const template = JSON.stringify(ResponseTemplates);
      expect(template).toContain('$context.error.messageString');
      // The one that is not quoted must be: without quotes a caller's text would be part of our JSON.
      expect(template).not.toMatch(/\$context\.error\.message[^S]/);
    }
  });

  it('stands behind a firewall in production', () => {
    gate.resourceCountIs('AWS::WAFv2::WebACL', name === 'prod' ? 1 : 0);
    gate.resourceCountIs('AWS::WAFv2::WebACLAssociation', name === 'prod' ? 1 : 0);
  });

  it('gives every function an alias, which is what is called', () => {
    gate.resourceCountIs('AWS::Lambda::Alias', ALL_FUNCTIONS.length);
    const unaliased = resourcesOf(gate, 'AWS::Lambda::Permission').filter(
      ([, each]) => !JSON.stringify(each.Properties.FunctionName).includes('Live'),
    );
    expect(unaliased.map(([id]) => id)).toEqual([]);
  });

  it('keeps the versions of earlier deployments, to which an alias can be pointed back', () => {
    const versions = Object.values(gate.findResources('AWS::Lambda::Version'));
    expect(versions).toHaveLength(ALL_FUNCTIONS.length);
    for (const each of versions) expect(each.DeletionPolicy).toBe('Retain');
  });

  it('deploys by canary and rolls back on alarm, but for dev', () => {
    const groups = resourcesOf(gate, 'AWS::CodeDeploy::DeploymentGroup');
    expect(groups).toHaveLength(name === 'dev' ? 0 : ALL_FUNCTIONS.length);
    for (const [id, { Properties }] of groups) {
      expect(Properties, id).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_FAILURE']),
        },
        AlarmConfiguration: { Enabled: true, Alarms: [{ Name: expect.anything() }] },
      });
    }
  });

  it('keeps what failed for good: asynchronous functions, schedules and the stream', () => {
    gate.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
    for (const each of ['project', 'seal', 'heal', 'settle', 'sweep']) {
      gate.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `chancery-${name}-${each}`,
        DeadLetterConfig: { TargetArn: {} },
      });
    }
    for (const [id, { Properties }] of resourcesOf(gate, 'AWS::Lambda::EventSourceMapping')) {
      expect(Properties, id).toMatchObject({
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
    }
    for (const [id, { Properties }] of resourcesOf(gate, 'AWS::Events::Rule')) {
      expect(Properties.Targets, id).toEqual([
        expect.objectContaining({ DeadLetterConfig: expect.anything() }),
      ]);
    }
  });

  it('reads a stream with two functions and no more, which is what a shard serves', () => {
    const read = resourcesOf(gate, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
      JSON.stringify(Properties.EventSourceArn),
    );
    expect(new Set(read).size).toBe(2);
    for (const arn of read) expect(read.filter((other) => other === arn).length).toBeLessThanOrEqual(2);
  });

  it('makes the state machines of every workflow, logged without data and traced', () => {
    const machines = resourcesOf(gate, 'AWS::StepFunctions::StateMachine').map(([, each]) => each.Properties);
    expect(machines.map((each) => each.StateMachineName).sort()).toEqual(
      workflows
        .flatMap(({ name: workflow, kind }) => [
          `chancery-${name}-${workflow}-standard`,
          ...(kind === 'express' ? [`chancery-${name}-${workflow}-express`] : []),
        ])
        .sort(),
    );
    for (const machine of machines) {
      expect(machine).toMatchObject({
        TracingConfiguration: { Enabled: true },
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      });
    }
  });

  it('puts out what the CLI reads', () => {
    expect(Object.keys(gate.findOutputs('*'))).toEqual(expect.arrayContaining(['ApiUrl', 'DeadLetterQueue']));
    expect(Object.keys(synthesise(name).ledger.findOutputs('*'))).toEqual(
      expect.arrayContaining([
        'LedgerTable',
        'StateTable',
        'DocumentsBucket',
        'LogBucket',
        'LaneAuthorityKey',
      ]),
    );
  });
});

it.each([
  ['none is given', '', undefined],
  ['one may call', 'https://app.example.org', "'https://app.example.org'"],
  ['several may', 'https://app.example.org, https://other.example.org', "'*'"],
])('lets pages read why the edge refused them: %s', (_, origins, allowed) => {
  const { stacks } = addEnvironment('dev', { origins });
  const gate = Template.fromStack(stacks.gate);
  for (const [, { Properties }] of resourcesOf(gate, 'AWS::ApiGateway::GatewayResponse')) {
    const headers = z.record(z.string(), z.unknown()).parse(Properties.ResponseParameters);
    expect(headers['gatewayresponse.header.Access-Control-Allow-Origin']).toBe(allowed);
    const shown = headers['gatewayresponse.header.Access-Control-Expose-Headers'];
    expect(String(shown).includes('WWW-Authenticate')).toBe(allowed !== undefined);
  }
  const told = JSON.stringify(resourcesOf(gate, 'AWS::Lambda::Function'));
  expect(told.includes('"ORIGINS":"https://app.example.org')).toBe(allowed !== undefined);
});

it('refuses an origin that no browser sends', () => {
  for (const origins of ['app.example.org', 'https://app.example.org/', 'https://app.example.org/page', '*'])
    expect(() => environmentOf({ origins }), origins).toThrow('is no origin');
});

it('speaks of errors at the edge as the application does', () => {
  for (const { code, title, status } of GATEWAY_RESPONSES) {
    const known = Object.entries(ERRORS).find(([name]) => name === code)?.[1];
    expect(known?.title, code).toBe(title);
    if (status !== undefined && code !== 'INTERNAL_ERROR') expect(known?.status, code).toBe(status);
  }
});
