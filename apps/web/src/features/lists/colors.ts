import type { ListColor } from '@typedo/client';

/** The shade of each colour that a list can have, in light and in dark. */
export const listColors: Record<ListColor, string> = {
  gray: 'light-dark(#868e96, #adb5bd)',
  red: 'light-dark(#d6336c, #f783ac)',
  orange: 'light-dark(#e8590c, #ffa94d)',
  yellow: 'light-dark(#e0a800, #ffd43b)',
  green: 'light-dark(#2f9e44, #69db7c)',
  teal: 'light-dark(#0c8599, #3bc9db)',
  blue: 'light-dark(#1c7ed6, #74c0fc)',
  purple: 'light-dark(#7048e8, #b197fc)',
  pink: 'light-dark(#c2255c, #faa2c1)',
};
