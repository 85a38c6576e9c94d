import { TaskPage } from '../../../features/tasks/task-page.tsx';
import { todayView } from '../../../features/tasks/views.ts';
import { today } from '../../../server/today.ts';

export const metadata = { title: 'Today' };

export default async function TodayPage() {
  return <TaskPage view={todayView(await today())} />;
}
