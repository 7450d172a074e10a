/** A worker that takes a ticket and never ends its pass: node hanging-worker.ts URL PREFIX */
import { bullmqQueue } from '../../services/queue/bullmq.ts';
import { keptLog } from './log.ts';

const [url = '', prefix = ''] = process.argv.slice(2);
bullmqQueue({ url, prefix, log: keptLog(), leaseMs: 1_000 }).start(
  ({ runId }) => {
    process.stdout.write(`took ${runId}\n`);
    return new Promise(() => undefined);
  },
  { concurrency: 1 },
);
