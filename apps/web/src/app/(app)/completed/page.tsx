import { TaskPage } from '../../../features/tasks/task-page.tsx';
import { completedView } from '../../../features/tasks/views.ts';

export const metadata = { title: 'Completed' };

export default function CompletedPage() {
  return <TaskPage view={completedView} />;
}
