import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// Waits for the end of its input, which comes when nobody holds the other end any more.
const WATCH = 'read -r _; kill -KILL "$0"; [ -n "$1" ] && rm -rf "$1"';

/**
 * Ends the process, and removes the folder, when this process is gone without having done so, however it went: test runners kill their workers.
 * Returns what releases the process from that.
 */
export function holdLifeline(pid: number, folder = ''): () => void {
  const watcher = spawn('sh', ['-c', WATCH, String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => watcher.kill('SIGKILL');
}
