/**
 * The parts of the working state, by what may be done with them: each is a set of partitions of the one state table,
 * and whoever may keep a part may write those and no others (`dynamodb:LeadingKeys`). What gives power (a charter in
 * force, a stop, a vote, a sanction) is written by the functions that hold that power alone.
 */
export const STATE = {
  /** Which label values the metrics have admitted: decided, and kept, when a record is appended. */
  labels: ['LABELS'],
  /** Numbers of lanes are counted out. */
  numbers: ['NUMBERS'],
  /** Of each caller: their limits, and the sanctions and revocations that stand; of each workflow its quota. */
  callers: ['PRINCIPAL#*', 'WORKFLOW#*'],
  /** What runs, what answered an Idempotency-Key, which capability is spent. */
  runs: ['EXECUTION#*', 'IDEMPOTENCY#*', 'CAPABILITY', 'SWEEP'],
  /** Missions of agents, the calls that an approval allows, tools that nobody has reviewed yet. */
  tools: ['MISSIONS#*', 'TOOL_APPROVALS', 'TOOL_GRANTS', 'TOOL_UNREVIEWED'],
  /** Definitions of tools that a person has reviewed. */
  reviews: ['TOOL_REVIEWS'],
  approvals: ['APPROVALS', 'APPROVALS#LIVE'],
  /** Who is in the middle of a step that takes several writes. */
  turns: ['TURNS'],
  /** What the committee and those on duty decide. */
  governance: [
    'CHARTER',
    'CHARTER#*',
    'HOLDS',
    'OVERRIDES',
    'OVERRIDES#*',
    'REVOCATIONS',
    'SYSTEM',
    'WHISTLEBLOWER',
    'WHISTLEBLOWER#LIMIT',
  ],
  /** Cases, sanctions and what was done about them. */
  cases: [
    'CASE#*',
    'HEALING',
    'IN_CASES#*',
    'LOOP',
    'LOOP#*',
    'SANCTIONED#*',
    'SANCTIONS',
    'SANCTIONS#DUE',
    'VIOLATIONS',
    'VIOLATIONS#OWED',
  ],
  /** Alerts that stand, who was told of what, and what is still due. */
  alerts: ['ALERTS', 'ALERT_TURNS', 'HERALD', 'NOTICES', 'NOTICES#OPEN', 'OUTBOX'],
  /** Counters and what service levels look back on. */
  figures: ['METRICS', 'SLO'],
  /** Who listens to the live feed, and whose turn it is to tell them. */
  listeners: ['LISTENERS', 'LISTENERS#SAID', 'LISTENERS#TURN'],
  /** How far the records were exported. */
  exported: ['SIEM#*'],
  /** What the sealer and its patrol found. */
  verdicts: ['SEALER'],
  /** The newest tree that was signed. */
  signed: ['SIGNED'],
  /** The newest tree that our witness saw. */
  witnessed: ['WITNESS'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type StatePart = keyof typeof STATE;
