/** The report as it is written down: for machines, and as pages for people with the same figures and nothing added. */
import type { QuarterlyReport } from './compile.ts';
import type { ReportFormat } from './report.ts';

/** The report as it is served: the same report, the same bytes. */
export function written(report: QuarterlyReport, format: ReportFormat): string {
  return { json: JSON.stringify, markdown: toMarkdown, html: toHtml }[format](report);
}

interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string | number])[];
}

const nameOf = ({ period }: QuarterlyReport): string =>
  period.quarter ?? `${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;

const words = (name: string): string => name.replaceAll('_', ' ');

const rowsOf = (counts: Readonly<Record<string, number>>): Section['rows'] =>
  Object.entries(counts).map(([name, many]) => [words(name), many] as const);

function sectionsOf(report: QuarterlyReport): Section[] {
  const { by_type, by_severity, ...violations } = report.violations;
  const { from, to } = report.proof;
  return [
    { title: 'Violations', rows: rowsOf(violations) },
    { title: 'Violations by type', rows: rowsOf(by_type) },
    { title: 'Violations by severity', rows: rowsOf(by_severity) },
    { title: 'Sanctions', rows: rowsOf(report.sanctions) },
    { title: 'Overrides', rows: rowsOf(report.overrides) },
    { title: 'Approvals', rows: rowsOf(report.approvals) },
    { title: 'Revocations', rows: rowsOf(report.revocations) },
    { title: 'Whistleblower reports', rows: rowsOf(report.whistleblower) },
    { title: 'Committee', rows: rowsOf(report.committee) },
    {
      title: 'Proof',
      rows: [
        ['records of the period', report.records],
        ['times from', report.period.from],
        ['times before', report.period.to],
        ['from tree size', from.tree_size],
        ['root there', from.root],
        ['to tree size', to.tree_size],
        ['root there', to.root],
      ],
    },
  ];
}

const advice = ({ recommendations }: QuarterlyReport): string[] =>
  recommendations.length === 0 ? ['None.'] : recommendations.map(({ message }) => message);

function toMarkdown(report: QuarterlyReport): string {
  const sections = sectionsOf(report).map(
    ({ title, rows }) =>
      `## ${title}\n\n| | |\n| --- | ---: |\n${rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n')}`,
  );
  return [
    `# Governance report ${nameOf(report)}`,
    `## Recommendations\n\n${advice(report)
      .map((line) => `- ${line}`)
      .join('\n')}`,
    ...sections,
    `## Checkpoint\n\n\`\`\`\n${report.proof.checkpoint}\`\`\`\n`,
  ].join('\n\n');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function toHtml(report: QuarterlyReport): string {
  const title = escaped(`Governance report ${nameOf(report)}`);
  const sections = sectionsOf(report).map(({ title: of, rows }) => {
    const lines = rows.map(
      ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(String(value))}</td></tr>`,
    );
    return `<h2>${escaped(of)}</h2>\n<table>\n${lines.join('\n')}\n</table>`;
  });
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}th{text-align:left;font-weight:normal;padding-right:2rem}td{overflow-wrap:anywhere}</style></head>
<body>
<h1>${title}</h1>
<h2>Recommendations</h2>
<ul>${advice(report)
    .map((line) => `<li>${escaped(line)}</li>`)
    .join('')}</ul>
${sections.join('\n')}
<h2>Checkpoint</h2>
<pre>${escaped(report.proof.checkpoint)}</pre>
</body>
</html>
`;
}
