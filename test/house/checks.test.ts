/** A check can pass because it looked at nothing. Each one is shown a planted fault here, and the size of what it saw. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const planted: string[] = [];
afterAll(() => {
  for (const folder of planted) rmSync(folder, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

/** A folder with our configuration and the given files. */
function plant(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-planted-'));
  planted.push(folder);
  for (const name of ['tsconfig.json', 'biome.json', 'eslint.config.mjs', '.dependency-cruiser.mjs', 'knip.json'])
    copyFileSync(name, join(folder, name));
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function run(tool: string, args: readonly string[], cwd = '.'): { status: number | null; output: string } {
  const program = resolve('node_modules/.bin', tool);
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 64 << 20 });
  return { status, output: stdout + stderr };
}

interface Cruise {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly unknown[] }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(cwd: string, ...folders: string[]): Cruise {
  const { output } = run(
    'depcruise',
    ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders],
    cwd,
  );
  return JSON.parse(output) as Cruise;
}

describe('the floors', { timeout: 60_000 }, () => {
  const allowed: Files = {
    'node_modules/typebox/package.json': '{"name":"typebox","main":"index.js"}',
    'node_modules/typebox/index.js': '',
    'node_modules/fastify/package.json': '{"name":"fastify","main":"index.js"}',
    'node_modules/fastify/index.js': '',
    'providers/contract.ts':
      "import type { phase } from '../services/domain/phase.ts';\nexport type Contract = typeof phase;",
    'services/domain/phase.ts': "import 'typebox';\nexport const phase = 1;",
    'services/statistics/quantile.ts': "import '../domain/phase.ts';",
    'services/analysis/due.ts':
      "import '../statistics/quantile.ts';\nimport type {} from '../../providers/contract.ts';",
    'services/engine/advance.ts': "import '../analysis/due.ts';\nimport 'node:crypto';",
    'services/store/sqlite.ts': "import '../engine/advance.ts';",
    'services/api/app.ts': "import '../store/sqlite.ts';\nimport 'fastify';",
    'services/dashboard/summary.ts': 'export interface Summary {}',
    'services/dashboard/page/view.tsx': "import type { Summary } from '../summary.ts';\nexport const a: Summary = {};",
    'providers/registry.ts': "import './web/index.ts';\nimport './prometheus/index.ts';",
    'providers/web/index.ts': "import '../contract.ts';",
    'providers/prometheus/index.ts': "import '../contract.ts';",
    'services/main.ts': "import './api/app.ts';\nimport '../providers/registry.ts';",
  };
  const faults: readonly { file: string; text: string; rule: string }[] = [
    { file: 'services/domain/a.ts', text: "import 'node:fs';", rule: 'pure' },
    { file: 'services/judge/b.ts', text: "import 'fastify';", rule: 'pure' },
    { file: 'services/domain/c.ts', text: "import '../statistics/quantile.ts';", rule: 'floor-domain' },
    { file: 'services/statistics/d.ts', text: "import '../expression/x.ts';", rule: 'floor-statistics' },
    { file: 'services/expression/x.ts', text: 'export {};', rule: '' },
    { file: 'services/analysis/e.ts', text: "import type {} from '../engine/advance.ts';", rule: 'floor-analysis' },
    { file: 'services/engine/f.ts', text: "import '../store/sqlite.ts';", rule: 'floor-engine' },
    { file: 'services/store/g.ts', text: "import '../api/app.ts';", rule: 'floor-store' },
    { file: 'services/cli/h.ts', text: "import '../api/app.ts';", rule: 'floor-cli' },
    { file: 'services/limits/s.ts', text: "import '../store/sqlite.ts';", rule: 'floor-limits' },
    { file: 'services/intake/r.ts', text: "import '../api/app.ts';", rule: 'floor-intake' },
    { file: 'services/engine/i.ts', text: "import '../../providers/web/index.ts';", rule: 'rules-and-providers' },
    { file: 'services/api/j.ts', text: "import '../../providers/registry.ts';", rule: 'rules-and-providers' },
    {
      file: 'providers/web/k.ts',
      text: "import '../../services/engine/advance.ts';",
      rule: 'providers-know-the-contract',
    },
    { file: 'providers/web/l.ts', text: "import '../prometheus/index.ts';", rule: 'providers-apart' },
    {
      file: 'services/dashboard/page/r.ts',
      text: "import { secret } from '../s.ts';",
      rule: 'page-in-the-browser',
    },
    { file: 'services/dashboard/s.ts', text: 'export const secret = 1;', rule: '' },
    { file: 'services/dashboard/page/t.tsx', text: "import 'fastify';", rule: 'page-in-the-browser' },
    { file: 'services/store/m.ts', text: "import './n.ts';", rule: 'no-cycles' },
    { file: 'services/store/n.ts', text: "import './m.ts';", rule: '' },
    { file: 'services/api/o.ts', text: "import '../../test/p.ts';", rule: 'no-tests-in-product' },
    { file: 'test/p.ts', text: 'export {};', rule: '' },
    { file: 'services/api/q.ts', text: "import './nowhere.ts';", rule: 'not-unresolvable' },
  ];
  const folder = plant({ ...allowed, ...Object.fromEntries(faults.map(({ file, text }) => [file, text])) });
  const { violations } = cruise(folder, 'services', 'providers').summary;

  it.each(faults.filter(({ rule }) => rule !== ''))('$file with $text breaks $rule', ({ file, rule }) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
  });

  it('let everything else pass', () => {
    const files = new Set(faults.map(({ file }) => file));
    expect(violations.filter(({ from }) => !files.has(from))).toEqual([]);
  });

  it('were checked in every file of this tree, and imports were seen', () => {
    const { modules } = cruise('.', 'services', 'providers', 'openapi');
    const seen = modules.map(({ source }) => source);
    expect(seen).toEqual(expect.arrayContaining(globSync('{services,providers,openapi}/**/*.{ts,tsx}')));
    expect(modules.flatMap(({ dependencies }) => dependencies).length).toBeGreaterThan(seen.length);
  });
});

describe('the formatter and the linters', { timeout: 60_000 }, () => {
  it.each([
    { fault: 'a line that is not formatted', text: 'export const a = "double"\n', says: 'format' },
    { fault: 'any', text: 'export const a: any = 1;\n', says: 'noExplicitAny' },
    {
      fault: 'a type imported as a value',
      text: "import { URL } from 'node:url';\n\nexport type A = URL;\n",
      says: 'useImportType',
    },
    { fault: 'a built-in without node:', text: "import 'fs';\n", says: 'useNodejsImportProtocol' },
    { fault: 'a debugger statement', text: 'debugger;\n', says: 'noDebugger' },
  ])('Biome sees $fault', ({ text, says }) => {
    const { status, output } = run('biome', ['check', '--vcs-enabled=false', 'a.ts'], plant({ 'a.ts': text }));
    expect(status).toBe(1);
    expect(output).toContain(says);
  });

  it('Biome looks at every source file', () => {
    const { output } = run('biome', ['check', '--max-diagnostics=1', '.']);
    const checked = Number(/Checked (\d+) files/.exec(output)?.[1]);
    expect(checked).toBeGreaterThanOrEqual(globSync('{services,providers,openapi,test}/**/*.{ts,tsx,css,mjs}').length);
  });

  it('ESLint sees what needs types', () => {
    const folder = plant({
      'services/a.ts': [
        'declare const work: () => Promise<boolean>;',
        'work();',
        'if (work()) {}',
        'await 1;',
        "export const f = (p: 'a' | 'b') => { switch (p) { case 'a': return 1; } return 0; };",
      ].join('\n'),
    });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const { status, output } = run('eslint', ['--max-warnings', '0', '.'], folder);
    expect(status).toBe(1);
    for (const rule of ['no-floating-promises', 'no-misused-promises', 'await-thenable', 'switch-exhaustiveness-check'])
      expect(output).toContain(rule);
  });

  it('TypeScript refuses what stripping types cannot run, and holes in the types', () => {
    const folder = plant({
      'services/a.ts': 'export enum Phase { Running }\n',
      'services/b.ts': 'export const first = (list: string[]): string => list[0];\n',
      'services/c.ts': 'export const c: { a?: string } = { a: undefined };\n',
      'test/d.ts': "import { c } from '../services/c';\nc;\n",
    });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const { status, output } = run('tsc', ['--noEmit'], folder);
    expect(status).not.toBe(0);
    const found = [...output.matchAll(/^(\S+)\(.*error (TS\d+)/gm)].map(([, file, code]) => `${file} ${code}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'services/a.ts TS1294',
        'services/b.ts TS2322',
        'services/c.ts TS2375',
        'test/d.ts TS2835',
      ]),
    );
  });

  it('knip sees what nobody uses', () => {
    const folder = plant({
      'package.json':
        '{"name":"planted","type":"module","scripts":{"start":"node services/start.mjs"},"dependencies":{"fastify":"1"}}',
      'services/start.mjs': "import { used } from './domain/a.ts';\nimport 'axios';\n\nused();\n",
      'services/domain/a.ts': 'export const used = () => {};\nexport const unused = 1;\n',
      'services/domain/b.ts': 'export const nobody = 1;\n',
    });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const { status, output } = run('knip', ['--no-progress'], folder);
    expect(status).toBe(1);
    for (const finding of [
      /Unused files.*\nservices\/domain\/b.ts/,
      /Unused dependencies.*\nfastify/,
      /Unlisted dependencies.*\naxios/,
      /Unused exports.*\nunused/,
    ])
      expect(output).toMatch(finding);
  });
});
