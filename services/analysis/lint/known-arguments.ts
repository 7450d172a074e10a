import type { Argument, Metric } from '../../domain/template.ts';
import { withStandIns } from '../resolve-arguments.ts';
import { fillPlaceholders } from '../template-text.ts';

/** Arguments as far as they are known before a run: a declared one without a value is open. */
export interface KnownArguments {
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Names whose value is a secret: the stand-in is what scheduling and assessing see. */
  readonly secrets: ReadonlySet<string>;
}

export function knownArguments(args: readonly Argument[]): KnownArguments {
  return {
    values: new Map(withStandIns(args).map(({ name, value }) => [name, value])),
    secrets: new Set(args.filter(({ valueFrom }) => valueFrom?.secretKeyRef).map(({ name }) => name)),
  };
}

/** One string of a metric and what its placeholders came to. */
export interface FilledText {
  /** Relative to the metric: `provider.prometheus.query`. */
  readonly path: string;
  /** The names in its placeholders. */
  readonly used: readonly string[];
  /** Placeholders that nothing declares, without the brackets. */
  readonly unknown: readonly string[];
  /** The `{{` without a `}}`. */
  readonly fault?: string;
}

export interface FilledMetric {
  /** With every known argument in place. */
  readonly metric: Metric;
  readonly texts: readonly FilledText[];
  /** Paths whose text is not known before the run. */
  readonly open: ReadonlySet<string>;
  /** Paths into which a secret goes. */
  readonly secret: ReadonlySet<string>;
}

/** Fills what is known, string by string, so that each mistake has its own place. */
export function fillKnown(metric: Metric, args: KnownArguments): FilledMetric {
  const texts: FilledText[] = [];
  const open = new Set<string>();
  const secret = new Set<string>();
  return { metric: walk(metric, '') as Metric, texts, open, secret };

  function walk(value: unknown, path: string): unknown {
    if (typeof value === 'string') return fill(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${path}[${index}]`));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => {
      const place = path === '' ? name : `${path}.${name}`;
      return [fill(name, place), walk(member, place)] as const;
    });
    return Object.fromEntries(members);
  }

  function fill(text: string, path: string): string {
    if (!text.includes('{{')) return text;
    const used: string[] = [];
    const unknown: string[] = [];
    const fillTag = (tag: string): string => {
      const name = tag.startsWith('args.') ? tag.slice('args.'.length) : undefined;
      if (name === undefined || !args.values.has(name)) {
        unknown.push(tag);
        open.add(path);
        return '';
      }
      used.push(name);
      if (args.secrets.has(name)) secret.add(path);
      const value = args.values.get(name);
      if (value === undefined) open.add(path);
      return value ?? '';
    };
    try {
      const filled = fillPlaceholders(text, fillTag);
      texts.push({ path, used, unknown });
      return filled;
    } catch (fault) {
      open.add(path);
      texts.push({ path, used, unknown, fault: (fault as Error).message });
      return text;
    }
  }
}
