'use client';

import { useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { postAuth } from './auth-calls.ts';
import { formText } from './form-text.ts';
import { passwordProblem, toProblems } from './refusals.ts';
import { useForm } from './use-form.ts';

interface Outcome {
  current?: string | undefined;
  next?: string | undefined;
  form?: string | undefined;
}

async function change(data: FormData): Promise<Outcome> {
  const currentPassword = formText(data, 'current');
  const newPassword = formText(data, 'next');
  const outcome: Outcome = {
    current: currentPassword ? undefined : 'Enter your current password.',
    next: passwordProblem(newPassword),
  };
  if (outcome.current || outcome.next) return outcome;
  const refusal = await postAuth('/change-password', {
    currentPassword,
    newPassword,
    revokeOtherSessions: true,
  });
  if (refusal?.code === 'INVALID_PASSWORD') return { current: toProblems(refusal).form };
  if (refusal) return { form: toProblems(refusal).form };
  // The session is a new one, and what this page holds of the former has ended.
  location.assign('/settings?password=changed');
  return {};
}

/** `isChanged` after a change, which loads the page anew. */
export function PasswordForm({ email, isChanged }: { email: string | null; isChanged: boolean }) {
  const status = useRef<HTMLParagraphElement>(null);
  const { form, outcome, isPending } = useForm(change, {});

  useEffect(() => {
    if (isChanged) status.current?.focus();
  }, [isChanged]);

  return (
    <form {...form} className="grid max-w-sm gap-4">
      <p role="alert" className="text-danger text-sm empty:hidden">
        {outcome.form}
      </p>
      {/* Tells password managers whose password it is. */}
      <input hidden readOnly name="email" autoComplete="username" value={email ?? ''} />
      <Field
        label="Current password"
        name="current"
        type="password"
        autoComplete="current-password"
        required
        error={outcome.current}
      />
      <Field
        label="New password"
        name="next"
        type="password"
        autoComplete="new-password"
        required
        error={outcome.next}
      />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" aria-disabled={isPending}>
          {isPending ? 'Changing…' : 'Change password'}
        </Button>
        <p ref={status} role="status" tabIndex={-1} className="text-sm outline-none">
          {isChanged && 'Changed. Every other device is signed out.'}
        </p>
      </div>
    </form>
  );
}
