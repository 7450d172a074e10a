import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: ComponentChildren;
  /** Below the field: what it takes. */
  readonly hint?: ComponentChildren;
  readonly children: (names: { readonly id: string; readonly 'aria-describedby'?: string }) => JSX.Element;
}

/** A labelled field of a form. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, ...(hint !== undefined && { 'aria-describedby': `${id}-hint` }) })}
      {hint !== undefined && (
        <span class="quiet hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}
