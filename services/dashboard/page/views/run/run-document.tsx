import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Text } from '../../components/text.tsx';
import { problemOf } from '../../data/load.ts';

/** The document as it is stored, in YAML, to read and to copy; fetched when it is asked for. */
export function RunDocument({ path, version }: { readonly path: string; readonly version: unknown }) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [said, setSaid] = useState('');
  const shown = useRef<HTMLPreElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const left = new AbortController();
    readYaml(path, left.signal).then(
      (yaml) => {
        setText(yaml);
        setProblem(undefined);
      },
      (error: Error) => {
        if (!left.signal.aborted) setProblem(error.message);
      },
    );
    return () => left.abort();
  }, [isOpen, path, version]);

  const copy = () =>
    void copyText(text ?? '', shown.current).then((isCopied) =>
      setSaid(isCopied ? 'Copied' : 'Selected: copy it with the keyboard'),
    );

  return (
    <Section
      title="Document"
      aside={
        <span class="document-actions">
          <span role="status">{said}</span>
          {isOpen && text !== undefined && (
            <button type="button" onClick={copy}>
              Copy YAML
            </button>
          )}
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide' : 'Show'} YAML
          </button>
        </span>
      }
    >
      {isOpen && problem !== undefined && (
        <Notice tone="bad">
          <Text>{problem}</Text>
        </Notice>
      )}
      {isOpen && text !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reachable by keyboard.
        <pre class="document" ref={shown} tabIndex={0}>
          <Text>{text}</Text>
        </pre>
      )}
    </Section>
  );
}

async function readYaml(path: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(path, { signal, headers: { accept: 'application/yaml' } });
  if (!answer.ok) throw new Error(await problemOf(answer));
  return answer.text();
}

/** Browsers let pages copy only when they come over TLS or from this machine; elsewhere the text is selected instead. */
async function copyText(text: string, element: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (element !== null) getSelection()?.selectAllChildren(element);
    return false;
  }
}
