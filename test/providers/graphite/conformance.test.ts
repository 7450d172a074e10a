import { providerConformance } from '../../conformance/provider.ts';

providerConformance('graphite', {
  // Graphite has no authentication of its own; what stands before it takes the credentials of the address.
  spec: (url, secret) => ({ graphite: { address: url.replace('//', `//assay:${secret}@`), query: 'target=up' } }),
  deadline: 'run',
  answer: { contentType: 'application/json', body: '[{"target":"up","datapoints":[[1,1700000000]]}]' },
});
