import { CallerError } from '../../domain/errors.ts';
import { doubleFromJson } from '../../domain/json-double.ts';
import type { MetricSetPair } from '../../domain/metric-set.ts';
import { readMetricSetPairs } from '../../judge/read-metric-set-pairs.ts';
import { UsageError } from '../command.ts';
import { readBytes } from '../read-documents.ts';

/**
 * Samples in a file: a metricSetPairList as JSON, or CSV. CSV has a header and a row for each step: `baseline` and `canary` hold the values (an empty
 * one is a gap), `metric` says of which metric and may be left out when the config has one; other columns are passed over. Throws UsageError.
 */
export async function readSamples(file: string, metricNames: readonly string[]): Promise<readonly MetricSetPair[]> {
  const text = new TextDecoder().decode(await readBytes(file));
  try {
    return /^\s*\[/u.test(text) ? readMetricSetPairs(parse(file, text)) : readCsv(file, text, metricNames);
  } catch (error) {
    if (error instanceof CallerError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: no JSON: ${(error as Error).message}`);
  }
}

function readCsv(file: string, text: string, metricNames: readonly string[]): readonly MetricSetPair[] {
  const [header = '', ...rows] = text.split(/\r?\n/u);
  const names = cellsOf(header).map((name) => name.toLowerCase());
  const [metricAt, baselineAt, canaryAt] = ['metric', 'baseline', 'canary'].map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
  ];
  if (baselineAt < 0 || canaryAt < 0)
    throw new UsageError(
      `${file}: no samples`,
      'a JSON list, or CSV with the columns metric, baseline and canary in its first line',
    );
  const [only, ...others] = metricNames;
  if (metricAt < 0 && (only === undefined || others.length > 0))
    throw new UsageError(
      `${file}: which metric?`,
      `a column metric, since the config has ${metricNames.length} metrics`,
    );
  const pairs = new Map<string, { readonly control: number[]; readonly experiment: number[] }>();
  rows.forEach((row, index) => {
    if (row.trim() === '') return;
    const cells = cellsOf(row);
    const name = metricAt < 0 ? only! : (cells[metricAt] ?? '');
    const pair = pairs.get(name) ?? { control: [], experiment: [] };
    pairs.set(name, pair);
    // The header is line 1.
    pair.control.push(sampleOf(cells[baselineAt], `${file}:${index + 2}`));
    pair.experiment.push(sampleOf(cells[canaryAt], `${file}:${index + 2}`));
  });
  return [...pairs].map(([name, values]) => ({ name, id: name, tags: {}, values }));
}

/** Cells may stand in quotes, a quote in them as two. */
const cellsOf = (row: string): string[] =>
  [...row.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/gu)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  );

function sampleOf(cell: string | undefined, place: string): number {
  if (cell === undefined || cell === '') return Number.NaN;
  const value = doubleFromJson(cell);
  if (value === undefined)
    throw new UsageError(`${place}: "${cell}" is no number`, 'a number, NaN, Infinity, or nothing for a gap');
  return value;
}
