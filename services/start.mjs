#!/usr/bin/env node
// Plain JavaScript, so that nothing has to be compiled before the compile cache is on: from the second start on Assay then starts in half the time, and does
// without the compiler in memory. The cache stands in the data folder that is named on the command line, else where Node keeps it by default.
import module from 'node:module';
import { join } from 'node:path';

const OLDEST_NODE = 24;
if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `assay: needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}\n  fix: npm run -s assay -- ARGS brings its own\n`,
  );
  process.exit(4);
}

const words = process.argv.slice(2);
const at = words.findIndex((word) => word === '--data' || word.startsWith('--data='));
const data = words[at]?.startsWith('--data=') ? words[at].slice('--data='.length) : words[at + 1];
const { directory } = module.enableCompileCache(at >= 0 && data ? join(data, 'compile-cache') : undefined);
// Threads look for it here.
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;

await import('./main.ts');
