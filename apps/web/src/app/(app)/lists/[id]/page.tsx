import { notFound } from 'next/navigation';
import { ListHeading } from '../../../../features/lists/list-heading.tsx';
import { TaskPage } from '../../../../features/tasks/task-page.tsx';
import { listView } from '../../../../features/tasks/views.ts';
import { lists } from '../../../../server/lists.ts';
import { whenReachable } from '../../../../server/typedo.ts';

type Props = { params: Promise<{ id: string }> };

/** The list as far as it is known: while the service is away, the page asks for it by itself. */
const findList = async ({ params }: Props) => {
  const { id } = await params;
  const all = await whenReachable(lists);
  return all ? (all.find((list) => list.id === id) ?? notFound()) : { id, name: 'List' };
};

export const generateMetadata = async (props: Props) => ({ title: (await findList(props)).name });

export default async function ListPage(props: Props) {
  const { id, name } = await findList(props);
  return <TaskPage view={listView(id, name)} heading={<ListHeading id={id} title={name} />} />;
}
