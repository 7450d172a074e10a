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
  {
    path: '/templates',
    nav: 'Templates',
    title: () => 'Templates',
    load: async () => (await import('./views/templates/templates-view.tsx')).TemplatesView,
  },
  {
    path: '/templates/:namespace/:name',
    title: ({ name = '' }) => name,
    load: async () => (await import('./views/template/template-view.tsx')).TemplateView,
  },
  {
    path: '/clustertemplates/:name',
    title: ({ name = '' }) => name,
    load: async () => (await import('./views/template/template-view.tsx')).TemplateView,
  },
  {
    path: '/executions',
    nav: 'Canaries',
    title: () => 'Canary executions',
    load: async () => (await import('./views/executions/executions-view.tsx')).ExecutionsView,
  },
  {
    path: '/executions/:id',
    title: ({ id = '' }) => id,
    load: async () => (await import('./views/execution/execution-view.tsx')).ExecutionView,
  },
  {
    path: '/analyses/:id',
    title: ({ id = '' }) => id,
    load: async () => (await import('./views/execution/analysis-view.tsx')).AnalysisView,
  },
  {
    path: '/try',
    nav: 'Try a query',
    title: () => 'Try a query',
    load: async () => (await import('./views/scratch/scratch-view.tsx')).ScratchView,
  },
  {
    path: '/undelivered',
    nav: 'Undelivered',
    title: () => 'Undelivered notifications',
    load: async () => (await import('./views/dead-letters/dead-letters-view.tsx')).DeadLettersView,
  },
];
