import { useState } from 'preact/hooks';
import type { AnalysisRun } from '../../../../domain/run.ts';
import type { TemplateArgument, TemplateDescription } from '../../../describe-template.ts';
import { Field } from '../../components/field.tsx';
import { Problem } from '../../components/problem.tsx';
import { Text } from '../../components/text.tsx';
import { ANALYSIS, pathTo, send } from '../../data/send.ts';
import { useAction } from '../../data/use-action.ts';
import { goTo } from '../../router.ts';

/** Makes a run of a template and goes to it. Arguments that are left as they are keep their defaults and Secrets. */
export function RunForm({ template, arguments: args }: TemplateDescription) {
  const { kind, metadata } = template;
  const [namespace, setNamespace] = useState(metadata.namespace ?? 'default');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const action = useAction();
  const start = async () => {
    const created = await send<AnalysisRun>('POST', pathTo(`${ANALYSIS}/namespaces`, namespace, 'analysisruns'), {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { generateName: `${metadata.name}-` },
      spec: {
        templates: [{ templateName: metadata.name, clusterScope: kind === 'ClusterAnalysisTemplate' }],
        args: Object.entries(values).map(([name, value]) => ({ name, value })),
      },
    });
    goTo('/runs', namespace, created.metadata.name);
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        action.run(start);
      }}
    >
      {kind === 'ClusterAnalysisTemplate' && (
        <Field label="Namespace" hint="The run stands there, and its Secrets are read there.">
          {(names) => (
            <input
              {...names}
              required
              value={namespace}
              onInput={({ currentTarget }) => setNamespace(currentTarget.value)}
            />
          )}
        </Field>
      )}
      {args.map((arg) => (
        <ArgumentField
          key={arg.name}
          argument={arg}
          value={values[arg.name]}
          onChange={(value) => setValues(withValue(values, arg, value))}
        />
      ))}
      <div class="buttons">
        <button type="submit" class="main" disabled={action.isBusy}>
          {action.isBusy ? 'Starting …' : 'Run it'}
        </button>
      </div>
      <Problem>{action.problem}</Problem>
    </form>
  );
}

interface ArgumentFieldProps {
  readonly argument: TemplateArgument;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
}

function ArgumentField({ argument, value, onChange }: ArgumentFieldProps) {
  const { name, isRequired } = argument;
  return (
    <Field
      label={
        <>
          <Text>{name}</Text>
          {isRequired && <span class="quiet"> (required)</span>}
        </>
      }
      hint={<Source {...argument} />}
    >
      {(names) => (
        <input
          {...names}
          required={isRequired}
          autocomplete="off"
          spellcheck={false}
          value={value ?? argument.value ?? ''}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** Where the value comes from when nothing is typed. */
function Source({ value, valueFrom }: TemplateArgument) {
  const { secretKeyRef, fieldRef } = valueFrom ?? {};
  if (secretKeyRef !== undefined)
    return (
      <>
        Empty: from key <Text>{secretKeyRef.key}</Text> of the Secret <Text>{secretKeyRef.name}</Text>
      </>
    );
  if (fieldRef !== undefined)
    return (
      <>
        Only a Rollout fills in <Text>{fieldRef.fieldPath}</Text>: type a value
      </>
    );
  if (value === undefined) return <>No default</>;
  return value === '' ? (
    <>Default: empty</>
  ) : (
    <>
      Default: <Text>{value}</Text>
    </>
  );
}

/** A value that is the default again is no value of the run's own; nor is an empty one where a Secret stands in. */
function withValue(values: Readonly<Record<string, string>>, arg: TemplateArgument, value: string) {
  const { [arg.name]: _, ...others } = values;
  const isDefault = value === arg.value || (value === '' && arg.valueFrom !== undefined);
  return isDefault ? others : { ...others, [arg.name]: value };
}
