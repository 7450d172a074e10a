import { chooseTheme, THEMES, useTheme } from '../theme.ts';

const LABELS = { auto: 'System', light: 'Light', dark: 'Dark' } as const;

export function ThemeSwitch() {
  const theme = useTheme();
  return (
    <label class="theme">
      <span class="unseen">Colours</span>
      <select
        value={theme}
        onChange={({ currentTarget }) => chooseTheme(THEMES.find((one) => one === currentTarget.value) ?? 'auto')}
      >
        {THEMES.map((one) => (
          <option value={one}>{LABELS[one]}</option>
        ))}
      </select>
    </label>
  );
}
