/** The few pieces that every view is made of. Text of callers goes through `visible`, and into the page as text only. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Problem } from './api.ts';
import { problemIn } from './load.ts';
import { pretty, short, visible } from './text.ts';

type Children = { readonly children?: ComponentChildren };

const TONES: Readonly<Record<string, string>> = {
  allow: 'good',
  success: 'good',
  approved: 'good',
  met: 'good',
  reviewed: 'good',
  restored: 'good',
  lifted: 'good',
  ok: 'good',
  permit: 'good',
  kept: 'good',
  deny: 'bad',
  rejected: 'bad',
  failure: 'bad',
  critical: 'bad',
  confirmed: 'bad',
  BAN: 'bad',
  CRIMINAL: 'bad',
  bad: 'bad',
  broken: 'bad',
  NOT_OURS: 'bad',
  forbid: 'bad',
  changed: 'bad',
  require_approval: 'warn',
  pending: 'warn',
  warning: 'warn',
  late: 'warn',
  investigating: 'warn',
  appealed: 'warn',
  SUSPENSION: 'warn',
  active: 'warn',
  waiting: 'warn',
  high: 'warn',
  unreviewed: 'warn',
};

/** A word with its colour; the word alone says it all. */
export const Badge = ({ word }: { readonly word: string }) => (
  <span class={`badge ${TONES[word] ?? 'plain'}`}>{visible(word.replaceAll('_', ' '))}</span>
);

export const Digest = ({ text, length }: { readonly text: string; readonly length?: number }) => (
  <code title={visible(text)}>{short(text, length)}</code>
);

export const Card = ({
  title,
  children,
  tone,
}: Children & { readonly title: string; readonly tone?: string }) => {
  const id = useId();
  return (
    <section class={`card ${tone ?? ''}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
};

/** Names and values. What is undefined is left out. */
export const Facts = ({ of }: { readonly of: Readonly<Record<string, ComponentChildren | undefined>> }) => (
  <dl class="facts">
    {Object.entries(of).map(([name, value]) =>
      value === undefined || value === '' ? null : (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === 'string' ? visible(value) : value}</dd>
        </div>
      ),
    )}
  </dl>
);

/** What is wider or longer than its place, reached and scrolled by keyboard too. */
export const Scroll = ({
  label,
  children,
  kind,
}: Children & { readonly label: string; readonly kind: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse could not scroll it otherwise (WCAG 2.1.1)
  <section class={kind} tabIndex={0} aria-label={label}>
    {children}
  </section>
);

export const Source = ({ label, text }: { readonly label: string; readonly text: string }) => (
  <Scroll label={label} kind="source">
    <pre>{text.split('\n').map(visible).join('\n')}</pre>
  </Scroll>
);

export const Json = ({ label, value }: { readonly label: string; readonly value: unknown }) => (
  <Source label={label} text={pretty(value)} />
);

export const ProblemNote = ({ problem }: { readonly problem: Problem }) => (
  <div class="problem" role="alert">
    <strong>{visible(problem.title)}</strong> <code>{visible(problem.code)}</code>
    <p>{visible(problem.detail)}</p>
    {problem.scope === undefined ? null : (
      <p>
        Your token lacks the scope <code>{visible(problem.scope)}</code>.
      </p>
    )}
    {problem.reasons.length > 0 && problem.reasons[0]?.message !== problem.detail ? (
      <ul>
        {problem.reasons.map((reason) => (
          <li key={reason.code + reason.message}>
            <code>{visible(reason.code)}</code> {visible(reason.message)}
          </li>
        ))}
      </ul>
    ) : null}
    {problem.trace_id === undefined ? null : (
      <p class="quiet">
        trace <code>{visible(problem.trace_id)}</code>
      </p>
    )}
  </div>
);

/** A problem, or that it is on its way, or that there is nothing; else what it is given. */
export function Awaited<T>(props: {
  readonly data?: T | undefined;
  readonly problem?: Problem | undefined;
  readonly empty?: (data: T) => string | undefined;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, problem, empty, children } = props;
  const nothing = data === undefined ? undefined : empty?.(data);
  return (
    <>
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      {data === undefined && problem === undefined ? <output class="quiet">Loading…</output> : null}
      {nothing === undefined ? null : <p class="empty">{nothing}</p>}
      {data === undefined || nothing !== undefined ? null : children(data)}
    </>
  );
}

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Left out where there is little room. */
  readonly wide?: true;
}

/** Rows whose first cell leads to their page. Scrolls by itself where the window is narrow. */
export function Table<T>(props: {
  readonly caption: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly href: (row: T) => string;
  readonly chosen?: string | undefined;
}) {
  const { caption, rows, columns, rowKey, href, chosen } = props;
  return (
    <Scroll label={caption} kind="scroll">
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, wide }) => (
              <th key={head} scope="col" class={wide ? 'wide' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} class={rowKey(row) === chosen ? 'chosen' : ''}>
              {columns.map(({ head, cell, wide }, index) => (
                <td key={head} class={wide ? 'wide' : ''}>
                  {index === 0 ? (
                    <a href={href(row)} aria-current={rowKey(row) === chosen ? 'true' : undefined}>
                      {cell(row)}
                    </a>
                  ) : (
                    cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** A choice of few words. */
export const Choice = (props: {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) => (
  <label class="field">
    {props.label}
    <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
      {props.options.map((option) => (
        <option key={option} value={option}>
          {option === '' ? 'any' : option.replaceAll('_', ' ')}
        </option>
      ))}
    </select>
  </label>
);

export const Field = ({ label, ...input }: JSX.IntrinsicElements['input'] & { readonly label: string }) => (
  <label class="field">
    {label}
    <input {...input} />
  </label>
);

/**
 * Something that a person does, with a reason in their words. Asks once more before it is done, and says what came of it.
 */
export function Act(props: {
  readonly verb: string;
  readonly about: string;
  /** Whether they say why: they must, they may, or (undefined) they are not asked. */
  readonly needsReason?: boolean;
  readonly danger?: boolean;
  readonly act: (reason: string) => Promise<void>;
}) {
  const [step, setStep] = useState<'idle' | 'asking' | 'busy' | 'done'>('idle');
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const go = async (event: Event) => {
    event.preventDefault();
    setStep('busy');
    setProblem(undefined);
    try {
      await props.act(reason.trim());
      setStep('done');
    } catch (error) {
      setProblem(problemIn(error));
      setStep('asking');
    }
  };
  if (step === 'done') return <output class="done">{props.verb}: done.</output>;
  if (step === 'idle')
    return (
      <button type="button" class={props.danger ? 'danger' : ''} onClick={() => setStep('asking')}>
        {props.verb}
      </button>
    );
  return (
    <form class="act" onSubmit={go}>
      <p>{props.about}</p>
      {props.needsReason === undefined ? null : (
        <Field
          label={props.needsReason ? 'Reason' : 'Comment (optional)'}
          required={props.needsReason}
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {problem === undefined ? null : <ProblemNote problem={problem} />}
      <div class="row">
        <button type="submit" class={props.danger ? 'danger' : 'primary'} disabled={step === 'busy'}>
          {props.verb}
        </button>
        <button type="button" onClick={() => setStep('idle')}>
          Cancel
        </button>
      </div>
    </form>
  );
}
