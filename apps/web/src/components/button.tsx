import type { ButtonHTMLAttributes } from 'react';

const looks = {
  primary: 'bg-accent text-on-accent hover:opacity-90 px-4 py-2 font-medium',
  plain: 'bg-raised text-ink hover:bg-line px-4 py-2',
  quiet: 'text-quiet hover:bg-raised hover:text-ink px-2 py-1',
  danger: 'text-danger hover:bg-raised px-4 py-2',
};

export function Button({
  look = 'plain',
  className = '',
  ...props
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: keyof typeof looks }) {
  return (
    <button
      type="button"
      className={`inline-flex items-center justify-center gap-2 rounded-lg text-sm transition-colors disabled:opacity-50 ${looks[look]} ${className}`}
      {...props}
    />
  );
}
