import { withoutPassword } from '../config/without-password.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { KayentaError } from './kayenta-error.ts';
import type { MetricsAccount } from './sources/metrics-source.ts';

/** Accounts: what an `…AccountName` parameter may name. Assay keeps configs and results in its own store, whatever store an account names. */

export const ACCOUNT_TYPES = ['METRICS_STORE', 'OBJECT_STORE', 'CONFIGURATION_STORE', 'REMOTE_JUDGE'] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

export interface Account extends MetricsAccount {
  readonly supportedTypes: readonly AccountType[];
}

export interface Accounts {
  readonly all: readonly Account[];
  /**
   * A name resolves to its account, whatever the account supports; no name (or an empty one) to the first account of the type. Throws KayentaError (400)
   * with Kayenta's words.
   */
  resolve(name: string | undefined, type: AccountType): Account;
}

/** What Assay offers when nothing is configured: itself as the store of configs and results. */
const OWN_STORE: Account = {
  name: 'assay',
  type: 'memory',
  supportedTypes: ['OBJECT_STORE', 'CONFIGURATION_STORE'],
};

export function createAccounts(configured: readonly Account[]): Accounts {
  const stores = (type: AccountType) => configured.some(({ supportedTypes }) => supportedTypes.includes(type));
  const all = stores('OBJECT_STORE') && stores('CONFIGURATION_STORE') ? configured : [...configured, OWN_STORE];
  return {
    all,
    resolve(name, type) {
      const account = name
        ? all.find((one) => one.name === name)
        : all.find(({ supportedTypes }) => supportedTypes.includes(type));
      if (account === undefined)
        throw new KayentaError(
          name ? `Unable to resolve account ${name}.` : `Unable to resolve account of type ${type}.`,
        );
      return account;
    },
  };
}

/** The members of an account that may be shown; everything else may be a secret. */
const PUBLIC_MEMBERS = (
  'endpoint username usernamePasswordFile project bucket bucketLocation rootFolder ' +
  'metricsStoreType region fetchId ownerApp configType'
).split(' ');

/** An account as `GET /credentials` shows it. Lists that clients walk are never absent. */
export function presentAccount(account: Account): object {
  const shown = PUBLIC_MEMBERS.filter((member) => account[member] !== undefined);
  const { locations = [], recommendedLocations = [] } = account as {
    locations?: unknown;
    recommendedLocations?: unknown;
  };
  return {
    name: account.name,
    type: account.type,
    supportedTypes: account.supportedTypes,
    locations,
    recommendedLocations,
    ...Object.fromEntries(shown.map((member) => [member, presentMember(account[member])])),
  };
}

/** An address may hold a user and a password. */
function presentMember(value: unknown): unknown {
  if (typeof value === 'string') return withoutPassword(value);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, presentMember(member)]));
}

/** What an account supports when it does not say, by the section of kayenta.yml it stands in. */
const DEFAULT_TYPES: Readonly<Record<string, readonly AccountType[]>> = {
  memory: ['METRICS_STORE', 'OBJECT_STORE', 'CONFIGURATION_STORE'],
  aws: ['OBJECT_STORE', 'CONFIGURATION_STORE'],
  azure: ['OBJECT_STORE', 'CONFIGURATION_STORE'],
  configbin: ['CONFIGURATION_STORE'],
  google: ['METRICS_STORE', 'OBJECT_STORE', 'CONFIGURATION_STORE'],
};

/**
 * Reads the accounts of a kayenta.yml (the parsed document). Spring takes any spelling of a key (`base-url`, `baseUrl`): names are compared without
 * dashes and case. `resolve` turns `${NAME:default}` placeholders and files into values. Throws KayentaError naming the place.
 */
export function readAccounts(
  document: unknown,
  resolve: { readonly placeholder: (name: string) => string | undefined; readonly file: (path: string) => string },
): readonly Account[] {
  const kayenta = section(document, 'kayenta');
  if (kayenta === undefined) return [];
  return Object.entries(kayenta).flatMap(([type, content]) => {
    const own = plain(content);
    const accounts = own === undefined ? undefined : member(own, 'accounts');
    if (own === undefined || accounts === undefined || String(member(own, 'enabled')) === 'false') return [];
    if (!Array.isArray(accounts)) throw new KayentaError(`kayenta.${type}.accounts must be a list`);
    return accounts.map((account, index) =>
      readAccount(type, own, account, `kayenta.${type}.accounts[${index}]`, resolve),
    );
  });
}

/** The members of an account that Assay reads, secrets included; others are dropped. */
const FIELDS = (
  'name endpoint supportedTypes locations recommendedLocations ' +
  'username password usernamePasswordFile bearerToken apiKey applicationKey apiToken accessToken ' +
  'defaultScopeKey defaultLocationKey backendsJsonBaseUrl fetchId database project jsonPath ' +
  'bucket bucketLocation rootFolder region ownerApp configType metricsStoreType'
).split(' ');

function readAccount(
  type: string,
  own: JsonObject,
  json: unknown,
  path: string,
  resolve: Parameters<typeof readAccounts>[1],
): Account {
  const account = plain(json);
  if (account === undefined) throw new KayentaError(`${path} must have members such as name`);
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = member(account, field);
    if (value !== undefined && value !== null) fields[field] = filled(value, path, resolve.placeholder);
  }
  const name = fields['name'];
  if (typeof name !== 'string' || name === '') throw new KayentaError(`${path}.name is missing`);
  const endpoint = plain(fields['endpoint']);
  const url = endpoint === undefined ? undefined : member(endpoint, 'baseUrl');
  const file = fields['usernamePasswordFile'];
  const scopeLabel = member(own, 'scopeLabel');
  return {
    ...fields,
    name,
    type,
    supportedTypes: supportedTypes(fields['supportedTypes'], path) ?? DEFAULT_TYPES[type] ?? ['METRICS_STORE'],
    ...(url === undefined ? {} : { endpoint: { baseUrl: String(url) } }),
    ...(typeof file === 'string' && file !== '' ? { usernamePassword: resolve.file(file) } : {}),
    ...(typeof scopeLabel === 'string' ? { scopeLabel } : {}),
  } as Account;
}

function supportedTypes(value: unknown, path: string): readonly AccountType[] | undefined {
  if (value === undefined) return undefined;
  const words = Array.isArray(value) ? value.map(String) : [String(value)];
  const unknown = words.find((word) => !(ACCOUNT_TYPES as readonly string[]).includes(word));
  if (unknown !== undefined)
    throw new KayentaError(`${path}.supportedTypes: ${unknown} is not one of ${ACCOUNT_TYPES.join(', ')}`);
  return words as AccountType[];
}

const plain = (value: unknown): JsonObject | undefined => (isObject(value) ? value : undefined);

const section = (document: unknown, name: string): JsonObject | undefined => plain(plain(document)?.[name]);

const relaxed = (name: string): string => name.replaceAll('-', '').toLowerCase();

function member(json: JsonObject, name: string): unknown {
  const key = Object.keys(json).find((one) => relaxed(one) === relaxed(name));
  return key === undefined ? undefined : json[key];
}

function filled(value: unknown, path: string, placeholder: (name: string) => string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, path, placeholder));
  if (plain(value) !== undefined)
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, item]) => [key, filled(item, path, placeholder)]),
    );
  if (typeof value !== 'string') return value;
  return value.replace(/\$\{([^}:]+)(?::([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    const found = placeholder(name) ?? otherwise;
    if (found === undefined) throw new KayentaError(`${path}: \${${name}} is not set; set it in the environment`);
    return found;
  });
}
