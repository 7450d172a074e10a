import { providerConformance } from '../../conformance/provider.ts';

providerConformance('cloudWatch', {
  spec: () => ({ cloudWatch: { metricDataQueries: [{ id: 'up', expression: 'SUM(METRICS())', period: 60 }] } }),
  // Keys only sign; of what AWS is given, the session token travels in clear.
  options: (url, secret) => ({
    setting: (name) =>
      ({
        AWS_ACCESS_KEY_ID: 'assay',
        AWS_SECRET_ACCESS_KEY: 'signs-and-never-travels',
        AWS_SESSION_TOKEN: secret,
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_CLOUDWATCH: url,
      })[name],
  }),
  deadline: 'run',
  answer: {
    contentType: 'application/x-amz-json-1.0',
    body: '{"MetricDataResults":[{"Id":"up","Label":"up","Timestamps":[1700000000],"Values":[1],"StatusCode":"Complete"}]}',
  },
});
