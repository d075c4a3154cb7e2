/**
 * Who may import whom. A room is a folder of src, or a top-level folder; a line says which other rooms its files may import, beside the
 * loose files of src (errors, json, ports, terms), which everybody may. Read from top to bottom it is the house from the ground up: no line names a room
 * below it. `npm run check` holds it.
 */
const ROOMS = {
  'src/catalogue': [],
  'src/basics': ['src/catalogue'],
  'src/ledger': ['src/basics'],
  'src/identity': ['src/basics', 'src/ledger'],
  'src/aim': ['src/basics'],
  'src/charter': ['src/basics', 'src/aim'],
  'src/workflow': ['src/basics', 'src/identity', 'src/ledger'],
  'src/decision': ['src/basics', 'src/ledger', 'src/identity', 'src/aim', 'src/charter'],
  'src/execution': ['src/basics', 'src/ledger', 'src/aim', 'src/charter', 'src/workflow', 'src/decision'],
  'src/tools': [
    'src/basics',
    'src/ledger',
    'src/identity',
    'src/aim',
    'src/charter',
    'src/workflow',
    'src/decision',
  ],
  'src/govern': [
    'src/basics',
    'src/ledger',
    'src/identity',
    'src/charter',
    'src/workflow',
    'src/decision',
    'src/execution',
    'src/tools',
  ],
  'src/gate': [
    'src/basics',
    'src/ledger',
    'src/identity',
    'src/aim',
    'src/charter',
    'src/workflow',
    'src/decision',
    'src/execution',
    'src/tools',
    'src/govern',
  ],
  'src/loop': ['src/catalogue', 'src/basics', 'src/ledger', 'src/charter', 'src/govern'],
  'src/watch': ['src/catalogue', 'src/basics', 'src/ledger'],
  'src/office': ['src'],
  client: [],
  console: ['client'],
  adapters: ['src'],
  dashboards: ['src/catalogue', 'src/watch'],
  http: ['src'],
  lib: [
    'src/catalogue',
    'src/basics',
    'src/identity',
    'src/govern',
    'src/watch',
    'src/workflow',
    'dashboards',
  ],
  lambdas: ['src', 'adapters', 'http'],
  local: ['src', 'adapters', 'http', 'console'],
  cli: ['src', 'client', 'adapters', 'local', 'dashboards'],
  bin: ['cli', 'local', 'lib'],
};

/** Packages that src may use: none does I/O of its own. */
const PURE = ['zod', 'yaml', '@cedar-policy/cedar-wasm', 'aws-jwt-verify', '@cfworker/json-schema', 'ulid'];
const PURE_OF_NODE = ['crypto', 'buffer'];

const GROUND = '^src/[^/]+$';
const inside = (room) => `^${room}/`;

const rooms = Object.entries(ROOMS).map(([room, others]) => ({
  name: `${room} imports only its line`,
  comment: `Files of ${room} may import ${['their own room', 'the loose files of src', ...others].join(', ')}. If what you need stands above, pass it in.`,
  severity: 'error',
  from: { path: inside(room) },
  to: {
    path: Object.keys(ROOMS).map(inside),
    pathNot: [GROUND, inside(room), ...others.map(inside)],
  },
}));

export default {
  forbidden: [
    ...rooms,
    {
      name: 'every folder of src is a room',
      comment: 'A new folder of src needs a line in the table.',
      severity: 'error',
      from: { path: '^src/', pathNot: [GROUND, ...Object.keys(ROOMS).map(inside)] },
      to: {},
    },
    {
      name: 'src is pure',
      comment: 'Time, identifiers, keys and I/O are passed in: a file of src may use pure packages only.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        pathNot: [`^(?:node:)?(?:${PURE_OF_NODE.join('|')})$`, `^node_modules/(?:${PURE.join('|')})/`],
      },
    },
    {
      name: 'adapters do not know one another',
      comment: 'One port, one client, one file: what adapters share belongs into src.',
      severity: 'error',
      from: { path: '^adapters/(aws|local)/' },
      to: { path: '^adapters/(aws|local)/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'no circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    // TypeScript 7 has no programming interface that lasts; swc reads the same imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Nor does its reader know TSX: test/console/imports.test.ts holds the console to its line.
    exclude: { path: ['^\\.dependency-cruiser', '\\.tsx$', '^client/dist/'] },
  },
};
