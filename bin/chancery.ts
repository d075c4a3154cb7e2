#!/usr/bin/env node
/**
 * The operator's command line. Without an import and in a folder of CommonJS, because an older Node then reads this
 * file as JavaScript and can be told from here what to do, instead of failing on the ending of its name.
 */
{
  const needed = 24;
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= needed) {
    // Half of a start is reading TypeScript. Beside the packages, where only who may change the code may write; where
    // that is nobody (a read-only image), every start reads it anew.
    process.getBuiltinModule('node:module').enableCompileCache(`${__dirname}/../node_modules/.cache/node`);
    import('../cli/main.ts')
      .then(({ main }) => main(process.argv.slice(2)))
      .then((code) => {
        process.exitCode = code;
      });
  } else {
    console.error(
      `Chancery needs Node ${needed}, this is ${process.version}: run it as \`npx chancery\`, which uses the Node that \`npm ci\` brought along.`,
    );
    process.exitCode = 2;
  }
}
