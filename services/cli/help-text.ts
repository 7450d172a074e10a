import type { Command, Option } from './command.ts';

export function overview(commands: readonly Command[]): string {
  const lines = commands.map(({ name, parameters, summary }) => [`${name} ${parameters}`.trim(), summary] as const);
  return `assay analyses canaries: templates and metrics in, verdicts out.

usage: assay COMMAND [OPTIONS]

${columns(lines)}

Exit codes: 0 Successful, 1 Failed, 2 Inconclusive, 3 Error, 4 wrong usage, 5 no verdict (time up, not found, server away).
"assay help COMMAND" shows the options of a command.
`;
}

export function commandHelp(command: Command, options: Readonly<Record<string, Option>>): string {
  const lines = Object.entries(options).map(([name, { short, value, help }]) => {
    const flag = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return [flag, help] as const;
  });
  const usage = ['usage: assay', command.name, command.parameters, '[OPTIONS]'].filter((word) => word !== '').join(' ');
  return `${command.summary}.\n\n${usage}\n\n${columns(lines)}\n`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
