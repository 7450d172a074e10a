import type { Config } from '../../config/read-config.ts';
import { StoreError } from '../../engine/ports.ts';
import { NoVerdictError, type Program, type Storage } from '../command.ts';

/** Throws NoVerdictError when the store cannot be used, or fails on the way. */
export async function withStorage(
  program: Program,
  config: Config,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const storage = await program.openStorage(config);
  try {
    await storage.store.check();
    await work(storage);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const isOvertaken = error.code === 'expired';
    throw new NoVerdictError(
      isOvertaken
        ? `what is stored changes faster than it is read: stop the workers (${error.message})`
        : error.message,
    );
  } finally {
    await storage.close();
  }
}
