import { TaskPage } from '../../../features/tasks/task-page.tsx';
import { trashView } from '../../../features/tasks/views.ts';

export const metadata = { title: 'Trash' };

export default function TrashPage() {
  return <TaskPage view={trashView} />;
}
