import { useState } from 'preact/hooks';

/** Something that a person asked for: under way, or gone wrong. */
export interface Action {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  /** Starts it, unless it is under way. */
  run(work: () => Promise<void>): void;
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  return {
    isBusy,
    problem,
    run(work) {
      if (isBusy) return;
      setBusy(true);
      setProblem(undefined);
      work()
        .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
        .finally(() => setBusy(false));
    },
  };
}
