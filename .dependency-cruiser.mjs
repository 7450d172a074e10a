// The floors of services/README.md, lowest first. A file imports from its own folder and from lower floors only;
// neighbours on a floor do not know each other.
const floors = {
  ground: ['domain'],
  tools: ['expression', 'statistics', 'charts'],
  rules: ['analysis', 'judge', 'admission'],
  engine: ['engine'],
  connections: ['redis'],
  adapters: ['store', 'queue', 'limits', 'config', 'secrets', 'manifest', 'tracing'],
  edges: ['api', 'kayenta', 'intake', 'cli', 'dashboard', 'notify'],
};
const order = Object.keys(floors);
const pure = [...floors.ground, ...floors.tools, ...floors.rules].join('|');

const floorRules = order.flatMap((floor, level) =>
  floors[floor].map((folder) => {
    const allowed = [folder, ...order.slice(0, level).flatMap((lower) => floors[lower])].join('|');
    return {
      name: `floor-${folder}`,
      comment: `services/${folder} may import lower floors only`,
      severity: 'error',
      from: { path: `^services/${folder}/` },
      to: { path: '^services/', pathNot: `^services/(${allowed})/` },
    };
  }),
);

export default {
  forbidden: [
    ...floorRules,
    {
      name: 'pure',
      comment: 'The lowest floors know no clock, network, node: module or package but typebox and re2js.',
      severity: 'error',
      from: { path: `^services/(${pure})/` },
      to: { pathNot: ['^services/', '^providers/contract\\.ts$', '^node_modules/(typebox|re2js)/'] },
    },
    {
      name: 'page-in-the-browser',
      comment:
        'The page runs in a browser: the pure floors, three packages, and of the rest of the dashboard the types.',
      severity: 'error',
      from: { path: '^services/dashboard/page/' },
      to: {
        pathNot: [
          `^services/(dashboard/page|${pure})/`,
          '^node_modules/(preact|uplot|@tanstack/virtual-core|typebox|re2js)/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rules-and-providers',
      comment:
        'Of providers/, the engine knows the contract only; edges know none of them (main.ts and wiring/ bring the registry).',
      severity: 'error',
      from: { path: '^services/', pathNot: '^services/(main\\.ts$|wiring/)' },
      to: { path: '^providers/', pathNot: '^providers/contract\\.ts$' },
    },
    {
      name: 'providers-know-the-contract',
      comment: 'A provider knows the contract, the shared provider files beside it and the words of the domain.',
      severity: 'error',
      from: { path: '^providers/' },
      to: { path: '^services/', pathNot: '^services/domain/' },
    },
    {
      name: 'providers-apart',
      comment: 'One provider folder does not import another.',
      severity: 'error',
      from: { path: '^providers/([^/]+)/' },
      to: { path: '^providers/([^/]+)/', pathNot: '^providers/($1)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^(services|providers)/' },
      to: { path: '^test/' },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
