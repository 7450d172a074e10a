import { describe, expect, it } from 'vitest';
import { configWarnings } from '../../../services/judge/config-warnings.ts';
import { readSettings } from '../../../services/judge/settings.ts';
import { configOf } from './canary.ts';

const read = (canary: unknown) => readSettings({ name: 'm', analysisConfigurations: { canary } });

const DEFAULTS = {
  direction: 'either',
  nanStrategy: 'remove',
  outlierFactor: undefined,
  critical: false,
  mustHaveData: false,
  muted: false,
  effectSize: {
    measure: 'meanRatio',
    allowedIncrease: 1,
    allowedDecrease: 1,
    criticalIncrease: 1,
    criticalDecrease: 1,
  },
};

describe('settings are read as Kayenta reads them', () => {
  it.each([
    { canary: undefined, want: {} },
    { canary: null, want: {} },
    { canary: { effectSize: null, outliers: null }, want: {} },
    { canary: { direction: 'increase' }, want: { direction: 'increase' } },
    { canary: { direction: 'Increase' }, want: {} },
    { canary: { direction: ['increase'] }, want: {} },
    { canary: { direction: 5, nanStrategy: true }, want: {} },
    { canary: { critical: true, mustHaveData: null }, want: { critical: true } },
    { canary: { outliers: { strategy: 'remove' } }, want: { outlierFactor: 3 } },
    { canary: { outliers: { strategy: 'remove', outlierFactor: 1.5 } }, want: { outlierFactor: 1.5 } },
    { canary: { outliers: { strategy: 'keep', outlierFactor: -1 } }, want: {} },
    {
      canary: { effectSize: { allowedIncrease: 1.5, allowedDecrease: null } },
      want: { effectSize: { ...DEFAULTS.effectSize, allowedIncrease: 1.5, allowedDecrease: 0 } },
    },
    {
      canary: { effectSize: { measure: 'cles', criticalIncrease: 0.9 } },
      want: {
        effectSize: {
          measure: 'cles',
          allowedIncrease: 0.5,
          allowedDecrease: 0.5,
          criticalIncrease: 0.9,
          criticalDecrease: 0.5,
        },
      },
    },
    { canary: { effectSize: [] }, want: {} },
  ])('$canary', ({ canary, want }) => {
    expect(read(canary)).toEqual({ ...DEFAULTS, ...want });
  });

  it.each([
    { canary: { direction: null }, want: 'canary.direction: must be text, not null' },
    { canary: { outliers: { strategy: null } }, want: 'outliers.strategy: must be text, not null' },
    { canary: { critical: 'true' }, want: 'canary.critical: must be true or false' },
    { canary: { muted: 1 }, want: 'canary.muted: must be true or false' },
    { canary: { effectSize: { allowedIncrease: '1.5' } }, want: 'effectSize.allowedIncrease: must be a number' },
    { canary: { effectSize: { allowedIncrease: 3_000_000_000 } }, want: 'must be a number within 32 bits' },
    { canary: { effectSize: [{ allowedIncrease: 2 }] }, want: 'effectSize.allowedIncrease: must be a number' },
    {
      canary: { outliers: { strategy: 'remove', outlierFactor: 0 } },
      want: 'requirement failed: factor must be greater than zero',
    },
  ])('or refused where it fails: $canary', ({ canary, want }) => {
    expect(() => read(canary)).toThrow(want);
  });
});

describe('a config is warned about', () => {
  it.each([
    {
      canary: { direction: 'up' },
      want: 'metric "m": direction "up" is read as either; it may be increase, decrease, either',
    },
    {
      canary: { nanStrategy: 'zero' },
      want: 'metric "m": nanStrategy "zero" is read as remove; it may be remove, replace',
    },
    {
      canary: { outliers: { strategy: 'drop' } },
      want: 'metric "m": outliers.strategy "drop" is read as keep; it may be keep, remove',
    },
    {
      canary: { effectSize: { measure: 'cohenD' } },
      want: 'metric "m": effectSize.measure "cohenD" is read as meanRatio; it may be meanRatio, cles',
    },
    {
      canary: { critcal: true },
      want: 'metric "m": critcal is not read; known are direction, nanStrategy, outliers, critical, mustHaveData, muted, effectSize',
    },
    {
      canary: { effectSize: { allowed: 2 } },
      want: 'metric "m": effectSize.allowed is not read; known are measure, allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease',
    },
  ])('when a setting is misspelt: $canary', ({ canary, want }) => {
    expect(configWarnings(configOf(canary))).toEqual([want]);
  });

  it.each([
    { weights: { g: 100 }, want: [] },
    { weights: {}, want: [] },
    { weights: { g: 70, h: 50 }, want: ['no metric is in group "h"', 'add up to 120'] },
    { weights: { g: 60 }, want: ['add up to 60: no score can exceed that'] },
  ])('when weights do not fit: $weights', ({ weights, want }) => {
    const warnings = configWarnings({ ...configOf(), classifier: { groupWeights: weights } });
    expect(warnings).toEqual(want.map((text) => expect.stringContaining(text)));
  });

  it('when two metrics share a name', () => {
    const config = configOf();
    expect(configWarnings({ ...config, metrics: [...config.metrics, ...config.metrics, ...config.metrics] })).toEqual([
      'metric "m" is there more than once; the first one counts',
    ]);
  });
});
