import { ProviderError } from '../../../providers/contract.ts';
import type { Thresholds } from '../../domain/canary-config.ts';
import { CallerError } from '../../domain/errors.ts';
import { doubleFromJson } from '../../domain/json-double.ts';
import type { CanaryVerdict, Judgement } from '../../domain/judgement.ts';
import { judge } from '../../judge/judge.ts';
import { judgementToJson } from '../../judge/judge-request.ts';
import { EXIT, type Input, type Program, type RunCommand, textOption, UsageError } from '../command.ts';
import { judgeQueries } from '../judge/judge-queries.ts';
import { judgementText } from '../judge/judgement-text.ts';
import { readCase } from '../judge/read-case.ts';
import { readSamples } from '../judge/read-samples.ts';

const DEFAULT_THRESHOLDS: Thresholds = { pass: 95, marginal: 75 };

const EXITS = { Pass: EXIT.Successful, Fail: EXIT.Failed, Marginal: EXIT.Inconclusive } as const satisfies Record<
  CanaryVerdict,
  number
>;

/** Exits by the verdict: 0 Pass, 1 Fail, 2 Marginal; 3 when there is none. */
export const run: RunCommand = async (input, program) => {
  const format = formatOf(input);
  try {
    const { judgement, thresholds } = await judged(input, program);
    process.stdout.write(
      format === 'json'
        ? `${JSON.stringify(judgementToJson(judgement), null, 2)}\n`
        : judgementText(judgement, thresholds),
    );
    return EXITS[judgement.score.classification];
  } catch (error) {
    if (!(error instanceof CallerError || error instanceof ProviderError)) throw error;
    process.stderr.write(`assay: ${error.message}\n`);
    return EXIT.Error;
  }
};

interface Judged {
  readonly judgement: Judgement;
  readonly thresholds: Thresholds;
}

/** Throws UsageError; CallerError and ProviderError where no judgement can be had. */
async function judged(input: Input, program: Program): Promise<Judged> {
  const file = input.positionals[0]!;
  const given = await readCase(file);
  const samples = textOption(input, 'samples');
  if (given.type !== 'config' && samples !== undefined)
    throw new UsageError('--samples: FILE has its own', 'leave it out, or name a canary config');
  switch (given.type) {
    case 'queries':
      return judgeQueries(given.query, (preset = DEFAULT_THRESHOLDS) => thresholdsOf(input, preset), input, program);
    case 'request': {
      const { canaryConfig, scoreThresholds, metricSetPairList } = given.request;
      const thresholds = thresholdsOf(input, scoreThresholds);
      return { thresholds, judgement: judge(canaryConfig.judge?.name, canaryConfig, thresholds, metricSetPairList) };
    }
    case 'config': {
      if (samples === undefined)
        throw new UsageError(`${file}: a canary config alone`, 'its samples with --samples FILE');
      const names = given.config.metrics.map(({ name }) => name);
      const pairs = await readSamples(samples, names);
      for (const name of names.filter((name) => !pairs.some((pair) => pair.name === name)))
        process.stderr.write(`warning: metric "${name}" has no samples and is not judged\n`);
      const thresholds = thresholdsOf(input, DEFAULT_THRESHOLDS);
      return { thresholds, judgement: judge(given.config.judge?.name, given.config, thresholds, pairs) };
    }
  }
}

function thresholdsOf(input: Input, preset: Thresholds): Thresholds {
  const threshold = (name: 'pass' | 'marginal'): number => {
    const text = textOption(input, name);
    const value = text === undefined ? preset[name] : doubleFromJson(text);
    if (value === undefined) throw new UsageError(`--${name}: "${text}" is no score`, 'a number from 0 to 100');
    return value;
  };
  return { pass: threshold('pass'), marginal: threshold('marginal') };
}

function formatOf(input: Input): 'text' | 'json' {
  const format = textOption(input, 'output') ?? (process.stdout.isTTY ? 'text' : 'json');
  if (format === 'text' || format === 'json') return format;
  throw new UsageError(`--output: "${format}" is no format`, 'text or json');
}
