'use client';

import { useSyncExternalStore } from 'react';
import { chooseTheme, shownTheme, watchTheme } from './choose-theme.ts';
import { type Theme, themes } from './theme.ts';

const labels: Record<Theme, string> = { system: 'System', light: 'Light', dark: 'Dark' };

/** `theme` is the choice that the server knows of. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  const shown = useSyncExternalStore(watchTheme, shownTheme, () => theme);
  return (
    <fieldset className="border-line bg-surface flex w-full max-w-sm gap-1 rounded-xl border p-1">
      <legend className="sr-only">Theme</legend>
      {themes.map((name) => (
        <label
          key={name}
          className="text-quiet has-checked:bg-raised has-checked:text-ink has-checked:font-medium has-focus-visible:outline-accent relative flex-1 rounded-lg px-3 py-1.5 text-center text-sm has-focus-visible:outline-2"
        >
          <input
            type="radio"
            name="theme"
            value={name}
            checked={shown === name}
            onChange={() => chooseTheme(name)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {labels[name]}
        </label>
      ))}
    </fieldset>
  );
}
