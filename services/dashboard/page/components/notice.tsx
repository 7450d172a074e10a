import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'bad' | 'unsure' | 'quiet';

/** Something to know before all else. */
export function Notice({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <div class={`notice ${tone}`}>{children}</div>;
}
