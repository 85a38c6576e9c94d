import { isTypedoError, SignInError } from '@typedo/client';
import { CatalogueError, type ErrorCode, errors, type Issue } from '@typedo/contract';
import { CommanderError } from 'commander';

/** What went wrong, in the catalogue's terms: `--json` shows all of it but the exit code. */
export interface Failure {
  code: string;
  message: string;
  /** What the user should do. */
  todo: string;
  /** Each field and what is wrong with it; a path that begins with a number begins with a line. */
  issues?: Issue[] | undefined;
  exitCode: number;
}

/** A failure that only the command line knows. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

const ioError = 74;
const signInFirst = 'Sign in first: typedo login';

export const usageError = (message: string, todo = 'See: typedo --help'): CliError =>
  new CliError({ code: 'USAGE', message, todo, exitCode: 64 });

export const notSignedIn = (message: string): CliError =>
  new CliError({ ...ofCatalogue('UNAUTHENTICATED', message), todo: signInFirst });

export const unusableToken = (cause: unknown): CliError =>
  new CliError(
    {
      ...ofCatalogue('UNAUTHENTICATED', 'The personal token is not valid, or no longer.'),
      todo: 'Make another in the web app, or while signed in: typedo api tokens.create --help',
    },
    cause,
  );

const ofCatalogue = (code: ErrorCode, message: string, issues?: Issue[]): Failure => {
  const { todo, exitCode } = errors[code];
  return { code, message, todo, issues, exitCode };
};

const ofService = (code: ErrorCode, message: string, issues?: Issue[]): Failure => {
  const failure = ofCatalogue(code, message, issues);
  // A session that ended gets no access token, so the service finds none rather than an old one.
  if (code === 'UNAUTHENTICATED') failure.message = 'You are not signed in, or no longer.';
  return errors[code].status === 401 ? { ...failure, todo: signInFirst } : failure;
};

const ofSignIn = ({ code, message, status }: SignInError): Failure => {
  if (code === 'RATE_LIMITED') return ofCatalogue(code, message);
  const isRefused = status === 401 || status === 403;
  const failure = { code, message, exitCode: isRefused ? 77 : 65 };
  // The service goes by one address, and signs nobody in who came by another.
  if (code === 'INVALID_ORIGIN')
    return { ...failure, todo: 'Use the address that it is known by.' };
  const todo = isRefused ? 'Check the email address and the password.' : 'Correct what it says.';
  return { ...failure, todo };
};

/** commander has its own way to say that help was shown, which is no failure. */
export const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError && error.exitCode === 0;

/** Nothing but the program's name was typed, which commander answers with help. */
export const isBareCall = (error: unknown): boolean =>
  error instanceof CommanderError && error.code === 'commander.help';

/** commander's words as a sentence. */
export const messageOf = ({ message }: CommanderError): string => {
  const said = message.replace(/^error: /, '');
  const sentence = said.charAt(0).toUpperCase() + said.slice(1);
  return /[.?)]$/.test(sentence) ? sentence : `${sentence}.`;
};

/** Whatever was thrown, as something that can be told to people and programs. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CliError) return error.failure;
  if (error instanceof CommanderError) {
    return usageError(isBareCall(error) ? 'Which command?' : messageOf(error)).failure;
  }
  if (isTypedoError(error)) {
    return ofService(error.data.code, error.message, error.data.issues);
  }
  if (error instanceof CatalogueError) {
    return ofCatalogue(error.code, error.message, error.issues);
  }
  if (error instanceof SignInError) return ofSignIn(error);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'syscall' in error) {
    // The system's own sentence names what it could not do and the file.
    return { code: 'FILE_ERROR', message, todo: 'Check that this may be done.', exitCode: ioError };
  }
  return {
    code: 'INTERNAL',
    message: `Something broke in typedo itself: ${message}`,
    todo: 'Try again; if it stays, report it as a bug.',
    exitCode: errors.INTERNAL.exitCode,
  };
}
