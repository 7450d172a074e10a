import { expect, it } from 'vitest';
import { fieldSelector, labelSelector } from '../../../services/api/resources/selectors.ts';
import type { Resource } from '../../../services/domain/resource.ts';

const document = (labels: Record<string, string>, more: object = {}): Resource => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'a', namespace: 'n', labels },
  ...more,
});

it.each([
  { selector: 'team=shop', labels: { team: 'shop' }, want: true },
  { selector: 'team==shop', labels: { team: 'pay' }, want: false },
  { selector: 'team=', labels: { team: '' }, want: true },
  { selector: 'team=', labels: {}, want: false },
  { selector: 'team!=shop', labels: {}, want: true },
  { selector: 'team!=shop', labels: { team: 'shop' }, want: false },
  { selector: 'team in (shop, pay)', labels: { team: 'pay' }, want: true },
  { selector: 'team in (shop,pay),track', labels: { team: 'pay' }, want: false },
  { selector: 'team notin (shop,pay)', labels: {}, want: true },
  { selector: 'team notin (shop,pay)', labels: { team: 'shop' }, want: false },
  { selector: 'team in ()', labels: { team: '' }, want: true },
  { selector: 'track', labels: { track: '' }, want: true },
  { selector: '!track', labels: { track: 'x' }, want: false },
  { selector: ' ! track , team = shop ', labels: { team: 'shop' }, want: true },
  { selector: 'step>2', labels: { step: '3' }, want: true },
  { selector: 'step<2', labels: { step: '3' }, want: false },
  { selector: 'step>2', labels: { step: 'x' }, want: false },
  { selector: 'example.com/a.b=c', labels: { 'example.com/a.b': 'c' }, want: true },
  { selector: 'in in (in)', labels: { in: 'in' }, want: true },
  { selector: 'constructor', labels: {}, want: false },
])('$selector on $labels is $want', ({ selector, labels, want }) => {
  expect(labelSelector(selector)(document(labels as Record<string, string>))).toBe(want);
});

it.each(['team in shop', 'a=b=c', 'a b', 'a in (b', '=b', 'a,', 'a,,b', 'bad key=x', 'a>x', 'a=-b', '/a=b'])(
  'the label selector %s is refused',
  (selector) => {
    expect(() => labelSelector(selector)).toThrow('unable to parse requirement');
  },
);

const event = document(
  {},
  { involvedObject: { kind: 'AnalysisRun', name: 'a,b' }, source: { component: 'assay' }, type: 'Normal' },
);
const fields = ['metadata.name', 'involvedObject.kind', 'involvedObject.name', 'involvedObject.uid', 'source', 'type'];

it.each([
  { selector: 'metadata.name=a', want: true },
  { selector: 'metadata.name==a,type!=Warning', want: true },
  { selector: 'metadata.name!=a', want: false },
  { selector: 'involvedObject.kind=AnalysisRun,involvedObject.uid=', want: true },
  { selector: 'involvedObject.name=a\\,b', want: true },
  { selector: 'source=assay', want: true },
  { selector: '', want: true },
])('the field selector $selector is $want', ({ selector, want }) => {
  expect(fieldSelector(selector, fields)(event)).toBe(want);
});

it.each([
  { selector: 'status.phase=Failed', want: 'field label not supported: status.phase' },
  { selector: 'metadata.name', want: 'invalid field selector' },
  { selector: 'metadata.name=a\\x', want: 'invalid field selector' },
])('the field selector $selector is refused', ({ selector, want }) => {
  expect(() => fieldSelector(selector, fields)).toThrow(want);
});
