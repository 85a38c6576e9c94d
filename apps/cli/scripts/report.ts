import { InvalidArgumentError } from 'commander';
import { allLists } from '../src/find.ts';
import { paint } from '../src/colors.ts';
import { count, table } from '../src/output.ts';
import { type Cli, createProgram, run } from '../src/program.ts';
import { type Report, toCsv, toReport } from '../src/report.ts';
import { collect, signedIn } from '../src/service.ts';

const barWidth = 30;

const countTable = (head: string, rows: Report['lists']): string =>
  table(
    [
      { head, cell: ({ name }) => name },
      { head: 'OPEN', cell: ({ open }) => String(open), maxWidth: 8 },
      {
        head: 'OVERDUE',
        cell: ({ overdue }) => (overdue > 0 ? String(overdue) : ''),
        style: () => 'red',
        maxWidth: 8,
      },
    ],
    rows,
  );

const toText = ({ open, overdue, lists, priorities: byPriority, weeks }: Report): string => {
  const most = Math.max(1, ...weeks.map(({ completed }) => completed));
  const bar = (completed: number) => '█'.repeat(Math.ceil((completed / most) * barWidth));
  const late = overdue > 0 ? paint('red', ` ${overdue} overdue.`) : '';
  return [
    `${paint('bold', `${count(open, 'open task')}.`)}${late}`,
    lists.length > 0 && countTable('LIST', lists),
    byPriority.length > 0 && countTable('PRIORITY', byPriority),
    table(
      [
        { head: 'WEEK OF', cell: ({ from }) => from, maxWidth: 10 },
        { head: 'COMPLETED', cell: ({ completed }) => String(completed), maxWidth: 9 },
        { head: '', cell: ({ completed }) => bar(completed), style: () => 'green' },
      ],
      weeks,
    ),
  ]
    .filter(Boolean)
    .join('\n\n');
};

interface ReportOptions {
  weeks: number;
  csv?: boolean;
}

async function report({ env, output }: Cli, { weeks, csv }: ReportOptions): Promise<void> {
  await signedIn(env, async (typedo) => {
    const list = (completed: boolean) =>
      collect((page) => typedo.tasks.list.query({ completed, ...page }));
    const [lists, open, completed] = await Promise.all([allLists(typedo), list(false), list(true)]);
    const data = { lists, open: open.items, completed: completed.items };
    output.print(toReport(data, { weeks, now: new Date() }), csv ? toCsv : toText);
  });
}

const toWeeks = (text: string): number => {
  const weeks = Number(text);
  if (Number.isInteger(weeks) && weeks > 0 && weeks <= 520) return weeks;
  throw new InvalidArgumentError('It is a whole number from 1 to 520.');
};

const program = createProgram(
  'report',
  'Counts open tasks by list and priority, and completed ones by week.',
)
  .option('--weeks <number>', 'How many weeks to look back.', toWeeks, 8)
  .option('--csv', 'Prints it as CSV.');

await run(program, (program, cli) => {
  program.action((options: ReportOptions) => report(cli, options));
});
