import { providerConformance } from '../../conformance/provider.ts';

providerConformance('web', {
  spec: (url, secret, seconds) => ({
    web: {
      url: `${url}/health`,
      timeoutSeconds: seconds,
      headers: [{ key: 'Authorization', value: `Bearer ${secret}` }],
    },
  }),
  answer: { contentType: 'application/json', body: '{"ok": true}' },
  readsHtml: true,
});
