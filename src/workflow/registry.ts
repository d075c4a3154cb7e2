/**
 * Reads `workflows/NAME.asl.json` and its manifest `workflows/NAME.yaml`. One problem anywhere refuses the
 * whole set: a workflow that silently is not there would be a surprise in the middle of a night.
 */
import * as z from 'zod';
import { digestJson } from '../basics/digest.ts';
import type { Problem } from '../basics/problem.ts';
import { CHECK_OPS, DATA_CLASSES, DRAG_MODES, type RiskLevel, SENSITIVITIES } from '../terms.ts';
import { inspectDefinition } from './definition.ts';
import { readSource, type SourceFile } from './locate.ts';
import { parsePath } from './path.ts';
import { parameterSchema } from './schema.ts';
import { TASKS } from './tasks/names.ts';
import type { Registry, Workflow } from './workflow.ts';

export type LoadResult =
  | { readonly ok: true; readonly registry: Registry }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A synchronous Express run has to answer within API Gateway's 29 s, records and all. */
const EXPRESS_SECONDS = 20;
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const manifestSchema = z.strictObject({
  name: z.string().regex(NAME),
  description: z.string().min(1),
  roles: z.array(z.string().min(1)).default([]),
  scope: z.string().min(1).optional(),
  modes: z
    .array(z.enum(DRAG_MODES))
    .min(1)
    .default([...DRAG_MODES]),
  risk_level: z.literal([1, 2, 3, 4, 5] satisfies RiskLevel[]),
  data_classes: z.array(z.enum(DATA_CLASSES)).default([]),
  sensitivity: z.enum(SENSITIVITIES),
  kind: z.enum(['express', 'standard']),
  checks: z
    .array(
      z.strictObject({
        path: z
          .string()
          .refine((text) => parsePath(text) !== undefined, { error: 'is not a path like $.a.b[0]' }),
        op: z.enum(CHECK_OPS),
        value: z.json().optional(),
      }),
    )
    .default([]),
  parameters: parameterSchema.default({ type: 'object' }),
});

/**
 * @param files file name without folder → text; names that are neither `*.asl.json` nor `*.yaml` are passed over.
 * @param tasks names of the tasks that can run; by default Chancery's own.
 */
export function loadWorkflows(
  files: ReadonlyMap<string, string>,
  tasks: ReadonlySet<string> = new Set(TASKS),
): LoadResult {
  const problems: Problem[] = [];
  const workflows: Workflow[] = [];
  for (const name of namesIn(files)) {
    const loaded = loadOne(name, files, tasks);
    if (Array.isArray(loaded)) problems.push(...loaded);
    else workflows.push(loaded);
  }
  if (problems.length > 0) return { ok: false, problems };
  const byName = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  return { ok: true, registry: { all: workflows, get: (name) => byName.get(name) } };
}

/** The registry, or a start-up error that lists what to mend. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.code}: ${p.message} ${p.fix}`).join('\n');
}

function namesIn(files: ReadonlyMap<string, string>): string[] {
  const names = new Set<string>();
  for (const file of files.keys()) {
    const name = /^(.+?)(?:\.asl\.json|\.yaml)$/.exec(file)?.[1];
    if (name !== undefined) names.add(name);
  }
  return [...names].sort();
}

function loadOne(
  name: string,
  files: ReadonlyMap<string, string>,
  tasks: ReadonlySet<string>,
): Workflow | Problem[] {
  const definitionText = files.get(`${name}.asl.json`);
  const manifestText = files.get(`${name}.yaml`);
  if (definitionText === undefined)
    return [missing(`${name}.asl.json`, 'the manifest has no definition beside it')];
  if (manifestText === undefined)
    return [missing(`${name}.yaml`, 'the definition has no manifest beside it')];
  const definitionFile = readSource(`${name}.asl.json`, definitionText);
  const manifestFile = readSource(`${name}.yaml`, manifestText);
  if (!definitionFile.ok) return [...definitionFile.problems];
  if (!manifestFile.ok) return [...manifestFile.problems];

  const inspection = inspectDefinition(definitionFile.source, tasks);
  const problems = [...inspection.problems];
  const manifest = manifestSchema.safeParse(manifestFile.source.value);
  if (!manifest.success) return [...problems, ...manifestProblems(manifestFile.source, manifest.error)];
  const { parameters, scope, ...rest } = manifest.data;
  if (rest.name !== name)
    problems.push(
      manifestFile.source.problem(
        ['name'],
        'name_mismatch',
        `The manifest says "${rest.name}".`,
        `Write "${name}", or rename both files.`,
      ),
    );
  const timeout = inspection.timeout_seconds;
  if (timeout === undefined || (rest.kind === 'express' && timeout > EXPRESS_SECONDS)) {
    const limit = rest.kind === 'express' ? `, at most ${EXPRESS_SECONDS} for an express workflow` : '';
    problems.push(
      definitionFile.source.problem(
        ['TimeoutSeconds'],
        'timeout',
        'The definition needs an end in time.',
        `Add "TimeoutSeconds"${limit}.`,
      ),
    );
  }
  if (problems.length > 0 || timeout === undefined) return problems;
  const { definition } = inspection;
  return {
    ...rest,
    ...(scope === undefined ? {} : { scope }),
    checks: rest.checks.map(({ value, ...check }) => (value === undefined ? check : { ...check, value })),
    timeout_seconds: timeout,
    parameters: z.record(z.string(), z.json()).parse(parameters),
    definition,
    tasks: inspection.tasks,
    effects: inspection.effects,
    digest: digestJson({ definition, manifest: z.json().parse(manifestFile.source.value) }),
  };
}

function missing(file: string, message: string): Problem {
  return { file, line: 1, column: 1, code: 'missing_file', message: `${message}.`, fix: `Add ${file}.` };
}

function manifestProblems(source: SourceFile, error: z.ZodError): Problem[] {
  return error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? source.problem(
          [...issue.path, issue.keys[0] ?? ''],
          'unknown_key',
          `Unknown key: ${issue.keys.join(', ')}.`,
          'Correct the spelling, or remove it.',
        )
      : source.problem(
          issue.path,
          'manifest',
          `${issue.path.join('.') || 'manifest'}: ${issue.message}.`,
          'Write it as docs/workflows.md shows.',
        ),
  );
}
