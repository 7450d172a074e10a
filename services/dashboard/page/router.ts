import { useEffect, useState } from 'preact/hooks';

/** A place in the page, written as `#/runs/shop/web?phase=Failed`. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export function currentPlace(): Place {
  const [path = '', query = ''] = location.hash.slice(1).split('?', 2);
  return { path: path || '/', query: new URLSearchParams(query) };
}

/** `hrefTo('/runs', namespace, name)`: the parts after the first are escaped. */
export function hrefTo(path: string, ...parts: readonly string[]): string {
  return `#${[path, ...parts.map(encodeURIComponent)].join('/')}`;
}

/** Moves to a place, as a link to it would. */
export function goTo(path: string, ...parts: readonly string[]): void {
  location.hash = hrefTo(path, ...parts);
}

/** Changes the query of the place without a step back in the browser's history. Empty values are left out. */
export function replaceQuery(values: Readonly<Record<string, string>>): void {
  const { path, query } = currentPlace();
  for (const [name, value] of Object.entries(values)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, '', `#${path}${text === '' ? '' : `?${text}`}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const move = () => setPlace(currentPlace());
    addEventListener('hashchange', move);
    return () => removeEventListener('hashchange', move);
  }, []);
  return place;
}

/** The parameters of a path by a pattern such as `/runs/:namespace/:name`; undefined when it does not fit. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decoded(text);
    else if (part !== text) return undefined;
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
