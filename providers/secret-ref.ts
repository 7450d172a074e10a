import Type, { type Static } from 'typebox';
import { type ProviderCall, ProviderError } from './contract.ts';

/** A Secret with an account's credentials, chosen as Argo's Datadog block chooses it; each provider says which keys it reads. */
export const SecretRef = Type.Object(
  {
    name: Type.String({ description: 'Name of the secret.' }),
    namespaced: Type.Optional(
      Type.Boolean({ description: "Whether it is in the run's namespace instead of the controller's." }),
    ),
  },
  { description: 'Secret with the credentials.' },
);
export type SecretRef = Static<typeof SecretRef>;

export type Credentials = Readonly<Record<string, string | undefined>>;

type Reader = Pick<ProviderCall<unknown>, 'readSecret' | 'controllerNamespace' | 'run'>;

/** Throws ProviderError `refused`: there is no such Secret. */
export function readSecretRef(call: Reader, { name, namespaced = false }: SecretRef): Promise<Credentials> {
  return call.readSecret(namespaced ? call.run.namespace : call.controllerNamespace, name);
}

/** One value that has to be there. Throws ProviderError `refused`. */
export function requireKey(credentials: Credentials, { name }: SecretRef, key: string): string {
  const value = credentials[key];
  if (!value) throw new ProviderError('refused', `secret "${name}" does not contain ${key}`);
  return value;
}

/**
 * Where credentials may go: a Secret with a key `address` is for that address alone, so that whoever writes a template cannot send it elsewhere. Throws
 * ProviderError `refused`.
 */
export function addressFor(written: string | undefined, { name }: SecretRef, credentials: Credentials): string {
  const own = credentials['address'];
  if (own && written && withoutSlash(own) !== withoutSlash(written))
    throw new ProviderError('refused', `secret "${name}" is for ${own}, not for ${written}: leave address out`);
  const address = own || written;
  if (!address) throw new ProviderError('refused', `no address: set address, or the key address of secret "${name}"`);
  return address;
}

const withoutSlash = (address: string): string => address.replace(/\/+$/, '');
