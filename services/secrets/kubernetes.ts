import type { Secrets } from '../engine/ports.ts';

/** One GET at the API server of the cluster that holds the Secrets. Rejects without an answer. */
export type AskCluster = (path: string) => Promise<{ readonly status: number; readonly body: string }>;

/** Secrets of a cluster, read anew each time. Throws an Error with the API server's words for what it refuses; it never holds a value. */
export function kubernetesSecrets(ask: AskCluster): Secrets {
  return {
    async read(namespace, name) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
      const { status, body } = await ask(path);
      if (status === 404) return undefined;
      const answer = parsed(body);
      if (status !== 200)
        throw new Error(answer?.message ?? `the Kubernetes API answered ${status} for secrets "${name}"`);
      if (answer?.kind !== 'Secret') throw new Error(`the Kubernetes API answered no Secret for secrets "${name}"`);
      return Object.fromEntries(
        Object.entries(answer.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      );
    },
  };
}

/** The first that has it: mounted files before the cluster. */
export function firstOf(sources: readonly Secrets[]): Secrets {
  return {
    async read(namespace, name) {
      for (const source of sources) {
        const secret = await source.read(namespace, name);
        if (secret !== undefined) return secret;
      }
      return undefined;
    },
  };
}

interface ApiAnswer {
  readonly kind?: string;
  readonly message?: string;
  readonly data?: Readonly<Record<string, string>>;
}

function parsed(body: string): ApiAnswer | undefined {
  try {
    return JSON.parse(body) as ApiAnswer;
  } catch {
    return undefined;
  }
}
