/** Begins: who is signed in sees the views, who is not the way in. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { SignIn } from '../views/sign-in.tsx';
import { forget, keep, keptSession, type Session } from './session.ts';
import { Shell } from './shell.tsx';

function Console() {
  const [session, setSession] = useState<Session | undefined>(keptSession);
  const [said, setSaid] = useState<string>();
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

const root = document.getElementById('console');
if (root !== null) render(<Console />, root);
