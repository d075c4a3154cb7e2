/**
 * The console as static files: one page, and what it loads under names that hold a digest of their content, so that a browser may keep them
 * for ever. Built by esbuild in about 100 ms: the runtime does it when the page is first asked for, the Lambda bundles at synth.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const HERE = import.meta.dirname;

/** By name; `index.html` is the page. */
export type ConsoleFiles = ReadonlyMap<string, Uint8Array>;

/** Throws with esbuild's messages. */
export async function buildConsole(): Promise<ConsoleFiles> {
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: { console: 'app/main.tsx', style: 'style.css', icon: 'icon.svg' },
    entryNames: '[name]-[hash]',
    outdir: 'dist',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const named = (start: string, end: string): string =>
    [...files.keys()].find((name) => name.startsWith(start) && name.endsWith(end)) ?? '';
  const page = readFileSync(join(HERE, 'index.html'), 'utf8')
    .replace('{{script}}', named('console-', '.js'))
    .replace('{{style}}', named('style-', '.css'))
    .replace('{{icon}}', named('icon-', '.svg'));
  return files.set('index.html', new TextEncoder().encode(page));
}
