import { createClient, signIn, signOut, SignInError, signUp } from '@typedo/client';
import type { Account } from '@typedo/contract';
import type { Command } from 'commander';
import { readCredentials, removeCredentials, writeCredentials } from '../credentials.ts';
import { usageError } from '../errors.ts';
import { oneLine, paint } from '../output.ts';
import type { Cli } from '../program.ts';
import { ask, askSecret } from '../prompt.ts';
import { atService, defaultUrl, findConnection, signedIn, toAddress } from '../service.ts';

interface LoginOptions {
  url?: string;
  email?: string;
  name?: string;
  signUp?: boolean;
}

const nameOf = ({ name, email, id }: Account): string => {
  const parts = [name && paint('bold', oneLine(name)), email && `<${oneLine(email)}>`];
  return parts.filter(Boolean).join(' ') || id;
};

const newPassword = async (): Promise<string> => {
  const password = await askSecret('Password');
  if (process.stdin.isTTY && (await askSecret('Password, again')) !== password) {
    throw usageError('The two passwords differ.', 'Try again.');
  }
  return password;
};

async function login({ env, output }: Cli, options: LoginOptions): Promise<void> {
  // Whoever signs in again wants the service they were at.
  const stored = await readCredentials(env.configDir).catch(() => undefined);
  const url = toAddress(options.url ?? env.url ?? stored?.url ?? defaultUrl);
  const name = options.signUp ? (options.name ?? (await ask('Name', '--name'))) : '';
  const email = options.email ?? (await ask(`Email address at ${url}`, '--email'));
  const password = env.password ?? (await (options.signUp ? newPassword() : askSecret('Password')));

  const account = await atService(url, async () => {
    const auth = options.signUp
      ? await signUp(url, { name, email, password })
      : await signIn(url, { email, password });
    await writeCredentials(env.configDir, { url, ...auth });
    return createClient({ url, auth }).account.me.query();
  });
  output.print({ url, account }, () => `Signed in at ${url} as ${nameOf(account)}.`);
}

async function logout({ env, output }: Cli): Promise<void> {
  const { url, session, isStored } = await findConnection(env);
  await atService(url, () => signOut(url, { session })).catch((error: unknown) => {
    // What has ended already needs no end.
    const hasEnded = error instanceof SignInError && [400, 401].includes(error.status);
    if (!hasEnded) throw error;
  });
  if (isStored) await removeCredentials(env.configDir);
  output.print({ url }, () => `Signed out at ${url}.`);
}

async function whoami({ env, output }: Cli): Promise<void> {
  await signedIn(env, async (typedo, url) => {
    const account = await typedo.account.me.query();
    output.print(account, () => `${nameOf(account)} at ${url}`);
  });
}

export function addSessionCommands(program: Command, cli: Cli): void {
  program
    .command('login')
    .description('sign in, and stay signed in on this machine')
    .option('--url <url>', `the service's address (default: ${defaultUrl})`)
    .option('--email <email>', 'the email address of the account')
    .option('--sign-up', 'make the account first')
    .option('--name <name>', 'what the new account is called')
    .addHelpText(
      'after',
      '\nWhat is missing is asked for. The password can be piped in, or set as TYPEDO_PASSWORD.',
    )
    .action((options: LoginOptions) => login(cli, options));
  program
    .command('logout')
    .description('end the session, here and at the service')
    .action(() => logout(cli));
  program
    .command('whoami')
    .description('show who is signed in')
    .action(() => whoami(cli));
}
