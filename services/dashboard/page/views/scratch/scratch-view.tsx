import './scratch.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TriedMetric } from '../../../../engine/try-metric.ts';
import type { TriableProvider } from '../../../trial-routes.ts';
import { Field } from '../../components/field.tsx';
import { Loading } from '../../components/loading.tsx';
import { Problem } from '../../components/problem.tsx';
import { useLoaded } from '../../data/load.ts';
import { send } from '../../data/send.ts';
import { useAction } from '../../data/use-action.ts';
import { Arguments, argumentsOf, type Fillings, placeholdersIn } from './arguments.tsx';
import { Outcome } from './outcome.tsx';

interface Question {
  readonly namespace: string;
  readonly provider: string;
  readonly successCondition: string;
  readonly failureCondition: string;
  readonly fillings: Fillings;
}

/** A query and its conditions against a live source, before they are written into a template. Nothing is stored. */
export function ScratchView() {
  const loaded = useLoaded<{ readonly providers: readonly TriableProvider[] }>('/ui/api/providers');
  return (
    <>
      <div>
        <h1>Try a query</h1>
        <p class="quiet">
          One measurement, taken as a run would take it, with the same limits and Secrets. Nothing is stored.
        </p>
      </div>
      <Loading of={loaded}>{({ providers }) => <Trial providers={providers} />}</Loading>
    </>
  );
}

function Trial({ providers }: { readonly providers: readonly TriableProvider[] }) {
  const [first] = providers;
  const [member, setMember] = useState(first?.member ?? '');
  const [question, setQuestion] = useState<Question>({
    namespace: 'default',
    provider: first?.example ?? '',
    successCondition: '',
    failureCondition: '',
    fillings: {},
  });
  const [outcome, setOutcome] = useState<TriedMetric>();
  const action = useAction();
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);

  const set = (change: Partial<Question>) => setQuestion({ ...question, ...change });
  const choose = (chosen: string) => {
    const of = (one: string) => providers.find((provider) => provider.member === one)?.example ?? '';
    // What somebody has written stays.
    if (question.provider === of(member)) set({ provider: of(chosen) });
    setMember(chosen);
  };
  const ask = async () => {
    setOutcome(undefined);
    setOutcome(await send<TriedMetric>('POST', '/ui/api/trials', bodyOf(question), left.current.signal));
  };
  return (
    <div class="scratch">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          action.run(ask);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
      >
        <div class="side-by-side">
          <Field label="Source">
            {(names) => (
              <select {...names} value={member} onChange={({ currentTarget }) => choose(currentTarget.value)}>
                {providers.map((provider) => (
                  <option value={provider.member}>{provider.member}</option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Namespace">
            {(names) => (
              <input
                {...names}
                required
                value={question.namespace}
                onInput={({ currentTarget }) => set({ namespace: currentTarget.value })}
              />
            )}
          </Field>
        </div>
        <Field
          label="Provider block"
          hint="YAML, as under provider: in a template, with {{args.NAME}} where an argument goes. Ctrl+Enter asks."
        >
          {(names) => (
            <textarea
              {...names}
              required
              rows={Math.max(5, question.provider.split('\n').length)}
              spellcheck={false}
              value={question.provider}
              onInput={({ currentTarget }) => set({ provider: currentTarget.value })}
            />
          )}
        </Field>
        {(['successCondition', 'failureCondition'] as const).map((name) => (
          <Field label={name} hint="An expression over result; empty: none.">
            {(names) => (
              <input
                {...names}
                class="code"
                autocomplete="off"
                spellcheck={false}
                placeholder={name === 'successCondition' ? 'result[0] >= 0.95' : 'result[0] < 0.9'}
                value={question[name]}
                onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
              />
            )}
          </Field>
        ))}
        <Arguments
          names={placeholdersOf(question)}
          fillings={question.fillings}
          onChange={(fillings) => set({ fillings })}
        />
        <div class="buttons">
          <button type="submit" class="main" disabled={action.isBusy}>
            {action.isBusy ? 'Asking …' : 'Ask'}
          </button>
        </div>
        <Problem>{action.problem}</Problem>
      </form>
      <div role="status">{outcome !== undefined && <Outcome {...outcome} />}</div>
    </div>
  );
}

const placeholdersOf = ({ provider, successCondition, failureCondition }: Question): readonly string[] =>
  placeholdersIn([provider, successCondition, failureCondition].join('\n'));

function bodyOf(question: Question): object {
  const { namespace, provider, successCondition, failureCondition, fillings } = question;
  return {
    namespace,
    provider,
    args: argumentsOf(placeholdersOf(question), fillings),
    ...(successCondition !== '' && { successCondition }),
    ...(failureCondition !== '' && { failureCondition }),
  };
}
