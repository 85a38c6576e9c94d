import { limits } from '@typedo/contract';

/** Why the service did not do what was asked. */
export interface Refusal {
  code: string;
  status: number;
}
export const outOfReach: Refusal = { code: '', status: 503 };

/** What is wrong with a form, by field; `form` is what no field is to blame for. */
export type Problems = Partial<Record<'form' | 'name' | 'email' | 'password', string>>;

const { passwordMinLength, passwordBytes, userNameLength, emailLength } = limits;
const badAddress = 'Enter an e-mail address, such as ann@example.com.';

/** better-auth's codes. */
const byCode: Record<string, Problems> = {
  INVALID_EMAIL_OR_PASSWORD: { form: 'The e-mail address or the password is wrong.' },
  INVALID_EMAIL: { email: badAddress },
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: {
    email: 'This address has an account already. Sign in, or use another address.',
  },
  USER_TOO_LONG: { form: 'The name or the e-mail address is too long.' },
  INVALID_PASSWORD: { form: 'The current password is wrong.' },
};

/** The refusal in words that help. */
export function toProblems({ code, status }: Refusal): Problems {
  if (status === 429) return { form: 'Too many tries. Wait a minute, then try again.' };
  if (status >= 500) {
    return { form: 'Typedo cannot be reached. Check your connection, then try again.' };
  }
  return byCode[code] ?? { form: 'That did not work. Reload the page, then try again.' };
}

/** What is wrong with a new password; undefined when nothing is. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < passwordMinLength) return `Use at least ${passwordMinLength} characters.`;
  if (new TextEncoder().encode(password).length > passwordBytes) {
    return `Use a shorter password: at most ${passwordBytes} letters, fewer with accents or emoji.`;
  }
  return undefined;
}

export const emailProblem = (email: string): string | undefined => {
  if (email.length > emailLength) return `Use at most ${emailLength} characters.`;
  return /^[^@\s]+@[^@\s]+$/.test(email) ? undefined : badAddress;
};

export const nameProblem = (name: string): string | undefined => {
  if (name.length > userNameLength) return `Use at most ${userNameLength} characters.`;
  return name ? undefined : 'Enter your name.';
};
