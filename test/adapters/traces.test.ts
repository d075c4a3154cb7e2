/** Spans as they leave a deployed function: what X-Ray's daemon is sent, and the calls of the SDK. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spanned } from '../../adapters/aws/call-spans.ts';
import { lambdaSpan, spansToXray } from '../../adapters/traces/to-xray.ts';
import { runSpanId } from '../../src/basics/trace.ts';
import { keepingTracer } from '../support/tracers.ts';
import { fieldsOf, textOf } from './protobuf.ts';

const ROOT = '5759e988bd862e3fe1be46a994272793';
const PARENT = '53995c3f42cd8ad8';
const HEADER = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${PARENT};Sampled=1`;
const CALLERS = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the span that Lambda made', () => {
  it('is read off X-Ray’s header', () => {
    expect(lambdaSpan(HEADER)).toEqual({ trace_id: ROOT, span_id: PARENT, sampled: true });
    expect(lambdaSpan(HEADER.replace('Sampled=1', 'Sampled=0;Lineage=1:2:3'))).toMatchObject({
      sampled: false,
    });
  });

  it.each([undefined, '', 'Root=1-5759e988-bd862e3fe1be46a994272793', `Root=2-5759e988-1;Parent=${PARENT}`])(
    'is none in %s',
    (header) => expect(lambdaSpan(header)).toBeUndefined(),
  );

  it('is above what runs in it, and linked to where the caller has a trace of their own', async () => {
    const { lines, tracer } = keepingTracer({ around: () => lambdaSpan(HEADER) });
    await tracer.span('seal', {}, async () => undefined);
    const caller = { trace_id: CALLERS, parent_id: '00f067aa0ba902b7', tracestate: 'vendor=1' };
    const said = await tracer.span('POST /x', { kind: 'server', ...caller }, async () => tracer.headers());
    expect(lines).toMatchObject([
      { trace_id: ROOT, parent_id: PARENT },
      { trace_id: CALLERS, parent_id: '00f067aa0ba902b7', link: { trace_id: ROOT, span_id: PARENT } },
    ]);
    expect(said).toEqual({
      traceparent: `00-${CALLERS}-${lines[1]?.span_id}-01`,
      tracestate: 'vendor=1',
    });
  });

  it('decides for all that is in it: what the edge did not sample is not written, not even a failure', async () => {
    const around = () => ({ trace_id: ROOT, span_id: PARENT, sampled: false });
    const { lines, tracer } = keepingTracer({ around, sampled: () => false, keepsFailures: false });
    const failing = tracer.span('record', { trace_id: CALLERS }, async () => {
      expect(tracer.headers().traceparent).toMatch(/-00$/);
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(lines).toEqual([]);
  });
});

it('nothing is written of what runs untraced, a failure and a trace of its own included', async () => {
  const { lines, tracer } = keepingTracer({ around: () => lambdaSpan(HEADER) });
  const failing = tracer.untraced(() =>
    tracer.span('record', { trace_id: CALLERS }, async () => {
      expect(tracer.headers()).toEqual({});
      throw new RangeError('no');
    }),
  );
  await expect(failing).rejects.toThrow(RangeError);
  expect(lines).toEqual([]);
});

describe('X-Ray’s daemon', () => {
  let daemon: Socket;
  const datagrams: Buffer[] = [];
  beforeAll(async () => {
    daemon = createSocket('udp4', (datagram) => void datagrams.push(datagram));
    await new Promise<void>((bound) => daemon.bind(0, '127.0.0.1', bound));
  });
  afterAll(() => void daemon.close());

  it('is sent each span as an OTLP message, as the AWS Distro for OpenTelemetry does from Lambda', async () => {
    const send = spansToXray({
      daemon: `127.0.0.1:${daemon.address().port}`,
      resource: { 'service.name': 'chancery-dev-gate' },
    });
    const { lines, tracer } = keepingTracer({ around: () => lambdaSpan(HEADER), written: send });
    const span_id = runSpanId('exe_1');
    await tracer.span(
      'run',
      { kind: 'client', trace_id: CALLERS, span_id, drag_mode: 'execute' },
      async (note) => note({ 'error.type': 'tool_error' }),
    );
    expect(lines).toEqual([]);
    await expect.poll(() => datagrams.length).toBe(1);
    const text = datagrams[0]?.toString() ?? '';
    const [head, ...rest] = text.split('\n');
    expect(JSON.parse(head ?? '')).toEqual({ format: 'json', version: 1 });
    const [body = ''] = rest;
    expect(body.slice(0, 3)).toBe('T1S');
    // opentelemetry-proto, trace.proto: request 1 → resource spans: 1 resource, 2 scope spans → 2 span.
    const [resourceSpans = Buffer.of()] = fieldsOf(Buffer.from(body.slice(3), 'base64'), 1);
    const [resource = Buffer.of()] = fieldsOf(resourceSpans, 1);
    expect(textOf(resource)).toContain('service.name');
    expect(textOf(resource)).toContain('chancery-dev-gate');
    const [scopeSpans = Buffer.of()] = fieldsOf(resourceSpans, 2);
    const [span = Buffer.of()] = fieldsOf(scopeSpans, 2);
    expect(fieldsOf(span, 1)[0]?.toString('hex')).toBe(CALLERS);
    expect(fieldsOf(span, 2)[0]?.toString('hex')).toBe(span_id);
    expect(textOf(fieldsOf(span, 5)[0])).toBe('run');
    const attributes = fieldsOf(span, 9).map(textOf).join();
    for (const said of ['drag_mode', 'execute', 'error.type', 'tool_error'])
      expect(attributes).toContain(said);
    // The link names Lambda's own span.
    const [link = Buffer.of()] = fieldsOf(span, 13);
    expect([fieldsOf(link, 1)[0]?.toString('hex'), fieldsOf(link, 2)[0]?.toString('hex')]).toEqual([
      ROOT,
      PARENT,
    ]);
  });
});

describe('a call of the SDK', () => {
  let far: Server;
  let status = 200;
  beforeAll(async () => {
    far = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'x-amzn-requestid': 'R1', 'content-type': 'application/x-amz-json-1.0' });
      response.end(status === 200 ? '{}' : '{"__type":"x#ConditionalCheckFailedException","message":"no"}');
    });
    await new Promise<void>((listening) => far.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => void far.close());
  const calling = (answers: number) => {
    status = answers;
    return new DynamoDBClient({
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      endpoint: `http://127.0.0.1:${(far.address() as AddressInfo).port}`,
      maxAttempts: 1,
    });
  };
  const put = new PutItemCommand({ TableName: 'chancery-dev-ledger', Item: { pk: { S: 'secret' } } });

  it('is a span by the conventions, inside the one that makes it', async () => {
    const { lines, tracer } = keepingTracer();
    const client = spanned(calling(200), tracer);
    await tracer.span('record', { trace_id: CALLERS }, () => client.send(put));
    expect(lines).toMatchObject([
      {
        name: 'DynamoDB.PutItem',
        kind: 'client',
        status: 'ok',
        parent_id: lines[1]?.span_id,
        attributes: {
          'rpc.system': 'aws-api',
          'rpc.service': 'DynamoDB',
          'rpc.method': 'PutItem',
          'aws.dynamodb.table_names': 'chancery-dev-ledger',
          'aws.request_id': 'R1',
        },
      },
      { name: 'record' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('fails by the name of its error', async () => {
    const { lines, tracer } = keepingTracer();
    const client = spanned(calling(400), tracer);
    await expect(tracer.span('record', { trace_id: CALLERS }, () => client.send(put))).rejects.toThrow('no');
    expect(lines[0]).toMatchObject({
      status: 'error',
      attributes: { 'error.type': 'ConditionalCheckFailedException' },
    });
  });
});
