import { describe, expect, it } from 'vitest';
import { durationText } from '../../../services/api/resources/duration-text.ts';
import { chooseForm } from '../../../services/api/resources/representation.ts';
import { warningHeaders } from '../../../services/domain/warning-header.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

it.each([
  [-5, '0s'],
  [999, '0s'],
  [95 * S, '95s'],
  [2 * M, '2m'],
  [3 * M + 12 * S, '3m12s'],
  [10 * M, '10m'],
  [42 * M + 59 * S, '42m'],
  [3 * H, '3h'],
  [5 * H + 20 * M, '5h20m'],
  [8 * H, '8h'],
  [30 * H, '30h'],
  [2 * D, '2d'],
  [3 * D + 4 * H, '3d4h'],
  [20 * D, '20d'],
])('an age of %i ms reads %s', (age, want) => {
  expect(durationText(age)).toBe(want);
});

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('the form of an answer', () => {
  it.each([
    [undefined, 'object'],
    ['*/*', 'object'],
    ['application/json, */*;q=0.8', 'object'],
    [`${TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`, 'table'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', 'object'],
    ['application/vnd.kubernetes.protobuf,application/json', 'object'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'metadata'],
    ['application/yaml', 'yaml'],
    ['application/json;q=0, application/yaml', 'yaml'],
  ])('for Accept %s is %s', (accept, want) => {
    expect(chooseForm(accept)).toBe(want);
  });

  it.each(['text/html', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;v=v9;g=meta.k8s.io'])(
    'for Accept %s is refused',
    (accept) => {
      expect(() => chooseForm(accept)).toThrow('only the following media types are accepted');
    },
  );
});

describe('warnings', () => {
  it.each([
    { name: 'are quoted', texts: ['unknown field "a\\b"'], want: ['299 - "unknown field \\"a\\\\b\\""'] },
    { name: 'are said once', texts: ['a', 'a', 'b'], want: ['299 - "a"', '299 - "b"'] },
    { name: 'cannot break the header', texts: ['a\r\nSet-Cookie: b'], want: ['299 - "a Set-Cookie: b"'] },
    { name: 'go out as UTF-8', texts: ['größe'], want: [`299 - "${Buffer.from('größe').toString('latin1')}"`] },
  ])('$name', ({ texts, want }) => {
    expect(warningHeaders(texts)).toEqual(want);
  });

  it('stay within what clients take', () => {
    const headers = warningHeaders(Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(500)}`));
    expect(headers.join('').length).toBeLessThan(5000);
    expect(headers.at(-1)).toMatch(/^299 - "9\d\d more warnings left out"$/);
  });
});
