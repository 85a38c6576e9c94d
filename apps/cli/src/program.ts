import { Command, type HelpConfiguration, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { type Env, readEnv } from './env.ts';
import { isBareCall, isHelp, toFailure } from './errors.ts';
import { createOutput, type Output } from './output.ts';

/** What every command works with. */
export interface Cli {
  env: Env;
  output: Output;
}

/** Reads an argument that counts something. @throws InvalidArgumentError */
export const toWholeNumber = (text: string): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
};

/** An option that tells help and completion its values, and leaves it to the service to judge them. */
export const choiceOption = (
  flags: string,
  description: string,
  values: readonly string[],
): Option =>
  Object.assign(new Option(flags, description), values.length > 0 && { argChoices: [...values] });

/** Help in one voice, which shows an option's values without quotes. */
export const helpStyle: HelpConfiguration = {
  showGlobalOptions: true,
  argumentDescription: ({ description, argChoices }) =>
    argChoices ? `${description} (${argChoices.join(', ')})` : description,
  optionDescription: ({ description, argChoices, flags, required, defaultValue }) => {
    const notes = [
      // `[true|false]` says it already.
      !flags.includes('|') && argChoices?.join(', '),
      required && defaultValue !== undefined && `default: ${String(defaultValue)}`,
    ].filter(Boolean);
    return notes.length > 0 ? `${description} (${notes.join('; ')})` : description;
  },
};

/** A program whose commands throw; `run` tells what went wrong. */
export const createProgram = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .version(manifest.version, '-v, --version')
    .option('--json', 'print data, and errors, as JSON')
    .configureHelp(helpStyle)
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
