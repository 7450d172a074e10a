import { PHASES, type Phase } from '../../../../domain/phase.ts';
import { PhaseMark } from '../../components/phase.tsx';
import { replaceQuery } from '../../router.ts';
import type { RunFilter } from './filter-runs.ts';

export function RunFilters({
  filter,
  phases,
  namespaces,
}: {
  readonly filter: RunFilter;
  readonly phases: ReadonlyMap<Phase, number>;
  readonly namespaces: readonly string[];
}) {
  const toggle = (phase: Phase) => {
    const chosen = PHASES.filter((one) => (one === phase) !== filter.phases.has(one));
    replaceQuery({ phase: chosen.join(',') });
  };
  return (
    <search class="run-filters">
      <fieldset class="phase-filter">
        <legend class="unseen">Phases to show</legend>
        {PHASES.map((phase) => (
          <button
            type="button"
            class="chip"
            data-phase={phase}
            aria-pressed={filter.phases.has(phase)}
            onClick={() => toggle(phase)}
          >
            <PhaseMark phase={phase} />
            {phase} <b>{phases.get(phase) ?? 0}</b>
          </button>
        ))}
      </fieldset>
      <label>
        <span>Namespace</span>
        <select
          value={filter.namespace}
          onChange={({ currentTarget }) => replaceQuery({ namespace: currentTarget.value })}
        >
          <option value="">all</option>
          {[...new Set([...namespaces, filter.namespace])].filter(Boolean).map((namespace) => (
            <option value={namespace}>{namespace}</option>
          ))}
        </select>
      </label>
      <Words label="Labels" placeholder="app=cart,track" name="label" value={filter.label} />
      <Words label="Text" placeholder="name, metric or reason" name="text" value={filter.text} />
    </search>
  );
}

function Words(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly name: string;
  readonly value: string;
}) {
  return (
    <label>
      <span>{props.label}</span>
      <input
        type="search"
        value={props.value}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => replaceQuery({ [props.name]: currentTarget.value })}
      />
    </label>
  );
}
