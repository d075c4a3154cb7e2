#!/usr/bin/env node
/**
 * The command line as it is installed. Which version this is and what it can do are answered before anything is loaded:
 * to read TypeScript, Node alone takes longer and more memory than the answer. All else is `command.cjs`.
 */
{
  const { readFileSync } = require('node:fs');
  const [word = '', ...more] = process.argv.slice(2);
  // Wrapped for 80 columns; where there are fewer, it is wrapped for those.
  const fits = (process.stdout.columns ?? 80) >= 80;
  const isAlone = (...words) => more.length === 0 && words.includes(word);
  // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
  const say = (text) => process.stdout.on('error', () => undefined).write(text);
  if (isAlone('--version', '-V')) {
    const { version } = JSON.parse(readFileSync(`${__dirname}/../package.json`, 'utf8'));
    say(`${version}\n`);
  } else if (isAlone('--help', '-h') && fits) say(readFileSync(`${__dirname}/help.txt`, 'utf8'));
  else require('./command.cjs');
}
