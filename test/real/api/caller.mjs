/** One governed execution by the packed client: the request on standard input, what came of it on standard output. */
import { text } from 'node:stream/consumers';
import { openChancery } from 'chancery-client';

const chancery = openChancery({ url: process.env.CHANCERY_URL, token: process.env.CHANCERY_TOKEN });
const request = JSON.parse(await text(process.stdin));
const executed = await chancery.execute(request);
await chancery.follow(request, executed);
const { decision_id, outcome, receipt } = executed.answer;
console.log(decision_id, outcome, receipt.id);
