/**
 * Loads the command line: what `scripts/ready.mjs` made of the sources, or the sources. In JavaScript, without an import and in
 * a folder of CommonJS, because an older Node then can be told from here what to do, instead of failing on what it cannot read.
 */
{
  const needed = 24;
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= needed) {
    // Compiled code is kept beside the packages, where only who may change the code may write; where that is nobody
    // (a read-only image), every start compiles it anew.
    process.getBuiltinModule('node:module').enableCompileCache(`${__dirname}/../node_modules/.cache/node`);
    const { pathToFileURL } = require('node:url');
    const made = require('./ready.cjs').readyFolder();
    import(made === undefined ? '../cli/main.ts' : pathToFileURL(`${made}/main.mjs`).href)
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
