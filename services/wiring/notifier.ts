import { randomUUID } from 'node:crypto';
import type { GuardedHttp } from '../../providers/http.ts';
import type { Numbers } from '../api/numbers.ts';
import { UsageError } from '../cli/command.ts';
import type { Config } from '../config/read-config.ts';
import type { Clock, Log, Secrets, Store, Tracer } from '../engine/ports.ts';
import type { EventMirror, SendToCluster } from '../notify/event-mirror.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { NotificationSettings } from '../notify/settings.ts';

interface NotifierParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly numbers: Pick<Numbers, 'deliverySettled'>;
  readonly http: GuardedHttp;
  readonly tracer?: Tracer | undefined;
}

/** Throws UsageError with everything that is wrong with the settings of notifications. */
export async function checkNotifications({ notifications }: Config): Promise<void> {
  const [{ notificationMistakes }, { serviceReferenceMistakes }] = await Promise.all([
    import('../notify/settings.ts'),
    import('../../providers/accounts.ts'),
  ]);
  const mistakes = [
    ...notificationMistakes(notifications as NotificationSettings),
    ...Object.entries(notifications.services).flatMap(([name, service]) =>
      serviceReferenceMistakes(`notifications.services.${name}`, service),
    ),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
}

export async function wireNotifier(config: Config, parts: NotifierParts): Promise<Notifier> {
  const [
    { createNotifier },
    { embeddedQueue },
    { readReference },
    { retryAfterMs },
    { AddressDenied, createAddressGuard },
    contract,
  ] = await Promise.all([
    import('../notify/notifier.ts'),
    import('../queue/embedded.ts'),
    import('../../providers/accounts.ts'),
    import('../../providers/retry-after.ts'),
    import('../../providers/address-guard.ts'),
    import('../../providers/contract.ts'),
  ]);
  const { store, clock, log, secrets, numbers, http, tracer } = parts;
  const guard = createAddressGuard(config.outbound);
  const sources = {
    setting: config.setting,
    controllerNamespace: config.controllerNamespace,
    async readSecret(namespace: string, name: string) {
      const secret = await secrets.read(namespace, name);
      if (secret === undefined) throw new contract.ProviderError('refused', `secrets "${name}" not found`);
      return secret;
    },
  };
  return createNotifier({
    ...{ store, clock, log, secrets, tracer },
    settings: config.notifications as NotificationSettings,
    publicUrl: config.publicUrl,
    outside: {
      send: (request, signal) => http.send(request, signal),
      retryAfterMs,
      readReference: (value, owner) =>
        readReference(
          value,
          sources,
          (problem) => new contract.ProviderError('refused', `service "${owner}": ${problem}`),
        ),
      connectable: (host) =>
        new Promise((resolve, reject) => {
          guard.lookup(host, { all: false }, (error, address) => {
            if (error === null) resolve(address as string);
            else reject(error instanceof AddressDenied ? new contract.ProviderError('refused', error.message) : error);
          });
        }),
    },
    queue: embeddedQueue(clock),
    holder: randomUUID(),
    random: Math.random,
    settled: (event) => numbers.deliverySettled(event),
  });
}

/** Undefined unless the settings ask for it. Throws UsageError when there is no cluster. */
export async function wireEventMirror(
  config: Config,
  { store, clock, log }: Pick<NotifierParts, 'store' | 'clock' | 'log'>,
): Promise<EventMirror | undefined> {
  if (!config.mirrorEvents) return undefined;
  const [{ EventMirror }, { chooseCluster, openCluster }] = await Promise.all([
    import('../notify/event-mirror.ts'),
    import('../../providers/kubernetes.ts'),
  ]);
  const choice = chooseCluster(config.setting);
  if (choice === undefined)
    throw new UsageError(
      'mirrorEvents: there is no cluster to write Events to',
      'set KUBECONFIG, or run Assay in a pod',
    );
  const send: SendToCluster = async (request, signal) => (await openCluster(choice)).send(request, signal);
  return new EventMirror({ store, clock, log, send, holder: randomUUID() });
}
