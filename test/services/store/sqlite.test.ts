import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { sqliteStore } from '../../../services/store/sqlite.ts';
import { storeConformance } from '../../conformance/store.ts';

const root = mkdtempSync(join(tmpdir(), 'assay-sqlite-'));
let folders = 0;
const newFolder = (): string => join(root, String(folders++));
afterAll(() => rmSync(root, { recursive: true }));

storeConformance('the SQLite store', (options) => sqliteStore(newFolder(), options));
