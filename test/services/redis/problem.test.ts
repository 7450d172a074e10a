import { describe, expect, it } from 'vitest';
import { redisProblem, shownUrl } from '../../../services/redis/problem.ts';

describe('the address of Redis in messages', () => {
  it.each([
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379'],
    ['redis://:secret@redis:6379/2', 'redis://redis:6379/2'],
    ['rediss://assay:p@ss@a:6379,b:6379', 'rediss://a:6379,b:6379'],
    ['redis://:ab/cd+e=@redis:6379', 'redis://redis:6379'],
  ])('has no password, whatever that holds: %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
    expect(redisProblem(new Error('ECONNREFUSED'), url).message).toContain(`Redis at ${shown} `);
  });
});
