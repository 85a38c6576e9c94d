import { text } from 'node:stream/consumers';
import { callProcedure, streamProcedure } from '@typedo/client';
import {
  errors,
  fromJson,
  fromText,
  type JsonSchema,
  type ManifestProcedure,
} from '@typedo/contract';
import { Command } from 'commander';
import { CliError, isHelp, messageOf, usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { afterOptions, describeField, listing, placeholder, typesOf } from '../procedure-help.ts';
import { choiceOption, type Cli, helpStyle } from '../program.ts';
import { signedIn } from '../service.ts';

/** Fields that the program's own options would be taken for; `--input` brings them. */
const reserved = new Set(['input', 'help', 'json', 'version']);

const kebab = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const toFlag = (field: string): string => `--${kebab(field)}`;

const choicesOf = (schema: JsonSchema): string[] => {
  if (typesOf(schema).includes('boolean')) return ['true', 'false'];
  return (schema.enum ?? schema.items?.enum ?? []).map(String);
};

const flagOf = (field: string, schema: JsonSchema): string => {
  if (typesOf(schema).includes('boolean')) return `${toFlag(field)} [true|false]`;
  return `${toFlag(field)} <${placeholder(schema)}${schema.type === 'array' ? '...' : ''}>`;
};

/** A flag's value as the field's type has it; a flag without one is true. */
const toValue = (schema: JsonSchema, given: string | true | string[]): unknown => {
  if (!Array.isArray(given)) return fromText(schema, given === true ? 'true' : given);
  const [only = ''] = given;
  if (given.length === 1 && only.startsWith('[')) return fromText(schema, only);
  return given.map((item) => fromText(schema.items ?? {}, item));
};

const readJson = async (procedure: ManifestProcedure, given: string): Promise<unknown> => {
  const source = given === '-' ? await text(process.stdin) : given;
  try {
    return fromJson(procedure.input, JSON.parse(source));
  } catch {
    throw usageError('--input is not JSON.', `See: typedo api ${procedure.path} --help`);
  }
};

type Flags = Record<string, string | true | string[]>;

async function inputOf(procedure: ManifestProcedure, { input, ...flags }: Flags): Promise<unknown> {
  const properties = procedure.input.properties ?? {};
  const fields = Object.entries(flags).flatMap(([field, given]) => {
    const schema = properties[field];
    return schema ? [[field, toValue(schema, given)] as const] : [];
  });
  if (input === undefined) return fields.length > 0 ? Object.fromEntries(fields) : undefined;
  const whole = await readJson(procedure, String(input));
  if (fields.length === 0) return whole;
  return { ...(whole as object), ...Object.fromEntries(fields) };
}

/** Ends what is followed when the user says so, in place of the whole process. */
const interrupted = (): AbortSignal => {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
};

/** The command of one procedure, made of what the manifest says of it. */
export function procedureCommand(procedure: ManifestProcedure, { env, output }: Cli): Command {
  const { path, kind, summary, input } = procedure;
  const command = new Command(`typedo api ${path}`)
    .description(summary)
    .configureOutput({ outputError: () => {} })
    .configureHelp(helpStyle)
    .exitOverride((error) => {
      const help = `See: typedo api ${path} --help`;
      throw isHelp(error) ? error : usageError(messageOf(error), help);
    });
  const fields = Object.entries(input.properties ?? {});
  for (const [field, schema] of fields.filter(([field]) => !reserved.has(field))) {
    const about = describeField(schema, input.required?.includes(field) ?? false);
    command.addOption(choiceOption(flagOf(field, schema), about, choicesOf(schema)));
  }
  return command
    .option('--input <json>', 'the whole input as JSON; - reads it from standard input')
    .addHelpText('after', () => afterOptions(procedure))
    .action(async (flags: Flags) => {
      const value = await inputOf(procedure, flags);
      if (kind === 'subscription') {
        const print = (event: unknown): void => output.print(event, (data) => JSON.stringify(data));
        await signedIn(env, (typedo) =>
          streamProcedure(typedo, procedure, value, print, interrupted()),
        );
        return;
      }
      const answer = await signedIn(env, (typedo) => callProcedure(typedo, procedure, value));
      output.print(answer, (data) => JSON.stringify(data, null, 2));
    });
}

const notFound = (name: string, procedures: ManifestProcedure[]): CliError => {
  const meant = nearest(
    name,
    procedures.map(({ path }) => path),
  );
  const hint = meant ? ` Did you mean ${meant}?` : '';
  const message = `There is no procedure "${name}".${hint}`;
  const { exitCode } = errors.PROCEDURE_NOT_FOUND;
  const todo = 'typedo api lists them all.';
  return new CliError({ code: 'PROCEDURE_NOT_FOUND', message, todo, exitCode });
};

/** What can be called; loaded when asked for, because it is large. */
export async function callable(): Promise<ManifestProcedure[]> {
  const { manifest } = await import('@typedo/client/manifest');
  return manifest.procedures;
}

async function api(cli: Cli, [name, ...args]: string[]): Promise<void> {
  const procedures = await callable();
  if (name === undefined) {
    const told = procedures.map(({ path, kind, summary }) => ({ path, kind, summary }));
    cli.output.print(told, () => listing(procedures));
    return;
  }
  const procedure = procedures.find(({ path }) => path === name);
  if (!procedure) throw notFound(name, procedures);
  const typed = args.map((arg) => arg.replace(/^--\w+/, kebab));
  await procedureCommand(procedure, cli).parseAsync(typed, { from: 'user' });
}

/** Every procedure of the service by its own name, for what no other command does. */
export function addApiCommand(program: Command, cli: Cli): void {
  program
    .command('api')
    .description('call any procedure of the service; alone, list them')
    .argument('[procedure]', 'such as tasks.list')
    .argument('[options...]', 'its input: typedo api tasks.list --help')
    // What follows is for the procedure's own command, a question for help included.
    .helpOption(false)
    .allowUnknownOption()
    .action((_name, _args, _options, command: Command) => {
      if (/^(-h|--help)$/.test(command.args[0] ?? '')) command.help();
      return api(cli, command.args);
    });
}
