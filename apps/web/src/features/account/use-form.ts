import { startTransition, useActionState, useEffect, useRef } from 'react';

/**
 * A form whose action answers with what is wrong: what was typed stays, one submission runs at a
 * time, and the first field that is wrong gets the focus. `form` is for the `<form>`.
 */
export function useForm<Outcome extends object>(
  action: (data: FormData) => Promise<Outcome>,
  initial: Awaited<Outcome>,
) {
  const ref = useRef<HTMLFormElement>(null);
  const [outcome, submit, isPending] = useActionState<Outcome, FormData>(
    (_, data) => action(data),
    initial,
  );
  useEffect(() => {
    ref.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus();
  }, [outcome]);
  const form = {
    ref,
    action: submit,
    noValidate: true,
    onSubmit(event: React.SubmitEvent<HTMLFormElement>) {
      // React empties a form after its action, and what was typed is worth keeping.
      event.preventDefault();
      const data = new FormData(event.currentTarget);
      if (!isPending) startTransition(() => submit(data));
    },
  };
  return { form, outcome, isPending };
}
