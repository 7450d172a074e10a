import { expect, it } from 'vitest';
import { listNamespaces } from '../../../services/api/resources/namespaces.ts';
import type { Store } from '../../../services/engine/ports.ts';
import { memoryStore } from '../../../services/store/memory.ts';

it('namespaces in use are found without a list of all that is in them', async () => {
  const memory = memoryStore();
  for (const kind of ['AnalysisRun', 'AnalysisTemplate', 'Event'])
    for (const name of ['a', 'b'])
      await memory.create({ apiVersion: 'x/v1', kind, metadata: { name, namespace: `of-${kind.toLowerCase()}` } });
  const listed: string[] = [];
  const store: Store = {
    ...memory,
    list(selection, page) {
      listed.push(selection.kind);
      return memory.list(selection, page);
    },
  };
  const names = (await listNamespaces(store)).map(({ metadata }) => metadata.name);
  expect(names).toEqual(['default', 'of-analysisrun', 'of-analysistemplate', 'of-event']);
  expect(listed).toEqual(['Namespace']);
});
