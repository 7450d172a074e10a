import { execFileSync } from 'node:child_process';

/** Memory of a process that is in RAM now, in megabytes (10^6 bytes). */
export function residentMegabytes(pid: number): number {
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6;
}
