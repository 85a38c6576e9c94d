import { limits } from '@typedo/client';
import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { type ReactNode, useId } from 'react';
import { DeleteAccount } from '../../../features/account/delete-account.tsx';
import { ExportData } from '../../../features/account/export-data.tsx';
import { PasswordForm } from '../../../features/account/password-form.tsx';
import { Sessions } from '../../../features/account/sessions.tsx';
import { SignOut } from '../../../features/account/sign-out.tsx';
import { ThemeSwitch } from '../../../features/account/theme-switch.tsx';
import { themeCookie, toTheme } from '../../../features/account/theme.ts';
import { Tokens } from '../../../features/tokens/tokens.tsx';
import { listSessions } from '../../../server/sessions.ts';
import { asUser, typedo } from '../../../server/typedo.ts';

export const metadata: Metadata = { title: 'Settings' };

/** Who they are, and every token they have: one page holds as many as there can be. */
const account = () =>
  asUser(async () => {
    const client = await typedo();
    const [me, { items: tokens }] = await Promise.all([
      client.account.me.query(),
      client.tokens.list.query({ limit: limits.tokens }),
    ]);
    return { ...me, tokens };
  });

export default async function SettingsPage({
  searchParams,
}: {
  searchParams: Promise<{ password?: string | string[] }>;
}) {
  const [{ name, email, tokens }, sessions, cookieJar, { password }] = await Promise.all([
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
      <Section
        title="Personal tokens"
        about="What scripts and the command line sign in with, in your place."
      >
        <Tokens tokens={tokens} />
      </Section>
      <Section title="Password" about="A change signs out every other device.">
        <PasswordForm email={email} isChanged={password === 'changed'} />
      </Section>
      <Section
        title="Your data"
        about="Everything that is kept of you, tasks in the trash included, as a JSON file."
      >
        <ExportData />
      </Section>
      <Section title="Delete account" about="With everything in it, at once and for good.">
        <DeleteAccount email={email} />
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
