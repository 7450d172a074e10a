import type { ComponentChildren } from 'preact';
import type { Loaded } from '../data/load.ts';
import { Notice } from './notice.tsx';
import { Text } from './text.tsx';

/** What was loaded, or why it is not there. */
export function Loading<T>({
  of,
  children,
}: {
  readonly of: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  switch (of.state) {
    case 'loading':
      return <p class="quiet">Loading …</p>;
    case 'failed':
      return (
        <Notice tone="bad">
          <Text>{of.problem}</Text>
        </Notice>
      );
    case 'ready':
      return <>{children(of.value)}</>;
  }
}
