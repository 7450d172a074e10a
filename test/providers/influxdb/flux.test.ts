import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../../providers/contract.ts';
import { readCsv } from '../../../providers/influxdb/csv.ts';
import { TestClock } from '../../support/clock.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { callFor, testProviders } from '../../support/providers.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

it.each([
  {
    csv: 'a,b\r\nc,d\r\n',
    records: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  {
    csv: '\n\n"a ""b"",\nc",\n,\n',
    records: [
      ['a "b",\nc', ''],
      ['', ''],
    ],
  },
  { csv: 'a', records: [['a']] },
  { csv: 'a,', records: [['a', '']] },
  { csv: '"a', records: [['a']] },
  { csv: '', records: [] },
])('$csv are the records $records', ({ csv, records }) => {
  expect(readCsv(csv)).toEqual(records);
});

/** One table: `columns` by name with type and cells. */
function table(
  columns: Readonly<Record<string, { type: string; group?: boolean; default?: string; cells: readonly string[] }>>,
) {
  const all = Object.entries(columns);
  const line = (first: string, cells: readonly string[]) => `${[first, ...cells].join(',')}\r\n`;
  const rows =
    all[0]?.[1].cells.map((_, row) =>
      line(
        '',
        all.map(([, { cells }]) => cells[row] ?? ''),
      ),
    ) ?? [];
  return [
    line(
      '#datatype',
      all.map(([, { type }]) => type),
    ),
    line(
      '#group',
      all.map(([, { group = false }]) => String(group)),
    ),
    line(
      '#default',
      all.map(([, column]) => column.default ?? ''),
    ),
    line(
      '',
      all.map(([name]) => name),
    ),
    ...rows,
    '\r\n',
  ].join('');
}

describe('Flux', () => {
  let server: TestServer;
  let answer: string;
  let asked: unknown;

  beforeEach(async () => {
    server = await serve(async (request, response) => {
      asked = JSON.parse(await text(request));
      response.writeHead(200, { 'content-type': 'text/csv' }).end(answer);
    });
  });
  afterEach(() => server.close());

  const providers = (now = START + 10 * MINUTE) =>
    testProviders({
      clock: new TestClock(now),
      secrets: { read: async () => ({ address: server.url, authToken: 'token', org: 'shop' }) },
    });
  const call = callFor({ influxdb: { query: 'from(bucket: "shop")' } });
  const ask = () => providers().measure(call) as Promise<Reading>;

  it.each([
    { type: 'double', cells: ['1.50', '1e21', 'NaN', '+Inf', '-Inf'], value: '[1.5 1e+21 NaN +Inf -Inf]' },
    { type: 'long', cells: ['9223372036854775807', '-1', ''], value: '[9223372036854775807 -1 <nil>]' },
    { type: 'unsignedLong', cells: ['18446744073709551615'], value: '[18446744073709551615]' },
    { type: 'boolean', cells: ['true', 'FALSE'], value: '[true false]' },
    { type: 'string', cells: ['"a, ""b"""', 'up'], value: '[a, "b" up]' },
    {
      type: 'dateTime:RFC3339',
      cells: ['2020-02-18T10:34:08.135814545Z'],
      value: '[2020-02-18 10:34:08.135814545 +0000 UTC]',
    },
    { type: 'dateTime:RFC3339', cells: ['2020-02-18T12:34:08+02:00'], value: '[2020-02-18 10:34:08 +0000 UTC]' },
    { type: 'duration', cells: ['1h30m'], value: '[1h30m0s]' },
    { type: 'base64Binary', cells: ['AQL/'], value: '[[1 2 255]]' },
  ])('reads $cells as $type', async ({ type, cells, value }) => {
    answer = table({ table: { type: 'long', cells: cells.map(() => '0') }, _value: { type, cells } });
    expect(await ask()).toMatchObject({ value, result: { type: '[]interface {}' } });
  });

  it('takes the default of a column for an empty cell', async () => {
    answer = table({
      _value: { type: 'double', default: '7', cells: ['', '1'] },
      x: { type: 'long', cells: ['1', '1'] },
    });
    expect(await ask()).toMatchObject({ value: '[7 1]' });
  });

  it('reads rows without a value as nil', async () => {
    answer = table({ x: { type: 'long', cells: ['1', '2'] } });
    expect(await ask()).toMatchObject({ value: '[<nil> <nil>]' });
  });

  const good = table({ _value: { type: 'double', cells: ['1'] } });
  it.each([
    { fault: table({ _value: { type: 'double', cells: ['one'] } }), warnings: '_value cannot read "one" as double' },
    { fault: table({ _value: { type: 'long', cells: ['9223372036854775808'] } }), warnings: 'as long' },
    { fault: table({ _value: { type: 'decimal', cells: ['1'] } }), warnings: '_value cannot read "1" as decimal' },
    { fault: ',1,2\r\n', warnings: 'parsing error, row has different number of columns than the table: 2 vs 1' },
    { fault: '#group,true\r\n,_value\r\n,1\r\n', warnings: 'parsing error, datatype annotation not found' },
    {
      fault: '#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,out of memory,897\r\n',
      warnings: 'out of memory,897',
    },
  ])('what comes before a fault counts, as in Argo, with a warning: $warnings', async ({ fault, warnings }) => {
    answer = good + fault;
    const { value, metadata } = await ask();
    expect(value).toBe('[1]');
    expect(metadata?.['warnings']).toContain(warnings);
  });

  const series = (from: number, to: number, now: number) =>
    providers(START + now * MINUTE).series(call, {
      startMs: START + from * MINUTE,
      endMs: START + to * MINUTE,
      stepMs: MINUTE,
    });
  const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();

  it('gives a series for each table, tagged with what it is grouped by', async () => {
    answer = table({
      result: { type: 'string', cells: ['', '', ''] },
      table: { type: 'long', cells: ['0', '0', '1'] },
      _time: { type: 'dateTime:RFC3339', cells: [at(0), at(2), at(1)] },
      _value: { type: 'long', cells: ['1', '3', '5'] },
      _field: { type: 'string', group: true, cells: ['errors', 'errors', 'errors'] },
      version: { type: 'string', group: true, cells: ['canary', 'canary', 'stable'] },
      host: { type: 'string', cells: ['a', 'b', 'c'] },
    });
    const grid = { name: 'errors', startMs: START, stepMs: MINUTE, notes: ['newest bucket incomplete, left out'] };
    expect(await series(0, 5, 3.5)).toEqual([
      { ...grid, tags: { version: 'canary' }, values: new Float64Array([1, Number.NaN, 3]) },
      { ...grid, tags: { version: 'stable' }, values: new Float64Array([Number.NaN, 5, Number.NaN]) },
    ]);
  });

  it('hands the query the range as the variables of InfluxDB’s dashboards', async () => {
    answer = '';
    expect(await series(0, 5, 10)).toEqual([]);
    const property = (name: string, value: object) => ({ type: 'Property', key: { type: 'Identifier', name }, value });
    expect(asked).toMatchObject({
      query: 'from(bucket: "shop")',
      extern: {
        type: 'File',
        body: [
          {
            type: 'OptionStatement',
            assignment: {
              type: 'VariableAssignment',
              id: { type: 'Identifier', name: 'v' },
              init: {
                type: 'ObjectExpression',
                properties: [
                  property('timeRangeStart', { type: 'DateTimeLiteral', value: at(0) }),
                  property('timeRangeStop', { type: 'DateTimeLiteral', value: at(5) }),
                  property('windowPeriod', { type: 'DurationLiteral', values: [{ magnitude: MINUTE, unit: 'ms' }] }),
                ],
              },
            },
          },
        ],
      },
    });
  });

  it.each([
    { name: 'half an answer', given: `${good},1,2\r\n`, message: 'InfluxDB broke off its answer: parsing error' },
    { name: 'rows without a time', given: good, message: 'must give a column _time' },
    {
      name: 'text in place of numbers',
      given: table({
        _time: { type: 'dateTime:RFC3339', cells: [at(0)] },
        _value: { type: 'string', cells: ['up'] },
      }),
      message: 'must give numbers, not up',
    },
  ])('a series of $name is a failure', async ({ given, message }) => {
    answer = given;
    await expect(series(0, 5, 10)).rejects.toThrow(message);
  });

  it('says what is wrong with an address', async () => {
    const wrong = testProviders({ secrets: { read: async () => ({ address: 'influx', authToken: 't', org: 'o' }) } });
    await expect(wrong.measure(call)).rejects.toThrow('InfluxDB address "influx" is not a URL');
  });
});
