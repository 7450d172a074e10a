import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../services/redis/examine.ts';

const sound = { redis_version: '7.0.15', role: 'master', cluster_enabled: '0', aof_enabled: '1' };
const durable = { appendonly: 'yes', appendfsync: 'always' };

describe('what a Redis says of itself', () => {
  it.each([
    { version: '6.2.0', mistake: undefined },
    { version: '7.0.15', mistake: undefined },
    { version: '10.0.0', mistake: undefined },
    { version: '6.0.16', mistake: 'this is Redis 6.0.16, Assay needs 6.2 or newer: update it' },
    { version: '5.0.7', mistake: 'this is Redis 5.0.7, Assay needs 6.2 or newer: update it' },
  ])('version $version', ({ version, mistake }) => {
    const findings = findingsOf({ ...sound, redis_version: version, maxmemory_policy: 'noeviction' }, durable);
    expect(findings).toEqual({ ...(mistake !== undefined && { mistake }), warnings: [] });
  });

  it('is warned of once for each thing that loses data', () => {
    const { warnings } = findingsOf({ ...sound, maxmemory_policy: 'volatile-lru' }, { appendfsync: 'no' });
    expect(warnings).toEqual([
      'Redis has appendfsync no: acknowledged runs may be lost in a power cut. Set appendfsync always',
      'Redis has maxmemory-policy volatile-lru: it throws runs away when its memory is full. Set noeviction',
    ]);
  });
});
