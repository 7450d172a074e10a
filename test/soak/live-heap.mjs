// Preloaded into the processes of the soak: asked by SIGUSR2, collects the heap and writes how many bytes are left to a file by the process' id.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

if (isMainThread)
  process.on('SIGUSR2', () => {
    collect();
    const file = join(process.env.LIVE_HEAPS, String(process.pid));
    writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
    renameSync(`${file}.new`, file);
  });
