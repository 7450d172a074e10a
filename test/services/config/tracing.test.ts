import { describe, expect, it } from 'vitest';
import { printableConfig } from '../../../services/config/print-config.ts';
import { ConfigError, readConfig } from '../../../services/config/read-config.ts';
import { tracingOf } from '../../../services/config/tracing.ts';

const tracing = async (flags: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>>) =>
  tracingOf(await readConfig(flags, environment));

describe('what is traced', () => {
  it.each([
    { environment: {} },
    { environment: { OTEL_SERVICE_NAME: 'a' } },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_SDK_DISABLED: 'true' } },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_TRACES_EXPORTER: 'none' } },
  ])('nothing with $environment', async ({ environment }) => {
    expect(await tracing({}, environment as Record<string, string>)).toBeUndefined();
  });

  it.each([
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318/' }, want: { url: 'http://a:4318/v1/traces' } },
    { environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/in' }, want: { url: 'http://b/in' } },
    {
      flags: { 'tracing-endpoint': 'http://c' },
      environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/in' },
      want: { url: 'http://c/v1/traces' },
    },
    {
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, b=1=2',
        OTEL_SERVICE_NAME: 'canary',
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      },
      want: {
        headers: { authorization: 'Bearer x', b: '1=2' },
        service: 'canary',
        sampler: 'traceidratio',
        ratio: 0.25,
      },
    },
    {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' },
      want: { headers: {}, service: 'assay', sampler: 'parentbased_always_on', ratio: 1 },
    },
  ])('$want with $environment', async ({ environment, flags = {}, want }) => {
    expect(await tracing(flags as Record<string, string>, environment as Record<string, string>)).toMatchObject(want);
  });

  it('says what is wrong, and shows no header', async () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 's3cret',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '7',
    };
    const error = await tracing({}, environment).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).mistakes.map((line) => line.slice(0, 60))).toEqual([
      expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318'),
      expect.stringContaining('OTEL_TRACES_SAMPLER: "sometimes" is none of'),
      'OTEL_TRACES_SAMPLER_ARG: 7 is above 1',
      'OTEL_EXPORTER_OTLP_HEADERS: part 1 is no NAME=VALUE',
    ]);
    const config = await readConfig({ 'tracing-headers': 'a=s3cret', 'tracing-endpoint': 'http://u:s3cret@h' }, {});
    expect(JSON.stringify(printableConfig(config))).not.toContain('s3cret');
  });
});
