import type { CanaryVerdict } from '../../../../domain/judgement.ts';

/** As `/ui/api/executions` answers; Kayenta's routes and the page do not know each other's code. */
export interface ExecutionSummary {
  readonly type: 'execution' | 'analysis';
  readonly id: string;
  readonly application: string;
  readonly config: string;
  readonly state: 'not_started' | 'running' | 'succeeded' | 'terminal' | 'canceled';
  readonly score?: number;
  readonly classification?: CanaryVerdict;
  readonly problem?: string;
  readonly executionIds?: readonly string[];
  readonly createdAt: string;
  readonly endedAt?: string;
}

export interface ExecutionList {
  readonly total: number;
  readonly executions: readonly ExecutionSummary[];
}
