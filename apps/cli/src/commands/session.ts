import { createClient, isTypedoError, signIn, signOut, SignInError, signUp } from '@typedo/client';
import type { Account } from '@typedo/contract';
import type { Command } from 'commander';
import { readCredentials, removeCredentials, writeCredentials } from '../credentials.ts';
import { usageError } from '../errors.ts';
import { paint } from '../colors.ts';
import { oneLine } from '../output.ts';
import type { Cli } from '../program.ts';
import { ask, askSecret } from '../prompt.ts';
import { asUser, atService, defaultUrl, findConnection, signedIn, toAddress } from '../service.ts';

interface LoginOptions {
  url?: string;
  email?: string;
  name?: string;
  signUp?: boolean;
  token?: boolean;
}

const nameOf = ({ name, email, id }: Account): string => {
  const parts = [name && paint('bold', oneLine(name)), email && `<${oneLine(email)}>`];
  return parts.filter(Boolean).join(' ') || id;
};

const newPassword = async (): Promise<string> => {
  const password = await askSecret('Password', 'TYPEDO_PASSWORD');
  if (process.stdin.isTTY && (await askSecret('Password, again', 'TYPEDO_PASSWORD')) !== password) {
    throw usageError('The two passwords differ.', 'Try again.');
  }
  return password;
};

async function login({ env, output }: Cli, options: LoginOptions): Promise<void> {
  // Whoever signs in again wants the service they were at.
  const stored = await readCredentials(env.configDir).catch(() => undefined);
  const url = toAddress(options.url ?? env.url ?? stored?.url ?? defaultUrl);
  if (options.token) return loginByToken({ env, output }, url);
  const name = options.signUp ? (options.name ?? (await ask('Name', '--name'))) : '';
  const email = options.email ?? (await ask(`Email address at ${url}`, '--email'));
  const password =
    env.password ??
    (await (options.signUp ? newPassword() : askSecret('Password', 'TYPEDO_PASSWORD')));

  const account = await atService(url, async () => {
    const auth = options.signUp
      ? await signUp(url, { name, email, password })
      : await signIn(url, { email, password });
    await writeCredentials(env.configDir, { url, ...auth });
    return createClient({ url, auth }).account.me.query();
  });
  output.print({ url, account }, () => `Signed in at ${url} as ${nameOf(account)}.`);
}

/** The token is tried before it is stored; what its scopes allow is the user's affair. */
async function loginByToken({ env, output }: Cli, url: string): Promise<void> {
  const auth = { token: await askSecret('Personal token', 'TYPEDO_TOKEN') };
  await asUser(url, auth, async (typedo) => {
    await typedo.account.me.query().catch((error: unknown) => {
      if (!isTypedoError(error, 'SCOPE_MISSING')) throw error;
    });
  });
  await writeCredentials(env.configDir, { url, ...auth });
  output.print({ url }, () => `Signed in at ${url} with a personal token.`);
}

async function logout({ env, output }: Cli): Promise<void> {
  const { url, auth, isStored } = await findConnection(env);
  if ('token' in auth) return forgetToken({ env, output }, url, isStored);
  await atService(url, () => signOut(url, auth)).catch((error: unknown) => {
    // What has ended already needs no end.
    const hasEnded = error instanceof SignInError && [400, 401].includes(error.status);
    if (!hasEnded) throw error;
  });
  if (isStored) await removeCredentials(env.configDir);
  output.print({ url }, () => `Signed out at ${url}.`);
}

/** A personal token outlives this machine: it is revoked where it was made. */
async function forgetToken({ env, output }: Cli, url: string, isStored: boolean): Promise<void> {
  if (!isStored) {
    throw usageError('There is no session to end: TYPEDO_TOKEN is set.', 'Unset it instead.');
  }
  await removeCredentials(env.configDir);
  output.print(
    { url },
    () => 'Forgot the personal token here. It works elsewhere until you revoke it in the web app.',
  );
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
    .option('--token', 'with a personal token in place of email and password')
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
