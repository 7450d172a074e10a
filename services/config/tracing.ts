import { problemWith } from './check-value.ts';
import { type Config, ConfigError } from './read-config.ts';
import { Settings } from './settings.ts';

export interface TracingConfig {
  /** Where spans are POSTed. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly sampler: NonNullable<Config['tracing']['sampler']>;
  readonly ratio: number;
}

/** OpenTelemetry's variables, for what the settings leave open. */
const VARIABLES = {
  headers: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
  service: ['OTEL_SERVICE_NAME'],
  sampler: ['OTEL_TRACES_SAMPLER'],
  ratio: ['OTEL_TRACES_SAMPLER_ARG'],
} as const;

/** Undefined when no endpoint is set, or OpenTelemetry is switched off. Throws ConfigError. */
export function tracingOf({ setting, tracing }: Config): TracingConfig | undefined {
  if (setting('OTEL_SDK_DISABLED') === 'true' || setting('OTEL_TRACES_EXPORTER') === 'none') return undefined;
  // For one signal OpenTelemetry takes the address as it stands, for all of them without the path.
  const ofTraces = setting('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const base = tracing.endpoint ?? (ofTraces === undefined ? setting('OTEL_EXPORTER_OTLP_ENDPOINT') : undefined);
  const url = base === undefined ? ofTraces : `${base.replace(/\/+$/u, '')}/v1/traces`;
  if (url === undefined) return undefined;

  const mistakes: string[] = [];
  const { properties } = Settings.properties.tracing;
  const checked = <Name extends keyof typeof properties>(name: Name, value: unknown, source: string): void => {
    mistakes.push(...problemWith(properties[name], value, '').map((problem) => `${source}${problem}`));
  };
  const fallback = (name: keyof typeof VARIABLES): string | undefined => {
    const source = VARIABLES[name].find((variable) => setting(variable) !== undefined);
    const text = source === undefined ? undefined : setting(source);
    if (text !== undefined && name !== 'headers') checked(name, name === 'ratio' ? Number(text) : text, source!);
    return text;
  };
  checked('endpoint', url, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const sampler = tracing.sampler ?? fallback('sampler') ?? 'parentbased_always_on';
  const ratio = tracing.ratio ?? Number(fallback('ratio') ?? 1);
  const service = tracing.service ?? fallback('service') ?? 'assay';
  const headers = headersOf(tracing.headers ?? fallback('headers') ?? '', mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return { url, headers, service, ratio, sampler: sampler as TracingConfig['sampler'] };
}

/** `NAME=VALUE,…`, percent-encoded; values are never shown. */
function headersOf(text: string, mistakes: string[]): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.flatMap((pair, index) => {
      const [, name = '', value = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=(.*)$/u.exec(pair) ?? [];
      const decoded = name === '' ? undefined : decode(value.trim());
      if (decoded !== undefined) return [[name, decoded]];
      mistakes.push(`OTEL_EXPORTER_OTLP_HEADERS: part ${index + 1} is no NAME=VALUE`);
      return [];
    }),
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
