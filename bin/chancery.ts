#!/usr/bin/env node
/** For those who name this file, as agents' configurations do: `chancery.cjs` starts sooner, since no TypeScript is read for it. */
require('./chancery.cjs');
