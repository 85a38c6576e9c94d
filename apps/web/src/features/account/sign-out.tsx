'use client';

import { useActionState } from 'react';
import { Button } from '../../components/button.tsx';
import { postAuth } from './auth-calls.ts';
import { toProblems } from './refusals.ts';

export function SignOut() {
  const [problem, signOut, isPending] = useActionState(async () => {
    const refusal = await postAuth('/sign-out');
    if (refusal) return toProblems(refusal).form;
    // A page of its own, so that nothing of this user's stays in memory.
    location.assign('/sign-in');
    return undefined;
  }, undefined);
  return (
    <form action={signOut} className="flex flex-wrap items-center gap-3">
      <Button type="submit" aria-disabled={isPending}>
        {isPending ? 'Signing out…' : 'Sign out'}
      </Button>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {problem}
      </p>
    </form>
  );
}
