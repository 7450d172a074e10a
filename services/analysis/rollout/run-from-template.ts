import type { ObjectMeta } from '../../domain/resource.ts';
import type { NewAnalysisRun } from '../../domain/run.ts';
import type { AnalysisTemplate, Argument } from '../../domain/template.ts';
import { mergeArguments } from '../combine-templates.ts';
import { INSTANCE_ID_LABEL } from './rollout.ts';

export interface RunFromTemplate {
  readonly template: AnalysisTemplate;
  readonly args: readonly Argument[];
  readonly namespace: string;
  readonly name?: string;
  readonly generateName?: string;
  readonly instanceId?: string;
}

/**
 * A run from one template, as `kubectl argo rollouts create analysisrun` makes it: the template's own document with another kind and name, its spec as it
 * stands (nested `templates` stay names). Arguments that the template does not declare are dropped, unless it declares none at all. Without a name the
 * server makes one from `<template>-`. Throws Error in Argo's words.
 */
export function runFromTemplate(request: RunFromTemplate): NewAnalysisRun {
  const { template, args, namespace, instanceId } = request;
  const name = request.name ?? '';
  const generateName = request.generateName || `${template.metadata.name ?? ''}-`;
  if (name === '' && generateName === '-') throw new Error('name is invalid');
  const declared = template.spec.args;
  const merged = declared === undefined ? args : mergeArguments(args, declared);
  const { resourceVersion: _version, generateName: _generated, ...metadata } = template.metadata as Partial<ObjectMeta>;
  return {
    ...template,
    kind: 'AnalysisRun',
    metadata: {
      ...metadata,
      name,
      ...(name === '' && { generateName }),
      namespace,
      ...(instanceId && { labels: { [INSTANCE_ID_LABEL]: instanceId } }),
    },
    spec: { ...template.spec, ...(merged.length > 0 && { args: [...merged] }) },
  };
}

/** `NAME=VALUE`, split at the first `=`. Throws Error in Argo's words. */
export function readArgumentFlag(text: string): Argument {
  const at = text.indexOf('=');
  if (at < 0) throw new Error('arguments must be in the form NAME=VALUE');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
