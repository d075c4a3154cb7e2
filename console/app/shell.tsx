/** The frame around every view: where one is, where one can go, who one is. */
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Approvals } from '../views/approvals.tsx';
import { Cases } from '../views/cases.tsx';
import { Charts } from '../views/charts.tsx';
import { Decisions } from '../views/decisions.tsx';
import { Ledger } from '../views/ledger.tsx';
import { Objectives } from '../views/objectives.tsx';
import { Receipts } from '../views/receipts.tsx';
import { Sanctions } from '../views/sanctions.tsx';
import { Tools } from '../views/tools.tsx';
import { openApi } from './api.ts';
import { base } from './base.ts';
import { ApiContext } from './context.ts';
import { href, useRoute } from './route.ts';
import type { Session } from './session.ts';
import { visible } from './text.ts';

interface View {
  readonly name: string;
  readonly title: string;
  readonly View: ComponentType<{ readonly chosen?: string | undefined }>;
}

const VIEWS: readonly [View, ...View[]] = [
  { name: 'decisions', title: 'Decisions', View: Decisions },
  { name: 'ledger', title: 'Ledger', View: Ledger },
  { name: 'receipts', title: 'Receipts', View: Receipts },
  { name: 'approvals', title: 'Approvals', View: Approvals },
  { name: 'cases', title: 'Cases', View: Cases },
  { name: 'sanctions', title: 'Sanctions', View: Sanctions },
  { name: 'tools', title: 'Tools', View: Tools },
  { name: 'slos', title: 'Service levels', View: Objectives },
  { name: 'charts', title: 'Charts', View: Charts },
];

export function Shell({
  session,
  onLeave,
}: {
  readonly session: Session;
  readonly onLeave: (why?: string) => void;
}) {
  const { view, chosen } = useRoute();
  const current = VIEWS.find(({ name }) => name === view) ?? VIEWS[0];
  const heading = useRef<HTMLHeadingElement>(null);
  const drawn = useRef(false);
  const api = useMemo(
    () =>
      openApi(base(location), session.token, () =>
        onLeave('Your token is not taken (any more). Sign in again.'),
      ),
    [session.token],
  );
  useEffect(() => {
    document.title = `${current.title} · Chancery`;
    // Whoever moves by keyboard or screen reader begins at the top of the new view.
    if (drawn.current) heading.current?.focus();
    drawn.current = true;
  }, [current.name]);
  const { name, sub, roles } = session.claims;
  return (
    <ApiContext.Provider value={api}>
      <button type="button" class="skip" onClick={() => heading.current?.focus()}>
        Skip to the view
      </button>
      <header>
        <a class="brand" href={href('decisions')}>
          Chancery
        </a>
        <p class="who">
          {visible(name ?? sub)} <span class="quiet">{visible(roles.join(', '))}</span>
        </p>
        <button type="button" onClick={() => onLeave()}>
          Sign out
        </button>
      </header>
      <nav aria-label="Views">
        <ul>
          {VIEWS.map((each) => (
            <li key={each.name}>
              <a href={href(each.name)} aria-current={each.name === current.name ? 'page' : undefined}>
                {each.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main">
        <h1 ref={heading} tabIndex={-1}>
          {current.title}
        </h1>
        <current.View chosen={chosen} />
      </main>
    </ApiContext.Provider>
  );
}
