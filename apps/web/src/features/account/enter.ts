import { formText } from './form-text.ts';
import {
  emailProblem,
  nameProblem,
  outOfReach,
  passwordProblem,
  type Problems,
  toProblems,
} from './refusals.ts';

export type AuthMode = 'sign-in' | 'sign-up';

/** Signs in or up at the service that the page came from; undefined when that worked. */
export async function enter(mode: AuthMode, data: FormData): Promise<Problems | undefined> {
  const isNew = mode === 'sign-up';
  const name = formText(data, 'name').trim();
  const email = formText(data, 'email').trim();
  const password = formText(data, 'password');
  const found = Object.entries({
    name: isNew && nameProblem(name),
    email: emailProblem(email),
    password: isNew ? passwordProblem(password) : !password && 'Enter your password.',
  }).filter(([, problem]) => problem);
  if (found.length > 0) return Object.fromEntries(found);

  // Only now, so that the page is small: all of the typed client comes with it.
  const client = await import('@typedo/client').catch(() => undefined);
  if (!client) return toProblems(outOfReach);
  try {
    if (isNew) await client.signUp(location.origin, { name, email, password });
    else await client.signIn(location.origin, { email, password });
    return undefined;
  } catch (error) {
    return toProblems(error instanceof client.SignInError ? error : outOfReach);
  }
}
