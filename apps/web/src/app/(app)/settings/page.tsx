import { isTypedoError } from '@typedo/client';
import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { type ReactNode, useId } from 'react';
import { PasswordForm } from '../../../features/account/password-form.tsx';
import { Sessions } from '../../../features/account/sessions.tsx';
import { SignOut } from '../../../features/account/sign-out.tsx';
import { ThemeSwitch } from '../../../features/account/theme-switch.tsx';
import { themeCookie, toTheme } from '../../../features/account/theme.ts';
import { listSessions } from '../../../server/sessions.ts';
import { typedo } from '../../../server/typedo.ts';

export const metadata: Metadata = { title: 'Settings' };

const account = async () => {
  try {
    return await (await typedo()).account.me.query();
  } catch (error) {
    if (isTypedoError(error, 'UNAUTHENTICATED', 'SESSION_ENDED')) redirect('/sign-in');
    throw error;
  }
};

export default async function SettingsPage({
  searchParams,
}: {
  searchParams: Promise<{ password?: string | string[] }>;
}) {
  const [{ name, email }, sessions, cookieJar, { password }] = await Promise.all([
    account(),
    listSessions(),
    cookies(),
    searchParams,
  ]);
  return (
    <div className="grid max-w-2xl gap-8 px-2">
      <h1 className="text-2xl font-semibold">Settings</h1>
      <Section title="Account">
        <div className="flex flex-wrap items-center justify-between gap-4">
          <dl className="grid gap-0.5">
            <dt className="sr-only">Name</dt>
            <dd className="font-medium">{name}</dd>
            <dt className="sr-only">E-mail</dt>
            <dd className="text-quiet text-sm wrap-anywhere">{email}</dd>
          </dl>
          <SignOut />
        </div>
      </Section>
      <Section title="Appearance">
        <ThemeSwitch theme={toTheme(cookieJar.get(themeCookie)?.value)} />
      </Section>
      <Section title="Devices" about="Where you are signed in.">
        <Sessions sessions={sessions} />
      </Section>
      <Section title="Password" about="A change signs out every other device.">
        <PasswordForm email={email} isChanged={password === 'changed'} />
      </Section>
    </div>
  );
}

function Section({
  title,
  about,
  children,
}: {
  title: string;
  about?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-line grid gap-4 border-t pt-6">
      <div>
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {about && <p className="text-quiet text-sm">{about}</p>}
      </div>
      {children}
    </section>
  );
}
