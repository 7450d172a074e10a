import { describe, expect, it } from 'vitest';
import { readMetadataPath, readRolloutPath } from '../../../../services/analysis/rollout/field-path.ts';

const metadata = {
  name: 'shop',
  namespace: 'eu',
  uid: 'u-1',
  labels: { app: 'shop', 'example.com/tier': 'a"b' },
  annotations: { 'Example.com/note': 'x' },
};
const nameRule = "must consist of alphanumeric characters, '-', '_' or '.'";

describe('readMetadataPath', () => {
  it.each([
    { path: 'metadata.name', value: 'shop' },
    { path: 'metadata.namespace', value: 'eu' },
    { path: 'metadata.uid', value: 'u-1' },
    { path: 'metadata.labels', value: 'app="shop"\nexample.com/tier="a\\"b"' },
    { path: "metadata.labels['example.com/tier']", value: 'a"b' },
    { path: "metadata.labels['none']", value: '' },
    { path: "metadata.labels['constructor']", value: '' },
    { path: "metadata.annotations['Example.com/note']", value: 'x' },
  ])('$path', ({ path, value }) => {
    expect(readMetadataPath(metadata, path)).toBe(value);
  });

  it.each([
    { path: 'metadata', error: 'unsupported fieldPath: metadata' },
    { path: 'metadata.labels.app', error: 'unsupported fieldPath: metadata.labels.app' },
    { path: "metadata.name['x']", error: `fieldPath "metadata.name['x']" does not support subscript` },
    { path: "metadata.labels['']", error: "invalid key subscript in metadata.labels['']: name part must be non-empty" },
    { path: "metadata.labels['a b']", error: `invalid key subscript in metadata.labels['a b']: name part ${nameRule}` },
    { path: "metadata.labels['Example.com/a']", error: 'prefix part a lowercase RFC 1123 subdomain' },
    { path: "metadata.annotations['a/b/c']", error: `a qualified name ${nameRule}` },
  ])('refuses $path', ({ path, error }) => {
    expect(() => readMetadataPath(metadata, path)).toThrow(error);
  });
});

describe('readRolloutPath', () => {
  const rollout = { spec: { replicas: 3, big: 1_234_567, small: 0.00001, on: false, list: ['a', { b: null }] } };
  it.each([
    { path: 'spec.replicas', value: '3' },
    { path: 'spec.big', value: '1.234567e+06' },
    { path: 'spec.small', value: '1e-05' },
    { path: 'spec.on', value: 'false' },
    { path: '.spec..list[0].', value: 'a' },
  ])('$path prints as Go prints it', ({ path, value }) => {
    expect(readRolloutPath(rollout, path)).toBe(value);
  });

  it.each([
    { path: 'spec.list[2]', error: 'index 2 out of range' },
    { path: 'spec.list[-1]', error: 'index -1 out of range' },
    { path: 'spec.list.x', error: "invalid index 'x'" },
    { path: 'spec.list[1].b', error: 'invalid path spec.list[1].b in rollout' },
    { path: 'spec.replicas.x', error: 'invalid path spec.replicas.x in rollout' },
    { path: 'spec.constructor', error: 'invalid path spec.constructor in rollout' },
    { path: 'spec', error: 'path spec in rollout must terminate in a primitive value' },
  ])('refuses $path', ({ path, error }) => {
    expect(() => readRolloutPath(rollout, path)).toThrow(error);
  });
});
