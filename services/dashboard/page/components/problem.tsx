import { Notice } from './notice.tsx';
import { Text } from './text.tsx';

/** What went wrong with what a person asked for; a screen reader says it at once. */
export function Problem({ children }: { readonly children: string | undefined }) {
  return (
    <div role="alert">
      {children !== undefined && (
        <Notice tone="bad">
          <Text>{children}</Text>
        </Notice>
      )}
    </div>
  );
}
