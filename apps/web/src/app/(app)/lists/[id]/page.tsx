import { notFound } from 'next/navigation';
import { TaskPage } from '../../../../features/tasks/task-page.tsx';
import { listView } from '../../../../features/tasks/views.ts';
import { lists } from '../../../../server/lists.ts';
import { asUser } from '../../../../server/typedo.ts';

type Props = { params: Promise<{ id: string }> };

const findList = async ({ params }: Props) => {
  const { id } = await params;
  return (await asUser(lists)).items.find((list) => list.id === id) ?? notFound();
};

export const generateMetadata = async (props: Props) => ({ title: (await findList(props)).name });

export default async function ListPage(props: Props) {
  const { id, name } = await findList(props);
  return <TaskPage view={listView(id, name)} />;
}
