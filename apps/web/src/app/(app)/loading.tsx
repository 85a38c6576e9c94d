/** What shows at once while a place's tasks are on their way. */
export default function Loading() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-3">
      <div className="bg-raised mb-3 h-8 w-40 animate-pulse rounded-lg" />
      {Array.from({ length: 5 }, (_, row) => (
        <div key={row} className="bg-raised h-11 animate-pulse rounded-lg" />
      ))}
    </div>
  );
}
