import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { advanceRun } from '../../../services/engine/advance-run.ts';
import { systemClock } from '../../../services/queue/clock.ts';
import { testApi } from '../../support/api.ts';
import { findKubectl, type KubectlCall, type KubectlResult, runKubectl } from '../../support/kubectl.ts';
import type { Outcome, Suite } from '../suite.ts';

interface Body {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string };
}

interface Case extends KubectlCall {
  readonly name: string;
  readonly setup: readonly Body[];
  readonly before?: readonly KubectlCall[];
  readonly during?: readonly { afterMs: number; method: string; path: string; contentType?: string; body?: unknown }[];
  readonly expect: {
    readonly exitCode?: number;
    readonly stdoutContains?: readonly string[];
    readonly stdoutLacks?: readonly string[];
    readonly stderrContains?: readonly string[];
    readonly stdoutMatches?: readonly string[];
    readonly stderrMatches?: readonly string[];
  };
}

/** kubectl waits more than it computes. */
const CASES_AT_ONCE = 4;

/** Each case on a server of its own, with a live engine, as the cases' format asks: see the reference of the vectors. */
export const suite: Suite = async function* (content) {
  const kubectl = findKubectl();
  const home = await mkdtemp(join(tmpdir(), 'assay-kubectl-'));
  try {
    // One cache folder for all: discovery is the same for every server, but kept by port.
    const waiting = [...(content as readonly Case[]).entries()];
    const outcomes: Promise<Outcome>[] = [];
    const workers = Array.from({ length: CASES_AT_ONCE }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, one] = next;
        outcomes[index] = runCase(kubectl, join(home, String(index)), one);
        await outcomes[index];
      }
    });
    await Promise.all(workers);
    for (const outcome of outcomes) yield await outcome;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

async function runCase(kubectl: string, home: string, one: Case): Promise<Outcome> {
  const { app, deps } = await testApi({ clock: systemClock });
  deps.queue.start((ticket) => advanceRun(deps, ticket), { concurrency: 2 });
  const server = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const uids = new Map<string, string>();
    for (const body of one.setup) await post(server, body, uids);
    for (const call of one.before ?? []) {
      const result = await runKubectl(kubectl, server, home, call);
      if (result.exitCode !== 0) return failed(one, { before: call.args, exitCode: 0 }, result);
    }
    const started = runKubectl(kubectl, server, home, one);
    const requests = (one.during ?? []).map(async ({ afterMs, method, path, contentType, body }) => {
      await sleep(afterMs);
      await fetch(server + path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': contentType ?? 'application/json' }, body: JSON.stringify(body) }),
      });
    });
    const [result] = await Promise.all([started, ...requests]);
    const wrong = mismatches(one.expect, result);
    return wrong.length === 0 ? { name: one.name, status: 'passed' } : failed(one, wrong, result);
  } finally {
    await app.close();
    await deps.queue.stop();
  }
}

/** Objects of the setup may refer to the uid of an earlier one: `{"$uidOf": "analysisruns/x"}`. */
async function post(server: string, body: Body, uids: Map<string, string>): Promise<void> {
  const plural = `${body.kind.toLowerCase()}s`;
  const group = body.kind === 'Event' || body.kind === 'Namespace' ? '/api/v1' : '/apis/argoproj.io/v1alpha1';
  const namespace = body.kind.startsWith('Cluster') ? '' : `/namespaces/${body.metadata.namespace ?? 'default'}`;
  const text = JSON.stringify(body, (_key, value: unknown) => {
    const reference = (value as { $uidOf?: string } | null)?.$uidOf;
    return reference === undefined ? value : (uids.get(reference) ?? reference);
  });
  const answer = await fetch(`${server}${group}${namespace}/${plural}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: text,
  });
  if (answer.status !== 201) throw new Error(`setup: ${answer.status} ${await answer.text()}`);
  const { metadata } = (await answer.json()) as { metadata: { name: string; uid: string } };
  uids.set(`${plural}/${metadata.name}`, metadata.uid);
}

function mismatches(expected: Case['expect'], { exitCode, stdout, stderr }: KubectlResult): unknown[] {
  const lacking = (text: string, parts: readonly string[] = []) => parts.filter((part) => !text.includes(part));
  const unmatched = (text: string, patterns: readonly string[] = []) =>
    patterns.filter((pattern) => !new RegExp(pattern, 'm').test(text));
  return [
    ...(expected.exitCode !== undefined && exitCode !== expected.exitCode ? [{ exitCode: expected.exitCode }] : []),
    ...lacking(stdout, expected.stdoutContains).map((part) => ({ stdoutContains: part })),
    ...(expected.stdoutLacks ?? []).filter((part) => stdout.includes(part)).map((part) => ({ stdoutLacks: part })),
    ...lacking(stderr, expected.stderrContains).map((part) => ({ stderrContains: part })),
    ...unmatched(stdout, expected.stdoutMatches).map((pattern) => ({ stdoutMatches: pattern })),
    ...unmatched(stderr, expected.stderrMatches).map((pattern) => ({ stderrMatches: pattern })),
  ];
}

function failed(one: Case, expected: unknown, actual: KubectlResult): Outcome {
  return { name: one.name, status: 'failed', expected, actual };
}
