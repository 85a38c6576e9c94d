import { type ReactNode, useState } from 'react';

/** Copies a text, and says so. */
export function CopyButton({ label, text }: { label: string; text: () => string }): ReactNode {
  const [said, setSaid] = useState<string | undefined>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid('Copied');
    } catch (error) {
      // Where the page is not trusted with the clipboard, or the input cannot be written so.
      setSaid(error instanceof Error ? error.message : 'Not copied');
    }
  };
  return (
    <span className="copy">
      <button type="button" onClick={() => void copy()} onBlur={() => setSaid(undefined)}>
        {label}
      </button>
      <span aria-live="polite">{said}</span>
    </span>
  );
}
