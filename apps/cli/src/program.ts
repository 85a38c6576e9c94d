import { Command } from 'commander';
import { type Env, readEnv } from './env.ts';
import { isBareCall, isHelp, toFailure } from './errors.ts';
import { createOutput, type Output } from './output.ts';

/** What every command works with. */
export interface Cli {
  env: Env;
  output: Output;
}

/** A program whose commands throw; `run` tells what went wrong. */
export const createProgram = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--json', 'print data, and errors, as JSON')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .exitOverride();

const isJsonAskedFor = (args: string[]): boolean => {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
};

/** Runs a program on this process's arguments and sets the exit code. */
export async function run(program: Command, addCommands: (program: Command, cli: Cli) => void) {
  const output = createOutput(isJsonAskedFor(process.argv.slice(2)));
  // Whoever reads may have seen enough, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  // Help that nobody asked for is for people.
  if (output.isJson) program.configureOutput({ writeErr: () => {} });
  try {
    addCommands(program, { env: readEnv(), output });
    await program.parseAsync();
  } catch (error) {
    if (isHelp(error)) return;
    const failure = toFailure(error);
    if (output.isJson || !isBareCall(error)) output.fail(failure);
    process.exitCode = failure.exitCode;
  }
}
