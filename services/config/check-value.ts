import { isIP } from 'node:net';
import type { TSchema } from 'typebox';
import { parseAddress } from '../redis/address.ts';
import { parseListen } from './parse-listen.ts';
import { withoutPassword } from './without-password.ts';

/** The parts of JSON Schema that the settings use. */
interface Rules {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly additionalProperties?: TSchema;
}

/** Everything wrong with a value, as `.field: what is wanted`; empty when nothing is. */
export function problemWith(schema: TSchema, value: unknown, path: string): string[] {
  const rules = schema as Rules;
  if (rules.enum !== undefined)
    return rules.enum.includes(value as string) ? [] : [`${path}: ${show(value)} is none of ${rules.enum.join(', ')}`];
  switch (rules.type) {
    case undefined:
      return [];
    case 'object':
      return problemsInObject(rules, value, path);
    case 'array':
      if (!Array.isArray(value)) return [`${path}: ${show(value)} is no list`];
      return value.flatMap((item, index) => problemWith(rules.items!, item, `${path}[${index}]`));
    case 'string':
      return problemWithText(rules, value).map((problem) => `${path}: ${problem}`);
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: ${show(value)} is neither true nor false`];
    default:
      return problemWithNumber(rules, value).map((problem) => `${path}: ${problem}`);
  }
}

function problemsInObject(rules: Rules, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: ${show(value)} is no map`];
  const others = Object.values(rules.patternProperties ?? {})[0] ?? rules.additionalProperties;
  return Object.entries(value).flatMap(([name, member]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const schema =
      rules.properties !== undefined && Object.hasOwn(rules.properties, name) ? rules.properties[name] : others;
    if (schema !== undefined) return problemWith(schema, member, place);
    return [`${place}: no such setting; known here: ${Object.keys(rules.properties ?? {}).join(', ')}`];
  });
}

function problemWithText(rules: Rules, value: unknown): string[] {
  if (typeof value !== 'string') return [`${show(value)} is no text; put it in quotes`];
  if (value.length < (rules.minLength ?? 0)) return ['must not be empty'];
  const format = rules.format === undefined ? undefined : FORMATS[rules.format];
  return format === undefined || format.accepts(value) ? [] : [`"${withoutPassword(value)}" is no ${format.wanted}`];
}

function problemWithNumber({ type, minimum, maximum }: Rules, value: unknown): string[] {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const isRight = type === 'integer' ? Number.isInteger(value) : Number.isFinite(value);
  if (!isRight) return [`${show(value)} is no ${kind}`];
  if (minimum !== undefined && (value as number) < minimum) return [`${show(value)} is below ${minimum}`];
  if (maximum !== undefined && (value as number) > maximum) return [`${show(value)} is above ${maximum}`];
  return [];
}

const FORMATS: Readonly<Record<string, { accepts(text: string): boolean; readonly wanted: string }>> = {
  'host:port': {
    accepts: (text) => parseListen(text) !== undefined,
    wanted: 'HOST:PORT such as 127.0.0.1:8090 or [::1]:8090',
  },
  duration: {
    accepts: (text) => /^(0|(\d+(\.\d+)?(ms|s|m|h))+)$/u.test(text),
    wanted: 'duration such as 500ms, 1s or 2m',
  },
  'http-url': {
    accepts: (text) => /^https?:$/u.test(URL.parse(text)?.protocol ?? ''),
    wanted: 'address such as https://assay.shop.example',
  },
  'redis-url': {
    accepts: (text) => parseAddress(text) !== undefined,
    wanted:
      'Redis address such as redis://HOST:6379, or redis://HOST:6379,HOST:6379 for nodes of a Cluster; signs such as "/" in a password are written as %2F',
  },
  'queue-name': {
    accepts: (text) => /^[\w.-]+$/u.test(text),
    wanted: 'name of a queue: letters, digits, ".", "-" and "_"',
  },
  'address-range': { accepts: isAddressRange, wanted: 'IP address or range such as 10.0.0.0/8' },
};

function isAddressRange(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
