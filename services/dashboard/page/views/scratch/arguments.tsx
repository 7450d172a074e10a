import { Field } from '../../components/field.tsx';
import { Text } from '../../components/text.tsx';

/** How a placeholder is filled: by a text, or by NAME/KEY of a Secret. */
export interface Filling {
  readonly text: string;
  readonly isSecret: boolean;
}

export type Fillings = Readonly<Record<string, Filling>>;

const EMPTY: Filling = { text: '', isSecret: false };

/** The names in `{{args.NAME}}`, as written. */
export function placeholdersIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{\{\s*args\.([^}\s]+)\s*\}\}/gu)].map(([, name = '']) => name))];
}

/** As a run has them. */
export function argumentsOf(names: readonly string[], fillings: Fillings): readonly object[] {
  return names.map((name) => {
    const { text, isSecret } = fillings[name] ?? EMPTY;
    const slash = text.indexOf('/');
    return isSecret
      ? { name, valueFrom: { secretKeyRef: { name: text.slice(0, slash), key: text.slice(slash + 1) } } }
      : { name, value: text };
  });
}

/** A field for each placeholder that stands in the question. */
export function Arguments({
  names,
  fillings,
  onChange,
}: {
  readonly names: readonly string[];
  readonly fillings: Fillings;
  readonly onChange: (fillings: Fillings) => void;
}) {
  if (names.length === 0) return null;
  const set = (name: string, change: Partial<Filling>) =>
    onChange({ ...fillings, [name]: { ...(fillings[name] ?? EMPTY), ...change } });
  return (
    <fieldset>
      <legend>Arguments</legend>
      {names.map((name) => {
        const { text, isSecret } = fillings[name] ?? EMPTY;
        return (
          <div class="filling" key={name}>
            <Field label={<Text>{name}</Text>}>
              {(attributes) => (
                <input
                  {...attributes}
                  autocomplete="off"
                  spellcheck={false}
                  required={isSecret}
                  {...(isSecret && {
                    pattern: '[^\\/]+\\/.+',
                    title: 'Name of the Secret, a slash, and the key in it',
                  })}
                  placeholder={isSecret ? 'SECRET/KEY' : ''}
                  value={text}
                  onInput={({ currentTarget }) => set(name, { text: currentTarget.value })}
                />
              )}
            </Field>
            <label class="from-secret">
              <input
                type="checkbox"
                checked={isSecret}
                onChange={({ currentTarget }) => set(name, { isSecret: currentTarget.checked })}
              />{' '}
              from a Secret
            </label>
          </div>
        );
      })}
    </fieldset>
  );
}
