import { providerConformance } from '../../conformance/provider.ts';

providerConformance('prometheus', {
  spec: (url, secret, seconds) => ({
    prometheus: {
      address: url,
      query: 'up',
      timeout: seconds,
      authentication: { basicAuth: { username: 'assay', password: secret } },
    },
  }),
  answer: {
    contentType: 'application/json',
    body: '{"status":"success","data":{"resultType":"scalar","result":[1700000000,"1"]}}',
  },
});
