export const themes = ['system', 'light', 'dark'] as const;
/** How pages look; `system` follows the machine. */
export type Theme = (typeof themes)[number];

/** Where the choice is kept: the server must know it, so that a page never shows in the wrong one. */
export const themeCookie = 'theme';

export const toTheme = (value: string | undefined): Theme =>
  themes.find((theme) => theme === value) ?? 'system';
