import type { ComponentType } from 'preact';

export interface ViewProps {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export interface ViewEntry {
  /** `/runs/:namespace/:name`; the first that fits is shown. */
  readonly path: string;
  /** In the navigation, when it stands there. */
  readonly nav?: string;
  /** Of the window. */
  title(params: Readonly<Record<string, string>>): string;
  /** Loaded when it is first shown. */
  load(): Promise<ComponentType<ViewProps>>;
}
