/**
 * The REST API: routes from the OpenAPI document, an authorizer whose answer is kept for 60 s, throttling,
 * access logs that hold no identity, gateway responses in our own problem format, and in production a
 * firewall. What API Gateway answers by itself must look like what the application answers.
 */
import { Duration, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  Method,
  MethodLoggingLevel,
  RequestAuthorizer,
  type Resource,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { SHOWN_HEADERS } from '../../src/catalogue/headers.ts';
import { acknowledge } from '../acknowledge.ts';
import type { Environment } from '../environments.ts';
import { nameIn, RETENTION } from '../names.ts';
import type { ApiRoute } from '../routes.ts';
import type { GovernedFunction } from './governed-function.ts';

/** Answers the preflights of all paths: it can run nothing. */
const ANSWERS_PREFLIGHTS = 'observe';

/** Stage, and so the first part of every path at the edge. */
export const STAGE = 'v1';

export interface EdgeApiProps {
  readonly environment: Environment;
  readonly authorizer: GovernedFunction;
  /** By function name. */
  readonly functions: ReadonlyMap<string, GovernedFunction>;
  readonly routes: readonly ApiRoute[];
}

export class EdgeApi extends Construct {
  readonly api: RestApi;
  /** One method for each path that takes a token. */
  readonly preflights: NestedStack;

  constructor(scope: Construct, id: string, props: EdgeApiProps) {
    super(scope, id);
    const { environment } = props;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/chancery/${environment.name}/access`,
      // Searched by people now and then, and by nothing else: half the price.
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
      retention: RETENTION[environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: nameIn(environment.name, 'api'),
      description: 'Chancery: governs what agents, services and people may run',
      endpointTypes: [EndpointType.REGIONAL],
      // Tiles and archives are bytes; the function says which answers are.
      binaryMediaTypes: ['*/*'],
      cloudWatchRole: true,
      deployOptions: {
        stageName: STAGE,
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies hold parameters and personal fields: they are never logged.
        dataTraceEnabled: false,
        throttlingRateLimit: environment.throttle.rate,
        throttlingBurstLimit: environment.throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: withoutIdentity(),
      },
    });
    this.answerInProblemDocuments(environment);
    this.preflights = new NestedStack(this, 'Preflights', {
      description: 'Chancery: what browsers ask before they call, for which the stack of the API has no room',
    });
    this.mount(props);
    if (environment.firewall) this.putBehindFirewall(environment);
    this.acknowledgeFindings(environment);
  }

  get url(): string {
    return this.api.url;
  }

  /** Where API Gateway itself has it, without the stage: what a page of it comes from. */
  get origin(): string {
    const { region, urlSuffix } = Stack.of(this);
    return `https://${this.api.restApiId}.execute-api.${region}.${urlSuffix}`;
  }

  private mount(props: EdgeApiProps): void {
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: props.authorizer.alias,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: Duration.seconds(60),
    });
    const integrations = new Map(
      [...props.functions].map(([name, each]) => [
        name,
        new LambdaIntegration(each.alias, { scopePermissionToMethod: false }),
      ]),
    );
    for (const [path, routes] of Map.groupBy(props.routes, (route) => route.path)) {
      const integration = integrations.get(functionOf(path, routes));
      if (integration === undefined) continue;
      const resource: Resource = this.api.root.resourceForPath(path);
      const open = { authorizationType: AuthorizationType.NONE };
      const guarded = { authorizer, authorizationType: AuthorizationType.CUSTOM };
      for (const { method } of exceptions(routes))
        acknowledge(resource.addMethod(method, integration, open), OPEN_TO_ALL);
      // Any method: the application answers HEAD as it does GET, and 405 with `Allow` what it does not take.
      if (routes.every((route) => route.open))
        acknowledge(resource.addMethod('ANY', integration, open), OPEN_TO_ALL);
      else {
        acknowledge(resource.addMethod('ANY', integration, guarded), OWN_AUTHORIZER);
        // A browser asks without the token that it would send.
        const preflight = new Method(this.preflights, `OPTIONS ${path}`, {
          httpMethod: 'OPTIONS',
          resource,
          integration: integrations.get(ANSWERS_PREFLIGHTS),
          options: open,
        });
        acknowledge(preflight, PREFLIGHT);
      }
    }
  }

  /** What the edge refuses by itself, in RFC 9457 like everything that the application refuses. */
  private answerInProblemDocuments({ url, origins }: Environment): void {
    // Not `this.api.url`, which waits for the deployment, which waits for this.
    const own = `${this.origin}/${STAGE}`;
    const challenge = { 'WWW-Authenticate': challengeOf((url ?? own).replace(/\/$/, '')) };
    for (const each of GATEWAY_RESPONSES) {
      this.api.addGatewayResponse(each.type.responseType, {
        type: each.type,
        ...(each.status === undefined ? {} : { statusCode: String(each.status) }),
        responseHeaders: {
          'Content-Type': "'application/problem+json'",
          ...(each.headers ?? {}),
          ...sharedWith(origins),
          ...(each.type === ResponseType.UNAUTHORIZED ? challenge : {}),
        },
        templates: { 'application/json': problemTemplate(each) },
      });
    }
  }

  private putBehindFirewall(environment: Environment): void {
    const named = (name: string) => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
      metricName: `${nameIn(environment.name, 'waf')}-${name}`,
    });
    const managed = (name: string, priority: number) => ({
      name,
      priority,
      overrideAction: { none: {} },
      statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
      visibilityConfig: named(name),
    });
    const firewall = new CfnWebACL(this, 'Firewall', {
      name: nameIn(environment.name, 'waf'),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: named('all'),
      // Not the common rule set: governed parameters are SQL, markup and long texts by nature, and are
      // parsed strictly behind. What is kept is about who calls and how often.
      rules: [
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 2),
        {
          name: 'rate',
          priority: 3,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: {
            rateBasedStatement: { limit: environment.throttle.rate * 30, aggregateKeyType: 'IP' },
          },
          visibilityConfig: named('rate'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'FirewallAssociation', {
      webAclArn: firewall.attrArn,
      resourceArn: this.api.deploymentStage.stageArn,
    });
  }

  private acknowledgeFindings(environment: Environment): void {
    acknowledge(this.api, {
      'AwsSolutions-APIG2':
        'The application parses every body strictly; a second schema would drift from it.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'The role of API Gateway itself for its own logs, one per account.',
      ...(environment.firewall
        ? {}
        : { 'AwsSolutions-APIG3': 'The firewall stands in production; here throttling is enough.' }),
    });
  }
}

const OWN_AUTHORIZER = {
  'AwsSolutions-COG4': 'Tokens come from any configured issuer; our own authorizer checks them.',
};
const OPEN_TO_ALL = {
  ...OWN_AUTHORIZER,
  'AwsSolutions-APIG4': 'A public route: health, discovery, reports without a token.',
};

const PREFLIGHT = {
  ...OWN_AUTHORIZER,
  'AwsSolutions-APIG4': 'A preflight has no token (Fetch, "CORS-preflight fetch").',
};

/** Open routes of a path whose other methods take a token. */
const exceptions = (routes: readonly ApiRoute[]): readonly ApiRoute[] =>
  routes.every(({ open }) => open) ? [] : routes.filter(({ open }) => open);

/** Throws where two functions share a path: neither could tell which methods it takes. */
function functionOf(path: string, routes: readonly ApiRoute[]): string {
  const [first = '', ...others] = new Set(routes.map((route) => route.function));
  if (others.length > 0) throw new Error(`${path} is served by ${[first, ...others].join(' and ')}`);
  return first;
}

/** Everything an operator needs about a request and nothing about who made it. */
function withoutIdentity(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      time: AccessLogField.contextRequestTimeEpoch(),
      request_id: AccessLogField.contextRequestId(),
      trace_id: AccessLogField.contextXrayTraceId(),
      method: AccessLogField.contextHttpMethod(),
      route: AccessLogField.contextResourcePath(),
      status: AccessLogField.contextStatus(),
      bytes: AccessLogField.contextResponseLength(),
      latency_ms: AccessLogField.contextResponseLatency(),
      integration_ms: AccessLogField.contextIntegrationLatency(),
      authorizer_status: AccessLogField.contextAuthorizerStatus(),
      error: AccessLogField.contextErrorResponseType(),
    }),
  );
}

interface GatewayAnswer {
  readonly type: ResponseType;
  /** Absent for the defaults, which keep the status that they stand in for. */
  readonly status?: number;
  readonly code: string;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY = { 'Retry-After': "'1'" };

/**
 * RFC 6750 §3, and for an MCP client the way to whom it asks for a token (RFC 9728 §5.1): the edge has one answer for all routes, and a
 * client of another route, which is not the resource that the metadata names, leaves it aside (§3.3).
 */
const challengeOf = (url: string): string =>
  `'Bearer realm="chancery", resource_metadata="${url}/.well-known/oauth-protected-resource/mcp"'`;

/**
 * What lets a page read why it was refused. The edge cannot look a caller's origin up among several: then any page may, since
 * what it says by itself is of nobody, and goes without cookies.
 */
function sharedWith(origins: readonly string[]): Readonly<Record<string, string>> {
  const [first, ...others] = origins;
  if (first === undefined) return {};
  return {
    'Access-Control-Allow-Origin': others.length > 0 ? "'*'" : `'${first}'`,
    'Access-Control-Expose-Headers': `'${SHOWN_HEADERS}'`,
    Vary: "'Origin'",
  };
}

/** Codes and titles are those of src/errors.ts; a test compares them. */
export const GATEWAY_RESPONSES: readonly GatewayAnswer[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: 401,
    code: 'AUTH_REQUIRED',
    title: 'A bearer token is required',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    code: 'INSUFFICIENT_SCOPE',
    title: 'The token lacks the scope that guards this route',
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    code: 'NOT_FOUND',
    title: 'There is no such resource',
  },
  {
    type: ResponseType.RESOURCE_NOT_FOUND,
    status: 404,
    code: 'NOT_FOUND',
    title: 'There is no such resource',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: 'BODY_TOO_LARGE',
    title: 'The body is larger than 1 MB',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    code: 'RATE_LIMITED',
    title: 'Too many requests',
    headers: RETRY,
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    status: 429,
    code: 'RATE_LIMITED',
    title: 'Too many requests',
    headers: RETRY,
  },
  {
    type: ResponseType.WAF_FILTERED,
    status: 403,
    code: 'REQUEST_BLOCKED',
    title: 'The firewall in front of the API refuses this request',
  },
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: 'VALIDATION_ERROR',
    title: 'A field of the request is not acceptable',
  },
  {
    type: ResponseType.DEFAULT_4XX,
    code: 'VALIDATION_ERROR',
    title: 'A field of the request is not acceptable',
  },
  {
    // The authorizer says so where the issuer's keys cannot be had: the token may be good a moment later.
    type: ResponseType.AUTHORIZER_FAILURE,
    status: 503,
    code: 'KEYS_UNAVAILABLE',
    title: 'Tokens of this issuer cannot be checked at the moment',
    headers: { 'Retry-After': "'10'" },
  },
  {
    type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
    status: 500,
    code: 'INTERNAL_ERROR',
    title: 'Something went wrong on our side',
  },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 500,
    code: 'INTERNAL_ERROR',
    title: 'Something went wrong on our side',
  },
  {
    // Not a 503: that says that nothing was run, and here nobody knows.
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    code: 'INTERNAL_ERROR',
    title: 'Something went wrong on our side',
  },
  { type: ResponseType.DEFAULT_5XX, code: 'INTERNAL_ERROR', title: 'Something went wrong on our side' },
];

/** `$context.error.messageString` is already a quoted JSON string, so nothing a caller sends breaks out of it. */
function problemTemplate(answer: GatewayAnswer): string {
  const members = [
    `"type":"https://$context.domainName/$context.stage/errors/${answer.code.toLowerCase().replaceAll('_', '-')}"`,
    `"title":${JSON.stringify(answer.title)}`,
    ...(answer.status === undefined ? [] : [`"status":${answer.status}`]),
    `"detail":$context.error.messageString`,
    `"instance":"urn:chancery:trace:$context.requestId"`,
    `"code":${JSON.stringify(answer.code)}`,
    `"error":${JSON.stringify(answer.title)}`,
    `"reasons":[]`,
    `"trace_id":"$context.requestId"`,
  ];
  return `{${members.join(',')}}`;
}
