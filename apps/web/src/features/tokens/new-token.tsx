'use client';

import type { CreateTokenInput, NewPersonalToken, Scope } from '@typedo/client';
import { scopes } from '@typedo/contract';
import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { formText } from '../account/form-text.ts';
import { useForm } from '../account/use-form.ts';
import { browserClient, reasonOf } from '../shell/client.ts';

interface Outcome {
  name?: string | undefined;
  form?: string | undefined;
}

const day = 24 * 60 * 60 * 1000;
const lifetimes = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: 'A year' },
  { days: 0, label: 'For good' },
];

/** What a token can be allowed; a script that may write may read. */
const allowances: { value: string; label: string; scopes: Scope[] }[] = [
  {
    value: 'read',
    label: 'Read everything',
    scopes: scopes.filter((scope) => scope.endsWith(':read')),
  },
  {
    value: 'write',
    label: 'Read and change everything',
    scopes: [...scopes],
  },
  { value: 'tasks', label: 'Read and change tasks only', scopes: ['tasks:write'] },
];

const toInput = (data: FormData): CreateTokenInput => {
  const days = Number(formText(data, 'lifetime'));
  const allowed = allowances.find(({ value }) => value === formText(data, 'allowed'));
  return {
    name: formText(data, 'name').trim(),
    scopes: allowed?.scopes ?? ['tasks:read'],
    expiresAt: days ? new Date(Date.now() + days * day) : null,
  };
};

/** Makes a token and shows it, once. */
export function NewToken({ onMade }: { onMade: () => void }) {
  const [made, setMade] = useState<NewPersonalToken>();
  const create = async (data: FormData): Promise<Outcome> => {
    const input = toInput(data);
    if (!input.name) return { name: 'Say what the token is for.' };
    try {
      setMade(await (await browserClient()).tokens.create.mutate(input));
      onMade();
      return {};
    } catch (error) {
      return { form: await reasonOf(error) };
    }
  };
  const { form, outcome, isPending } = useForm(create, {});
  if (made) return <Made token={made} onDone={() => setMade(undefined)} />;

  return (
    <form {...form} className="grid max-w-sm gap-4">
      <p role="alert" className="text-danger text-sm empty:hidden">
        {outcome.form}
      </p>
      <Field
        label="What is it for?"
        name="name"
        autoComplete="off"
        placeholder="Backup script"
        required
        error={outcome.name}
      />
      <Choice label="What may it do?" name="allowed">
        {allowances.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Choice>
      <Choice label="How long?" name="lifetime">
        {lifetimes.map(({ days, label }) => (
          <option key={days} value={days}>
            {label}
          </option>
        ))}
      </Choice>
      <div>
        <Button type="submit" aria-disabled={isPending}>
          {isPending ? 'Making…' : 'Make a token'}
        </Button>
      </div>
    </form>
  );
}

function Choice(props: { label: string; name: string; children: React.ReactNode }) {
  const { label, name, children } = props;
  return (
    <label className="grid gap-1 text-sm font-medium">
      {label}
      <select
        name={name}
        className="border-line bg-surface rounded-lg border px-3 py-2 text-base font-normal"
      >
        {children}
      </select>
    </label>
  );
}

function Made({ token, onDone }: { token: NewPersonalToken; onDone: () => void }) {
  const shown = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    shown.current?.select();
    // Where the browser does not allow it, the token is selected, to be copied by hand.
    void navigator.clipboard.writeText(token.token).then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <div className="border-line grid gap-3 rounded-lg border p-4">
      <label className="grid gap-1 text-sm font-medium">
        Copy “{token.name}” now: it is not shown again
        <input
          ref={shown}
          readOnly
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- it takes the place of the form that had the focus
          autoFocus
          value={token.token}
          onFocus={(event) => event.currentTarget.select()}
          className="border-line bg-surface rounded-lg border px-3 py-2 font-mono text-sm font-normal"
        />
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" onClick={copy}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}
