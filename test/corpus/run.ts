/** `npm run corpus`: precision and recall on each part of the corpus; fails under 0.95. */
import { readCorpus, SPLITS, score } from './corpus.ts';

const GOAL = 0.95;
let failed = false;
for (const split of SPLITS) {
  const { sentences, negatives, right, found, expected, precision, recall, mistakes } = score(
    readCorpus(split),
  );
  console.log(`${split}: ${sentences} sentences, ${negatives} of them without anything to find`);
  console.log(
    `  precision ${precision.toFixed(3)} (${right} of ${found} hits are right, offsets and type included)`,
  );
  console.log(`  recall    ${recall.toFixed(3)} (${right} of ${expected} found)`);
  for (const { line, text, got } of mistakes) {
    console.log(`  ${split}.tsv:${line} ${JSON.stringify(text)} gave [${got.join(', ')}]`);
  }
  failed ||= precision < GOAL || recall < GOAL;
}
if (failed) console.error(`Below the goal of ${GOAL}.`);
process.exitCode = failed ? 1 : 0;
