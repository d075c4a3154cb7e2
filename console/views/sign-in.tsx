/** The way in: a token that somebody was given, or an identity provider. */
import { useEffect, useState } from 'preact/hooks';
import { base, page } from '../app/base.ts';
import { leaveFor, type SignIn as Provider, signIns } from '../app/oidc.ts';
import { readToken, type Session } from '../app/session.ts';
import { visible } from '../app/text.ts';

export function SignIn({
  said,
  onSignIn,
}: {
  readonly said?: string | undefined;
  readonly onSignIn: (session: Session) => void;
}) {
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState(said);
  const [providers, setProviders] = useState<readonly Provider[]>([]);
  const fail = (error: unknown) => setWrong(error instanceof Error ? error.message : String(error));
  useEffect(() => {
    signIns(base(location)).then(setProviders, fail);
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const session = readToken(token);
    if (session === undefined)
      setWrong(
        'This is no token: three parts with dots between are expected, as `chancery token` prints them.',
      );
    else onSignIn(session);
  };
  return (
    <main class="sign-in">
      <h1>Chancery</h1>
      <p>What was decided, why, and proof of it.</p>
      {wrong === undefined ? null : (
        <p class="problem" role="alert">
          {visible(wrong)}
        </p>
      )}
      {providers.map((provider) => (
        <button
          key={provider.issuer}
          type="button"
          class="primary"
          onClick={() => leaveFor(provider, page(location)).catch(fail)}
        >
          Sign in with {visible(provider.name)}
        </button>
      ))}
      <form onSubmit={submit}>
        <label class="field">
          Access token
          <textarea
            rows={4}
            spellcheck={false}
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p class="quiet">The token stays in this tab and is gone when you close it.</p>
    </main>
  );
}
