/** A list and what is chosen of it: side by side where there is room, else one or the other. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { href } from './route.ts';

export function Split(props: {
  readonly view: string;
  readonly chosen: string | undefined;
  readonly list: ComponentChildren;
  /** What is chosen; drawn only when something is. */
  readonly children: ComponentChildren;
}) {
  const { view, chosen, list, children } = props;
  const detail = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where the list gives way, the link that had the focus is gone with it.
    const given = document.activeElement;
    if (chosen !== undefined && (given === document.body || given?.getClientRects().length === 0))
      detail.current?.focus();
  }, [chosen]);
  return (
    <div class={chosen === undefined ? 'split' : 'split chosen'}>
      <div class="list">{list}</div>
      {chosen === undefined ? null : (
        <div ref={detail} class="detail" tabIndex={-1}>
          <a class="back" href={href(view)}>
            ← Back to the list
          </a>
          {children}
        </div>
      )}
    </div>
  );
}
