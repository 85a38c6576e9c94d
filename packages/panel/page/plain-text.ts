import type { ReactNode } from 'react';

/** Stands where the form library would read descriptions as Markdown: they are text here. */
export const Markdown = ({ children }: { children?: ReactNode }): ReactNode => children;
