import * as http from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { AddressGuard } from './address-guard.ts';

// Go's default transport drops idle connections after 90 seconds; servers behind load balancers drop them after 60 or less, hence the shorter time.
const IDLE_MS = 30_000;

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  readonly insecureHttps: https.Agent;
  /** Closes idle connections. */
  close(): void;
}

/** Connection pools whose sockets pass the guard: for axios, and for client packages that take agents of their own. */
export function guardedAgents(guard: AddressGuard): Agents {
  return pools({ lookup: guard.lookup }, guard);
}

/** Pools for talking to a proxy, whose address the operator has set and which no rule forbids. */
export function proxyAgents(): Agents {
  return pools({});
}

function pools(options: http.AgentOptions, guard?: AddressGuard): Agents {
  const all = {
    http: new http.Agent({ keepAlive: true, timeout: IDLE_MS, ...options }),
    https: new https.Agent({ keepAlive: true, timeout: IDLE_MS, ...options }),
    insecureHttps: new https.Agent({ keepAlive: true, timeout: IDLE_MS, rejectUnauthorized: false, ...options }),
  };
  if (guard !== undefined) for (const agent of Object.values(all)) guardLiterals(agent, guard);
  return {
    ...all,
    close() {
      for (const agent of Object.values(all)) agent.destroy();
    },
  };
}

/** Sockets do not look up a host that is an address already, so those are checked before they are made. */
function guardLiterals(agent: http.Agent, guard: AddressGuard): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const host = options.host ?? '';
    try {
      if (isIP(host) !== 0) guard.check(host);
    } catch (denied) {
      callback?.(denied as Error, undefined as never);
      return undefined;
    }
    return connect(options, callback);
  };
}
