import type { Json } from '../services/domain/result.ts';

/** Answers are read leniently, as Go's decoders read them: what is not there is empty. */

export type JsonObject = Readonly<Record<string, Json>>;

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
