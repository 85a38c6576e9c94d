import type { Metadata } from 'next';
import { canTry } from '../../../env.ts';
import { AuthForm } from '../../../features/account/auth-form.tsx';
import { TryIt } from '../../../features/account/try-it.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default function SignInPage() {
  return (
    <>
      <AuthForm mode="sign-in" />
      {canTry && <TryIt />}
    </>
  );
}
