/** The way in: a token that somebody was given, or an identity provider. */
import { useState } from 'preact/hooks';
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
