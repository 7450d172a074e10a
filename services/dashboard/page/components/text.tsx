import { visibleParts } from '../format/visible.ts';

/** A text that somebody else wrote: its direction stays its own, and characters that hide are shown by name. */
export function Text({ children }: { readonly children: string }) {
  return (
    <bdi>
      {visibleParts(children).map(({ text, isHidden }) =>
        isHidden ? <span class="hidden-character">{text}</span> : text,
      )}
    </bdi>
  );
}
