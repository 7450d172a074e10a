import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ContactNotice } from './components/contact-notice.tsx';
import { Notice } from './components/notice.tsx';
import { ThemeSwitch } from './components/theme-switch.tsx';
import { matchPath, usePlace } from './router.ts';
import type { ViewEntry, ViewProps } from './view.ts';
import { VIEWS } from './views.ts';

/** What is around every view: the way past the navigation, the navigation, and whether the server is there. */
export function Shell() {
  const { path, query } = usePlace();
  const main = useRef<HTMLElement>(null);
  const found = viewAt(path);
  const shown = useRef(path);
  useEffect(() => {
    document.title = found === undefined ? 'Assay' : `${found.entry.title(found.params)} · Assay`;
    // A new view begins at its top, for the eye and for the keyboard.
    if (shown.current !== path) {
      shown.current = path;
      main.current?.focus();
      scrollTo(0, 0);
    }
  }, [path]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          <Mark />
          Assay
        </a>
        <nav aria-label="Views">
          {VIEWS.map(({ path: target, nav }) =>
            nav === undefined ? null : (
              <a href={`#${target}`} aria-current={found?.entry.path === target ? 'page' : undefined}>
                {nav}
              </a>
            ),
          )}
        </nav>
        <ThemeSwitch />
      </header>
      <ContactNotice />
      <main ref={main} tabIndex={-1}>
        {found === undefined ? (
          <Notice tone="bad">
            There is nothing at this address. <a href="#/">To the runs</a>
          </Notice>
        ) : (
          <Loaded key={found.entry.path} entry={found.entry} params={found.params} query={query} />
        )}
      </main>
    </>
  );
}

function viewAt(path: string): { readonly entry: ViewEntry; readonly params: ViewProps['params'] } | undefined {
  for (const entry of VIEWS) {
    const params = matchPath(entry.path, path);
    if (params !== undefined) return { entry, params };
  }
  return undefined;
}

function Loaded({ entry, ...props }: { readonly entry: ViewEntry } & ViewProps) {
  const [view, setView] = useState<{ readonly View: ComponentType<ViewProps> } | 'failed'>();
  useEffect(() => {
    entry.load().then(
      (View) => setView({ View }),
      () => setView('failed'),
    );
  }, [entry]);
  if (view === undefined) return null;
  if (view === 'failed')
    return (
      <Notice tone="bad">
        This part of the page could not be loaded: Assay was updated, or does not answer.{' '}
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </Notice>
    );
  return <view.View {...props} />;
}

const Mark = () => (
  <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#24476f" />
    <path d="M7 21l5-8 4 5 3-4 6 7" fill="none" stroke="#fff" stroke-width="2.6" stroke-linejoin="round" />
    <path d="M6 11h20" stroke="#f59a52" stroke-width="2" stroke-dasharray="3 3" />
  </svg>
);
