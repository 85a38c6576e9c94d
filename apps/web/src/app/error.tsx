'use client';
import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from '../components/button.tsx';

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  const router = useRouter();
  return (
    <main
      role="alert"
      className="mx-auto grid min-h-dvh max-w-md content-center justify-items-start gap-4 p-6"
    >
      <h1 className="text-2xl font-semibold">This did not work</h1>
      <p>The service cannot be reached at the moment. Nothing of yours is lost.</p>
      <Button
        look="primary"
        onClick={() =>
          startTransition(() => {
            router.refresh();
            reset();
          })
        }
      >
        Try again
      </Button>
    </main>
  );
}
