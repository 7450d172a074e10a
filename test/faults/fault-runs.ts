import { CHAOS_PLANS, type ChaosPlan } from '../chaos/chaos-runs.ts';

const JOBS_OF_A_RUN = 2;

/** The runs of chaos, and one whose measurements are Jobs in a cluster. */
export const FAULT_PLANS: Readonly<Record<string, ChaosPlan>> = {
  ...CHAOS_PLANS,
  jobs: {
    phase: 'Successful',
    ends: { smoke: { successful: JOBS_OF_A_RUN, failed: 0, inconclusive: 0, error: 0 } },
    summary: { count: 1, successful: 1 },
    spec: () => ({
      metrics: [
        {
          name: 'smoke',
          interval: '1s',
          count: JOBS_OF_A_RUN,
          provider: {
            job: {
              spec: {
                backoffLimit: 0,
                template: { spec: { restartPolicy: 'Never', containers: [{ name: 'smoke', image: 'smoke:1' }] } },
              },
            },
          },
        },
      ],
    }),
  },
};
