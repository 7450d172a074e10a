import { providerConformance } from '../../conformance/provider.ts';

providerConformance('influxdb with Flux', {
  spec: () => ({ influxdb: { query: 'from(bucket: "shop")' } }),
  options: (url, secret) => ({ secrets: { read: async () => ({ address: url, authToken: secret, org: 'shop' }) } }),
  deadline: 'run',
  saysOfHtml: 'no results returned from flux query',
  answer: {
    contentType: 'text/csv',
    body: '#datatype,string,long,double\r\n#group,false,false,false\r\n#default,_result,,\r\n,result,table,_value\r\n,,0,1\r\n\r\n',
  },
});

providerConformance('influxdb with InfluxQL', {
  spec: () => ({ influxdb: { database: 'shop', query: 'SELECT last("value") FROM "up"' } }),
  options: (url, secret) => ({
    secrets: { read: async () => ({ address: url, username: 'assay', password: secret }) },
  }),
  deadline: 'run',
  answer: {
    contentType: 'application/json',
    body: '{"results":[{"statement_id":0,"series":[{"name":"up","columns":["time","last"],"values":[[0,1]]}]}]}',
  },
});
