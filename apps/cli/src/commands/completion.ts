import { Argument, type Command, type Option } from 'commander';
import type { Cli } from '../program.ts';
import { callable, procedureCommand } from './api.ts';

/** How each shell asks back: a line for each thing that can come next, its description after a tab. */
const scripts: Record<string, string> = {
  // Readline cuts words at `=` and `:` too, and puts a reply in place of the last piece alone.
  bash: `# typedo completion bash >> ~/.bashrc
_typedo() {
  local words piece=\${COMP_WORDS[COMP_CWORD]} line=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  [[ $piece == [=:] ]] && piece=
  local last=\${words[\${#words[@]}-1]} IFS=$'\\n'
  COMPREPLY=($(typedo __complete -- "\${words[@]:1}" 2>/dev/null | cut -f1))
  COMPREPLY=("\${COMPREPLY[@]#"\${last%"$piece"}"}")
}
complete -F _typedo typedo`,
  zsh: `# typedo completion zsh >> ~/.zshrc
_typedo() {
  local line
  local -a found
  for line in "\${(@f)$(typedo __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#found )) && _describe typedo found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _typedo typedo`,
  fish: `# typedo completion fish > ~/.config/fish/completions/typedo.fish
complete -c typedo -f -a '(typedo __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};

interface Candidate {
  value: string;
  description: string;
}

const toCandidates = (values: readonly string[] = []): Candidate[] =>
  values.map((value) => ({ value, description: '' }));

const ofCommands = ({ commands }: Command): Candidate[] =>
  commands
    .filter((command) => !command.name().startsWith('_'))
    .map((command) => ({ value: command.name(), description: command.description() }));

const ofOptions = ({ options }: Command): Candidate[] =>
  options.flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));

/** The option that the next word is a value of, if it can be one. */
function openOption({ options }: Command, words: string[]): Option | undefined {
  const at = words.findLastIndex((word) => word.startsWith('--'));
  const option = options.find(({ long }) => long === words[at]);
  const takes = option?.variadic ? Number.POSITIVE_INFINITY : 1;
  return (option?.required || option?.optional) && words.length - at <= takes ? option : undefined;
}

/** What can follow these words of a command. */
function following(command: Command, program: Command, words: string[]): Candidate[] {
  const option = openOption(command, words);
  const values = toCandidates(option?.argChoices);
  const isValueOnly = option?.required && words.at(-1) === option.long;
  if (isValueOnly) return values;
  const argument = words.length === 0 ? command.registeredArguments[0] : undefined;
  return [
    ...values,
    ...toCandidates(argument?.argChoices),
    ...ofOptions(command),
    ...ofOptions(program),
  ];
}

async function candidates(program: Command, cli: Cli, words: string[]): Promise<Candidate[]> {
  const [name, ...rest] = words;
  if (name === undefined) return [...ofCommands(program), ...ofOptions(program)];
  const command = program.commands.find((each) => each.name() === name);
  if (!command) return [];
  if (name !== 'api') return following(command, program, rest);
  const procedures = await callable();
  const [path, ...flags] = rest;
  if (path === undefined) {
    return procedures.map(({ path, summary }) => ({ value: path, description: summary }));
  }
  const procedure = procedures.find((each) => each.path === path);
  return procedure ? following(procedureCommand(procedure, cli), program, flags) : [];
}

async function complete(program: Command, cli: Cli, words: string[]): Promise<void> {
  const last = words.at(-1) ?? '';
  // `--flag=value` is one word to the shell, and two to the program.
  const [, prefix = '', flag = ''] = /^((--[^=]+)=)/.exec(last) ?? [];
  const before = [...words.slice(0, -1), ...(flag ? [flag] : [])];
  const lines = (await candidates(program, cli, before))
    .filter(({ value }) => value.startsWith(last.slice(prefix.length)))
    .map(({ value, description }) => `${prefix}${value}\t${description}\n`);
  process.stdout.write(lines.join(''));
}

export function addCompletionCommands(program: Command, cli: Cli): void {
  program
    .command('completion')
    .description('print the script that completes typedo in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .action((shell: string) => console.log(scripts[shell]));
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => complete(program, cli, words));
}
