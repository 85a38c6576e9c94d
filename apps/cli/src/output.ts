import { paint, paintError, type Style } from './colors.ts';
import type { Failure } from './errors.ts';

/** How a command answers: data as JSON, or words for people. */
export interface Output {
  isJson: boolean;
  /** Prints the data, or what `toText` makes of it. */
  print<T>(data: T, toText: (data: T) => string): void;
  fail(failure: Failure): void;
}

/** A user's text on one line, without what would move the cursor or turn the line around. */
export const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ');

const graphemes = new Intl.Segmenter();
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]/u;

const split = (text: string): { segment: string; width: number }[] =>
  [...graphemes.segment(text)].map(({ segment }) => ({
    segment,
    width: wide.test(segment) ? 2 : 1,
  }));

/** How many columns of a terminal a text takes. */
const widthOf = (text: string): number =>
  // Most text is ASCII, which needs no segmenting.
  /^[\x20-\x7E]*$/.test(text)
    ? text.length
    : split(text).reduce((sum, { width }) => sum + width, 0);

/** The text in at most `columns` columns, with an ellipsis where it was cut. */
function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let left = columns - 1;
  const kept = split(text).filter(({ width }) => (left -= width) >= 0);
  return `${kept
    .map(({ segment }) => segment)
    .join('')
    .trimEnd()}…`;
}

export interface Column<Row> {
  head: string;
  cell: (row: Row) => string;
  style?: (row: Row) => Style | undefined;
  /** The most columns of the terminal that it takes; what is left of the line when absent. */
  maxWidth?: number;
}

const gap = '  ';
const minWidth = 12;
const terminalWidth = (): number => process.stdout.columns || 80;

/** An aligned table that fits the terminal. Columns in which every cell is empty are left out. */
export function table<Row>(columns: Column<Row>[], rows: Row[]): string {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => oneLine(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map((column) => ({
      ...column,
      width: Math.min(
        Math.max(...[column.head, ...column.cells].map(widthOf)),
        column.maxWidth ?? Number.POSITIVE_INFINITY,
      ),
    }));
  const total = filled.reduce((sum, { width }) => sum + width + gap.length, -gap.length);
  const overflow = Math.max(0, total - terminalWidth());
  for (const column of filled) {
    if (column.maxWidth === undefined) column.width = Math.max(minWidth, column.width - overflow);
  }
  const line = (cells: { text: string; width: number; style?: Style | undefined }[]): string =>
    cells
      .map(({ text, width, style }, index) => {
        const shown = fit(text, width);
        const isLast = index === cells.length - 1;
        const padding = isLast ? '' : ' '.repeat(width - widthOf(shown));
        return (style ? paint(style, shown) : shown) + padding;
      })
      .join(gap)
      .trimEnd();
  return [
    line(filled.map(({ head, width }) => ({ text: head, width, style: 'dim' }))),
    ...rows.map((row, index) =>
      line(
        filled.map(({ cells, width, style }) => ({
          text: cells[index] ?? '',
          width,
          style: style?.(row),
        })),
      ),
    ),
  ].join('\n');
}

/** `3 tasks`, `1 task`. */
export const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;

const pathOf = ([first, ...rest]: (string | number)[]): string =>
  typeof first === 'number'
    ? [`line ${first}`, ...rest].join(', ')
    : [first ?? 'the input', ...rest].join('.');

const failureText = ({ message, todo, issues = [] }: Failure): string =>
  [
    paintError('red', oneLine(message)),
    ...issues.map(({ path, message: what }) => oneLine(`  ${pathOf(path)}: ${what}`)),
    issues.length > 0 ? 'Correct what is named above.' : todo,
  ].join('\n');

export const createOutput = (isJson: boolean): Output => ({
  isJson,
  print(data, toText) {
    console.log(isJson ? JSON.stringify(data, null, 2) : toText(data));
  },
  fail(failure) {
    const { exitCode: _, ...told } = failure;
    console.error(isJson ? JSON.stringify(told, null, 2) : failureText(failure));
  },
});
