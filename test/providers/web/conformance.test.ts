import { providerConformance } from '../../conformance/provider.ts';

providerConformance('web', {
  spec: (url, secret) => ({
    web: { url: `${url}/health`, timeoutSeconds: 1, headers: [{ key: 'Authorization', value: `Bearer ${secret}` }] },
  }),
  answer: { contentType: 'application/json', body: '{"ok": true}' },
  readsHtml: true,
});
