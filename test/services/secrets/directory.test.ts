import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directorySecrets } from '../../../services/secrets/directory.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-secrets-'));
  folder = join(root, 'secrets');
  put('outside', 'not for you');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** As the kubelet does it: files in a folder of their own, `..data` points to it, keys point through `..data`. */
function mount(version: string, values: Record<string, string>): void {
  const place = 'secrets/shop/token';
  for (const [key, value] of Object.entries(values)) put(`${place}/..${version}/${key}`, value);
  symlinkSync(`..${version}`, join(root, place, '..data_tmp'));
  renameSync(join(root, place, '..data_tmp'), join(root, place, '..data'));
  for (const key of Object.keys(values)) {
    rmSync(join(root, place, key), { force: true });
    symlinkSync(join('..data', key), join(root, place, key));
  }
}

describe('secrets in a folder', () => {
  it('are files, one per key, byte for byte', async () => {
    put('secrets/shop/token/user', 'anna');
    put('secrets/shop/token/pass.word_1', 'gehëim \n');
    put('secrets/shop/token/empty', '');
    put('secrets/shop/token/folder/deeper', 'no key');
    put('secrets/shop/token/no key', 'no name of a key');
    const secret = await directorySecrets(folder).read('shop', 'token');
    expect(secret).toEqual({ user: 'anna', 'pass.word_1': 'gehëim \n', empty: '' });
  });

  it('are read anew at every call', async () => {
    const secrets = directorySecrets(folder);
    expect(await secrets.read('shop', 'token')).toBeUndefined();
    put('secrets/shop/token/key', 'old');
    expect(await secrets.read('shop', 'token')).toEqual({ key: 'old' });
    put('secrets/shop/token/key', 'new');
    expect(await secrets.read('shop', 'token')).toEqual({ key: 'new' });
  });

  it('may be mounted by Kubernetes, and change there as a whole', async () => {
    const secrets = directorySecrets(folder);
    mount('2026_01_01', { user: 'anna', password: 'one' });
    expect(await secrets.read('shop', 'token')).toEqual({ user: 'anna', password: 'one' });
    mount('2026_01_02', { user: 'bert', token: 'two' });
    expect(await secrets.read('shop', 'token')).toEqual({ user: 'bert', token: 'two' });
  });

  it('are never half old and half new', async () => {
    const secrets = directorySecrets(folder);
    mount('0', { a: '0', b: '0', c: '0' });
    const seen = new Set<string>();
    for (let version = 1; version <= 50; version += 1) {
      const reading = secrets.read('shop', 'token');
      await Promise.resolve();
      mount(String(version), { a: `${version}`, b: `${version}`, c: `${version}` });
      rmSync(join(folder, 'shop/token', `..${version - 1}`), { recursive: true });
      const { a, b, c } = (await reading) as Record<string, string>;
      expect([b, c]).toEqual([a, a]);
      seen.add(a!);
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  it.each([
    ['shop', 'absent'],
    ['absent', 'token'],
    ['..', 'outside'],
    ['shop', '..'],
    ['shop', '../..'],
    ['shop/..', 'token'],
    ['.', 'shop'],
    ['', 'token'],
    ['shop', ''],
    ['shop', 'token/..data'],
    ['shop', 'token\0'],
    ['shop', 'Token'],
    ['shop\n', 'token'],
    ['shop', `${'a'.repeat(254)}`],
  ])('has no Secret %j/%j', async (namespace, name) => {
    put('secrets/shop/token/key', 'value');
    put('secrets/key', 'a file where only namespaces are');
    expect(await directorySecrets(folder).read(namespace, name)).toBeUndefined();
  });

  it('has no Secret where there is no folder', async () => {
    expect(await directorySecrets(join(root, 'absent')).read('shop', 'token')).toBeUndefined();
  });

  it.each([
    {
      name: 'a file in place of the folder',
      spoil: () => put('secrets/shop/token', 'the value itself'),
      says: 'cannot read Secret "shop/token" (ENOTDIR): it must be a folder of files that this user may read',
    },
    {
      name: 'a key that points nowhere',
      spoil: () => {
        mkdirSync(join(folder, 'shop/token'), { recursive: true });
        symlinkSync('nowhere', join(folder, 'shop/token/key'));
      },
      says: 'cannot read Secret "shop/token" (ENOENT)',
    },
    {
      name: 'more than a Secret can hold',
      spoil: () => {
        put('secrets/shop/token/a', 'x'.repeat(600_000));
        put('secrets/shop/token/b', 'x'.repeat(600_000));
      },
      says: 'Secret "shop/token" is larger than 1 MiB, at key "b"',
    },
  ])('says what is wrong with $name', async ({ spoil, says }) => {
    spoil();
    await expect(directorySecrets(folder).read('shop', 'token')).rejects.toThrow(says);
  });

  // Root may read everything, so that right is taken away from it. Debian's setpriv is part of every installation.
  const asOrdinaryUser =
    process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : ['env'];
  it.each([
    {
      name: 'a key',
      path: 'shop/token/key',
      says: 'cannot read key "key" of Secret "shop/token" (EACCES): let this user read the file',
    },
    { name: 'a Secret', path: 'shop/token', says: 'cannot read Secret "shop/token" (EACCES)' },
    { name: 'a namespace', path: 'shop', says: 'cannot read Secret "shop/token" (EACCES)' },
  ])('says that it may not read $name, and not the value', ({ path, says }) => {
    put('secrets/shop/token/key', 'the value itself');
    chmodSync(join(folder, path), 0);
    const read = `import { directorySecrets } from ${JSON.stringify(new URL('../../../services/secrets/directory.ts', import.meta.url).href)};
      await directorySecrets(${JSON.stringify(folder)}).read('shop', 'token').then(console.log, (error) => console.log(error.message));`;
    const [command, ...args] = [...asOrdinaryUser, process.execPath, '--input-type=module', '--eval', read];
    const { stdout, stderr } = spawnSync(command!, args, { encoding: 'utf8' });
    chmodSync(join(folder, path), 0o700);
    expect(stderr).toBe('');
    expect(stdout).toContain(says);
    expect(stdout).not.toContain('the value itself');
  });
});
