import { untilSignal } from '../serve-until-signal.ts';

export const run = untilSignal((program, config, signal) => program.serve(config, signal, 'api'));
