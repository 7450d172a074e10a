import { useState } from 'preact/hooks';
import type { DeadLetter } from '../../../../domain/dead-letter.ts';
import { Ago } from '../../components/ago.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Loading } from '../../components/loading.tsx';
import { Notice } from '../../components/notice.tsx';
import { Problem } from '../../components/problem.tsx';
import { Text } from '../../components/text.tsx';
import { useLive } from '../../data/load.ts';
import { pathTo, send } from '../../data/send.ts';
import { useAction } from '../../data/use-action.ts';
import { hrefTo } from '../../router.ts';

interface Letters {
  readonly total: number;
  readonly letters: readonly DeadLetter[];
}

/** Notifications that were given up: to see why, to send again, to forget. */
export function DeadLettersView() {
  const [version, setVersion] = useState(0);
  const [said, setSaid] = useState('');
  const loaded = useLive<Letters>('/ui/api/dead-letters', version);
  const action = useAction();
  const act = (letter: DeadLetter, verb: 'retry' | 'dismiss') =>
    action.run(async () => {
      const path = pathTo('/ui/api/dead-letters', letter.namespace, letter.name);
      await (verb === 'retry' ? send('POST', `${path}/retry`) : send('DELETE', path));
      setSaid(`${whatOf(letter)} ${verb === 'retry' ? 'is being sent again' : 'is forgotten'}.`);
      setVersion(version + 1);
    });
  return (
    <>
      <div>
        <h1>Undelivered notifications</h1>
        <p class="quiet">Assay has tried them again and again, and given them up.</p>
      </div>
      <div role="status">{said !== '' && <Notice tone="good">{said}</Notice>}</div>
      <Problem>{action.problem}</Problem>
      <Loading of={loaded}>
        {({ total, letters }) =>
          total === 0 ? (
            <Notice tone="quiet">
              There are none: everything that was to be told has been told, or is on its way.
            </Notice>
          ) : (
            <>
              {total > letters.length && (
                <p class="quiet">
                  The newest {letters.length} of {total}.
                </p>
              )}
              <LetterTable letters={letters} isBusy={action.isBusy} act={act} />
            </>
          )
        }
      </Loading>
    </>
  );
}

const whatOf = ({ trigger, service, run }: DeadLetter): string => `${trigger} of ${run} to ${service}`;

interface LetterTableProps {
  readonly letters: readonly DeadLetter[];
  readonly isBusy: boolean;
  readonly act: (letter: DeadLetter, verb: 'retry' | 'dismiss') => void;
}

function LetterTable({ letters, isBusy, act }: LetterTableProps) {
  return (
    <DataTable
      label="Undelivered notifications"
      rows={letters}
      keyOf={({ namespace, name }) => `${namespace}/${name}`}
      columns={[
        { head: 'Given up', cell: ({ gaveUpAt, createdAt }) => <Ago time={gaveUpAt ?? createdAt} /> },
        {
          head: 'Run',
          cell: ({ namespace, run }) => (
            <a href={hrefTo('/runs', namespace, run)}>
              <Text>{run}</Text>
            </a>
          ),
        },
        { head: 'Trigger', cell: ({ trigger }) => <Text>{trigger}</Text> },
        {
          head: 'Target',
          cell: ({ service, recipient }) => (
            <>
              <b>
                <Text>{service}</Text>
              </b>{' '}
              <Text>{recipient}</Text>
            </>
          ),
        },
        { head: 'Attempts', cell: ({ attempts }) => attempts, isNumber: true },
        { head: 'Last error', cell: ({ lastError = '–' }) => <Text>{lastError}</Text> },
        {
          head: 'What to do',
          cell: (letter) => (
            <div class="buttons">
              <button
                type="button"
                disabled={isBusy}
                aria-label={`Send again: ${whatOf(letter)}`}
                onClick={() => act(letter, 'retry')}
              >
                Send again
              </button>
              <button
                type="button"
                disabled={isBusy}
                aria-label={`Dismiss: ${whatOf(letter)}`}
                onClick={() => act(letter, 'dismiss')}
              >
                Dismiss
              </button>
            </div>
          ),
        },
      ]}
    />
  );
}
