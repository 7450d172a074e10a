import { describe, expect, it } from 'vitest';
import { playCampaign } from './campaign.ts';
import { FAULTS } from './every-fault.ts';

/** Longer than a question to Redis may take, and than a worker's lease. */
const SHORT_PAUSES = { redisMs: 7_000, workerMs: 14_000 };

describe('API processes and workers over one Redis, to which everything happens that can', () => {
  it('lose no run, change no verdict, record and create nothing twice, and bring every run to its end', {
    timeout: 300_000,
  }, async () => {
    const seed = Date.now() % 1_000_000;
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const outcomes = await playCampaign({ faults: FAULTS, rounds: 1, seed, pauses: SHORT_PAUSES, lanes: 4, say });
    for (const { fault, violations, times } of outcomes) {
      const again = `npm run faults -- --fault ${fault} --rounds 1 --seed ${seed}`;
      expect(violations, `${again}\n${said.join('\n')}`).toEqual([]);
      expect(times).toHaveLength(1);
    }
    // Else it would have proven little.
    expect(outcomes.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(100);
    expect(outcomes.reduce((sum, { measurements }) => sum + measurements, 0)).toBeGreaterThan(200);
  });
});
