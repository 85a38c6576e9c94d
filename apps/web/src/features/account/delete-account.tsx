'use client';

import { isGuestAddress } from '@typedo/contract';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { browserClient, reasonOf } from '../shell/client.ts';
import { postAuth } from './auth-calls.ts';
import { formText } from './form-text.ts';
import { useForm } from './use-form.ts';

const confirm = 'delete my account';

/** Deletes the account, once its user says again that they mean it: by their password, if they have one. */
export function DeleteAccount({ email }: { email: string | null }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <Button look="danger" onClick={() => setIsOpen(true)}>
        Delete account…
      </Button>
      {isOpen && <Confirmation email={email} onClose={() => setIsOpen(false)} />}
    </div>
  );
}

interface Outcome {
  confirmation?: string | undefined;
}

function Confirmation({ email, onClose }: { email: string | null; onClose: () => void }) {
  const isGuest = email !== null && isGuestAddress(email);
  const remove = async (data: FormData): Promise<Outcome> => {
    const given = formText(data, 'confirmation');
    if (isGuest && given !== confirm) return { confirmation: `Type “${confirm}”.` };
    if (!given) return { confirmation: 'Enter your password.' };
    try {
      const client = await browserClient();
      await client.account.delete.mutate(isGuest ? { confirm } : { confirm, password: given });
    } catch (error) {
      return { confirmation: await reasonOf(error) };
    }
    // Takes the cookie away, too; a page of its own, so that nothing of this user's stays in memory.
    await postAuth('/sign-out');
    location.assign('/sign-in');
    return {};
  };
  const { form, outcome, isPending } = useForm(remove, {});
  return (
    <Sheet label="Delete account" onClose={onClose}>
      <form {...form} className="grid gap-4 p-6">
        <h3 className="text-lg font-semibold">Delete your account?</h3>
        <p className="text-sm">
          Your tasks, lists, tokens and everything else are deleted at once and for good, and every
          device is signed out. Nobody can bring them back.
        </p>
        {isGuest ? (
          <Field
            label={`Type “${confirm}” to confirm`}
            name="confirmation"
            autoComplete="off"
            required
            error={outcome.confirmation}
          />
        ) : (
          <Field
            label="Your password, to confirm"
            name="confirmation"
            type="password"
            autoComplete="current-password"
            required
            error={outcome.confirmation}
          />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" look="danger" aria-disabled={isPending}>
            {isPending ? 'Deleting…' : 'Delete everything'}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
