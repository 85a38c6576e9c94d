import type { Metadata } from 'next';
import { AuthForm } from '../../../features/account/auth-form.tsx';

export const metadata: Metadata = { title: 'Sign up' };

export default function SignUpPage() {
  return <AuthForm mode="sign-up" />;
}
