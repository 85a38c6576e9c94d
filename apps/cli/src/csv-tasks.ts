import { isUtf8 } from 'node:buffer';
import {
  createListInput,
  createTaskInput,
  type CreateTaskInput,
  type Issue,
} from '@typedo/contract';
import { CsvError, parse } from 'csv-parse/sync';
import { v7 as uuidv7 } from 'uuid';
import { inboxName, isSameName } from './find.ts';

/** A task to import. */
export interface TaskRecord {
  /** The line of the file that it begins on. */
  line: number;
  /** The list's name; null is the Inbox. */
  list: string | null;
  completed: boolean;
  task: CreateTaskInput & { id: string };
}

const columns = ['title', 'list', 'due', 'priority', 'notes', 'completed'] as const;
type ColumnName = (typeof columns)[number];

const headerLine = 1;
const truths = new Map([
  ...['', 'false', 'no', '0'].map((word) => [word, false] as const),
  ...['true', 'yes', '1', 'x'].map((word) => [word, true] as const),
]);

/** A record of the file, with the line that it begins on. */
interface Row {
  line: number;
  cells: string[];
}

const countLineBreaks = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** Gives the rows that could be read, and where and why no more could. */
function readRows(bytes: Buffer): { rows: Row[]; stopped?: Issue } {
  const rows: Row[] = [];
  let nextLine = 1;
  let offset = 0;
  try {
    parse(bytes, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record(cells: string[], { bytes: end }) {
        // The parser's own count of lines takes CRLF within quotes for two.
        const text = bytes.toString('utf8', offset, end);
        const [blank = ''] = /^[\r\n]*/.exec(text) ?? [];
        rows.push({ line: nextLine + countLineBreaks(blank), cells });
        nextLine += countLineBreaks(text);
        offset = end;
        return null;
      },
    });
    return { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const isUnclosed = error.code === 'CSV_QUOTE_NOT_CLOSED';
    const message = isUnclosed ? 'Has a quote that is never closed.' : error.message;
    return { rows, stopped: { path: [nextLine, 'the file'], message } };
  }
}

const headerIssues = (header: string[]): Issue[] => {
  const at = (name: string, message: string): Issue => ({ path: [headerLine, name], message });
  const known: readonly string[] = columns;
  return [
    ...header
      .filter((name) => !known.includes(name))
      .map((name) => at(name || 'a column', `Is none of ${columns.join(', ')}.`)),
    ...header
      .filter((name, index) => header.indexOf(name) !== index)
      .map((name) => at(name, 'Is there twice.')),
    ...(header.includes('title') ? [] : [at('title', 'There must be such a column.')]),
  ];
};

function toRecord(row: Row, header: string[]): { record: TaskRecord; issues: Issue[] } {
  const cell = (name: ColumnName): string => row.cells[header.indexOf(name)] ?? '';
  const word = (name: ColumnName): string => cell(name).trim();
  const list = word('list') === '' || isSameName(word('list'), inboxName) ? null : word('list');
  const completed = truths.get(word('completed').toLowerCase());
  const task = {
    id: uuidv7(),
    title: cell('title'),
    notes: cell('notes'),
    // What is no priority the schema refuses below.
    priority: (word('priority').toLowerCase() || 'none') as CreateTaskInput['priority'],
    due: word('due') === '' ? null : { kind: 'date' as const, date: word('due') },
  };

  const issues: Issue[] = [];
  const report = (name: string, message: string) =>
    issues.push({ path: [row.line, name], message });
  if (row.cells.length !== header.length) {
    report('the line', `Has ${row.cells.length} fields, and the header ${header.length}.`);
    return { record: { line: row.line, list, completed: false, task }, issues };
  }
  for (const { path, message } of createTaskInput.safeParse(task).error?.issues ?? []) {
    report(String(path[0]), message);
  }
  if (list !== null) {
    const named = createListInput.safeParse({ name: list });
    for (const { message } of named.error?.issues ?? []) report('list', message);
  }
  if (completed === undefined) report('completed', 'Must be true or false, yes or no.');
  return { record: { line: row.line, list, completed: completed ?? false, task }, issues };
}

/**
 * Reads tasks from CSV as spreadsheets write it: UTF-8, a header, quotes, either line end. Every
 * task gets its id here, in the file's order.
 */
export function readCsvTasks(bytes: Buffer): { records: TaskRecord[]; issues: Issue[] } {
  const refused = (...issues: Issue[]) => ({ records: [], issues });
  if (!isUtf8(bytes)) {
    const message = 'Is not UTF-8. Save it as CSV in UTF-8.';
    return refused({ path: [headerLine, 'the file'], message });
  }
  const { rows, stopped } = readRows(bytes);
  const [first, ...rest] = rows;
  const header = first?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  const wrong = headerIssues(header);
  if (wrong.length > 0) return refused(...wrong);
  const read = rest.map((row) => toRecord(row, header));
  return {
    records: read.map(({ record }) => record),
    issues: [...read.flatMap(({ issues }) => issues), ...(stopped ? [stopped] : [])],
  };
}
