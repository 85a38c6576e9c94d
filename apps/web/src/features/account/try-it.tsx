'use client';

import { useRouter } from 'next/navigation';
import { useActionState } from 'react';
import { Button } from '../../components/button.tsx';

/** Makes a throw-away user with sample tasks and opens their Inbox. */
export function TryIt() {
  const router = useRouter();
  const [problem, start, isPending] = useActionState(async () => {
    try {
      const { makeSampleUser } = await import('./sample-user.ts');
      await makeSampleUser(location.origin);
    } catch {
      return 'The sample could not be made. Try again in a moment.';
    }
    router.replace('/inbox');
    router.refresh();
    return '';
  }, '');

  return (
    <form
      action={start}
      onSubmit={(event) => isPending && event.preventDefault()}
      className="grid gap-3 text-center"
    >
      <p className="text-quiet before:bg-line after:bg-line flex items-center gap-3 text-sm before:h-px before:grow after:h-px after:grow">
        or just look around
      </p>
      <Button
        type="submit"
        aria-disabled={isPending}
        aria-describedby="try-it"
        className="min-h-11 w-full aria-disabled:opacity-60"
      >
        {isPending ? 'Making a sample for you…' : 'Try it'}
      </Button>
      <p id="try-it" className="text-quiet text-sm">
        With sample tasks, without an account.
      </p>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {problem}
      </p>
    </form>
  );
}
