import { describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../../../services/domain/run.ts';
import { jobIdOf, jobRun } from '../../../services/intake/job-run.ts';
import { readJob } from '../../../services/intake/read-job.ts';

const RUN = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun', metadata: { name: 'a' }, spec: { metrics: [] } };

describe("a job's data", () => {
  it.each([
    { is: 'a run, without the status that it had', data: { ...RUN, status: { phase: 'Failed' } }, run: RUN },
    {
      is: 'a template by name',
      data: { template: 'web-check', args: { shop: 'http://shop', track: 'canary' } },
      run: {
        metadata: { generateName: 'web-check-' },
        spec: {
          templates: [{ templateName: 'web-check', clusterScope: false }],
          args: [
            { name: 'shop', value: 'http://shop' },
            { name: 'track', value: 'canary' },
          ],
        },
      },
    },
    {
      is: 'a cluster template with a name of its own',
      data: { template: 'slo', clusterScope: true, namespace: 'shop', name: 'release-7', labels: { team: 'shop' } },
      run: {
        metadata: { name: 'release-7', namespace: 'shop', labels: { team: 'shop' } },
        spec: { templates: [{ templateName: 'slo', clusterScope: true }] },
      },
    },
  ])('may be $is', ({ data, run }) => {
    expect(readJob(data)).toMatchObject({ run });
    expect(readJob(data)).not.toHaveProperty('run.status');
  });

  it('may be a judgement request, which the judge reads', () => {
    const data = { canaryConfig: {}, scoreThresholds: {}, metricSetPairList: [] };
    expect(readJob(data)).toEqual({ judgeRequest: data });
  });

  it.each([
    { data: undefined, says: 'data is none of: an AnalysisRun' },
    { data: 'web-check', says: 'data is none of: an AnalysisRun' },
    { data: [RUN], says: 'data is none of: an AnalysisRun' },
    { data: { to: 'somebody@example.com' }, says: 'a template by name (template, args, namespace)' },
    { data: { kind: 'Pod' }, says: 'kind: must be AnalysisRun, not "Pod"' },
    { data: { ...RUN, apiVersion: 'v1' }, says: 'apiVersion: must be argoproj.io/v1alpha1, not "v1"' },
    { data: { template: 7 }, says: 'template: Invalid value: "integer"' },
    { data: { template: 'a', args: { shop: 1 } }, says: 'args.shop: Invalid value: "integer"' },
    { data: { template: 'a', arguments: {} }, says: 'arguments: no such field; known: template, clusterScope, args' },
  ])('is refused when it is $data', ({ data, says }) => {
    expect(() => readJob(data)).toThrow(says);
  });
});

describe('the identity of a run and its job', () => {
  const job = { id: 'release 1.1/7', timestamp: 1_767_225_600_000 };
  const runOf = ({ origin, uid }: ReturnType<typeof jobRun>): AnalysisRun =>
    ({ ...RUN, metadata: { name: 'a', uid, annotations: { 'assay/intake-job': origin } } }) as unknown as AnalysisRun;

  it('follows from queue, id and time of the job', () => {
    const first = jobRun('analysis', job);
    expect(jobRun('analysis', { ...job })).toEqual(first);
    expect(first.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const others = [
      jobRun('other', job),
      jobRun('analysis', { ...job, id: '8' }),
      jobRun('analysis', { ...job, timestamp: 1 }),
    ];
    expect(new Set([first, ...others].map(({ uid }) => uid)).size).toBe(4);
    expect(new Set([first, ...others].map(({ nameSuffix }) => nameSuffix)).size).toBe(4);
  });

  it('leads back to the job, in its own queue', () => {
    const run = runOf(jobRun('analysis', job));
    expect(jobIdOf('analysis', run)).toBe(job.id);
    expect(jobIdOf('other', run)).toBeUndefined();
  });

  it('is not had by copying the annotation', () => {
    expect(jobIdOf('analysis', runOf({ ...jobRun('analysis', job), uid: crypto.randomUUID() }))).toBeUndefined();
  });
});
