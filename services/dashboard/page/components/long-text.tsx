import { Text } from './text.tsx';

const LONGEST = 300;

/** A text of any length: a very long one shows its beginning, and the rest on request. */
export function LongText({ children }: { readonly children: string }) {
  if (children.length <= LONGEST) return <Text>{children}</Text>;
  return (
    <details class="long">
      <summary>
        <Text>{children.slice(0, LONGEST)}</Text> … <span class="quiet">({children.length} characters)</span>
      </summary>
      <Text>{children.slice(LONGEST)}</Text>
    </details>
  );
}
