import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assay } from '../../support/assay-command.ts';

describe('assay catalog', () => {
  it('lists its templates, a line each', async () => {
    const { code, out } = await assay(['catalog', 'list']);
    const lines = out.trimEnd().split('\n');
    expect([code, lines.length]).toEqual([0, 18]);
    expect(out).toMatch(/^istio-success-rate +Istio: share of the canary's requests/mu);
  });

  it('shows a template as it stands', async () => {
    const { code, out } = await assay(['catalog', 'show', 'istio-success-rate']);
    expect([code, out]).toEqual([0, readFileSync('providers/catalog/istio-success-rate.yaml', 'utf8')]);
  });

  it.each([
    { args: ['show', 'isto'], says: 'no template "isto"', fix: 'istio-latency' },
    { args: ['show', '../../package'], says: 'no template "../../package"', fix: 'one of' },
    { args: ['show'], says: '"catalog show" is nothing', fix: 'catalog show NAME' },
    { args: ['print'], says: '"catalog print" is nothing', fix: 'catalog list' },
  ])('$args is refused', async ({ args, says, fix }) => {
    const { code, err } = await assay(['catalog', ...args]);
    expect(code).toBe(4);
    expect(err).toContain(says);
    expect(err).toContain(fix);
  });
});
