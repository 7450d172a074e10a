import { setTimeout as sleep } from 'node:timers/promises';
import { CUTS } from '../support/line.ts';
import type { Installation, Seat } from './installation.ts';

type Random = () => number;

/** How long a pause lasts, in milliseconds. */
export interface Pauses {
  readonly redisMs: number;
  readonly workerMs: number;
}

/** As the campaign has them: a minute without Redis, and a worker that hangs until its lease is over and its passes have been taken over, give or take. */
export const LONG_PAUSES: Pauses = { redisMs: 60_000, workerMs: 18_000 };

/** What happens to an installation. `strike` resolves when it has happened; what it answers undoes it, after `holdMs`. */
export interface Fault {
  readonly name: string;
  holdMs(random: Random, pauses: Pauses): number;
  strike(installation: Installation, random: Random): Promise<() => Promise<void>>;
}

const atRandom = (most: number) => (random: Random) => random() * most;

const processesKilled: Fault = {
  name: 'processes-killed',
  holdMs: atRandom(2_000),
  strike: async ({ apis, workers }, random) => {
    const seats = someOf([...apis, ...workers], random);
    for (const { program } of seats) {
      await sleep(random() * 300);
      await program.stop('SIGKILL');
    }
    return () => startAll(seats);
  },
};

const processesTerminated: Fault = {
  name: 'processes-terminated',
  holdMs: atRandom(2_000),
  strike: async ({ apis, workers }, random) => {
    const seats = someOf([...apis, ...workers], random);
    const codes = await Promise.all(
      seats.map(async ({ program }) => {
        await sleep(random() * 300);
        return program.stop('SIGTERM');
      }),
    );
    for (const [index, { name, program }] of seats.entries())
      if (codes[index] !== 0) throw new Error(`${name} ended with ${codes[index]} on SIGTERM\n${program.output()}`);
    return () => startAll(seats);
  },
};

const redisRestarted: Fault = {
  name: 'redis-restarted',
  holdMs: atRandom(3_000),
  strike: async ({ redis }) => {
    await redis.end('SIGTERM');
    return () => redis.start();
  },
};

const redisKilled: Fault = {
  name: 'redis-killed',
  holdMs: atRandom(3_000),
  strike: async ({ redis }) => {
    await redis.end('SIGKILL');
    return () => redis.start();
  },
};

const redisPaused: Fault = {
  name: 'redis-paused',
  holdMs: (_random, { redisMs }) => redisMs,
  strike: async ({ redis }) => {
    const { pid } = redis;
    process.kill(pid, 'SIGSTOP');
    return async () => void process.kill(pid, 'SIGCONT');
  },
};

const networkCut: Fault = {
  name: 'network-cut',
  holdMs: atRandom(12_000),
  strike: async ({ workers }, random) => {
    const [cut, mend] = CUTS[Math.floor(random() * CUTS.length)]!;
    const lines = someOf(workers, random).map(({ line }) => line);
    for (const line of lines) line.cut(cut);
    return async () => {
      for (const line of lines) line.mend(mend);
    };
  },
};

const ticketsTwice: Fault = {
  name: 'tickets-twice',
  holdMs: (random) => 2_000 + random() * 3_000,
  strike: async ({ startBeside }) => {
    const second = startBeside('test/faults/second-tickets.ts');
    await second.says('working');
    return async () => {
      const code = await second.stop('SIGTERM');
      if (code !== 0) throw new Error(`the second worker ended with ${code}\n${second.output()}`);
    };
  },
};

const workerHangs: Fault = {
  name: 'worker-hangs',
  holdMs: (random, { workerMs }) => workerMs * (0.8 + random() * 0.4),
  strike: async ({ workers }, random) => {
    const { pid } = workers[Math.floor(random() * workers.length)]!.program;
    process.kill(pid, 'SIGSTOP');
    return async () => void process.kill(pid, 'SIGCONT');
  },
};

export const FAULTS: readonly Fault[] = [
  processesKilled,
  processesTerminated,
  redisRestarted,
  redisKilled,
  redisPaused,
  networkCut,
  ticketsTwice,
  workerHangs,
];

/** At least one. */
function someOf<Item>(items: readonly Item[], random: Random): readonly Item[] {
  const certain = Math.floor(random() * items.length);
  return items.filter((_, index) => index === certain || random() < 0.5);
}

async function startAll(seats: readonly Seat[]): Promise<void> {
  await Promise.all(seats.map((seat) => seat.start()));
}
