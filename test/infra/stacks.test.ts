/**
 * Everything that is asserted on the synthesised stacks, in one file: loading CDK takes longer than all the
 * tests, and vitest loads it once per file.
 */
import './apart.cases.ts';
import './checks.cases.ts';
import './keys.cases.ts';
import './mounts.cases.ts';
import './operable.cases.ts';
import './rights.cases.ts';
import './stateful.cases.ts';
import './watch.cases.ts';
