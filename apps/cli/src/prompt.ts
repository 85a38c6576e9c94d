import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { usageError } from './errors.ts';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });

const interrupted = 130;

const askOnTerminal = async (question: string, isHidden: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    // Questions go to standard error, so that standard output holds the answer alone.
    const output = isHidden ? silent : process.stderr;
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    if (isHidden) process.stderr.write(question);
    lines.on('SIGINT', () => {
      process.stderr.write('\n');
      process.exit(interrupted);
    });
    lines.on('close', () => {
      if (isHidden) process.stderr.write('\n');
      reject(usageError('Nothing was entered.'));
    });
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });

/** Asks on the terminal. @throws CliError where there is none: `option` would have given it */
export async function ask(question: string, option: string): Promise<string> {
  if (process.stdin.isTTY) return (await askOnTerminal(`${question}: `, false)).trim();
  throw usageError(`${option} is missing, and there is no terminal to ask on.`);
}

/**
 * Asks without echo; without a terminal, the first line of standard input is the answer.
 *
 * @param variable of the environment, which would have given it
 */
export async function askSecret(question: string, variable: string): Promise<string> {
  if (process.stdin.isTTY) return askOnTerminal(`${question}: `, true);
  const [secret = ''] = (await text(process.stdin)).split(/\r?\n/, 1);
  if (secret !== '') return secret;
  throw usageError(`There is no ${question.toLowerCase()}.`, `Pipe it in, or set ${variable}.`);
}
