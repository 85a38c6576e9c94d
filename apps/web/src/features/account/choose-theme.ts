import { type Theme, themeCookie, toTheme } from './theme.ts';

const yearSeconds = 365 * 24 * 60 * 60;

/** Shows the page in `theme` at once, and every page from now on. */
export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

export const shownTheme = (): Theme => toTheme(document.documentElement.dataset.theme);

/** Calls back whenever the page's theme changes, whoever chose it. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
