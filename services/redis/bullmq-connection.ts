import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type RedisClient } from './connection.ts';

const ASK_AGAIN_MS = 500;

/**
 * A connection that BullMQ may use. BullMQ asks once on each what Redis this is, and when it has no answer, because the connection is lost just then, fails whatever is asked
 * later. So this question is asked until it has one.
 */
export function connectBullmq(...connection: Parameters<typeof connectRedis>): RedisClient {
  const client = connectRedis(...connection);
  const ask = client.info.bind(client) as (...question: unknown[]) => Promise<string>;
  const askUntilAnswered = async (): Promise<string> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (client.status === 'end') throw error;
      }
      await sleep(ASK_AGAIN_MS, undefined, { ref: false });
    }
  };
  // What the client asks for itself comes with a callback.
  return Object.assign(client, {
    info: (...question: unknown[]) => (question.length > 0 ? ask(...question) : askUntilAnswered()),
  });
}
