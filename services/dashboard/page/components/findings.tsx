import type { Finding } from '../../../analysis/lint/finding.ts';
import { Text } from './text.tsx';

/** What lint says: where, what, how to mend it, and the place in the text with a caret. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul class="findings">
      {findings.map(({ severity, path, message, fix, excerpt }) => (
        <li class={`notice ${severity === 'error' ? 'bad' : 'unsure'}`}>
          <b>{severity === 'error' ? 'Error' : 'Warning'}</b>
          {path !== '' && (
            <>
              {' '}
              <code>
                <Text>{path}</Text>
              </code>
            </>
          )}
          : <Text>{message}</Text>
          {excerpt !== undefined && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
            <pre class="scroll" tabIndex={0}>
              <Text>{excerpt}</Text>
            </pre>
          )}
          {fix !== undefined && (
            <div>
              <span class="quiet">Instead:</span> <Text>{fix}</Text>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
