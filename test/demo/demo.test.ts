import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Phase } from '../../services/domain/phase.ts';
import type { AnalysisRun } from '../../services/domain/run.ts';
import { verdictOf } from './verdict.ts';

interface Show {
  readonly child: ChildProcess;
  /** Resolves once the output holds the text. */
  said(text: string): Promise<void>;
  output(): string;
  readonly ended: Promise<number | null>;
}

/** The demo with a folder of its own for everything that it puts aside. */
function show(folder: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Show {
  const child = spawn(process.execPath, ['test/demo/demo.ts', ...args], { env: { ...env, TMPDIR: folder } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const said = async (text: string) => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  return { child, said, output: () => output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

const VERDICTS = [/^healthy-canary: Successful$/m, /^faulty-canary: Failed$/m, /failed \(2\) > failureLimit \(1\)/];

it.concurrent('shows both verdicts with their reasons, ends by itself and leaves nothing behind', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
  const demo = show(folder);
  expect(await demo.ended, demo.output()).toBe(0);
  for (const line of [...VERDICTS, /healthy-canary +success-rate +5 /]) expect(demo.output()).toMatch(line);
  for (const url of demo.output().match(/http:\/\/127\.0\.0\.1:\d+/g)!)
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

it.concurrent('with --keep leaves everything up until it is interrupted', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
  const demo = show(folder, ['--keep']);
  await demo.said('Everything stays up');
  const [, assay] = /Assay +(http:\S+)/.exec(demo.output())!;
  expect((await fetch(`${assay}/readyz`)).status).toBe(200);
  demo.child.kill('SIGINT');
  expect(await demo.ended, demo.output()).toBe(0);
  for (const line of VERDICTS) expect(demo.output()).toMatch(line);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

it('breaks off with a reason where Prometheus is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
  for (const program of ['sh', 'rm']) symlinkSync(`/bin/${program}`, join(folder, program));
  const demo = show(folder, [], { PATH: folder });
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toContain('it is not installed: npm run setup');
  rmSync(folder, { recursive: true });
});

const canary = { run: 'healthy-canary', release: '1.1', must: 'Successful' } as const;
it.each([
  { phase: 'Successful', isRight: true },
  { phase: 'Failed', isRight: false },
  { phase: 'Error', isRight: false },
  { phase: 'Inconclusive', isRight: false },
  { phase: 'Running', isRight: false },
] satisfies { phase: Phase; isRight: boolean }[])(
  'a healthy canary that ends $phase is right: $isRight',
  ({ phase, isRight }) => {
    const run = { spec: { metrics: [] }, status: { phase } } as unknown as AnalysisRun;
    expect(verdictOf(run, canary).isRight).toBe(isRight);
  },
);

it('a run that never came is not right', () => {
  expect(verdictOf(undefined, canary)).toEqual({ isRight: false, lines: ['no verdict, but it must be Successful'] });
});
