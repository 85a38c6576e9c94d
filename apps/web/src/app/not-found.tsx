import Link from 'next/link';

export const metadata = { title: 'Not found' };

export default function NotFoundPage() {
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-4 p-6">
      <h1 className="text-2xl font-semibold">There is nothing here</h1>
      <p className="text-quiet">The address may be wrong, or what was here is gone.</p>
      <Link href="/today" className="text-accent underline underline-offset-4">
        Go to Today
      </Link>
    </main>
  );
}
