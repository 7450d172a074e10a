import { useState } from 'preact/hooks';
import { isCompleted, type Phase } from '../../../../domain/phase.ts';
import type { Argument } from '../../../../domain/template.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Problem } from '../../components/problem.tsx';
import { Text } from '../../components/text.tsx';
import { ANALYSIS, pathTo, send } from '../../data/send.ts';
import { useAction } from '../../data/use-action.ts';
import { goTo } from '../../router.ts';

interface RunActionsProps {
  readonly namespace: string;
  readonly name: string;
  readonly phase: Phase;
  /** It has been asked to stop. */
  readonly isStopping: boolean;
  readonly args: readonly Argument[];
}

/** What can be done with a run: end it, and make another like it. */
export function RunActions({ namespace, name, phase, isStopping, args }: RunActionsProps) {
  const [asks, setAsks] = useState<'terminate' | 'rerun'>();
  const action = useAction();
  const terminate = async () => {
    await send('PATCH', pathTo(`${ANALYSIS}/namespaces`, namespace, 'analysisruns', name), {
      spec: { terminate: true },
    });
    setAsks(undefined);
  };
  const retry = async (changed: readonly { readonly name: string; readonly value: string }[]) => {
    const made = await send<{ readonly namespace: string; readonly name: string }>(
      'POST',
      pathTo('/ui/api/runs', namespace, name, 'retry'),
      { args: changed },
    );
    setAsks(undefined);
    goTo('/runs', made.namespace, made.name);
  };
  const close = () => setAsks(undefined);
  return (
    <>
      <div class="buttons">
        {!isCompleted(phase) && (
          <button type="button" disabled={isStopping} onClick={() => setAsks('terminate')}>
            {isStopping ? 'Stopping …' : 'Terminate'}
          </button>
        )}
        <button type="button" disabled={action.isBusy} onClick={() => action.run(() => retry([]))}>
          Retry
        </button>
        {args.length > 0 && (
          <button type="button" onClick={() => setAsks('rerun')}>
            Run with other arguments
          </button>
        )}
      </div>
      {asks === undefined && <Problem>{action.problem}</Problem>}
      {asks === 'terminate' && (
        <Dialog title={<>Terminate {name}?</>} onClose={close}>
          <p>
            It takes no more measurements and gets its verdict from those that it has. A run in which no limit is
            exceeded by then counts as Successful.
          </p>
          <Problem>{action.problem}</Problem>
          <div class="buttons">
            <button type="button" class="main" disabled={action.isBusy} onClick={() => action.run(terminate)}>
              Terminate
            </button>
            <button type="button" onClick={close}>
              Let it run
            </button>
          </div>
        </Dialog>
      )}
      {asks === 'rerun' && (
        <RerunDialog
          name={name}
          args={args}
          isBusy={action.isBusy}
          problem={action.problem}
          onClose={close}
          onRun={(changed) => action.run(() => retry(changed))}
        />
      )}
    </>
  );
}

interface RerunDialogProps {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly onClose: () => void;
  readonly onRun: (changed: readonly { readonly name: string; readonly value: string }[]) => void;
}

function RerunDialog({ name, args, isBusy, problem, onClose, onRun }: RerunDialogProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const changed = args
    .filter((arg) => values[arg.name] !== undefined && values[arg.name] !== (arg.value ?? ''))
    .map((arg) => ({ name: arg.name, value: values[arg.name] ?? '' }));
  return (
    <Dialog title={<>Run {name} with other arguments</>} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onRun(changed);
        }}
      >
        {args.map((arg) => {
          const secret = arg.valueFrom?.secretKeyRef;
          return (
            <Field
              label={<Text>{arg.name}</Text>}
              {...(secret !== undefined && {
                hint: (
                  <>
                    Empty: from key <Text>{secret.key}</Text> of the Secret <Text>{secret.name}</Text>
                  </>
                ),
              })}
            >
              {(names) => (
                <input
                  {...names}
                  autocomplete="off"
                  spellcheck={false}
                  value={values[arg.name] ?? arg.value ?? ''}
                  onInput={({ currentTarget }) => setValues({ ...values, [arg.name]: currentTarget.value })}
                />
              )}
            </Field>
          );
        })}
        <Problem>{problem}</Problem>
        <div class="buttons">
          <button type="submit" class="main" disabled={isBusy}>
            Run it
          </button>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
