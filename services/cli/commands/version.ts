import { EXIT, type RunCommand } from '../command.ts';

export const run: RunCommand = async (_input, { version }) => {
  process.stdout.write(`assay ${version} (node ${process.versions.node})\n`);
  return EXIT.Successful;
};
