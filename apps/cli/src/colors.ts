import type { WriteStream } from 'node:tty';

/** What begins and ends each style, as ECMA-48 has it. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof codes;

/**
 * Whether a stream shows colours: `hasColors` honours NO_COLOR, FORCE_COLOR and TERM. Node's own
 * `styleText` asks no stream before 20.18, and is not there before 20.12.
 */
const isColored = (stream: WriteStream): boolean => stream.isTTY && stream.hasColors();

const painted =
  (stream: WriteStream) =>
  (style: Style, text: string): string => {
    const [begin, end] = codes[style];
    return isColored(stream) ? `\u001B[${begin}m${text}\u001B[${end}m` : text;
  };

/** Colours for standard output, when it is a terminal that shows them. */
export const paint = painted(process.stdout);
/** The same for standard error. */
export const paintError = painted(process.stderr);
