/** Begins: who is signed in sees the views, who is not the way in. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { SignIn } from '../views/sign-in.tsx';
import { page } from './base.ts';
import { type CameBack, cameBack } from './oidc.ts';
import { forget, keep, keptSession, readToken, type Session } from './session.ts';
import { Shell } from './shell.tsx';

interface Begun {
  readonly first: Session | undefined;
  /** What went wrong on the way here. */
  readonly said: string | undefined;
}

function Console({ first, said: begun }: Begun) {
  const [session, setSession] = useState(first);
  const [said, setSaid] = useState(begun);
  if (session === undefined)
    return (
      <SignIn
        said={said}
        onSignIn={(fresh) => {
          keep(fresh);
          setSession(fresh);
        }}
      />
    );
  const leave = (why?: string) => {
    forget();
    setSaid(why);
    setSession(undefined);
  };
  return <Shell session={session} onLeave={leave} />;
}

/** A provider may have sent somebody back: its answer is taken out of the address before anything else is done. */
async function begin(root: HTMLElement): Promise<void> {
  const address = new URL(location.href);
  const back = await cameBack(address, page(location), Date.now()).catch(
    (error: unknown): CameBack => ({ kind: 'refused', why: String(error) }),
  );
  if (back.kind !== 'none') history.replaceState(null, '', page(location));
  const session = back.kind === 'token' ? readToken(back.token) : keptSession();
  if (session !== undefined) keep(session);
  const noJwt = back.kind === 'token' && session === undefined;
  const said = noJwt ? 'The provider gave a token that is no JWT: ask it for one for this API.' : undefined;
  render(<Console first={session} said={back.kind === 'refused' ? back.why : said} />, root);
}

const root = document.getElementById('console');
if (root !== null) begin(root);
