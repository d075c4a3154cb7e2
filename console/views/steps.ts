/** Which steps a case may take from where it is, as the API has them (test/console/steps.test.ts holds the two together). */
export type Step = 'confirm' | 'dismiss' | 'appeal' | 'restore';

export const STEPS: Readonly<Record<string, readonly Step[]>> = {
  investigating: ['confirm', 'dismiss'],
  confirmed: ['appeal'],
  dismissed: ['appeal'],
  appealed: ['restore', 'confirm', 'dismiss'],
  restored: [],
};
