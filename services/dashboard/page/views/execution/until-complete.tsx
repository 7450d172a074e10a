import type { ComponentChildren } from 'preact';
import { Loading } from '../../components/loading.tsx';
import { Text } from '../../components/text.tsx';
import { useLoadedUntil } from '../../data/load.ts';
import { pathTo } from '../../data/send.ts';

/** What Kayenta's API answers of one `id`, below its name, and read again until it is complete. */
export function UntilComplete<T extends { readonly complete?: boolean }>({
  at,
  id,
  children,
}: {
  readonly at: string;
  readonly id: string;
  readonly children: (value: T) => ComponentChildren;
}) {
  const loaded = useLoadedUntil<T>(pathTo(at, id), ({ complete }) => complete !== false);
  return (
    <>
      <nav aria-label="Where this is" class="trail">
        <a href="#/executions">Canary executions</a>
      </nav>
      <h1>
        <Text>{id}</Text>
      </h1>
      <Loading of={loaded}>{children}</Loading>
    </>
  );
}
