// npm run openapi            Writes openapi.yaml from what the routes say of themselves.
// npm run check:openapi      Compares instead, and exits 1 where it differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { createApp } from '../services/api/app.ts';
import type { ApiDeps } from '../services/api/deps.ts';
import { createNumbers } from '../services/api/numbers.ts';
import { dashboardPlugin } from '../services/dashboard/plugin.ts';
import { createAccounts } from '../services/kayenta/accounts.ts';
import { kayentaPlugin } from '../services/kayenta/plugin.ts';
import { embeddedQueue } from '../services/queue/embedded.ts';
import { memoryStore } from '../services/store/memory.ts';
import { allProviderSchemas } from '../services/wiring/provider-schemas.ts';

const FILE = fileURLToPath(new URL('openapi.yaml', import.meta.url));
const HEAD = '# Generated from the routes by `npm run openapi`; do not edit.\n';

/** The text of openapi.yaml, from a server that nobody calls. */
export async function openApiYaml(): Promise<string> {
  const clock = { now: () => 0, sleepUntil: async () => undefined };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const unused = async (): Promise<never> => {
    throw new Error('nothing is measured while the API is described');
  };
  const deps: ApiDeps = {
    store: memoryStore(),
    queue: embeddedQueue(clock),
    clock,
    log: silent,
    secrets: { read: unused },
    measurer: { measure: unused, resume: unused, cancel: unused, collect: unused, metadata: unused },
    providerSchemas: await allProviderSchemas(),
    numbers: createNumbers(),
    randomUuid: () => '',
    randomBytes: (size) => new Uint8Array(size),
  };
  const app = await createApp(deps);
  await app.register(kayentaPlugin({ ...deps, accounts: createAccounts([]), http: unused }, { cors: false }));
  const deadLetters = { list: unused, retry: unused, dismiss: unused };
  await app.register(dashboardPlugin({ ...deps, deadLetters }));
  try {
    const { payload } = await app.inject('/openapi.json');
    return HEAD + stringify(JSON.parse(payload), { aliasDuplicateObjects: false, lineWidth: 0 });
  } finally {
    await app.close();
  }
}

if (import.meta.main) {
  const text = await openApiYaml();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('openapi/openapi.yaml is not what the routes say: run "npm run openapi" and look at the difference');
    process.exitCode = 1;
  }
}
