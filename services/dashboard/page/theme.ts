import { useEffect, useState } from 'preact/hooks';

/** `auto` follows the system. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'assay-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export function chosenTheme(): Theme {
  // Browsers may refuse storage.
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Then the choice lasts as long as the page.
  }
  applyTheme(theme);
  for (const listener of listeners) listener();
}

export function applyTheme(theme = chosenTheme()): void {
  document.documentElement.dataset['theme'] = theme;
}

/** Calls back when the colours change, by choice or with the system; answers how to stop. */
export function onColours(changed: () => void): () => void {
  listeners.add(changed);
  system.addEventListener('change', changed);
  return () => {
    listeners.delete(changed);
    system.removeEventListener('change', changed);
  };
}

export function useTheme(): Theme {
  const [theme, setTheme] = useState(chosenTheme);
  useEffect(() => onColours(() => setTheme(chosenTheme())), []);
  return theme;
}

/** A colour of tokens.css as the canvas wants it. */
export function colourOf(token: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
