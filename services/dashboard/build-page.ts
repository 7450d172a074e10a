// npm run build:page         Builds the page into .cache/ui, where `assay serve` finds it. The start scripts do it when it is missing or out of date.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { BUILD_FOLDER } from './page-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = fileURLToPath(new URL('page/', import.meta.url));
/** What the start scripts compare with the sources: each file that went in, with its hash. Packages count through the lock file. */
const INPUTS = 'inputs.json';
const PACKAGES = 'package-lock.json';

/** Nobody sees half a build: it is made beside its place and moved there. */
export async function buildPage(folder = BUILD_FOLDER): Promise<void> {
  const fresh = `${folder}.${process.pid}`;
  const output = (await build({
    configFile: false,
    root: PAGE,
    base: '/ui/',
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: fresh,
      emptyOutDir: true,
      assetsDir: '.',
      // A data: URL in a style sheet would need a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2023',
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  })) as Rollup.RollupOutput;

  const modules = output.output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  const sources = modules.filter((id) => id.startsWith(ROOT) && !id.includes('node_modules'));
  const files = new Set([...sources, ...styles(), join(PAGE, 'index.html'), join(ROOT, PACKAGES)]);
  const inputs = [...files].sort().map((file) => [relative(ROOT, file), hashOf(file)]);
  for (const name of readdirSync(fresh))
    writeFileSync(join(fresh, `${name}.gz`), gzipSync(readFileSync(join(fresh, name)), { level: 9 }));
  writeFileSync(join(fresh, INPUTS), JSON.stringify(Object.fromEntries(inputs), null, 1));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** Style sheets leave no trace among the modules of a chunk. */
const styles = (): string[] =>
  readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(css|svg)$/.test(name))
    .map((name) => join(PAGE, name));

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

if (import.meta.main) await buildPage();
