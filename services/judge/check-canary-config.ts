import type { CanaryConfig } from '../domain/canary-config.ts';
import { CallerError } from '../domain/errors.ts';

const ALLOWED_NAME = /^[A-Za-z0-9,_-]*$/;

/** The rules for storing a config, in Kayenta's order and words. `others` are the stored configs, the one being replaced left out. Throws CallerError. */
export function checkCanaryConfig(config: CanaryConfig, others: readonly CanaryConfig[] = []): void {
  const { name, applications = [], metrics } = config;
  if (!name) throw refused('Canary config must specify a name.');
  if (applications.length === 0) throw refused('Canary config must specify at least one application.');
  if (!ALLOWED_NAME.test(name))
    throw refused(
      `Canary config cannot be named '${name}'. Names must contain only letters, numbers, dashes (-) and underscores (_).`,
    );
  const seen = new Set<string>();
  for (const metric of metrics) {
    if (!metric.name) throw refused('Metric config must specify a name.');
    if (seen.has(metric.name)) throw refused(`Metric config name must be unique. '${metric.name}' is duplicated.`);
    seen.add(metric.name);
  }
  const clash = others.find(
    (other) => other.name === name && other.applications?.some((application) => applications.includes(application)),
  );
  if (clash !== undefined)
    throw refused(
      `Canary config with name '${name}' already exists in the scope of applications [${applications.join(', ')}].`,
    );
}

const refused = (message: string): CallerError => new CallerError('invalid', message);
