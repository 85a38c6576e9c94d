import { TaskPage } from '../../../features/tasks/task-page.tsx';
import { inboxView } from '../../../features/tasks/views.ts';

export const metadata = { title: 'Inbox' };

export default function InboxPage() {
  return <TaskPage view={inboxView} />;
}
