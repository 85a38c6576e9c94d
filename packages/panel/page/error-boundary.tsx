import { Component, type ReactNode } from 'react';

/** Shows something else in place of what fails to render, so that the rest of the page stays. */
export class ErrorBoundary extends Component<
  { children: ReactNode; fallback: (problem: string) => ReactNode },
  { problem?: string }
> {
  override state: { problem?: string } = {};
  static getDerivedStateFromError(error: unknown): { problem: string } {
    return { problem: String(error) };
  }
  override render(): ReactNode {
    const { problem } = this.state;
    return problem === undefined ? this.props.children : this.props.fallback(problem);
  }
}
