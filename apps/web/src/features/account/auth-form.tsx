'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { type AuthMode, enter } from './enter.ts';
import type { Problems } from './refusals.ts';
import { useForm } from './use-form.ts';

const words = {
  'sign-in': {
    title: 'Sign in',
    pending: 'Signing in…',
    question: 'New here?',
    other: { href: '/sign-up', label: 'Make an account' },
  },
  'sign-up': {
    title: 'Sign up',
    pending: 'Making your account…',
    question: 'Have an account?',
    other: { href: '/sign-in', label: 'Sign in' },
  },
};

export function AuthForm({ mode }: { mode: AuthMode }) {
  const { title, pending, question, other } = words[mode];
  const router = useRouter();
  const {
    form,
    outcome: problems,
    isPending,
  } = useForm<Problems>(async (data) => {
    const found = await enter(mode, data);
    if (found) return found;
    router.replace('/inbox');
    router.refresh();
    return {};
  }, {});

  return (
    <section className="grid gap-6">
      <form
        {...form}
        className="border-line bg-surface grid gap-5 rounded-2xl border p-6 shadow-xs sm:p-8"
      >
        <h1 className="text-lg font-semibold">{title}</h1>
        <p role="alert" className="text-danger bg-raised rounded-lg px-3 py-2 text-sm empty:hidden">
          {problems.form}
        </p>
        {mode === 'sign-up' && (
          <Field label="Name" name="name" autoComplete="name" required error={problems.name} />
        )}
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete={mode === 'sign-up' ? 'email' : 'username'}
          autoCapitalize="none"
          spellCheck={false}
          required
          error={problems.email}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={mode === 'sign-up' ? 'new-password' : 'current-password'}
          required
          error={problems.password}
        />
        <Button
          look="primary"
          type="submit"
          aria-disabled={isPending}
          className="mt-1 min-h-11 w-full aria-disabled:opacity-60"
        >
          {isPending ? pending : title}
        </Button>
      </form>
      <p className="text-quiet text-center text-sm">
        {question}{' '}
        <Link href={other.href} className="text-accent font-medium underline underline-offset-4">
          {other.label}
        </Link>
      </p>
    </section>
  );
}
