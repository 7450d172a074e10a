import { EXIT, type RunCommand } from '../command.ts';
import { serverOf } from '../server.ts';

export const run: RunCommand = async (input) => {
  const server = serverOf(input);
  for (const name of input.positionals) {
    await server.request('PATCH', server.pathOf('analysisruns', name), {
      body: { spec: { terminate: true } },
      contentType: 'application/merge-patch+json',
    });
    process.stdout.write(`analysisRun '${name}' terminated\n`);
  }
  return EXIT.Successful;
};
