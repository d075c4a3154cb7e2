export default {
  forbidden: [
    { name: 'x', severity: 'error', from: { path: '^src/basics' }, to: { path: '^src/(office|gate)' } },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
