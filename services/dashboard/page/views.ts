import type { ViewEntry } from './view.ts';

/** Every view of the page. */
export const VIEWS: readonly ViewEntry[] = [
  {
    path: '/',
    nav: 'Runs',
    title: () => 'Runs',
    load: async () => (await import('./views/runs/runs-view.tsx')).RunsView,
  },
  {
    path: '/runs/:namespace/:name',
    title: ({ name = '' }) => name,
    load: async () => (await import('./views/run/run-view.tsx')).RunView,
  },
];
