/** Tools that servers offer, and those that wait for a person to look at them: until then no agent may call them. */
import { useApi } from '../app/context.ts';
import { ListView } from '../app/list-view.tsx';
import { useLoad } from '../app/load.ts';
import { Act, Badge, Card, Digest, Facts, Json } from '../app/parts.tsx';
import { anything, type Tool, tools } from '../app/shapes.ts';
import { visible } from '../app/text.ts';

const FILTERS = ['waiting', 'reviewed', 'unlisted', ''];
const stateOf = ({ listed, reviewed }: Tool): string => {
  if (!listed) return 'unlisted';
  return reviewed ? 'reviewed' : 'waiting';
};

export function Tools({ chosen }: { readonly chosen?: string | undefined }) {
  const api = useApi();
  const all = useLoad('tools', () => api.get('/tools', tools));
  return (
    <>
      {all.data?.unreachable.map(({ server, message }) => (
        <p key={server} class="problem">
          The server <code>{visible(server)}</code> does not say what it offers: {visible(message)}
        </p>
      ))}
      <ListView
        view="tools"
        caption="Tools"
        chosen={chosen}
        filter={{ label: 'State', options: FILTERS, first: '' }}
        ask={async (filter) =>
          (await api.get('/tools', tools)).tools.filter((each) => filter === '' || stateOf(each) === filter)
        }
        rowKey={(each) => each.tool}
        nothing="No server offers a tool of this kind."
        columns={[
          { head: 'Tool', cell: (each) => visible(each.tool) },
          { head: 'State', cell: (each) => <Badge word={stateOf(each)} /> },
          {
            head: 'Definition',
            cell: (each) => <Digest text={each.definition_digest} length={12} />,
            wide: true,
          },
        ]}
        detail={(id, known, reload) =>
          known === undefined ? (
            <p class="empty">No server offers {visible(id)} now.</p>
          ) : (
            <One key={id + known.reviewed} of={known} onReviewed={reload} />
          )
        }
      />
    </>
  );
}

function One({ of, onReviewed }: { readonly of: Tool; readonly onReviewed: () => void }) {
  const api = useApi();
  const pin = async () => {
    await api.post('/tools/reviews', { tool: of.tool, definition_digest: of.definition_digest }, anything);
    onReviewed();
  };
  return (
    <>
      <Card title={visible(of.tool)}>
        <Facts
          of={{
            State: <Badge word={stateOf(of)} />,
            Server: of.server,
            'Listed in the charter': of.listed ? 'yes' : 'no: nobody may call it, reviewed or not',
            'Digest of the definition': <Digest text={of.definition_digest} length={24} />,
          }}
        />
        {of.listed && !of.reviewed ? (
          <div class="row">
            <Act
              verb="Review"
              about="You have read the definition below. Agents may call the tool as long as its server defines it so."
              act={pin}
            />
          </div>
        ) : null}
      </Card>
      <Card title="As its server defines it">
        <p>{visible(of.definition.description ?? 'Without a description.')}</p>
        <Json label="Definition" value={of.definition} />
      </Card>
    </>
  );
}
