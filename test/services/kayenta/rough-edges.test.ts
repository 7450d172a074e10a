/** What goes wrong around Kayenta's API: sources that fail, processes that die, bodies that are huge, browsers, and odd paths. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../services/engine/ports.ts';
import { terminateRun } from '../../../services/engine/terminate-run.ts';
import type { Account } from '../../../services/kayenta/accounts.ts';
import { judgeLargeRequest, parseLargeJson } from '../../../services/kayenta/large-body.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { type TestKayenta, testKayenta } from '../../support/kayenta.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const END = START + 3_600_000;

let source: TestServer;
let asked: string[];
let fails: (query: string) => { readonly status: number; readonly body: string } | undefined;
let kayenta: TestKayenta;
let clock: TestClock;
beforeEach(async () => {
  asked = [];
  fails = () => undefined;
  clock = new TestClock(END);
  source = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const query = url.searchParams.get('query') ?? url.pathname;
    asked.push(query);
    const failure = fails(query);
    response.writeHead(failure?.status ?? 200, { 'content-type': 'application/json' });
    if (failure !== undefined) {
      response.end(failure.body);
      return;
    }
    const values = Array.from({ length: 60 }, (_, minute) => [START / 1000 + minute * 60, String(minute % 7)]);
    const data = url.pathname.endsWith('/values')
      ? [`of_${url.pathname.split('/')[1]}`]
      : { resultType: 'matrix', result: [{ metric: {}, values }] };
    response.end(JSON.stringify({ status: 'success', data }));
  });
  kayenta = await testKayenta(accounts(), clock);
});
afterEach(async () => {
  await kayenta.close();
  await source.close();
});

const accounts = (): readonly Account[] =>
  ['prod', 'other'].map((name) => ({
    name,
    type: 'prometheus',
    supportedTypes: ['METRICS_STORE'],
    endpoint: { baseUrl: `${source.url}/${name}` },
  }));
const metric = (name: string) => ({
  name,
  query: { type: 'prometheus', customInlineTemplate: `PromQL:${name}{v="\${scope}"}` },
  groups: ['g'],
  scopeName: 'default',
});
const config = (names: readonly string[], more: object = {}) => ({
  metrics: names.map(metric),
  classifier: { groupWeights: {} },
  ...more,
});
const times = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', step: 60 };
const request = {
  scopes: { default: { controlScope: { scope: 'a', ...times }, experimentScope: { scope: 'b', ...times } } },
  thresholds: { pass: 95, marginal: 75 },
};

// biome-ignore lint/suspicious/noExplicitAny: answers have every shape.
type Body = any;

async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const answer = await kayenta.app.inject({ method, url, headers: { ...type, ...headers }, ...payload });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    body: (answer.payload === '' ? undefined : JSON.parse(answer.payload)) as Body,
  };
}
const start = async (names: readonly string[], more: object = {}): Promise<string> =>
  (await send('POST', '/canary', { canaryConfig: config(names, more), executionRequest: request })).body
    .canaryExecutionId;
const statusOf = async (id: string): Promise<Body> => (await send('GET', `/canary/${id}`)).body;

describe('a source that fails', () => {
  const fifty = Array.from({ length: 50 }, (_, index) => `m${index}`);
  it('for one metric of fifty fails the execution, saying which', async () => {
    fails = (query) => (query.startsWith('m7{v="b"') ? { status: 400, body: '{"error":"no such thing"}' } : undefined);
    const id = await start(fifty);
    await kayenta.advance(id);
    const done = await statusOf(id);
    expect(done).toMatchObject({
      status: 'terminal',
      complete: true,
      exception: { operation: 'prometheusFetch', details: { errors: [expect.stringContaining('no such thing')] } },
      stageStatus: { fetchExperiment7: 'terminal', fetchControl7: 'succeeded', mixMetrics: 'not_started' },
    });
    expect(done).not.toHaveProperty('result');
    expect(asked).toHaveLength(100);
  });

  it('for a while is asked again only for what is missing, ten times in all, with the waits doubled', async () => {
    fails = (query) => (query.startsWith('b{v="a"') ? { status: 503, body: '' } : undefined);
    const id = await start(['a', 'b']);
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({ status: 'running', complete: false });
    const waits: number[] = [];
    for (let seconds = 1; (await statusOf(id)).complete === false; seconds *= 2) {
      waits.push(seconds);
      await clock.advance(seconds * 1000);
      await kayenta.advance(id);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
    expect(asked.filter((query) => query.startsWith('b{v="a"'))).toHaveLength(10);
    expect(asked).toHaveLength(13);
    expect(await statusOf(id)).toMatchObject({
      status: 'terminal',
      exception: { details: { errors: [expect.stringContaining('503')] } },
    });
  });

  it('by being slow does not hold the pass: what it has not begun waits for the next try', async () => {
    fails = () => {
      if (asked.length === 1) void clock.advance(121_000);
      return undefined;
    };
    const id = await start(fifty);
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({ status: 'running' });
    expect(asked.length).toBeLessThan(100);
    await clock.advance(1000);
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({ status: 'succeeded' });
    expect(asked).toHaveLength(100);
  });

  it('and comes back in time is judged', async () => {
    fails = () => ({ status: 429, body: '' });
    const id = await start(['a']);
    await kayenta.advance(id);
    fails = () => undefined;
    await clock.advance(1000);
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({
      status: 'succeeded',
      result: { judgeResult: { score: { score: 100 } } },
    });
  });
});

describe('a process that dies', () => {
  async function restart(): Promise<void> {
    const { store } = kayenta.deps;
    await kayenta.app.close();
    kayenta = await testKayenta(accounts(), clock, { store });
  }

  it('between tries goes on counting them, and leaves one list of samples', async () => {
    fails = () => ({ status: 503, body: '' });
    const id = await start(['a']);
    await kayenta.advance(id);
    for (let tries = 1; tries < 9; tries += 1) {
      await clock.advance(1000 * 2 ** (tries - 1));
      await kayenta.advance(id);
    }
    await restart();
    fails = () => undefined;
    await clock.advance(256_000);
    await kayenta.advance(id);
    const done = await statusOf(id);
    expect(done).toMatchObject({ status: 'succeeded' });
    expect((await send('GET', '/metricSetPairList')).body.map((list: Body) => list.id)).toEqual([
      done.metricSetPairListId,
    ]);
  });

  it('after it stored the samples, before the judgement, stores them under the same id again', async () => {
    const id = await start(['a']);
    const { store } = kayenta.deps;
    const replace = store.replace.bind(store);
    const never = new Promise<never>(() => {});
    store.replace = (document, expected) => ('judgement' in document ? never : replace(document, expected));
    void kayenta.advance(id);
    const lists = async () => (await send('GET', '/metricSetPairList')).body.map((list: Body) => list.id);
    await expect.poll(lists).toHaveLength(1);
    expect(await statusOf(id)).not.toHaveProperty('metricSetPairListId');
    store.replace = replace;
    await restart();
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({ status: 'succeeded' });
    expect(await lists()).toEqual([(await statusOf(id)).metricSetPairListId]);
  });

  it('between the judgements of an analysis starts none twice', async () => {
    const executionRequest = {
      scopes: [{ controlScope: 'a', experimentScope: 'b', startTimeIso: times.start, endTimeIso: times.end }],
      thresholds: { pass: 95, marginal: 75 },
      analysisIntervalMins: 20,
    };
    const { body } = await send('POST', '/standalone_canary_analysis', {
      canaryConfig: config(['a']),
      executionRequest,
    });
    const id = body.canaryAnalysisExecutionId;
    for (let pass = 0; pass < 8; pass += 1) {
      await kayenta.advance(id);
      for (const { executionId } of (await send('GET', `/standalone_canary_analysis/${id}`)).body.stageStatus)
        if (executionId !== undefined) await kayenta.advance(executionId);
      await restart();
      await clock.advance(1000);
    }
    const { body: done } = await send('GET', `/standalone_canary_analysis/${id}`);
    expect(done).toMatchObject({
      status: 'succeeded',
      canaryAnalysisExecutionResult: { canaryScores: [100, 100, 100] },
    });
    expect((await send('GET', '/pipelines')).body).toHaveLength(4);
  });
});

describe('what ended stays as it ended', () => {
  it('also by a fault of ours: nobody polls for ever', async () => {
    const id = await start(['a']);
    const { store } = kayenta.deps;
    const create = store.create.bind(store);
    store.create = (document) =>
      document.kind === 'MetricSetPairList' ? Promise.reject(new TypeError('a bug')) : create(document);
    await kayenta.advance(id);
    store.create = create;
    expect(await statusOf(id)).toMatchObject({
      status: 'terminal',
      complete: true,
      exception: { operation: 'canaryJudge' },
    });
  });
  it('canceled while it was fetching', async () => {
    const id = await start(['a']);
    fails = (query) => {
      if (query.startsWith('a{v="b"')) void kayenta.app.inject({ method: 'PUT', url: `/pipelines/${id}/cancel` });
      return { status: 503, body: '' };
    };
    await kayenta.advance(id);
    await expect.poll(async () => (await statusOf(id)).status).toBe('canceled');
    fails = () => undefined;
    await clock.advance(2000);
    await kayenta.advance(id);
    expect(await statusOf(id)).toMatchObject({ status: 'canceled', complete: true });
    expect((await send('PUT', `/pipelines/${id}/cancel`)).status).toBe(202);
  });
  it('canceled when its run is deleted through the resource API', async () => {
    const deleteRun = (id: string) =>
      kayenta.deps.store.remove({ kind: 'AnalysisRun', namespace: 'kayenta', name: id.toLowerCase() });
    const id = await start(['a']);
    await deleteRun(id);
    // Its run may be on the way to the store.
    expect(await statusOf(id)).toMatchObject({ status: 'not_started', complete: false });
    await clock.advance(10_000);
    expect(await statusOf(id)).toMatchObject({ status: 'canceled', complete: true });
    expect((await send('DELETE', `/pipelines/${id}`)).status).toBe(200);

    const { body } = await send('POST', '/standalone_canary_analysis', {
      canaryConfig: config(['a']),
      executionRequest: { scopes: [{ controlScope: 'a', experimentScope: 'b' }], lifetimeDurationMins: 60 },
    });
    const path = `/standalone_canary_analysis/${body.canaryAnalysisExecutionId}`;
    await deleteRun(body.canaryAnalysisExecutionId);
    await clock.advance(10_000);
    expect((await send('GET', path)).body).toMatchObject({ status: 'canceled', complete: true });
  });
  it('canceled when its run is terminated elsewhere while nothing is under way', async () => {
    const { body } = await send('POST', '/standalone_canary_analysis', {
      canaryConfig: config(['a']),
      executionRequest: { scopes: [{ controlScope: 'a', experimentScope: 'b' }], lifetimeDurationMins: 60 },
    });
    const id = body.canaryAnalysisExecutionId as string;
    await kayenta.advance(id);
    await terminateRun(kayenta.deps, `kayenta/${id.toLowerCase()}`);
    await kayenta.advance(id);
    expect((await send('GET', `/standalone_canary_analysis/${id}`)).body).toMatchObject({
      status: 'canceled',
      complete: true,
    });
  });
  it('failed when the store was away for a moment and its run ended for that', async () => {
    const id = await start(['a']);
    const { store } = kayenta.deps;
    const replace = store.replace.bind(store);
    store.replace = (document, expected) =>
      document.kind === 'CanaryExecution'
        ? Promise.reject(new StoreError('unavailable', 'Redis is away'))
        : replace(document, expected);
    await kayenta.advance(id);
    store.replace = replace;
    expect(await statusOf(id)).toMatchObject({
      status: 'terminal',
      complete: true,
      exception: { details: { errors: [expect.stringContaining('Redis is away')] } },
    });
  });
  it('an analysis whose plan cannot be is canceled without a run to stop', async () => {
    const backwards = {
      scopes: [{ controlScope: 'a', experimentScope: 'b', startTimeIso: times.end, endTimeIso: times.start }],
    };
    const { status, body } = await send('POST', '/standalone_canary_analysis', {
      canaryConfig: config(['a']),
      executionRequest: backwards,
    });
    expect(status).toBe(200);
    const path = `/standalone_canary_analysis/${body.canaryAnalysisExecutionId}`;
    expect((await send('GET', path)).body).toMatchObject({
      status: 'terminal',
      exception: { details: { errors: [expect.stringContaining('at least one minute')] } },
    });
    expect((await send('PUT', `/pipelines/${body.canaryAnalysisExecutionId}/cancel`)).status).toBe(202);
    expect((await send('DELETE', `/pipelines/${body.canaryAnalysisExecutionId}`)).status).toBe(200);
    expect((await send('GET', path)).status).toBe(404);
  });
});

describe('ways in', () => {
  it('double slashes collapse, ids may hold dots', async () => {
    const { body } = await send('POST', '//canaryConfig', {
      ...config(['a']),
      id: 'shop.v1.2',
      name: 'shop',
      applications: ['x'],
    });
    expect(body).toEqual({ canaryConfigId: 'shop.v1.2' });
    expect((await send('GET', '//canaryConfig//shop.v1.2')).body.name).toBe('shop');
  });
  it('a method that a path does not know is 405, and says which it knows', async () => {
    const answer = await send('DELETE', '/judges');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET']);
  });
  it('times that end before they start, and a step of zero, are stored and fail at the source', async () => {
    fails = () => ({ status: 400, body: '{"error":"end timestamp must not be before start time"}' });
    const { default: pair } = request.scopes;
    const swapped = {
      scopes: {
        default: { ...pair, controlScope: { ...pair.controlScope, start: times.end, end: times.start, step: 0 } },
      },
      thresholds: request.thresholds,
    };
    const { body } = await send('POST', '/canary', { canaryConfig: config(['a']), executionRequest: swapped });
    await kayenta.advance(body.canaryExecutionId);
    expect(await statusOf(body.canaryExecutionId)).toMatchObject({
      status: 'terminal',
      exception: { details: { errors: [expect.stringContaining('must not be before')] } },
    });
  });
  it('a window and a step that let expect more points than a process could hold fail the execution', async () => {
    fails = () => ({ status: 200, body: '{"status":"success","data":{"resultType":"matrix","result":[]}}' });
    const { default: pair } = request.scopes;
    const tenYearsEarly = { ...pair.controlScope, start: '2016-01-01T00:00:00Z', step: 1 };
    const { body } = await send('POST', '/canary', {
      canaryConfig: config(['a']),
      executionRequest: { ...request, scopes: { default: { ...pair, controlScope: tenYearsEarly } } },
    });
    await kayenta.advance(body.canaryExecutionId);
    expect(await statusOf(body.canaryExecutionId)).toMatchObject({
      status: 'terminal',
      exception: { details: { errors: [expect.stringMatching(/of a let expect 31\d{7} points; at most 10000000/)] } },
    });
  });
  it('an analysis of more judgements than anybody could read is not begun', async () => {
    const { body } = await send('POST', '/standalone_canary_analysis', {
      canaryConfig: config(['a']),
      executionRequest: {
        scopes: [
          { controlScope: 'a', experimentScope: 'b', startTimeIso: '1970-01-01T00:00:00Z', endTimeIso: times.end },
        ],
        analysisIntervalMins: 1,
      },
    });
    const { body: analysis } = await send('GET', `/standalone_canary_analysis/${body.canaryAnalysisExecutionId}`);
    expect(analysis).toMatchObject({
      status: 'terminal',
      exception: {
        details: { errors: [expect.stringContaining('at most 10080 are possible: raise analysisIntervalMins')] },
      },
    });
  });
  it('an archived result is found where an execution would be', async () => {
    await send('POST', '/canaryResultArchive?pipelineId=01OLD', {
      application: 'x',
      complete: true,
      status: 'succeeded',
    });
    expect((await send('GET', '/canary/01OLD')).body).toEqual({
      application: 'x',
      complete: true,
      status: 'succeeded',
    });
    expect((await send('POST', '/canaryResultArchive?pipelineId=01OLD', {})).body.message).toBe(
      "Archived canary result '01OLD' already exists.",
    );
  });
  it('warns of what is read otherwise than it is written, in the answer and in the result', async () => {
    const odd = config(['a'], { judge: { name: 'dredd-v1.0' } });
    const started = await send('POST', '/canary', { canaryConfig: odd, executionRequest: request });
    expect(String(started.headers['warning'])).toContain('dredd-v1.0 answers at random');
    await kayenta.advance(started.body.canaryExecutionId);
    expect((await statusOf(started.body.canaryExecutionId)).result.judgeResult).toMatchObject({
      judgeName: 'NetflixACAJudge-v1.0',
      warnings: [expect.stringContaining('dredd')],
    });
    expect(
      (await send('POST', '/canary', { canaryConfig: config(['a']), executionRequest: request })).headers,
    ).not.toHaveProperty('warning');
  });
  it('a number that is none is a text in results', async () => {
    const zero = { name: 'a', id: '1', tags: {}, values: { control: [0, 0, 0, 0], experiment: [1, 2, 3, 4] } };
    const stored = await send('POST', '/metricSetPairList', [zero]);
    await send('POST', '/canaryConfig', { ...config(['a']), id: 'c', name: 'c', applications: ['x'] });
    const judged = await send(
      'POST',
      `/judges/judge?canaryConfigId=c&metricSetPairListId=${stored.body.metricSetPairListId}&passThreshold=95&marginalThreshold=75`,
    );
    expect(judged.body.results[0].resultMetadata.ratio).toBe('NaN');
  });
  it('compares judges under a name of its own', async () => {
    const pair = { name: 'a', id: '1', tags: {}, values: { control: [1, 2, 3], experiment: [1, 2, 3] } };
    const { body: list } = await send('POST', '/metricSetPairList', [pair]);
    await send('POST', '/canaryConfig', { ...config(['a']), id: 'c', name: 'c', applications: ['x'] });
    const query = `canaryConfigId=c&metricSetPairListId=${list.metricSetPairListId}&passThreshold=95&marginalThreshold=75&overrideCanaryJudge1=`;
    const { body } = await send('POST', `/judges/comparison?${query}dredd-v1.0`);
    expect((await send('GET', `/judges/comparison/${body.canaryExecutionId}`)).body.comparisonResult).toMatchObject({
      judge1Result: { warnings: [expect.any(String)] },
      judge2Result: { score: { score: 100 } },
    });
    expect((await send('GET', '/canaryResultArchive')).body).toEqual([]);
    expect((await send('POST', `/judges/comparison?${query}nope`)).body.message).toBe(
      "Unable to resolve canary judge 'nope'.",
    );
  });
  it('query texts keep their commas', async () => {
    const dry = `/fetch/atlas/query?q=${encodeURIComponent('name,requests,:eq')}&metricSetName=x&type=query&scope=s&dryRun=true&step=60&start=${times.start}&end=${times.end}`;
    const { body } = await send('POST', `${dry}&metricsAccountName=prod`);
    expect(body.query).toContain('name,requests,:eq,');
  });
});

describe('metric names', () => {
  const names = (account: string) => send('GET', `/metadata/metricsService?metricsAccountName=${account}&filter=OF`);
  it('are asked for once a minute for each account, however many ask', async () => {
    expect((await names('prod')).body).toEqual([{ name: 'of_prod' }]);
    await Promise.all([names('other'), names('other')]);
    await names('prod');
    expect(asked).toHaveLength(2);
    await clock.advance(60_000);
    await names('prod');
    expect(asked).toHaveLength(3);
  });
  it('are asked for again after a failure', async () => {
    fails = () => ({ status: 500, body: '' });
    expect((await names('prod')).status).toBe(500);
    fails = () => undefined;
    expect((await names('prod')).status).toBe(200);
  });
});

describe('the overview', () => {
  it('has every application, newest first, with scores; judgements of an analysis are told with it', async () => {
    const first = await start(['m1']);
    await kayenta.advance(first);
    await clock.advance(1000);
    fails = () => ({ status: 400, body: '{"error":"no such thing"}' });
    const second = await start(['m1']);
    await kayenta.advance(second);
    const { body } = await send('GET', '/ui/api/executions');
    const failed = {
      type: 'execution',
      id: second,
      state: 'terminal',
      problem: expect.stringContaining('no such thing'),
    };
    const judged = { type: 'execution', id: first, state: 'succeeded', score: 100, classification: 'Pass' };
    expect(body).toMatchObject({
      total: 2,
      executions: [failed, { ...judged, createdAt: '2026-01-01T01:00:00.000Z' }],
    });
    fails = () => undefined;
    await clock.advance(1000);
    const asked = {
      canaryConfig: config(['m1']),
      executionRequest: {
        scopes: [
          { controlScope: 'a', experimentScope: 'b', step: 60, startTimeIso: times.start, endTimeIso: times.end },
        ],
        thresholds: { pass: 95, marginal: 75 },
        lifetimeDurationMins: 60,
        analysisIntervalMins: 60,
      },
    };
    const answer = await send('POST', '/standalone_canary_analysis?application=shop', asked);
    const id = answer.body.canaryAnalysisExecutionId as string;
    await kayenta.advance(id);
    const [executionId] = (await send('GET', '/ui/api/executions')).body.executions[0].executionIds;
    await kayenta.advance(executionId);
    const [analysis, ...others] = (await send('GET', '/ui/api/executions')).body.executions;
    expect(analysis).toMatchObject({
      type: 'analysis',
      id,
      application: 'shop',
      score: 100,
      executionIds: [executionId],
    });
    expect(others).toHaveLength(2);
  });
});

describe('browsers', () => {
  const origin = { origin: 'http://referee.example' };
  it('are answered only when that is configured', async () => {
    expect((await send('GET', '/judges', undefined, origin)).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await send('OPTIONS', '/canary/x', undefined, origin)).status).toBe(405);
    expect((await send('PUT', '/pipelines/x/cancel', undefined, origin)).status).toBe(403);
    await kayenta.close();
    kayenta = await testKayenta(accounts(), clock, { cors: true });
    expect((await send('GET', '/judges', undefined, origin)).headers).toMatchObject({
      'access-control-allow-origin': origin.origin,
      vary: 'Origin',
    });
    const asksFirst = await send('OPTIONS', '/canary/x', undefined, {
      ...origin,
      'access-control-request-method': 'POST',
    });
    expect([asksFirst.status, asksFirst.text]).toEqual([200, '']);
    expect(asksFirst.headers).toMatchObject({
      'access-control-allow-methods': 'POST, GET, OPTIONS, DELETE, PUT, PATCH',
      'access-control-max-age': '3600',
    });
    expect((await send('PUT', '/pipelines/x/cancel', undefined, origin)).status).toBe(404);
    expect((await send('GET', '/judges')).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('large bodies', () => {
  /** 10 million points in all: five million a side, as text of some 20 MB. */
  function largeRequest(points: number): Buffer {
    const list = (from: number) =>
      `[${Array.from({ length: points }, (_, index) => ((index * 7919) % 97) + from).join(',')}]`;
    const head = JSON.stringify({ canaryConfig: config(['a']), scoreThresholds: { pass: 95, marginal: 75 } }).slice(
      0,
      -1,
    );
    return Buffer.from(
      `${head},"metricSetPairList":[{"name":"a","id":"1","tags":{},"values":{"control":${list(0)},"experiment":${list(50)}}}]}`,
    );
  }

  it('are judged while the server answers others', { timeout: 60_000 }, async () => {
    const bytes = largeRequest(5_000_000);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const beganAt = performance.now();
    const judging = judgeLargeRequest(bytes);
    delay.enable();
    const judgement = (await judging) as Body;
    delay.disable();
    const judgedMs = performance.now() - beganAt;
    expect(judgement.score).toMatchObject({ score: 0, classification: 'Fail' });
    expect(judgement.results[0].controlMetadata.stats.count).toBe(5_000_000);
    // Here in this thread, the longest wait would be nearly all of it.
    expect(delay.max / 1e6).toBeLessThan(judgedMs / 3);
  });

  it('that are no JSON, or no request, are the mistake of the caller', async () => {
    const blanks = ' '.repeat(9 * 1024 * 1024);
    await expect(parseLargeJson(Buffer.from(`{${blanks}`))).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('not JSON'),
    });
    await expect(judgeLargeRequest(Buffer.from(`{}${blanks}`))).rejects.toMatchObject({ status: 400 });
    expect(await parseLargeJson(Buffer.from(`{"a":1}${blanks}`))).toEqual({ a: 1 });
  });

  it('come in through POST /judge up to the limit for samples', async () => {
    const answer = await kayenta.app.inject({
      method: 'POST',
      url: '/judge',
      headers: { 'content-type': 'application/json' },
      payload: largeRequest(20_000),
    });
    expect([answer.statusCode, answer.json().score.classification]).toEqual([200, 'Fail']);
  });
});

describe('accounts behind a login', () => {
  it('are shown without it, and asked with it whether they are well', async () => {
    const sent: (string | undefined)[] = [];
    const guarded = await serve((request, response) => {
      sent.push(request.headers.authorization);
      response.writeHead(request.headers.authorization === undefined ? 401 : 200).end();
    });
    const { host } = new URL(guarded.url);
    const behind = await testKayenta([
      {
        name: 'prod',
        type: 'prometheus',
        supportedTypes: ['METRICS_STORE'],
        endpoint: { baseUrl: guarded.url },
        bearerToken: 'let-me-in',
      },
      {
        name: 'atlas',
        type: 'atlas',
        supportedTypes: ['METRICS_STORE'],
        endpoint: { baseUrl: `http://reader:p@ss/word@${host}` },
      },
    ]);
    const ask = (url: string) => behind.app.inject({ method: 'GET', url });
    expect((await ask('/health')).statusCode).toBe(200);
    expect(sent).toEqual(['Bearer let-me-in']);
    const shown = (await ask('/credentials')).json() as { readonly name: string; readonly endpoint?: object }[];
    expect(shown.find(({ name }) => name === 'atlas')?.endpoint).toEqual({ baseUrl: `http://*****@${host}` });
    await behind.close();
    await guarded.close();
  });
});
