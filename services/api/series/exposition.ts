import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Log, Store } from '../../engine/ports.ts';
import { type Fold, follow } from './follow.ts';
import { PASS_FAMILIES, type PassSeries } from './pass-series.ts';
import { RUN_FAMILIES } from './run-lines.ts';
import { RunSeries, type RunSeriesSettings } from './run-series.ts';
import { TEMPLATE_FAMILIES, TemplateSeries } from './template-series.ts';
import { type Family, headOf } from './text-format.ts';

/** Written in pieces of about this many characters, so that a large exposition neither stops other requests nor fills the memory. */
const PIECE = 128 * 1024;

/** What the store holds, as far as `/metrics` tells of it; read when first asked for, and followed from then on. */
export interface StoreSeries {
  readonly runs: () => Promise<RunSeries>;
  readonly templates: readonly (() => Promise<TemplateSeries>)[];
}

export function followStore(
  { log, store }: { readonly store: Store; readonly log: Log },
  settings: RunSeriesSettings,
  stopping: AbortSignal,
): StoreSeries {
  const followed = <State extends Fold>(kind: Parameters<typeof follow>[1], start: () => State) =>
    follow(store, kind, log, stopping, start);
  return {
    runs: followed('AnalysisRun', () => new RunSeries(settings)),
    templates: (['AnalysisTemplate', 'ClusterAnalysisTemplate'] as const).map((kind) =>
      followed(kind, () => new TemplateSeries(settings.typeOf)),
    ),
  };
}

/** Which series there are at this moment, and what was left out. */
export async function seriesOf({ runs, templates }: StoreSeries, store: Store, clock: Clock) {
  const [ofRuns, ...ofTemplates] = await Promise.all([runs(), ...templates.map((each) => each())]);
  const { lines, omitted } = await ofRuns.shown(store, clock.now());
  return {
    phases: ofRuns.phases,
    runs: lines.map(({ text }) => text),
    templates: ofTemplates.flatMap((each) => each.lines),
    omitted: { ...omitted, templates: ofTemplates.reduce((sum, each) => sum + each.omitted, 0) },
  };
}

type StoredSeries = Pick<Awaited<ReturnType<typeof seriesOf>>, 'runs' | 'templates'>;

/** The exposition in pieces, family by family: instruments first, then what is kept as text. */
export async function* expositionOf(
  instruments: string,
  passes: PassSeries,
  now: number,
  stored: StoredSeries | undefined,
): AsyncGenerator<string> {
  yield instruments;
  yield* inPieces(PASS_FAMILIES, [...passes.lines(now)]);
  if (stored === undefined) return;
  yield* inPieces(RUN_FAMILIES, stored.runs);
  yield* inPieces(TEMPLATE_FAMILIES, stored.templates);
}

async function* inPieces<Name extends string>(
  families: readonly (Family & { readonly name: Name })[],
  texts: readonly Readonly<Record<Name, string>>[],
): AsyncGenerator<string> {
  for (const family of families) {
    let piece = headOf(family);
    for (const text of texts) {
      piece += text[family.name];
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
      await nextTurn();
    }
    yield piece;
  }
}
