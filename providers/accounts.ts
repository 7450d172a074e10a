import { readFile } from 'node:fs/promises';
import type { ProviderSpec } from '../services/domain/template.ts';
import { ProviderError } from './contract.ts';

/**
 * Named accounts, an extension: a metric's provider block says `account: NAME`, and what it leaves out comes from that account in Assay's settings, then
 * from Argo's own defaults. So no template holds an address or a Secret's name, and a key is exchanged in one place.
 */
export interface Account {
  /** The member of `metric.provider` that it is for. */
  readonly provider: string;
  /** Fields of the provider's block. A field that the template has, too, is the template's as a whole. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** What the provider would find in its Secret (`api-key`) or among its settings (`AWS_ACCESS_KEY_ID`). */
  readonly credentials?: Readonly<Record<string, unknown>>;
}

export type Accounts = Readonly<Record<string, Account>>;

/** Where values come from that do not stand in the settings. */
export interface Sources {
  setting(name: string): string | undefined;
  readSecret(namespace: string, name: string): Promise<Readonly<Record<string, string>>>;
  readonly controllerNamespace: string;
}

/** An account that a call uses, with its values in place. */
export interface OpenAccount {
  readonly name: string;
  /** The template's block, completed. */
  readonly block: Readonly<Record<string, unknown>>;
  /** What is asked of settings and of the provider's Secret, unless the template names a Secret itself. */
  readonly credentials: Readonly<Record<string, string>> | undefined;
  /** Everything that came from outside the settings, and all credentials: to be masked. */
  readonly secrets: readonly string[];
}

/** The field by which a block names its account; no provider has another use for it. */
export const ACCOUNT = 'account';

/** What is wrong with accounts in the settings, a line each. */
export function accountMistakes(accounts: Accounts, members: readonly string[]): readonly string[] {
  return Object.entries(accounts).flatMap(([name, { provider, fields = {}, credentials = {} }]) => {
    const place = `accounts.${name}`;
    if (!members.includes(provider))
      return [`${place}.provider: "${provider ?? ''}" is no provider; one of ${members.join(', ')}`];
    const wrong = Object.entries(credentials).filter(([, value]) => typeof value !== 'string' && !isReference(value));
    return [
      ...wrong.map(([key]) => `${place}.credentials.${key}: must be text, or one of env, file and secret`),
      ...(ACCOUNT in fields ? [`${place}.fields.${ACCOUNT}: an account cannot name another`] : []),
      ...referencesIn([fields, credentials]).flatMap((reference) => referenceMistakes(place, reference)),
    ];
  });
}

/** What is wrong with references in some other place of the settings. */
export function serviceReferenceMistakes(place: string, fields: unknown): readonly string[] {
  return referencesIn(fields).flatMap((reference) => referenceMistakes(place, reference));
}

function referenceMistakes(place: string, { secret }: Reference): readonly string[] {
  if (secret === undefined || typeof secret === 'string') {
    const parts = secret?.split('/') ?? ['', ''];
    if (parts.length === 2 || parts.length === 3) return [];
  }
  return [`${place}: secret ${JSON.stringify(secret)} must read NAME/KEY or NAMESPACE/NAME/KEY`];
}

/** Completes a block that names an account; undefined when it names none. Throws ProviderError `refused` that says which account, and what is missing. */
export async function openAccount(
  accounts: Accounts,
  member: string,
  spec: ProviderSpec,
  sources: Sources,
): Promise<OpenAccount | undefined> {
  const { [ACCOUNT]: name, ...written } = (spec[member] ?? {}) as Readonly<Record<string, unknown>>;
  if (member === 'plugin' || name === undefined || name === null || name === '') return undefined;
  const account = typeof name === 'string' && Object.hasOwn(accounts, name) ? accounts[name] : undefined;
  if (account === undefined || account.provider !== member) {
    const known = Object.keys(accounts).filter((other) => accounts[other]?.provider === member);
    const what = account === undefined ? 'is not configured' : `is for ${account.provider}, not for ${member}`;
    const those = known.length === 0 ? `there is none for ${member}` : `for ${member} there is ${known.join(', ')}`;
    throw refused(String(name), `${what}; ${those} (setting accounts)`);
  }
  return completed(name as string, account, written, sources);
}

async function completed(
  name: string,
  account: Account,
  written: Readonly<Record<string, unknown>>,
  sources: Sources,
): Promise<OpenAccount> {
  const secrets: string[] = [];
  const fill = (value: unknown): Promise<unknown> => filled(value, name, sources, secrets);
  const fields = (await fill(account.fields ?? {})) as Readonly<Record<string, unknown>>;
  const namesSecret = written['secretRef'] !== undefined || written['profile'] !== undefined;
  const isUsed = account.credentials !== undefined && !namesSecret;
  const credentials = isUsed ? ((await fill(account.credentials)) as Readonly<Record<string, string>>) : undefined;
  if (isUsed || holdsSecrets(account.fields)) checkPlaces(name, { fields, credentials, written });
  const block = { ...fields, ...written };
  if (credentials === undefined) return { name, block, credentials, secrets };
  secrets.push(...Object.entries(credentials).flatMap(([key, value]) => (/address|region/i.test(key) ? [] : [value])));
  return { name, block, credentials, secrets };
}

function holdsSecrets(fields: Account['fields'] = {}): boolean {
  return 'authentication' in fields || 'headers' in fields || hasReference(fields);
}

/** Fields that say which server is asked, as paths into the block: a token request carries the block's headers, too. */
const PLACES = ['address', 'url', 'provider.address', 'authentication.oauth2.tokenUrl'];

interface Blocks {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>> | undefined;
  readonly written: Readonly<Record<string, unknown>>;
}

/** Whoever writes a template must not send an account's credentials to a server of his own. */
function checkPlaces(name: string, { fields, credentials = {}, written }: Blocks): void {
  for (const place of PLACES) {
    const asked = memberAt(written, place);
    const own = memberAt(fields, place) ?? (place === 'address' ? credentials['address'] : undefined);
    // What is no text does not fit the schema. Wavefront's tokens are each for the address that is their key.
    if (typeof asked !== 'string' || Object.hasOwn(credentials, asked)) continue;
    if (originOf(asked) === originOf(String(own ?? ''))) continue;
    const [whose, advice] =
      own === undefined
        ? [`has no ${place} of its own`, ', or set it in the account']
        : [`is for ${originOf(String(own))}`, ''];
    throw refused(name, `${whose}, not for ${originOf(asked)}: leave ${place} out${advice}`);
  }
  // It becomes a part of an address, so that a crafted one leads to any server.
  const { realm } = written;
  if (typeof realm === 'string' && realm !== (fields['realm'] ?? ''))
    throw refused(name, `is not for realm ${JSON.stringify(realm)}: leave realm out, or set it in the account`);
}

function memberAt(block: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value, name) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[name], block);
}

/** Scheme, host and port; without these (Wavefront's hosts) the address as a whole. */
function originOf(address: string): string {
  const origin = URL.parse(address)?.origin;
  return origin === undefined || origin === 'null' ? address : origin;
}

interface Reference {
  readonly env?: string;
  readonly file?: string;
  readonly secret?: string;
}

const hasReference = (value: unknown): boolean => referencesIn(value).length > 0;

/** `{ env: NAME }`, `{ file: PATH }` or `{ secret: NAME/KEY }` in place of a text. */
function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null) return false;
  const [[word, place] = [], ...more] = Object.entries(value);
  return more.length === 0 && ['env', 'file', 'secret'].includes(word ?? '') && typeof place === 'string';
}

function referencesIn(value: unknown): readonly Reference[] {
  if (isReference(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}

async function filled(value: unknown, account: string, sources: Sources, secrets: string[]): Promise<unknown> {
  if (isReference(value)) {
    const text = await readReference(value, sources, (problem) => refused(account, problem));
    secrets.push(text);
    return text;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => filled(item, account, sources, secrets)));
  const members = Object.entries(value).map(
    async ([key, member]) => [key, await filled(member, account, sources, secrets)] as const,
  );
  return Object.fromEntries(await Promise.all(members));
}

/** What a reference leads to; `fail` makes the error of what is wrong with it. Throws that, and ProviderError `refused` when there is no such Secret. */
export async function readReference(
  value: unknown,
  sources: Sources,
  fail: (problem: string) => Error,
): Promise<string> {
  if (!isReference(value)) throw fail('must be text, or one of env, file and secret');
  const { env, file, secret = '' } = value;
  if (env !== undefined) {
    const text = sources.setting(env);
    if (text === undefined) throw fail(`environment variable ${env} is not set`);
    return text;
  }
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw fail(`file ${file} cannot be read (${error.code})`);
    });
    // Editors end files with a line break, which no header takes.
    return text.replace(/\r?\n$/, '');
  }
  const [key = '', name = '', namespace = sources.controllerNamespace] = secret.split('/').reverse();
  const text = (await sources.readSecret(namespace, name))[key];
  if (text === undefined) throw fail(`key '${key}' does not exist in secret '${name}'`);
  return text;
}

function refused(account: string, text: string): ProviderError {
  return new ProviderError('refused', `account "${account}": ${text}`);
}
