import type { CanaryConfig, CanaryMetric } from '../domain/canary-config.ts';
import { JsonField, present } from './json-field.ts';

const text = (field: JsonField) => field.text();
const number = (field: JsonField) => field.number();
const record = (field: JsonField) => field.record();
const texts = (field: JsonField) => field.items().map(text);
const mapOf =
  <T>(read: (field: JsonField) => T) =>
  (field: JsonField): Record<string, T> =>
    Object.fromEntries(field.entries().map(([key, value]) => [key, read(value)]));

/**
 * Reads a canary config as Kayenta's mapper does: unknown keys are dropped, scalars coerced, the judge's settings kept as written. Throws
 * CallerError with the place for what has the wrong shape; nothing else is checked.
 */
export function readCanaryConfig(body: unknown, path = ''): CanaryConfig {
  const config = new JsonField(body, path);
  return {
    ...present(config, 'id', text),
    ...present(config, 'name', text),
    ...present(config, 'description', text),
    ...present(config, 'configVersion', text),
    ...present(config, 'applications', texts),
    ...present(config, 'createdTimestamp', number),
    ...present(config, 'createdTimestampIso', text),
    ...present(config, 'updatedTimestamp', number),
    ...present(config, 'updatedTimestampIso', text),
    ...present(config, 'judge', (judge) => ({
      ...present(judge, 'name', text),
      ...present(judge, 'judgeConfigurations', record),
    })),
    metrics: config.get('metrics').isAbsent ? [] : config.get('metrics').items().map(readMetric),
    ...present(config, 'templates', mapOf(text)),
    ...present(config, 'classifier', (classifier) => ({
      ...present(classifier, 'groupWeights', mapOf(number)),
      ...present(classifier, 'scoreThresholds', (thresholds) => ({
        ...present(thresholds, 'pass', number),
        ...present(thresholds, 'marginal', number),
      })),
    })),
  };
}

function readMetric(metric: JsonField): CanaryMetric {
  return {
    name: metric.get('name').isAbsent ? '' : metric.get('name').text(),
    ...present(metric, 'query', record),
    ...present(metric, 'groups', texts),
    ...present(metric, 'analysisConfigurations', readAnalysisConfigurations),
    ...present(metric, 'scopeName', text),
  };
}

/** Each judge's settings are an object or null; what is in them only the judge reads. */
function readAnalysisConfigurations(field: JsonField): Record<string, unknown> {
  for (const [, settings] of field.entries()) if (!settings.isAbsent) settings.record();
  return field.record();
}
