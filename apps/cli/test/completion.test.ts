import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { main, openShell } from './shell.ts';

/** How each shell is made to complete a line, whose last word is being typed; `$line` is that line. */
const drivers: Record<string, string> = {
  // Readline's own cutting of words, which COMP_WORDBREAKS asks for.
  bash: `source "$script"
    COMP_LINE=$line COMP_POINT=\${#line} COMP_WORDS=(typedo) IFS=' '
    for word in \${line#typedo }; do COMP_WORDS+=(\${word//[=:]/ & }); done
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _typedo; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { }; _describe() { print -rl -- "\${(@P)2}" }
    source "$script"; words=("\${(@s: :)line}"); CURRENT=$#words; _typedo; true`,
  fish: `source $script; complete -C "$line" | string replace -r '\\t.*' ''; true`,
};

const installed = Object.keys(drivers).filter(
  (shell) => spawnSync(shell, ['--version']).error === undefined,
);

test.each(installed)('%s completes commands, procedures, flags and values', async (name) => {
  const shell = await openShell();
  const script = join(shell.dir, 'completion');
  await writeFile(script, (await shell.typedo('completion', name)).stdout);
  const command = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
  await writeFile(join(shell.dir, 'typedo'), command, { mode: 0o755 });
  const env = { ...shell.env, HOME: shell.dir, PATH: `${shell.dir}:${shell.env.PATH}`, script };
  const complete = async (line: string): Promise<string[]> => {
    const driver = drivers[name] ?? '';
    const { stdout } = await promisify(execFile)(name, ['-c', driver], {
      env: { ...env, line: `typedo ${line}` },
    });
    const lines = stdout.split('\n').filter(Boolean).toSorted();
    // zsh is given `value:description`.
    const valueOf = (line: string) => line.replace(/(?<!\\):.*/, '').replaceAll('\\:', ':');
    return name === 'zsh' ? lines.map(valueOf) : lines;
  };
  const priorities = ['high', 'low', 'medium', 'none'];
  expect(await complete('com')).toEqual(['completion']);
  expect(await complete('li')).toEqual(['list', 'lists']);
  expect(await complete('api tasks.c')).toEqual(['tasks.complete', 'tasks.create']);
  expect(await complete('api tasks.create --pri')).toEqual(['--priority']);
  expect(await complete('add x --priority ')).toEqual(priorities);
  expect(await complete('api lists.archive --archived f')).toEqual(['false']);
  // bash puts a reply in place of what comes after the sign; the others replace the whole word.
  const [equals, colon] = name === 'bash' ? ['', ''] : ['--priority=', 'tasks:'];
  expect(await complete('add x --priority=h')).toEqual([`${equals}high`]);
  expect(await complete('api tokens.create --scopes lists:read tasks:r')).toEqual([`${colon}read`]);
  // A text is the user's own.
  expect(await complete('add x --notes ')).toEqual([]);
});

test('a shell that is not known is refused with those that are', async () => {
  const shell = await openShell();
  const { exitCode, stderr } = await shell.typedo('completion', 'tcsh');
  expect(exitCode).toBe(64);
  expect(stderr).toContain('bash, zsh, fish');
});
