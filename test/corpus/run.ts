/** `npm run corpus`: precision and recall on each part of the corpus; fails under its goals. */
import { BUSINESS, readBusiness, readCorpus, SPLITS, score, scoreBusiness } from './corpus.ts';

const GOAL = 0.95;
const BUSINESS_RECALL = 0.85;
const BUSINESS_RECALL_OF_TYPE = 0.75;
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

for (const part of BUSINESS) {
  const { precision, recall, byType, mistakes } = scoreBusiness(readBusiness(part));
  console.log(`${part}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
  for (const [type, { right, of }] of Object.entries(byType)) console.log(`  ${type}: ${right} of ${of}`);
  for (const mistake of mistakes) console.log(`  ${mistake}`);
  const lowest = Math.min(...Object.values(byType).map(({ right, of }) => right / of));
  failed ||= precision < GOAL || recall < BUSINESS_RECALL || lowest < BUSINESS_RECALL_OF_TYPE;
}
if (failed) console.error('Below the goals at the head of this file.');
process.exitCode = failed ? 1 : 0;
