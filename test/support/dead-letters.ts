/** Notifications that were given up, as they are stored. */
import type { Resource } from '../../services/domain/resource.ts';
import { rfc3339 } from '../../services/domain/resource.ts';
import { newDelivery } from '../../services/notify/delivery.ts';
import type { Notice } from '../../services/notify/notice.ts';

const TARGETS = [
  { service: 'slack', recipient: 'releases', error: 'slack answers channel_not_found' },
  { service: 'slack', recipient: 'checkout-on-call', error: 'slack answers channel_not_found' },
  {
    service: 'webhook',
    recipient: 'ticket-system',
    error: 'POST https://tickets.example/hook: 503 Service Unavailable',
  },
] as const;

export function deadLetters(now: number): readonly Resource[] {
  return TARGETS.map(({ error, ...target }, index) => {
    const notice: Notice = {
      trigger: 'on-analysis-run-failed',
      phase: 'Failed',
      at: rfc3339(now - index * 3_600_000),
      run: { namespace: 'shop', name: `checkout-${index + 1}`, uid: `letter-${index}` },
      sentence: 'Metric "success-rate" Failed: value [0.921]',
      samples: 3,
      metrics: [],
    };
    return {
      ...newDelivery(notice, target, now - 7_200_000 - index * 3_600_000),
      state: 'dead',
      attempts: 18,
      lastError: error,
      settledAt: now - index * 3_600_000,
    };
  });
}
