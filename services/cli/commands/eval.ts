import { text as readText } from 'node:stream/consumers';
import { type Json, type Result, resultOfJson } from '../../domain/result.ts';
import { evaluateCondition } from '../../expression/condition.ts';
import { EXIT, type RunCommand, textOption, UsageError } from '../command.ts';

/** Exits 0 for true, 1 for false, 3 when the condition cannot be evaluated, as a measurement with this successCondition would end. */
export const run: RunCommand = async (input) => {
  const [condition, given] = input.positionals as [string, string?];
  const text = given ?? (await readText(process.stdin));
  const outcome = evaluateCondition(condition, readResult(text, textOption(input, 'type')), Date.now());
  if (!outcome.ok) {
    process.stderr.write(`${outcome.error.formatted}\n`);
    return EXIT.Error;
  }
  process.stdout.write(`${outcome.value}\n`);
  return outcome.value ? EXIT.Successful : EXIT.Failed;
};

function readResult(text: string, type: string | undefined): Result {
  switch (type) {
    case undefined:
      return resultOfJson(readJson(text));
    case 'string':
      return { type, value: text };
    case 'float64':
      return { type, value: readNumber(text.trim()) };
    case '[]float64': {
      const match = /^\s*\[(.*)\]\s*$/su.exec(text);
      if (match === null) throw new UsageError(`"${text}" is no list`, 'for example [0.97,NaN]');
      const items = match[1]!.split(',').map((item) => item.trim());
      return { type, value: items.length === 1 && items[0] === '' ? [] : items.map(readNumber) };
    }
    default:
      throw new UsageError(
        `--type: "${type}" is no type that can be given here`,
        '[]float64, float64, string, or none for JSON',
      );
  }
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new UsageError(
      `the value is no JSON: ${(error as Error).message}`,
      'quote text twice (\'"up"\'), or add --type',
    );
  }
}

/** A number as Prometheus writes it. */
function readNumber(text: string): number {
  if (text === 'NaN') return Number.NaN;
  if (/^[+-]?Inf$/u.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const number = Number(text);
  if (text === '' || Number.isNaN(number)) throw new UsageError(`"${text}" is no number`, 'digits, NaN, +Inf or -Inf');
  return number;
}
