/** Where an alert's page is. One rule for rules, panels, alarms and messages, so that no link can be dead. */

/** The heading's anchor in docs/runbook.md, as Markdown renderers make it. */
export const anchorOf = (alert: string): string => alert.toLowerCase();

/** Where the docs are served; a deployment sets its own in its settings. */
export const DOCS_URL = 'https://docs.chancery.example';

export const runbookUrl = (alert: string, docs: string = DOCS_URL): string =>
  `${docs}/runbook.md#${anchorOf(alert)}`;
